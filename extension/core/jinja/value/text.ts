import type { Span } from "../../../base/text";
import { JinjaLimitError } from "../errors";
import { countWork } from "./budget";

/**
 * Where characters come from.
 * - `template`: they stand in the template at `start` (a string literal, or text captured by a block).
 * - `data`: they stand in the string at `pointer` of the input.
 * - `derived`: they were computed from the strings at `pointers` (upper case, a length, …); there is no character map.
 */
export type Origin =
  | { readonly kind: "template"; readonly start: number; readonly end: number; readonly verbatim: boolean }
  | { readonly kind: "data"; readonly pointer: string }
  | { readonly kind: "derived"; readonly pointers: readonly string[] };

/** A stretch of a text with one origin. Pieces of a text follow each other without gap. */
export interface Piece {
  readonly length: number;
  /** Undefined: computed from nothing that is known. */
  readonly origin: Origin | undefined;
  /** For verbatim origins: the index of the first character in the origin's own string. */
  readonly from: number;
  /** The template expression that put the characters into a captured text (a macro's result, a `set` block). */
  readonly emitted?: Span;
}

/** So many pieces of a text are kept: no prompt has as many, and each takes memory. */
export const MAX_PIECES = 300_000;

/**
 * A text whose characters know where they come from. Only made when provenance is asked for. What it is made of is only
 * worked out when somebody asks: most texts are compared, or become a part of another one.
 */
export class Traced {
  readonly text: string;
  #pieces: readonly Piece[] | undefined;
  /** The origin of all characters, or the texts one behind the other; undefined once there are pieces. */
  #made: Origin | readonly Str[] | undefined;

  private constructor(text: string, pieces: readonly Piece[] | undefined, made: Origin | readonly Str[] | undefined) {
    this.text = text;
    this.#pieces = pieces;
    this.#made = made;
  }

  static ofPieces(text: string, pieces: readonly Piece[]): Traced {
    return new Traced(text, pieces, undefined);
  }

  static ofOrigin(text: string, origin: Origin): Traced {
    return new Traced(text, undefined, origin);
  }

  static joined(text: string, parts: readonly Str[]): Traced {
    return new Traced(text, undefined, parts);
  }

  get pieces(): readonly Piece[] {
    if (this.#pieces === undefined) {
      this.#pieces = Traced.#collect(this);
      this.#made = undefined;
    }
    return this.#pieces;
  }

  /** A text that a loop has put together piece by piece is a deep tree, so no recursion. */
  static #collect(text: Traced): Piece[] {
    const pieces: Piece[] = [];
    const rest: Str[] = [text];
    for (let part = rest.pop(); part !== undefined; part = rest.pop()) {
      if (typeof part === "string") {
        if (part !== "") pieces.push({ length: part.length, origin: undefined, from: 0 });
      } else if (part.#pieces !== undefined) {
        for (const piece of part.#pieces) pieces.push(piece);
        if (pieces.length > MAX_PIECES) return cutShort(pieces, text.text.length);
      } else if (isParts(part.#made)) {
        for (let i = part.#made.length - 1; i >= 0; i--) rest.push(part.#made[i] as Str);
      } else pieces.push({ length: part.text.length, origin: part.#made, from: 0 });
    }
    return pieces;
  }
}

function isParts(made: Origin | readonly Str[] | undefined): made is readonly Str[] {
  return Array.isArray(made);
}

/** The first pieces of a text, and one that comes from nowhere for the rest. */
export function cutShort(pieces: readonly Piece[], length: number): Piece[] {
  const known = pieces.slice(0, MAX_PIECES);
  const rest = length - known.reduce((sum, piece) => sum + piece.length, 0);
  return [...known, { length: rest, origin: undefined, from: 0 }];
}

/** Python's `str`. A plain string where provenance is off or unknown. */
export type Str = string | Traced;

export function isStr(value: unknown): value is Str {
  return typeof value === "string" || value instanceof Traced;
}

export function textOf(value: Str): string {
  return typeof value === "string" ? value : value.text;
}

/** A text with one origin; plain when it is empty. */
export function traced(text: string, origin: Origin): Str {
  return text === "" ? "" : Traced.ofOrigin(text, origin);
}

/** The characters `[start, end)` (UTF-16 units), with their origins. */
export function sliceText(value: Str, start: number, end: number): Str {
  if (typeof value === "string") return value.slice(start, end);
  if (start <= 0 && end >= value.text.length) return value;
  const pieces: Piece[] = [];
  let at = 0;
  countWork(6 + (value.pieces.length >> 3));
  for (const piece of value.pieces) {
    const from = Math.max(start, at);
    const to = Math.min(end, at + piece.length);
    if (from < to) pieces.push(to - from === piece.length ? piece : { ...piece, length: to - from, from: piece.from + from - at });
    at += piece.length;
    if (at >= end) break;
  }
  return pieces.length === 0 ? "" : Traced.ofPieces(value.text.slice(start, end), pieces);
}

/**
 * Texts that fall into more parts are not traced part by part where they are replaced, turned round or taken apart, but as a
 * whole: a traced part takes hundreds of bytes.
 */
export const MAX_TRACED_STEPS = 100_000;

/** The longest text that a template may make, in UTF-16 units: far above any prompt, and far below what a string can hold. */
export const MAX_TEXT_LENGTH = 32 * 1024 * 1024;

/** The texts one behind the other, with their origins. @throws JinjaLimitError */
export function concatText(parts: readonly Str[]): Str {
  let text = "";
  let plain = true;
  for (const part of parts) {
    text += textOf(part);
    checkTextLength(text.length);
    if (typeof part !== "string") plain = false;
  }
  return plain ? text : Traced.joined(text, parts);
}

/** A text that was computed from others: marked as derived from the data that they hold, plain when they hold none. */
export function deriveText(text: string, from: readonly unknown[]): Str {
  if (text === "") return text;
  const pointers = new Set<string>();
  for (const source of from) if (source instanceof Traced) collectPointers(source, pointers);
  return pointers.size === 0 ? text : traced(text, { kind: "derived", pointers: [...pointers] });
}

/** The input strings that any character of `value` comes from. */
export function collectPointers(value: Traced, into: Set<string>): void {
  for (const { origin } of value.pieces) {
    if (origin?.kind === "data") into.add(origin.pointer);
    else if (origin?.kind === "derived") for (const pointer of origin.pointers) into.add(pointer);
  }
}

/** @throws JinjaLimitError when a text would be longer than {@link MAX_TEXT_LENGTH}. */
export function checkTextLength(length: number): void {
  if (length > MAX_TEXT_LENGTH) throw new JinjaLimitError("text-length", `The template makes a text of more than ${MAX_TEXT_LENGTH} characters.`);
}
