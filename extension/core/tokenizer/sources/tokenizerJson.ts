import type { JsonObject, JsonValue } from "../../dataset/conversation";

/** Parts of a tokenizer.json, for vocabularies that come in another form. */

export function addedToken(id: number, content: string, special: boolean): JsonObject {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special };
}

export interface SpecialId {
  readonly id: number;
  readonly content: string;
}

/** The post-processor that puts `first` before a text and `last` behind it; null where both are undefined. */
export function templateProcessing(first: SpecialId | undefined, last: SpecialId | undefined): JsonValue {
  if (first === undefined && last === undefined) return null;
  const around = (sequence: "A" | "B", type: number): JsonValue[] => [
    ...(first === undefined ? [] : [{ SpecialToken: { id: first.content, type_id: type } }]),
    { Sequence: { id: sequence, type_id: type } },
    ...(last === undefined ? [] : [{ SpecialToken: { id: last.content, type_id: type } }]),
  ];
  const tokens = [first, last].filter((token) => token !== undefined);
  return {
    type: "TemplateProcessing",
    single: around("A", 0),
    pair: [...around("A", 0), ...around("B", 1)],
    special_tokens: Object.fromEntries(tokens.map(({ id, content }) => [content, { id: content, ids: [id], tokens: [content] }])),
  };
}

export const REPLACE_SPACES: JsonObject = { type: "Replace", pattern: { String: " " }, content: "▁" };
const RESTORE_SPACES: JsonObject = { type: "Replace", pattern: { String: "▁" }, content: " " };

/** The decoder of SentencePiece's BPE. @param prefixed whether a space at the start is not the text's. */
export function sentencePieceDecoder(prefixed: boolean): JsonObject {
  const strip: JsonValue[] = prefixed ? [{ type: "Strip", content: " ", start: 1, stop: 0 }] : [];
  return { type: "Sequence", decoders: [RESTORE_SPACES, { type: "ByteFallback" }, { type: "Fuse" }, ...strip] };
}

export function metaspace(prependScheme: "always" | "first" | "never", split: boolean): JsonObject {
  return { type: "Metaspace", replacement: "▁", prepend_scheme: prependScheme, split };
}

/** Byte-level pre-tokenizer with a pattern, each match a word of its own. */
export function splitBytes(...patterns: readonly string[]): JsonObject {
  const splits = patterns.map((pattern): JsonObject => ({ type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false }));
  return { type: "Sequence", pretokenizers: [...splits, { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false }] };
}

export const BYTE_LEVEL: JsonObject = { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false };

/** BPE over the characters that stand for bytes. @param merges pairs of tokens, the first to be merged first */
export function byteLevelBpe(vocab: JsonObject, merges: readonly [string, string][], ignoreMerges: boolean): JsonObject {
  return {
    type: "BPE",
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: ignoreMerges,
    vocab,
    merges,
  };
}

export function wholeTokenizer(parts: {
  readonly addedTokens: readonly JsonObject[];
  readonly normalizer: JsonValue;
  readonly preTokenizer: JsonValue;
  readonly postProcessor: JsonValue;
  readonly decoder: JsonValue;
  readonly model: JsonObject;
}): JsonObject {
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: parts.addedTokens,
    normalizer: parts.normalizer,
    pre_tokenizer: parts.preTokenizer,
    post_processor: parts.postProcessor,
    decoder: parts.decoder,
    model: parts.model,
  };
}
