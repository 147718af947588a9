import { modelProblem } from "../bpe/modelFields";
import type { JsonObject } from "../../dataset/conversation";
import { type Unsupported, createNormalizer } from "../normalize/normalizer";
import { type Splitting, readSplitting } from "../split/levels";

/** What is special about a byte-level tokenizer.json. */
export interface ByteLevelShape {
  readonly splitting: Splitting;
  /** Whether a word that is a token is that token, without merging. */
  readonly ignoreMerges: boolean;
}

/**
 * Reads the fields that decide how text becomes words and words become symbols. Only what is listed here is taken: anything else,
 * also what may come to the format later, is unsupported.
 */
export function byteLevelShape(tokenizer: JsonObject): ByteLevelShape | Unsupported {
  const model = (tokenizer["model"] ?? {}) as JsonObject;
  const problem = modelProblem(model);
  if (problem !== undefined) return problem;
  const normalizer = createNormalizer(tokenizer["normalizer"]);
  if ("unsupported" in normalizer) return normalizer;
  const splitting = readSplitting(tokenizer["pre_tokenizer"]);
  return "unsupported" in splitting ? splitting : { splitting, ignoreMerges: model["ignore_merges"] === true };
}
