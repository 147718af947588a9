import { type CancelSignal, throwIfCancelled } from "../../../base/cancellation";
import type { RowMatrix } from "../matrix";
import { readRowsInto } from "./scanRows";

/** Ids of rows, ascending. Of a run of them, all rows from the first to the last are read at once. */
export type RowIds = Float64Array;

/** Each read takes its time however short it is, on a disk and over a network. */
const READS_AT_ONCE = 8;

/** Reads runs of rows in their order, several at once. Bytes are overwritten by the reads that follow. */
export class RunReader {
  readonly #matrix: RowMatrix;
  readonly #runs: readonly RowIds[];
  readonly #signal: CancelSignal | undefined;
  /** Reads that were begun, by run. */
  readonly #ahead = new Map<number, Promise<Uint8Array>>();
  readonly #buffers: Uint8Array[] = [];
  /** Of the longest run, in bytes. */
  readonly #bufferLength: number;
  /** The first run of which no read was begun. */
  #next = 0;

  constructor(matrix: RowMatrix, runs: readonly RowIds[], signal: CancelSignal | undefined) {
    this.#matrix = matrix;
    this.#runs = runs;
    this.#signal = signal;
    this.#bufferLength = runs.reduce((longest, run) => Math.max(longest, rowsOf(run)), 0) * matrix.rowBytes;
  }

  /** The bytes of the next run. @throws TunesmithError `weights-truncated`; CancelledError. */
  async bytesOf(run: number): Promise<Uint8Array> {
    for (; this.#next < Math.min(this.#runs.length, run + READS_AT_ONCE); this.#next++) {
      const begun = this.#read(this.#next);
      // One that fails before its turn is told of in its turn.
      begun.catch(() => undefined);
      this.#ahead.set(this.#next, begun);
    }
    const bytes = (await this.#ahead.get(run)) ?? new Uint8Array(0);
    this.#ahead.delete(run);
    return bytes;
  }

  /** When one read fails, the others come to their ends first: nothing goes on behind the caller's back. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#ahead.values());
  }

  async #read(run: number): Promise<Uint8Array> {
    throwIfCancelled(this.#signal);
    const [target, first = 0] = [this.#bufferFor(run), this.#runs[run]?.[0]];
    await readRowsInto(this.#matrix, first, target, this.#signal);
    return target;
  }

  #bufferFor(run: number): Uint8Array {
    const buffer = (this.#buffers[run % READS_AT_ONCE] ??= this.#matrix.access.allocate(this.#bufferLength));
    return buffer.subarray(0, rowsOf(this.#runs[run]) * this.#matrix.rowBytes);
  }
}

function rowsOf(run: RowIds | undefined): number {
  const [first, last] = [run?.[0], run?.at(-1)];
  return first === undefined || last === undefined ? 0 : last - first + 1;
}
