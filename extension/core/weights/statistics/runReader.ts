import { type CancelSignal, throwIfCancelled } from "../../../base/cancellation";
import type { RowMatrix } from "../matrix";
import { readRowsInto } from "./scanRows";

/** Ids of rows that are read at once, ascending: all rows from the first to the last are. */
export type RowRun = Float64Array;

/** Each read takes its time however short it is, on a disk and over a network. */
const READS_AT_ONCE = 8;

/**
 * Reads runs of rows in their order. What the system has in memory is read when its turn comes; while one has to be waited
 * for, those after it are read too. Bytes are overwritten by the reads that follow.
 */
export class RunReader {
  readonly #matrix: RowMatrix;
  readonly #runs: readonly RowRun[];
  readonly #signal: CancelSignal | undefined;
  /** Reads that were begun, by run; bytes where they have ended. */
  readonly #ahead = new Map<number, Uint8Array | Promise<Uint8Array>>();
  readonly #buffers: Uint8Array[] = [];
  /** Of the longest run, in bytes. */
  readonly #bufferLength: number;
  /** The first run of which no read was begun. */
  #next = 0;

  constructor(matrix: RowMatrix, runs: readonly RowRun[], signal: CancelSignal | undefined) {
    this.#matrix = matrix;
    this.#runs = runs;
    this.#signal = signal;
    this.#bufferLength = runs.reduce((longest, run) => Math.max(longest, rowsOf(run)), 0) * matrix.rowBytes;
  }

  /** The bytes of the next run where they can be had at once; otherwise they come {@link later}. @throws CancelledError. */
  now(run: number): Uint8Array | undefined {
    throwIfCancelled(this.#signal);
    if (this.#ahead.size > 0) return undefined;
    // Nothing is ahead, so that every buffer is free: the same one stays in the processor's cache.
    const bytes = this.#readNow(run, this.#bufferFor(run, 0));
    if (bytes !== undefined) this.#next = run + 1;
    return bytes;
  }

  /** The bytes of the next run. @throws TunesmithError `weights-truncated`; CancelledError. */
  async later(run: number): Promise<Uint8Array> {
    if (this.#next === run) this.#begin();
    const begun = this.#ahead.get(run) ?? new Uint8Array(0);
    if (begun instanceof Promise) while (this.#next < Math.min(this.#runs.length, run + READS_AT_ONCE)) this.#begin();
    const bytes = await begun;
    this.#ahead.delete(run);
    return bytes;
  }

  /** When one read fails, the others come to their ends first: nothing goes on behind the caller's back. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#ahead.values()].filter((begun) => begun instanceof Promise));
  }

  #begin(): void {
    const run = this.#next++;
    const target = this.#bufferFor(run, run % READS_AT_ONCE);
    const begun = this.#readNow(run, target) ?? this.#read(run, target);
    // One that fails before its turn is told of in its turn.
    if (begun instanceof Promise) begun.catch(() => undefined);
    this.#ahead.set(run, begun);
  }

  /** Undefined also where there is less than that: what is missing is told of by the other way. */
  #readNow(run: number, target: Uint8Array): Uint8Array | undefined {
    const { access, byteOffset, rowBytes } = this.#matrix;
    return access.readNow?.(byteOffset + this.#firstOf(run) * rowBytes, target) === target.length ? target : undefined;
  }

  async #read(run: number, target: Uint8Array): Promise<Uint8Array> {
    throwIfCancelled(this.#signal);
    await readRowsInto(this.#matrix, this.#firstOf(run), target, this.#signal);
    return target;
  }

  #firstOf(run: number): number {
    return this.#runs[run]?.[0] ?? 0;
  }

  #bufferFor(run: number, slot: number): Uint8Array {
    const buffer = (this.#buffers[slot] ??= this.#matrix.access.allocate(this.#bufferLength));
    return buffer.subarray(0, rowsOf(this.#runs[run]) * this.#matrix.rowBytes);
  }
}

function rowsOf(run: RowRun | undefined): number {
  const [first, last] = [run?.[0], run?.at(-1)];
  return first === undefined || last === undefined ? 0 : last - first + 1;
}
