import { Tokenizer as HfTokenizer } from "@huggingface/tokenizers";
import { TunesmithError, messageOf } from "../../base/errors";
import type { JsonObject } from "../dataset/conversation";
import type { Tokenizer } from "./tokenizer";

/**
 * A tokenizer on `@huggingface/tokenizers`.
 * @param tokenizer the parsed tokenizer.json. @param config the parsed tokenizer_config.json, or an empty object.
 * @throws TunesmithError `tokenizer-unsupported` when the library cannot use it.
 */
export function createHfTokenizer(tokenizer: JsonObject, config: JsonObject): Tokenizer {
  let inner: HfTokenizer;
  try {
    inner = new HfTokenizer(tokenizer, config);
  } catch (error) {
    throw new TunesmithError("tokenizer-unsupported", `tokenizer.json cannot be used: ${messageOf(error)}`, { cause: error });
  }
  return {
    vocabularySize: inner.get_vocab(true).size,
    encode: (text, { specialTokens }) => inner.encode(text, { add_special_tokens: specialTokens }).ids,
  };
}
