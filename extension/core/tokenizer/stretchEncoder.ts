import type { AlignedText } from "./normalize/alignedText";
import type { TokenBuffer } from "./words/tokenBuffer";

/** The part of a fast tokenizer that its kind has for itself: from normalized text to tokens. */
export interface StretchEncoder {
  /**
   * Adds the tokens of a normalized stretch between added tokens.
   * @param base where the stretch's original begins in the whole text. @param first whether nothing of the text stands before it.
   */
  encode(stretch: AlignedText, base: number, first: boolean, output: TokenBuffer): void;
}

/** The strings and bytes of a vocabulary, without added tokens. */
export interface Vocabulary {
  /** Tokens it has. */
  readonly count: number;
  text(id: number): string | undefined;
  /** Not to be changed: it may be a part of a table. */
  bytes(id: number): Uint8Array | undefined;
  id(text: string): number | undefined;
}

/** The way back: from ids, special ones left out where nobody wants them, to text. */
export type DecodeIds = (ids: readonly number[]) => string;
