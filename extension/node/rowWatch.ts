/** Offsets in the shared memory: an Int32 that is odd while a row is checked, then two Float64. */
const ROW_BYTE_OFFSET = 1;
const ROW_BYTE_LENGTH = 2;
const SHARED_BYTES = 24;

/** The row that a worker thread is in, in memory that its host reads while the thread is too busy to answer. */
export class RowPosition {
  readonly buffer: SharedArrayBuffer;
  readonly #sequence: Int32Array;
  readonly #row: Float64Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(SHARED_BYTES)) {
    this.buffer = buffer;
    this.#sequence = new Int32Array(buffer, 0, 1);
    this.#row = new Float64Array(buffer);
  }

  enter(byteOffset: number, byteLength: number): void {
    this.#row[ROW_BYTE_OFFSET] = byteOffset;
    this.#row[ROW_BYTE_LENGTH] = byteLength;
    Atomics.add(this.#sequence, 0, 1);
  }

  leave(): void {
    Atomics.add(this.#sequence, 0, 1);
  }

  /** The row that is being checked, or undefined between rows. `turn` differs from row to row. */
  current(): { readonly turn: number; readonly byteOffset: number; readonly byteLength: number } | undefined {
    const turn = Atomics.load(this.#sequence, 0);
    if ((turn & 1) === 0) return undefined;
    return { turn, byteOffset: this.#row[ROW_BYTE_OFFSET] ?? 0, byteLength: this.#row[ROW_BYTE_LENGTH] ?? 0 };
  }
}

/** How long a row may take: {@link RowLimit.base} for any, and more for long ones. */
export interface RowLimit {
  readonly baseMs: number;
  readonly perMegabyteMs: number;
}

/** A hundred times what the slowest row of its length takes: only a row that would hardly end is given up. */
export const ROW_LIMIT: RowLimit = { baseMs: 30_000, perMegabyteMs: 5_000 };

const MEGABYTE = 1024 * 1024;
/** How often the position is looked at. */
const LOOKS_PER_LIMIT = 10;

/** Calls `onStuck` once when a row takes longer than `limit`. Returns what ends the watch. */
export function watchRows(position: RowPosition, limit: RowLimit, onStuck: () => void): () => void {
  let turn: number | undefined;
  let since = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const row = position.current();
    if (row?.turn !== turn) {
      turn = row?.turn;
      since = now;
    }
    if (row === undefined || now - since < limit.baseMs + (row.byteLength / MEGABYTE) * limit.perMegabyteMs) return;
    clearInterval(timer);
    onStuck();
  }, Math.max(1, limit.baseMs / LOOKS_PER_LIMIT));
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
