import type { JsonObject } from "../../dataset/conversation";
import { openTokenizer } from "../../tokenizer/open";
import type { Tokenizer } from "../../tokenizer/tokenizer";
import type { TokenCodec } from "./vocabulary";

/** What a tokenizer is to the verdicts. */
export function codecOf(tokenizer: Tokenizer): TokenCodec {
  return {
    decode: (ids) => tokenizer.decode(ids),
    encode: (text) => Array.from(tokenizer.encodeIds(text, { specialTokens: false })),
  };
}

/**
 * What the tokenizer of a parsed `tokenizer.json` is to the verdicts; undefined where it is of a kind that cannot be used.
 * @param config the parsed `tokenizer_config.json`.
 */
export function codecOfFile(tokenizer: JsonObject, config: JsonObject): TokenCodec | undefined {
  try {
    return codecOf(openTokenizer(tokenizer, config, (byteLength) => new ArrayBuffer(byteLength)).tokenizer);
  } catch {
    // Also of a file that no tokenizer makes sense of, its tokens have names.
    return undefined;
  }
}
