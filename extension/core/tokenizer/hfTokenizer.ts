import { Tokenizer as HfTokenizer } from "@huggingface/tokenizers";
import { TunesmithError, messageOf } from "../../base/errors";
import type { JsonObject } from "../dataset/conversation";
import { readAddedTokens } from "./added/addedTokens";
import { createAligner } from "./alignment";
import { byteLevelBytes } from "./decode/byteAlphabet";
import { Encoding } from "./encoding";
import { alignTokens } from "./fallback/alignment";
import { createNormalizer } from "./normalize/normalizer";
import type { EncodeOptions, Tokenizer } from "./tokenizer";

/**
 * A tokenizer on `@huggingface/tokenizers`. The library knows no offsets: they come from aligning the tokens with the text.
 * @param tokenizer the parsed tokenizer.json. @param config the parsed tokenizer_config.json, or an empty object.
 * @param reason why this one and not the fast one, for the user.
 * @throws TunesmithError `tokenizer-unsupported` when the library cannot use it.
 */
export function createHfTokenizer(tokenizer: JsonObject, config: JsonObject, reason?: string): Tokenizer {
  const inner = createInner(tokenizer, config);
  const aligner = createAligner(tokenizer);
  const normalizer = createNormalizer(tokenizer["normalizer"]);
  const addedTokens = readAddedTokens(tokenizer);
  const addedIds = new Set(addedTokens.map(({ id }) => id));
  const encodeIds = (text: string, { specialTokens }: EncodeOptions): number[] => inner.encode(text.toWellFormed(), { add_special_tokens: specialTokens }).ids;
  return {
    vocabularySize: inner.get_vocab(true).size,
    engine: reason === undefined ? { kind: "library" } : { kind: "library", reason },
    addedTokens,
    encode: (text, options) => {
      const ids = encodeIds(text, options);
      const exact = aligner?.align(text.toWellFormed(), ids);
      if (exact !== undefined) return new Encoding(Uint32Array.from(ids), Uint32Array.from(exact.flat()));
      const normalized = "unsupported" in normalizer ? { text, spans: undefined } : normalizer.normalize(text.toWellFormed());
      const tokens = ids.map((id) => inner.id_to_token(id));
      return new Encoding(Uint32Array.from(ids), alignTokens(normalized, tokens).offsets, false);
    },
    count: (text, options) => encodeIds(text, options).length,
    encodeIds: (text, options) => Uint32Array.from(encodeIds(text, options)),
    decode: (ids, options) =>
      inner.decode(Array.from(ids), { skip_special_tokens: options?.skipSpecialTokens ?? false, clean_up_tokenization_spaces: false }),
    tokenText: (id) => inner.id_to_token(id),
    tokenBytes: (id) => {
      const text = inner.id_to_token(id);
      if (text === undefined) return undefined;
      return (addedIds.has(id) ? undefined : byteLevelBytes(text)) ?? new TextEncoder().encode(text);
    },
    tokenId: (text) => inner.token_to_id(text),
  };
}

function createInner(tokenizer: JsonObject, config: JsonObject): HfTokenizer {
  try {
    return new HfTokenizer(tokenizer, config);
  } catch (error) {
    throw new TunesmithError("tokenizer-unsupported", `tokenizer.json cannot be used: ${messageOf(error)}`, { cause: error });
  }
}
