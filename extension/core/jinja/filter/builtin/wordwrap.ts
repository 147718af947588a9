import { JinjaError } from "../../errors";
import type { Filter } from "../../runtime/runtime";
import { asText } from "../../text/arguments";
import { pythonSplitLines } from "../../text/lines";
import { codePointLength, codePointToUnit, hasSurrogates, stripRange } from "../../text/unicode";
import { lessThan } from "../../value/compare";
import { escapeHtml } from "../../value/markup";
import { truth } from "../../value/protocol";
import { repr } from "../../value/repr";
import type { Str } from "../../value/text";
import { concatText, sliceText, textOf } from "../../value/text";
import type { Value } from "../../value/types";
import { Markup, PyFloat, Undefined } from "../../value/types";
import { failUndefined } from "../../value/undefined";
import { defineFilter, noAttribute, toCount } from "../common";

/** What CPython's textwrap takes for white space: fewer characters than str.strip removes. */
const SPACES = "\\t\\n\\v\\f\\r ";
const WORD = "\\p{L}\\p{N}_";
const LETTER = "\\p{L}\\p{Nl}\\p{No}_";
const PUNCTUATED = `[${WORD}!"'&.,?]`;

/** Ends of a word: behind the hyphen of a hyphenated word, before white space or the end, before a dash. */
const WORD_END = [
  `-(?:(?<=[${LETTER}]{2}-)|(?<=[${LETTER}]-[${LETTER}]-))(?=[${LETTER}]-?[${LETTER}])`,
  `(?=[${SPACES}]|$)`,
  `(?<=${PUNCTUATED})(?=-{2,}[${WORD}])`,
].join("|");

/** Where a line may break if hyphens count: white space, dashes between words, words. */
const HYPHEN_CHUNK = new RegExp(`[${SPACES}]+|(?<=${PUNCTUATED})-{2,}(?=[${WORD}])|[^${SPACES}]+?(?:${WORD_END})`, "gu");
const SIMPLE_CHUNK = new RegExp(`[${SPACES}]+|[^${SPACES}]+`, "g");

interface Wrapping {
  readonly width: number;
  /** A float counts, but cannot cut. */
  readonly isFloat: boolean;
  readonly breakLong: boolean;
  readonly onHyphens: boolean;
  /** By hyphens only if `break_on_hyphens` is the very True; long words take anything truthy. */
  readonly chunk: RegExp;
}

interface Chunk {
  readonly start: number;
  readonly end: number;
  /** In code points. */
  readonly length: number;
  readonly blank: boolean;
}

/** Wraps one paragraph as textwrap.wrap does; lines as units `[start, end)` of the text, which all stand in it as they are. */
class Wrapper {
  readonly #text: string;
  readonly #options: Wrapping;
  /** In reverse, the next one last. */
  readonly #chunks: Chunk[];
  readonly #wide: boolean;

  constructor(text: string, options: Wrapping) {
    this.#text = text;
    this.#options = options;
    this.#wide = hasSurrogates(text);
    this.#chunks = Array.from(text.matchAll(options.chunk), ({ index, 0: found }) => this.#chunkOf(index, index + found.length)).reverse();
  }

  wrap(): (readonly [number, number])[] {
    const lines: (readonly [number, number])[] = [];
    while (this.#chunks.length > 0) {
      if (lines.length > 0 && this.#chunks.at(-1)?.blank === true) this.#chunks.pop();
      const line = this.#nextLine();
      if (line.at(-1)?.blank === true) line.pop();
      const [first, last] = [line[0], line.at(-1)];
      if (first !== undefined && last !== undefined) lines.push([first.start, last.end]);
    }
    return lines;
  }

  /** As many chunks as fit, and a part of a chunk that fits no line. */
  #nextLine(): Chunk[] {
    const line: Chunk[] = [];
    let length = 0;
    for (let next = this.#chunks.at(-1); next !== undefined && length + next.length <= this.#options.width; next = this.#chunks.at(-1)) {
      length += next.length;
      line.push(next);
      this.#chunks.pop();
    }
    const next = this.#chunks.at(-1);
    if (next !== undefined && next.length > this.#options.width) this.#takeLong(next, line, this.#options.width - length);
    return line;
  }

  #takeLong(chunk: Chunk, line: Chunk[], room: number): void {
    if (!this.#options.breakLong) {
      if (line.length > 0) return;
      line.push(chunk);
      this.#chunks.pop();
      return;
    }
    if (this.#options.isFloat) throw new JinjaError("TypeError", "slice indices must be integers or None or have an __index__ method");
    const cut = this.#cutOf(chunk, room);
    line.push(this.#chunkOf(chunk.start, cut));
    this.#chunks[this.#chunks.length - 1] = this.#chunkOf(cut, chunk.end);
  }

  /** Where a long chunk is cut: behind its last hyphen that fits if something else stands before it, else where the room ends. */
  #cutOf(chunk: Chunk, room: number): number {
    const text = this.#text.slice(chunk.start, chunk.end);
    const fits = codePointToUnit(text, room);
    if (this.#options.onHyphens && chunk.length > room && fits > 0) {
      const hyphen = text.lastIndexOf("-", fits - 1);
      if (hyphen > 0 && /[^-]/.test(text.slice(0, hyphen))) return chunk.start + hyphen + 1;
    }
    return chunk.start + fits;
  }

  #chunkOf(start: number, end: number): Chunk {
    const text = this.#text.slice(start, end);
    const [from, to] = stripRange(text, undefined, "both");
    return { start, end, length: this.#wide ? codePointLength(text) : end - start, blank: from === to };
  }
}

/** @throws JinjaError ValueError when the width is not above zero */
function wrappingOf(width: Value, breakLong: Value, onHyphens: Value): Wrapping {
  if (lessThan(width, 0, "<=")) throw new JinjaError("ValueError", `invalid width ${repr(width)} (must be > 0)`);
  const isFloat = width instanceof PyFloat;
  return {
    width: isFloat ? width.value : toCount(width),
    isFloat,
    breakLong: truth(breakLong),
    onHyphens: truth(onHyphens),
    chunk: onHyphens === true ? HYPHEN_CHUNK : SIMPLE_CHUNK,
  };
}

/** Each line of the text is wrapped by itself. */
export const wordwrap: Filter = defineFilter(
  "do_wordwrap",
  "@environment s width? break_long_words? wrapstring? break_on_hyphens?",
  (runtime, value, [width = 79, breakLong = true, wrapstring = null, onHyphens = true]) => {
    const text = asText(value);
    if (value instanceof Undefined) failUndefined(value);
    const separator = wrapstring === null ? "\n" : asText(wrapstring);
    if (wrapstring instanceof Undefined) failUndefined(wrapstring);
    if (separator === undefined) throw noAttribute(wrapstring, "join");
    if (text === undefined) throw noAttribute(value, "splitlines");
    const plain = textOf(text);
    // Chunks and lines are objects.
    runtime.charge(5 * plain.length);
    const parts: Str[] = [];
    for (const [index, [start, end]] of pythonSplitLines(plain).entries()) {
      const lines = new Wrapper(plain.slice(start, end), wrappingOf(width, breakLong, onHyphens)).wrap();
      if (index > 0) parts.push(separator);
      for (const [at, [from, to]] of lines.entries()) {
        if (at > 0) parts.push(separator);
        const line = sliceText(text, start + from, start + to);
        // A separator that is Markup escapes what it joins.
        parts.push(wrapstring instanceof Markup ? escapeHtml(line) : line);
      }
    }
    return wrapstring instanceof Markup ? new Markup(concatText(parts)) : concatText(parts);
  },
);
