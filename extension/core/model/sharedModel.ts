import type { LoadedModel } from "../analysis/workerContract";
import type { CompiledTokenizer } from "../tokenizer/compiled";
import type { ModelFiles } from "./modelFolder";
import type { PromptModelOptions } from "./promptModel";

/** A loaded model as plain data, whose large tables are in memory that threads share. */
export interface SharedModel extends Pick<ModelFiles, "tokenizerConfig" | "templates"> {
  readonly compiled: CompiledTokenizer;
  readonly options: PromptModelOptions;
  readonly loaded: LoadedModel;
}
