import type { JsonObject, JsonValue } from "../../dataset/conversation";
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
  // Files of old have no type; their fields tell.
  if ((model["type"] ?? "BPE") !== "BPE" || model["merges"] === undefined) return { unsupported: "its model is not BPE" };
  for (const [key, why] of FORBIDDEN) {
    if (truthy(model[key])) return { unsupported: why };
  }
  const normalizer = createNormalizer(tokenizer["normalizer"]);
  if ("unsupported" in normalizer) return normalizer;
  const splitting = readSplitting(tokenizer["pre_tokenizer"]);
  return "unsupported" in splitting ? splitting : { splitting, ignoreMerges: model["ignore_merges"] === true };
}

const FORBIDDEN: readonly (readonly [key: string, why: string])[] = [
  ["dropout", "its merges are left out at random"],
  ["continuing_subword_prefix", "its tokens inside of words have a prefix"],
  ["end_of_word_suffix", "its tokens at the end of words have a suffix"],
];

function truthy(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null && value !== false && value !== "" && value !== 0;
}
