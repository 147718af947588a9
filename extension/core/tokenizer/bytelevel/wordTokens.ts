import { Symbols } from "../bpe/symbols";
import { unitOfByte } from "../decode/byteAlphabet";
import { eachPiece } from "../split/pieces";
import { Scanner } from "../split/scanner";
import { END_UNIT } from "../split/splitTables";
import { HASH_SEED, findToken, hashByte } from "../tables/vocabulary";
import type { CompiledByteLevel } from "./compile";

/** Makes the tokens of one word. One object serves many words; what it found is in its fields until the next. */
export class WordTokens {
  readonly #compiled: CompiledByteLevel;
  readonly #symbols: Symbols;
  readonly #scanners: readonly Scanner[];
  #bytes = new Uint8Array(1024);
  ids = new Int32Array(1024);
  /** Units from the beginning of the word. A token that is a part of a character has the whole of it. */
  starts = new Int32Array(1024);
  ends = new Int32Array(1024);
  count = 0;

  constructor(compiled: CompiledByteLevel) {
    this.#compiled = compiled;
    this.#symbols = new Symbols(compiled.tables.merges);
    this.#scanners = compiled.tables.byteLevels.map(({ tables }) => new Scanner(tables));
  }

  /** Finds the tokens of the word `units[start, start + length)`, which is well-formed. @param isPart whether it is a part of one. */
  find(units: Uint16Array, start: number, length: number, isPart: boolean): void {
    this.#reserve(3 * length);
    const byteCount = writeUtf8(units, start, length, this.#bytes);
    this.count = 0;
    if (isPart) this.#merge(0, byteCount);
    else if (this.#scanners.length === 0) this.#tokenize(0, byteCount);
    else this.#splitBytes(byteCount);
    this.#place(units, start, byteCount === length);
  }

  /** Whether the word becomes what its parts become: not where it is a token that needs no merging. */
  isOfParts(units: Uint16Array, start: number, length: number): boolean {
    if (this.#scanners.length > 0) return false;
    if (!this.#compiled.ignoreMerges) return true;
    this.#reserve(3 * length);
    return this.#tokenOf(0, writeUtf8(units, start, length, this.#bytes)) < 0;
  }

  /** Gives back the memory that a very long word took. */
  release(): void {
    this.#symbols.release();
    if (this.#bytes.length <= MAX_KEPT_BYTES) return;
    this.#bytes = new Uint8Array(1024);
    this.#reserveTokens(1024);
  }

  #reserve(bytes: number): void {
    if (this.#bytes.length >= bytes) return;
    this.#bytes = new Uint8Array(Math.max(bytes, 2 * this.#bytes.length));
    this.#reserveTokens(this.#bytes.length);
  }

  #reserveTokens(count: number): void {
    this.ids = new Int32Array(count);
    this.starts = new Int32Array(count);
    this.ends = new Int32Array(count);
  }

  /** The levels that see bytes as characters of the alphabet. */
  #splitBytes(byteCount: number): void {
    const text = new Uint16Array(byteCount + 1);
    for (let i = 0; i < byteCount; i++) text[i] = unitOfByte(this.#bytes[i] as number);
    for (const scanner of this.#scanners) scanner.begin(byteCount);
    this.#splitLevel(0, text, 0, byteCount);
  }

  #splitLevel(level: number, text: Uint16Array, from: number, to: number): void {
    const scanner = this.#scanners[level];
    const rule = this.#compiled.tables.byteLevels[level];
    if (scanner === undefined || rule === undefined) {
      this.#tokenize(from, to);
      return;
    }
    const behind = text[to] as number;
    text[to] = END_UNIT;
    eachPiece(scanner, rule.behavior, rule.invert, text, from, to, (start, end) => this.#splitLevel(level + 1, text, start, end));
    text[to] = behind;
  }

  /** Adds the tokens of bytes that make one word, their ends in bytes. */
  #tokenize(from: number, to: number): void {
    const id = this.#compiled.ignoreMerges ? this.#tokenOf(from, to) : -1;
    if (id >= 0) this.#add(id, from, to);
    else this.#merge(from, to);
  }

  #tokenOf(from: number, to: number): number {
    const bytes = this.#bytes;
    let hash = HASH_SEED;
    for (let i = from; i < to; i++) hash = hashByte(hash, bytes[i] as number);
    return findToken(this.#compiled.tables.vocabulary, bytes, from, to, hash);
  }

  #merge(from: number, to: number): void {
    const bytes = this.#bytes;
    const { tables } = this.#compiled;
    const symbols = this.#symbols;
    symbols.reserve(to - from);
    for (let i = from, at = 0; i < to; i++, at++) {
      symbols.ids[at] = tables.byteIds[bytes[i] as number] as number;
      symbols.ends[at] = i + 1;
    }
    symbols.count = to - from;
    symbols.merge();
    let start = from;
    for (let i = 0; i < symbols.count; i++) {
      const end = symbols.ends[i] as number;
      this.#add(symbols.ids[i] as number, start, end);
      start = end;
    }
  }

  #add(id: number, start: number, end: number): void {
    this.ids[this.count] = id;
    this.starts[this.count] = start;
    this.ends[this.count++] = end;
  }

  /** Turns places in bytes to places in units. */
  #place(units: Uint16Array, start: number, isAscii: boolean): void {
    if (isAscii) return;
    const { starts, ends, count } = this;
    // The character that begins at unit `at` and byte `byte`, and how many of both it has.
    let at = start;
    let byte = 0;
    let size = byteSize(units[at] as number);
    for (let i = 0; i < count; i++) {
      const first = starts[i] as number;
      const end = ends[i] as number;
      while (byte + size <= first) {
        byte += size;
        at += size === 4 ? 2 : 1;
        size = byteSize(units[at] as number);
      }
      starts[i] = at - start;
      while (byte + size < end) {
        byte += size;
        at += size === 4 ? 2 : 1;
        size = byteSize(units[at] as number);
      }
      ends[i] = at - start + (size === 4 ? 2 : 1);
    }
  }
}

const MAX_KEPT_BYTES = 1 << 16;

/** Bytes of the character that begins with this unit. */
function byteSize(unit: number): number {
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return (unit & 0xfc00) === 0xd800 ? 4 : 3;
}

/** Writes well-formed UTF-16 as UTF-8, and returns the number of bytes. */
function writeUtf8(units: Uint16Array, start: number, length: number, bytes: Uint8Array): number {
  let at = 0;
  for (let i = start; i < start + length; i++) {
    const unit = units[i] as number;
    if (unit < 0x80) {
      bytes[at++] = unit;
    } else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6);
      bytes[at++] = 0x80 | (unit & 63);
    } else if ((unit & 0xfc00) === 0xd800) {
      const code = 0x10000 + ((unit & 0x3ff) << 10) + ((units[++i] as number) & 0x3ff);
      bytes[at++] = 0xf0 | (code >> 18);
      bytes[at++] = 0x80 | ((code >> 12) & 63);
      bytes[at++] = 0x80 | ((code >> 6) & 63);
      bytes[at++] = 0x80 | (code & 63);
    } else {
      bytes[at++] = 0xe0 | (unit >> 12);
      bytes[at++] = 0x80 | ((unit >> 6) & 63);
      bytes[at++] = 0x80 | (unit & 63);
    }
  }
  return at;
}
