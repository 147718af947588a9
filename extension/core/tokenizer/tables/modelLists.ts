import type { JsonObject, JsonValue } from "../../dataset/conversation";
import type { Unsupported } from "../normalize/normalizer";

/** How the strings of a vocabulary become the bytes that its table holds. */
export interface TokenBytes {
  /** Writes the bytes of `text[from, to)`, at most three a unit, and returns their number; -1 where no text ever becomes such a token. */
  write(text: string, from: number, to: number, bytes: Uint8Array, at: number): number;
  /** The same of a string that is UTF-8 already, in `source[from, to)`; at most as many bytes as that. */
  copy(source: Uint8Array, from: number, to: number, bytes: Uint8Array, at: number): number;
}

/** The tokens of a BPE model, in whatever form its file has them. */
export interface TokenList {
  /** Ids are below it. */
  readonly size: number;
  /** At least the bytes of all tokens, in any alphabet. */
  readonly byteLength: number;
  /** Undefined where there is no token with this id. */
  text(id: number): string | undefined;
  /** Writes a token's bytes, and returns their number: 0 where there is no such token, -1 as {@link TokenBytes}. */
  write(id: number, alphabet: TokenBytes, bytes: Uint8Array, at: number): number;
}

/** The merges of a BPE model, in whatever form its file has them. */
export interface MergeList {
  readonly count: number;
  /** At least the bytes that {@link write} writes, in any alphabet. */
  byteLength(rank: number): number;
  /** Writes the bytes of both tokens in a row, and returns where the second begins; -1 for a merge that no text comes to. */
  write(rank: number, alphabet: TokenBytes, bytes: Uint8Array): number;
  /** Where the bytes end that were written last. */
  readonly end: number;
}

/** What a BPE model's file is large for. */
export interface ModelLists {
  readonly tokens: TokenList | Unsupported;
  readonly merges: MergeList;
  /** The fields `vocab` and `merges` with nothing but the tokens that are wanted, and merges of those. */
  reduced(wanted: WantedTokens): { readonly vocab: JsonObject; readonly merges: readonly JsonValue[] };
}

/** Tokens that some texts can need: their parts, and others by name. */
export class WantedTokens {
  readonly #texts: readonly string[];
  readonly #others: ReadonlySet<string>;
  /** Which units, or bytes of UTF-8, stand beside each other anywhere: few tokens of a vocabulary have no other pair. */
  readonly #pairs = new Uint8Array(0x10000);

  constructor(texts: readonly string[], others: readonly string[]) {
    this.#texts = texts;
    this.#others = new Set(others);
    const utf8 = new TextEncoder();
    for (const text of [...texts, ...others]) {
      this.#note(Uint16Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)));
      this.#note(utf8.encode(text));
    }
  }

  #note(units: ArrayLike<number>): void {
    for (let i = 0; i < units.length; i++) {
      this.#pairs[units[i] as number] = 1;
      if (i > 0) this.#pairs[pairOf(units[i - 1] as number, units[i] as number)] = 1;
    }
  }

  has(token: string): boolean {
    return this.#others.has(token) || (token !== "" && this.#texts.some((text) => text.includes(token)));
  }

  /** False for most tokens that are not wanted, and costs little. */
  mayHave(token: string, from = 0, to = token.length): boolean {
    if (from < to && this.#pairs[token.charCodeAt(from)] === 0) return false;
    for (let i = from + 1; i < to; i++) if (this.#pairs[pairOf(token.charCodeAt(i - 1), token.charCodeAt(i))] === 0) return false;
    return true;
  }

  /** The same of a token in UTF-8. */
  mayHaveBytes(bytes: Uint8Array, from: number, to: number): boolean {
    for (let i = from + 1; i < to; i++) if (this.#pairs[pairOf(bytes[i - 1] as number, bytes[i] as number)] === 0) return false;
    return true;
  }
}

function pairOf(first: number, second: number): number {
  return ((first << 8) ^ second) & 0xffff;
}
