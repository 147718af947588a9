import type { JsonObject, JsonValue } from "../../dataset/conversation";
import { readAddedTokens } from "../added/addedTokens";
import { addedToken } from "./tokenizerJson";

/**
 * A tokenizer that was made of a vocabulary file, with the added tokens that stand in other files, as `transformers` adds them: those
 * of tokenizer_config.json win over the vocabulary's own.
 * @param config the parsed tokenizer_config.json: `added_tokens_decoder`. @param contents the parsed added_tokens.json: ids by content.
 */
export function withAddedTokens(tokenizer: JsonObject, config: JsonObject, contents: JsonObject): JsonObject {
  const byId = new Map<number, JsonValue>(readAddedTokens(tokenizer).map((token) => [token.id, written(token)]));
  for (const [content, id] of Object.entries(contents)) if (typeof id === "number") byId.set(id, addedToken(id, content, false));
  for (const [key, value] of Object.entries((config["added_tokens_decoder"] ?? {}) as JsonObject)) {
    const token = readAddedTokens({ added_tokens: [{ ...(value as JsonObject), id: Number(key) }] })[0];
    if (token !== undefined && Number.isInteger(token.id)) byId.set(token.id, written(token));
  }
  const inOrder = Array.from(byId).sort((a, b) => a[0] - b[0]);
  return { ...tokenizer, added_tokens: inOrder.map(([, token]) => token) };
}

function written({ id, content, special, singleWord, lstrip, rstrip, normalized }: ReturnType<typeof readAddedTokens>[number]): JsonObject {
  return { id, content, single_word: singleWord, lstrip, rstrip, normalized, special };
}
