import type { Encoding } from "./encoding";

/** Turns text into token ids, exactly as the model's own tokenizer does, and back. Places are UTF-16 units of the text given. */
export interface Tokenizer {
  /** Number of ids, added tokens included. */
  readonly vocabularySize: number;
  readonly engine: TokenizerEngine;
  readonly addedTokens: readonly AddedToken[];
  /** The tokens of `text` with their places. Lone surrogates count as U+FFFD. */
  encode(text: string, options: EncodeOptions): Encoding;
  /** How many tokens {@link encode} gives. */
  count(text: string, options: EncodeOptions): number;
  /** The ids that {@link encode} gives. */
  encodeIds(text: string, options: EncodeOptions): Uint32Array;
  /** The text that ids stand for; bytes that are no UTF-8 become U+FFFD. Ids that do not exist stand for nothing. */
  decode(ids: ArrayLike<number>, options?: DecodeOptions): string;
  /** The vocabulary's own string, such as "Ġthe", "▁the" or "<|eot_id|>". */
  tokenText(id: number): string | undefined;
  /** The bytes that the token stands for; some are a part of a character. */
  tokenBytes(id: number): Uint8Array | undefined;
  /** The id of one of the vocabulary's own strings. */
  tokenId(text: string): number | undefined;
}

/** Which code does the work; for the slower one with the reason in words for the user. */
export interface TokenizerEngine {
  readonly kind: "fast" | "library";
  readonly reason?: string;
}

export interface EncodeOptions {
  /** Whether the post-processor adds its tokens (BOS, EOS). A rendered chat prompt has them already. */
  readonly specialTokens: boolean;
}

export interface DecodeOptions {
  /** Whether tokens marked as special are left out; they are not by default. */
  readonly skipSpecialTokens?: boolean;
}

/** A token that is found in the text itself before anything else happens to it. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
  /** Whether it is found only between characters that are no part of a word. */
  readonly singleWord: boolean;
  /** Whether it takes the white space before it along. */
  readonly lstrip: boolean;
  /** Whether it takes the white space behind it along. */
  readonly rstrip: boolean;
  /** Whether it is looked for in the normalized text. */
  readonly normalized: boolean;
}
