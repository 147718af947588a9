import type { RawRow } from "./rows";

const LF = 10;
const CR = 13;
const QUOTE = 34;
const COMMA = 44;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/**
 * How many open brackets of one value are remembered by kind, to tell where a broken value ends. Deeper ones are counted
 * only; a row nested so deep is refused by the parser anyway.
 */
const MAX_REMEMBERED_BRACKETS = 100_000;

type State = "before" | "value" | "after-value" | "in-value" | "done";

/**
 * Cuts a file that is one JSON array, or JSON values one after the other, into its values without parsing them. Restartable
 * at any byte; a broken value ends where the text around it tells, so that the values after it are still found.
 */
export class ValueScanner {
  readonly #isArray: boolean;
  readonly #limit: number;
  #state: State;
  #line = 1;
  #column = 1;
  #afterCr = false;
  #count = 0;
  #sawComma = false;
  /** The value being read: where it begins, and how far it has been looked at. */
  #start = { byteOffset: 0, line: 1, column: 1 };
  #looked = 0;
  #dropped = 0;
  #inString = false;
  #brackets: number[] = [];
  #deeper = 0;

  constructor(shape: "array" | "values", limit: number) {
    this.#isArray = shape === "array";
    this.#limit = limit;
    this.#state = this.#isArray ? "before" : "value";
  }

  /**
   * Looks at `bytes[at, end)`, which stand at `offset` in the file, and emits the values that end there.
   * @returns the index of the first byte that must be seen again with more behind it; `end` when `final`.
   */
  scan(bytes: Uint8Array, at: number, end: number, offset: number, final: boolean, emit: (row: RawRow) => void): number {
    for (;;) {
      if (this.#state !== "in-value") at = this.#skipSpace(bytes, at, end);
      if (at >= end) break;
      if (this.#state === "in-value") {
        const stop = this.#valueEnd(bytes, at, end, final);
        if (stop === undefined) {
          if (end - at <= this.#limit) return at;
          this.#dropped += end - at;
          this.#looked = 0;
          return this.#advance(bytes, at, end);
        }
        this.#emitValue(bytes, at, stop, emit);
        at = this.#advance(bytes, at, stop);
        this.#state = this.#isArray ? "after-value" : "value";
      } else at = this.#between(bytes, at, end, offset, emit);
    }
    if (final) this.#finish(offset + end, emit);
    return at;
  }

  /** One byte between the values. */
  #between(bytes: Uint8Array, at: number, end: number, offset: number, emit: (row: RawRow) => void): number {
    const byte = bytes[at];
    const fault = (message: string, length = 1): number => {
      emit(this.#row(offset + at, { bytes: bytes.slice(at, at + length), fault: message }));
      return this.#advance(bytes, at, at + length);
    };
    if (this.#state === "done") return this.#afterArray(bytes, at, end, fault);
    if (this.#state === "before") {
      this.#state = "value";
      return this.#advance(bytes, at, at + 1);
    }
    if (this.#isArray && byte === CLOSE_ARRAY) {
      const trailing = this.#state === "value" && this.#sawComma;
      this.#state = "done";
      return trailing ? fault("A comma may not stand before the end of the array.") : this.#advance(bytes, at, at + 1);
    }
    if (this.#state === "after-value") {
      this.#state = "value";
      this.#sawComma = byte === COMMA;
      return byte === COMMA ? this.#advance(bytes, at, at + 1) : fault("A comma is missing between two elements of the array.", 0);
    }
    if (this.#isArray && byte === COMMA) return fault("An element of the array is missing before this comma.");
    this.#begin(offset + at);
    return at;
  }

  #afterArray(bytes: Uint8Array, at: number, end: number, fault: (message: string, length?: number) => number): number {
    // One fault is enough: what follows the array is passed over.
    if (this.#dropped > 0) return this.#advance(bytes, at, end);
    this.#dropped = 1;
    const text = "The file goes on after the end of its JSON array; only one array may stand in a file.";
    return fault(text, 1);
  }

  #begin(byteOffset: number): void {
    this.#start = { byteOffset, line: this.#line, column: this.#column };
    this.#state = "in-value";
    this.#looked = 0;
    this.#dropped = 0;
    this.#inString = false;
    this.#brackets = [];
    this.#deeper = 0;
  }

  /** The end of the value that begins (or goes on) at `at`, or undefined when the buffer does not tell. */
  #valueEnd(bytes: Uint8Array, at: number, end: number, final: boolean): number | undefined {
    const first = bytes[at];
    const goesOn = this.#brackets.length > 0 || this.#inString;
    const structured = goesOn || first === OPEN_OBJECT || first === OPEN_ARRAY || first === QUOTE;
    const stop = structured ? this.#structuredEnd(bytes, at, end) : this.#scalarEnd(bytes, at, end);
    return stop ?? (final ? end : undefined);
  }

  #structuredEnd(bytes: Uint8Array, at: number, end: number): number | undefined {
    for (let i = at + this.#looked; i < end; i++) {
      const byte = bytes[i];
      if (this.#inString) {
        if (byte === BACKSLASH) {
          // The escaped byte may be in the next buffer; then both are looked at again.
          if (i + 1 >= end) {
            this.#looked = i - at;
            return undefined;
          }
          i++;
        } else if (byte === QUOTE || byte === LF) {
          // JSON has no line breaks in strings: a string that was never closed ends with its line, or it would swallow the file.
          this.#inString = false;
          if (this.#brackets.length === 0) return byte === QUOTE ? i + 1 : i;
        }
      } else if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) this.#openBracket(byte);
      else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        const outcome = this.#closeBracket(byte);
        if (outcome === "ended") return i + 1;
        if (outcome === "outside") return i;
      }
    }
    this.#looked = end - at;
    return undefined;
  }

