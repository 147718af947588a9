import type { JsonObject, JsonValue } from "../../dataset/conversation";
import type { Unsupported } from "../normalize/normalizer";

const FORBIDDEN: readonly (readonly [key: string, why: string])[] = [
  ["dropout", "its merges are left out at random"],
  ["continuing_subword_prefix", "its tokens inside of words have a prefix"],
  ["end_of_word_suffix", "its tokens at the end of words have a suffix"],
];

/** Why the fast path does not know the field `model` of a tokenizer.json; undefined where it is BPE as it knows it. */
export function modelProblem(model: JsonObject): Unsupported | undefined {
  // Files of old have no type; their fields tell.
  if ((model["type"] ?? "BPE") !== "BPE" || model["merges"] === undefined) return { unsupported: "its model is not BPE" };
  const found = FORBIDDEN.find(([key]) => isSet(model[key]));
  return found === undefined ? undefined : { unsupported: found[1] };
}

/** Whether a field says anything: null, 0 and "" do not. */
function isSet(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null && value !== false && value !== "" && value !== 0;
}
