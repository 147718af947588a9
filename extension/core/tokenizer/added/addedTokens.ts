import type { JsonObject, JsonValue } from "../../dataset/conversation";
import type { AddedToken } from "../tokenizer";

/** The field `added_tokens` of a tokenizer.json; entries that are none are left out. */
export function readAddedTokens(tokenizer: JsonObject): readonly AddedToken[] {
  const list = tokenizer["added_tokens"];
  return Array.isArray(list) ? (list as readonly JsonValue[]).flatMap(addedTokenOf) : [];
}

function addedTokenOf(value: JsonValue): readonly AddedToken[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  const { id, content, special, single_word: singleWord, lstrip, rstrip, normalized } = value as JsonObject;
  if (typeof id !== "number" || typeof content !== "string") return [];
  const isSpecial = special === true;
  return [
    {
      id,
      content,
      special: isSpecial,
      singleWord: singleWord === true,
      lstrip: lstrip === true,
      rstrip: rstrip === true,
      normalized: typeof normalized === "boolean" ? normalized : !isSpecial,
    },
  ];
}