  #openBracket(byte: number): void {
    if (this.#brackets.length < MAX_REMEMBERED_BRACKETS) this.#brackets.push(byte);
    else this.#deeper++;
  }

  /** `ended`: the value is complete; `outside`: the bracket closes the array around the value, which is itself unclosed. */
  #closeBracket(byte: number): "ended" | "outside" | "inside" {
    if (this.#deeper > 0) {
      this.#deeper--;
      return "inside";
    }
    const opener = byte === CLOSE_OBJECT ? OPEN_OBJECT : OPEN_ARRAY;
    const match = this.#brackets.lastIndexOf(opener);
    if (match === -1) return this.#isArray && byte === CLOSE_ARRAY ? "outside" : "inside";
    this.#brackets.length = match;
    return match === 0 ? "ended" : "inside";
  }

  /** A number or a word ends at a separator in an array, and at the end of the line between values. */
  #scalarEnd(bytes: Uint8Array, at: number, end: number): number | undefined {
    for (let i = at + this.#looked; i < end; i++) {
      const byte = bytes[i];
      if (byte === LF || byte === CR || (this.#isArray && (byte === COMMA || byte === CLOSE_ARRAY))) return i;
    }
    this.#looked = end - at;
    return undefined;
  }

  #emitValue(bytes: Uint8Array, at: number, stop: number, emit: (row: RawRow) => void): void {
    const row = { number: ++this.#count, ...this.#start };
    const size = this.#dropped + stop - at;
    if (size > this.#limit) emit({ ...row, bytes: new Uint8Array(0), oversize: size });
    else {
      let trimmed = stop;
      while (trimmed > at + 1 && isSpace(bytes[trimmed - 1])) trimmed--;
      emit({ ...row, bytes: bytes.subarray(at, trimmed) });
    }
  }

  #finish(endOffset: number, emit: (row: RawRow) => void): void {
    if (this.#isArray && this.#state !== "done") {
      emit(this.#row(endOffset, { bytes: new Uint8Array(0), fault: "The file ends inside its JSON array: ']' is missing." }));
    }
    this.#state = "done";
  }

  #row(byteOffset: number, rest: { readonly bytes: Uint8Array; readonly fault: string }): RawRow {
    return { number: this.#count, byteOffset, line: this.#line, column: this.#column, ...rest };
  }

  #skipSpace(bytes: Uint8Array, at: number, end: number): number {
    let stop = at;
    while (stop < end && isSpace(bytes[stop])) stop++;
    return this.#advance(bytes, at, stop);
  }

  /** Moves the position over `bytes[from, to)`: columns count UTF-16 units. */
  #advance(bytes: Uint8Array, from: number, to: number): number {
    for (let i = from; i < to; i++) {
      const byte = bytes[i] ?? 0;
      if (byte === CR || byte === LF) {
        if (byte === CR || !this.#afterCr) this.#line++;
        this.#column = 1;
        this.#afterCr = byte === CR;
      } else {
        this.#afterCr = false;
        if (byte < 0x80 || byte >= 0xc0) this.#column += byte >= 0xf0 ? 2 : 1;
      }
    }
    return to;
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 32 || byte === 9 || byte === LF || byte === CR;
}
