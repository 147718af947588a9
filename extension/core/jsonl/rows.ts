import type { CancelSignal } from "../../base/cancellation";
import { throwIfCancelled } from "../../base/cancellation";
import type { RandomAccess } from "../io/ports";
import { LineFinder } from "./lineFinder";
import { ValueScanner } from "./valueScanner";

/** How a file holds its rows: a row a line, the elements of one JSON array, JSON values one after the other, or plain text lines. */
export type FileShape = "lines" | "array" | "values" | "plain";

/** A row as it lies in the file. `bytes` is a view that is only valid until the next batch is asked for. */
export interface RawRow {
  /** 1-based: the line for `lines` and `plain` (blank lines count), the ordinal of the value otherwise. */
  readonly number: number;
  readonly byteOffset: number;
  /** Where the row begins, 1-based. */
  readonly line: number;
  readonly column: number;
  readonly bytes: Uint8Array;
  /** Set where the text is no row but a fault of the array around the rows. */
  readonly fault?: string;
  /** The row's true size where it was too long to be read; `bytes` is empty then. */
  readonly oversize?: number;
}

/** Bytes of a file, `[from, to)`. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The longest row that is read. A row becomes a JavaScript string, which V8 ends at 512 Mi units; and the row, its text
 * and its values are in memory together.
 */
export const MAX_ROW_BYTES = 256 * 1024 * 1024;

/** How much is read at a time. */
export const CHUNK_BYTES = 256 * 1024;

/** A batch of rows, and what has been read so far. */
export interface RowBatch {
  readonly rows: readonly RawRow[];
  /** Bytes of the range that are done. */
  readonly bytesDone: number;
  /** Lines that ended so far, blank ones included (`lines` and `plain`). */
  readonly linesDone: number;
}

export interface ReadRowsOptions {
  readonly shape: FileShape;
  /** Lines that begin in this range; the whole file when left out. Only for `lines` and `plain`. Row numbers count from the range. */
  readonly range?: ByteRange;
  readonly signal?: CancelSignal | undefined;
  /** Bytes read at a time; for tests. */
  readonly chunkBytes?: number;
  readonly maxRowBytes?: number;
}

/** Reads the rows of a file in order, in batches of about a chunk, with memory bounded by the longest row. Blank lines are no rows. */
export function readRows(file: RandomAccess, options: ReadRowsOptions): AsyncGenerator<RowBatch, void, void> {
  return options.shape === "array" || options.shape === "values" ? readValues(file, options, options.shape) : readLines(file, options);
}

const NO_BYTES = new Uint8Array(0);
const UTF8_BOM = [0xef, 0xbb, 0xbf];

/** Bytes of the byte order mark at the start of `bytes`: 3 or 0. */
export function bomLength(bytes: Uint8Array): number {
  return UTF8_BOM.every((byte, i) => bytes[i] === byte) ? UTF8_BOM.length : 0;
}

/** The unread part of a file, in a buffer that grows only for rows longer than a chunk. */
class Window {
  bytes: Uint8Array;
  /** Filled part of `bytes`. */
  end = 0;
  /** File offset of `bytes[0]`. */
  offset: number;
  final = false;
  readonly #file: RandomAccess;
  readonly #chunk: number;

  constructor(file: RandomAccess, offset: number, chunk: number) {
    this.#file = file;
    this.#chunk = chunk;
    this.offset = offset;
    this.bytes = file.allocate(chunk);
  }

  /** Drops everything before `keepFrom` and reads at least one more chunk behind the rest. */
  async advance(keepFrom: number, signal: CancelSignal | undefined): Promise<void> {
    throwIfCancelled(signal);
    const rest = this.end - keepFrom;
    if (rest + this.#chunk > this.bytes.length) {
      const larger = this.#file.allocate(Math.max(rest * 2, rest + this.#chunk));
      larger.set(this.bytes.subarray(keepFrom, this.end));
      this.bytes = larger;
    } else {
      // A buffer that grew for one long row shrinks again, or it would be carried along for the rest of the file.
      if (this.bytes.length > this.#chunk * 8 && rest < this.#chunk) {
        const smaller = this.#file.allocate(this.#chunk * 2);
        smaller.set(this.bytes.subarray(keepFrom, this.end));
        this.bytes = smaller;
      } else this.bytes.copyWithin(0, keepFrom, this.end);
    }
    this.offset += keepFrom;
    this.end = rest;
    const target = this.bytes.subarray(rest);
    const read = await this.#file.read(this.offset + rest, target, signal);
    this.end += read;
    this.final = read < target.length;
  }
}

