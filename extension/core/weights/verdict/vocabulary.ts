/** What verdicts need of a tokenizer. */
export interface Vocabulary {
  /** One more than the largest id. */
  readonly size: number;
  /** A token as the tokenizer's own files write it (`Ġhello`, `<|eot_id|>`); undefined where no token has the id. */
  token(id: number): string | undefined;
  /** Whether a token has the id. */
  has(id: number): boolean;
  /** Undefined where the tokens are known, but nothing that reads text with them. */
  readonly codec: TokenCodec | undefined;
}

export interface TokenCodec {
  /** The text of tokens, special ones included. */
  decode(ids: readonly number[]): string;
  /** The tokens of a text, in which special tokens are recognised and to which none are added. */
  encode(text: string): readonly number[];
}

export const SPECIAL_NAMES = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"] as const;
export type SpecialName = (typeof SPECIAL_NAMES)[number];

/** The ids that `tokenizer.bos_token_id` and the like have, where there are any. */
export interface SpecialIds extends Readonly<Partial<Record<SpecialName, number | undefined>>> {
  readonly additional: readonly number[];
}
