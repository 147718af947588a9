import type { JsonObject } from "../../dataset/conversation";
import { openTokenizer } from "../../tokenizer/open";
import type { TokenCodec } from "./vocabulary";

/**
 * What the tokenizer of a parsed `tokenizer.json` is to the verdicts; undefined where it is of a kind that cannot be used.
 * @param config the parsed `tokenizer_config.json`.
 */
export function codecOfFile(tokenizer: JsonObject, config: JsonObject): TokenCodec | undefined {
  try {
    const opened = openTokenizer(tokenizer, config, (byteLength) => new ArrayBuffer(byteLength)).tokenizer;
    return { decode: (ids) => opened.decode(ids), encode: (text) => Array.from(opened.encodeIds(text, { specialTokens: false })) };
  } catch {
    // Also of a file that no tokenizer makes sense of, its tokens have names.
    return undefined;
  }
}
