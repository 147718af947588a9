import { type VerdictTable, verdictTable } from "../../core/analysis/tokenVerdicts";
import type { Tokenizer } from "../../core/tokenizer/tokenizer";
import type { VerdictsRequest } from "../../core/weights/workerMethods";
import { type VerdictsOptions, modelVerdicts } from "./modelVerdicts";
import { readVerdicts, verdictKey, writeVerdicts } from "./verdictCache";

/**
 * The verdicts on all tokens of a model, which are kept on disk for as long as the model's files stay the same. Of a model on
 * the network only some rows are fetched: those of added tokens, which are untrained most often, and of the ids asked for.
 * @throws as {@link modelVerdicts}
 */
export async function judgeTokens(request: VerdictsRequest, tokenizer: Tokenizer, options: VerdictsOptions): Promise<VerdictTable> {
  // Undefined of a model on the network. Rows that were fetched before are on disk.
  const key = await verdictKey(request.model);
  const known = key === undefined ? undefined : await readVerdicts(key);
  if (known !== undefined) return known;
  const ids = key === undefined ? [...tokenizer.addedTokens.map(({ id }) => id), ...(request.ids ?? [])] : undefined;
  const { verdicts } = await modelVerdicts({ ...request, ids }, options);
  const table = verdictTable(verdicts, tokenizer.vocabularySize);
  if (key !== undefined) await writeVerdicts(key, table);
  return table;
}
