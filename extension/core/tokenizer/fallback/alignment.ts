import { strictText } from "../../../base/text";
import { byteLevelBytes } from "../decode/byteAlphabet";
import { type AlignedText, spanEnd, spanStart } from "../normalize/alignedText";

/** Where tokens stand whose makers did not say. */
export interface Alignment {
  /** Start and end of each token in turn, in UTF-16 units of the original. */
  readonly offsets: Uint32Array;
  /** Whether every token was found where the one before it ended, but for white space; else some got a range that only covers them. */
  readonly exact: boolean;
}

/** How far a token is looked for behind the one before it. What was left out of a text, such as control characters, is shorter. */
const WINDOW = 256;

interface Place {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds tokens in a text by their strings, from left to right: as they are, without the marks that vocabularies put for spaces and
 * for parts of words, or as the bytes they stand for.
 * @param text the normalized text with the way back. @param tokens the vocabulary's strings; undefined for one that says nothing.
 */
export function alignTokens(text: AlignedText, tokens: readonly (string | undefined)[]): Alignment {
  const finder = new TokenFinder(text.text);
  const places = tokens.map((token) => (token === undefined ? undefined : finder.next(token)));
  const offsets = new Uint32Array(2 * tokens.length);
  let at = 0;
  for (let i = 0; i < places.length; ) {
    let next = i;
    while (next < places.length && places[next] === undefined) next++;
    const until = places[next]?.start ?? text.text.length;
    for (; i < next; i++) setSpan(offsets, i, text, { start: at, end: until });
    const place = places[i];
    if (place === undefined) break;
    setSpan(offsets, i++, text, place);
    at = place.end;
  }
  return { offsets, exact: finder.exact && !places.includes(undefined) };
}

function setSpan(offsets: Uint32Array, index: number, text: AlignedText, { start, end }: Place): void {
  const empty = start >= end;
  const length = text.text.length;
  const at = start < length ? spanStart(text, start) : length === 0 ? 0 : spanEnd(text, length - 1);
  offsets[2 * index] = at;
  offsets[2 * index + 1] = empty ? at : spanEnd(text, end - 1);
}

class TokenFinder {
  readonly #text: string;
  #at = 0;
  exact = true;
  /** Bytes of a character whose other bytes come with the next tokens. */
  #pending: { readonly bytes: readonly number[]; readonly place: Place } | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  next(token: string): Place | undefined {
    for (const surface of surfaces(token)) {
      const found = this.#find(surface);
      if (found === undefined) continue;
      if (this.#text.slice(this.#at, found).trim() !== "") this.exact = false;
      this.#at = found + surface.length;
      return { start: found, end: this.#at };
    }
    return this.#fragment(token);
  }

  #find(surface: string): number | undefined {
    if (surface === "") return undefined;
    if (this.#text.startsWith(surface, this.#at)) return this.#at;
    const found = this.#text.slice(this.#at, this.#at + WINDOW + surface.length).indexOf(surface);
    return found < 0 ? undefined : this.#at + found;
  }

  /** A part of a character has the whole of it. */
  #fragment(token: string): Place | undefined {
    const bytes = bytesOf(token);
    if (bytes === undefined) return undefined;
    const place = this.#pending?.place ?? { start: this.#at, end: this.#at + ((this.#text.codePointAt(this.#at) ?? 0) > 0xffff ? 2 : 1) };
    const whole = utf8.encode(this.#text.slice(place.start, place.end));
    const have = [...(this.#pending?.bytes ?? []), ...bytes];
    if (have.length > whole.length || !have.every((byte, i) => whole[i] === byte)) {
      this.#pending = undefined;
      return undefined;
    }
    const complete = have.length === whole.length;
    this.#pending = complete ? undefined : { bytes: have, place };
    if (complete) this.#at = place.end;
    return place;
  }
}

const utf8 = new TextEncoder();

/** What a token may look like in a text, the likeliest first. */
function surfaces(token: string): readonly string[] {
  const bytes = byteLevelBytes(token);
  const plain = token.replaceAll("▁", " ");
  const bare = token.replace(/^##|^▁|@@$|<\/w>$/g, "");
  const text = bytes === undefined ? undefined : strictText(bytes);
  return [...(text === undefined ? [] : [text]), token, plain, bare];
}

const BYTE_TOKEN = /^<0x([0-9A-F]{2})>$/;

function bytesOf(token: string): readonly number[] | undefined {
  const byte = BYTE_TOKEN.exec(token)?.[1];
  return byte === undefined ? Array.from(byteLevelBytes(token) ?? []) : [parseInt(byte, 16)];
}
