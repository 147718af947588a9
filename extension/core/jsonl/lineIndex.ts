import { type CancelSignal, throwIfCancelled } from "../../base/cancellation";
import { TunesmithError } from "../../base/errors";
import type { RandomAccess } from "../io/ports";
import { LineFinder } from "./lineFinder";
import { CHUNK_BYTES, bomLength, type ByteRange } from "./rows";

/**
 * How many line starts are kept, at most: 8 MB. When a file has more lines, every second one is dropped and a line between
 * two kept ones is found by reading forward.
 */
export const MAX_CHECKPOINTS = 1024 * 1024;

export interface LineIndexOptions {
  readonly signal?: CancelSignal;
  /** Called after every chunk, with the bytes that are indexed. */
  readonly onProgress?: (bytesDone: number) => void;
  readonly chunkBytes?: number;
  readonly maxCheckpoints?: number;
}

/**
 * Where every line of a file begins, with memory that does not grow with the file. Lines that are already indexed can be
 * asked for while the rest is still being read.
 */
export class LineIndex {
  readonly #file: RandomAccess;
  readonly #chunkBytes: number;
  #checkpoints: Float64Array;
  #kept = 0;
  /** Every `stride`-th line start is kept. */
  #stride = 1;
  #lines = 0;
  #indexedBytes = 0;
  #complete = false;

  constructor(file: RandomAccess, options: Pick<LineIndexOptions, "chunkBytes" | "maxCheckpoints"> = {}) {
    this.#file = file;
    this.#chunkBytes = options.chunkBytes ?? CHUNK_BYTES;
    this.#checkpoints = new Float64Array(options.maxCheckpoints ?? MAX_CHECKPOINTS);
  }

  /** Lines found so far, blank ones included. A final line without a terminator counts; nothing after a final terminator does not. */
  get lineCount(): number {
    return this.#lines;
  }

  get indexedBytes(): number {
    return this.#indexedBytes;
  }

  get complete(): boolean {
    return this.#complete;
  }

  /** Reads the whole file once. @throws CancelledError when the signal is aborted; what was indexed stays usable. */
  async build(options: Pick<LineIndexOptions, "signal" | "onProgress"> = {}): Promise<void> {
    const head = new Uint8Array(3);
    const from = bomLength(head.subarray(0, await this.#file.read(0, head, options.signal)));
    const visit = (start: number): boolean => {
      this.#add(start);
      return true;
    };
    await this.#scan(from, visit, options.signal, (done) => {
      this.#indexedBytes = done;
      options.onProgress?.(done);
    });
    this.#complete = true;
  }

  /**
   * The bytes of a line, without its terminator.
   * @param line 1-based.
   * @throws TunesmithError `no-such-line` when it is not indexed, `file-changed` when the file is shorter than it was.
   */
  async rangeOf(line: number, signal?: CancelSignal): Promise<ByteRange> {
    if (!Number.isInteger(line) || line < 1 || line > this.#lines) {
      throw new TunesmithError("no-such-line", `There is no line ${line}; ${this.#lines} lines are indexed.`);
    }
    const checkpoint = Math.floor((line - 1) / this.#stride);
    let skip = line - 1 - checkpoint * this.#stride;
    let range: ByteRange | undefined;
    const visit = (start: number, end: number): boolean => {
      if (skip-- === 0) range = { from: start, to: end };
      return range === undefined;
    };
    await this.#scan(this.#checkpoints[checkpoint] ?? 0, visit, signal);
    if (range !== undefined) return range;
    throw new TunesmithError("file-changed", `Line ${line} is no longer where it was: the file has changed. Read it again.`);
  }

  /** Visits the lines from a line start on, until `visit` says false. A line longer than the buffer is passed over without being kept. */
  async #scan(
    offset: number,
    visit: (from: number, to: number) => boolean,
    signal: CancelSignal | undefined,
    onChunk?: (bytesDone: number) => void,
  ): Promise<void> {
    const bytes = this.#file.allocate(this.#chunkBytes);
    let from = offset;
    for (;;) {
      throwIfCancelled(signal);
      const end = await this.#file.read(offset, bytes, signal);
      const final = end < bytes.length;
      const finder = new LineFinder(bytes, end, final);
      let at = 0;
      for (let found = finder.lineFrom(at); found !== undefined; found = finder.lineFrom(at)) {
        if (!visit(from, offset + found.end)) return;
        at = found.next;
        from = offset + at;
      }
      onChunk?.(final ? offset + end : from);
      if (final) return;
      // The last byte is seen again: a CR there may be half of a CRLF.
      offset += Math.max(at, end - 1);
    }
  }

  #add(offset: number): void {
    if (this.#lines % this.#stride === 0) {
      if (this.#kept === this.#checkpoints.length) this.#halve();
      // After halving, this line may no longer be one that is kept.
      if (this.#lines % this.#stride === 0) this.#checkpoints[this.#kept++] = offset;
    }
    this.#lines++;
  }

  #halve(): void {
    this.#kept = Math.ceil(this.#kept / 2);
    for (let i = 0; i < this.#kept; i++) this.#checkpoints[i] = this.#checkpoints[i * 2] ?? 0;
    this.#stride *= 2;
  }
}