async function* readLines(file: RandomAccess, options: ReadRowsOptions): AsyncGenerator<RowBatch, void, void> {
  const range = options.range ?? { from: 0, to: file.size };
  const limit = options.maxRowBytes ?? MAX_ROW_BYTES;
  const window = new Window(file, Math.max(0, range.from - 1), options.chunkBytes ?? CHUNK_BYTES);
  await window.advance(0, options.signal);
  let at = await skipToLineStart(window, range, options.signal);
  // The first line belongs to the slice that has byte 0, also when a byte order mark stands before it.
  let past = range.from === 0 ? range.to === 0 : window.offset + at >= range.to;
  let line = 1;
  for (;;) {
    const rows: RawRow[] = [];
    const finder = new LineFinder(window.bytes, window.end, window.final);
    while (!past) {
      const found = finder.lineFrom(at);
      if (found === undefined) break;
      if (!isBlank(window.bytes, at, found.end)) {
        const byteOffset = window.offset + at;
        const size = found.end - at;
        // Literals, not a spread: spread rows have no shape in common that V8 knows, and whoever reads them pays for it.
        if (size > limit) rows.push({ number: line, byteOffset, line, column: 1, bytes: NO_BYTES, oversize: size });
        else rows.push({ number: line, byteOffset, line, column: 1, bytes: window.bytes.subarray(at, found.end) });
      }
      line++;
      at = found.next;
      past = window.offset + at >= range.to;
    }
    if (rows.length > 0 || past) yield { rows, bytesDone: window.offset + at - range.from, linesDone: line - 1 };
    if (past || (window.final && at >= window.end)) return;
    // Two more bytes may be the line's end.
    if (window.end - at > limit + 2) {
      const row = await skipLongLine(window, at, line, options.signal);
      yield { rows: [row], bytesDone: row.byteOffset + (row.oversize ?? 0) - range.from, linesDone: line };
      line++;
      at = 0;
      past = window.offset >= range.to;
      continue;
    }
    await window.advance(at, options.signal);
    at = 0;
  }
}

/** Moves to the first line that begins in the range, and past the byte order mark. The window begins a byte before the range. */
async function skipToLineStart(window: Window, range: ByteRange, signal: CancelSignal | undefined): Promise<number> {
  if (range.from === 0) return bomLength(window.bytes.subarray(0, window.end));
  let at = 0;
  for (;;) {
    const found = new LineFinder(window.bytes, window.end, window.final).lineFrom(at);
    if (found !== undefined) return found.next;
    if (window.final) return window.end;
    // Only a CR at the very end may have to be seen again.
    at = Math.max(0, window.end - 1);
    await window.advance(at, signal);
    at = 0;
    if (window.offset > range.to + 1) return 0;
  }
}

/** Passes over a line that is too long to be read; the window is left at the start of the next one. */
async function skipLongLine(window: Window, from: number, line: number, signal: CancelSignal | undefined): Promise<RawRow> {
  const byteOffset = window.offset + from;
  let keep = window.end - 1;
  for (;;) {
    await window.advance(keep, signal);
    const found = new LineFinder(window.bytes, window.end, window.final).lineFrom(0);
    if (found !== undefined || window.final) {
      const end = found?.end ?? window.end;
      const oversize = window.offset + end - byteOffset;
      await window.advance(found?.next ?? window.end, signal);
      return { number: line, byteOffset, line, column: 1, bytes: NO_BYTES, oversize };
    }
    keep = window.end - 1;
  }
}

function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const byte = bytes[i];
    if (byte !== 32 && byte !== 9) return false;
  }
  return true;
}

async function* readValues(file: RandomAccess, options: ReadRowsOptions, shape: "array" | "values"): AsyncGenerator<RowBatch, void, void> {
  const window = new Window(file, 0, options.chunkBytes ?? CHUNK_BYTES);
  await window.advance(0, options.signal);
  const scanner = new ValueScanner(shape, options.maxRowBytes ?? MAX_ROW_BYTES);
  let at = bomLength(window.bytes.subarray(0, window.end));
  for (;;) {
    const rows: RawRow[] = [];
    at = scanner.scan(window.bytes, at, window.end, window.offset, window.final, (row) => rows.push(row));
    yield { rows, bytesDone: window.offset + at, linesDone: 0 };
    if (window.final) return;
    await window.advance(at, options.signal);
    at = 0;
  }
}
