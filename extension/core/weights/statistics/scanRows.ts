import { type CancelSignal, throwIfCancelled } from "../../../base/cancellation";
import { TunesmithError } from "../../../base/errors";
import type { RowMatrix } from "../matrix";
import { createVectorMeter } from "./kernel/vectorMeter";
import { layoutOf } from "./layout";
import type { MeterOptions, RowMeter } from "./meter";
import { emptyStatistics, type RowStatistics } from "./rowStatistics";
import { ScalarMeter } from "./scalarMeter";

/** Bytes read at once: enough for a system call not to count, little enough to be still in a core's cache when measured. */
const CHUNK_BYTES = 512 * 1024;
/** Over a network, where each read is a request. */
const REMOTE_CHUNK_BYTES = 1024 * 1024;
/** Bytes between two tellings of how far it is; whoever is told is in another thread, and looking costs it something. */
const PROGRESS_BYTES = 8 * 1024 * 1024;
/** The longest row that is measured, in bytes as a file has it or as 32-bit floats. Real rows have up to 64 KB. */
export const MAX_ROW_BYTES = 16 * 1024 * 1024;

export interface ScanOptions {
  /** The first row; 0 when left out. */
  readonly from?: number;
  /** The row after the last one; all when left out. */
  readonly to?: number;
  /** A vector of unit length to multiply every row by, for {@link RowStatistics.dot}. */
  readonly direction?: Float32Array | undefined;
  readonly signal?: CancelSignal | undefined;
  /** Told the rows done so far: after every read over a network, else after every {@link PROGRESS_BYTES} or so, and at the end. */
  readonly onProgress?: (rows: number) => void;
  /** Whether vector instructions may be used; true when left out. */
  readonly vectors?: boolean;
}

/**
 * Measures the rows `[from, to)` of a matrix in one pass over its bytes. Memory: about 1 MB, or twice a row, and 25 bytes a row
 * for the result.
 * @throws TunesmithError `weights-truncated` when the file ends before the rows do, `row-too-long` over {@link MAX_ROW_BYTES};
 * CancelledError.
 */
export async function scanRows(matrix: RowMatrix, options: ScanOptions = {}): Promise<RowStatistics> {
  const { from = 0, to = matrix.rows, direction, signal, onProgress, vectors = true } = options;
  const statistics = emptyStatistics(from, to - from, direction !== undefined);
  requireReadableRows(matrix);
  const layout = layoutOf(matrix);
  const remote = matrix.access.remote === true;
  const rowsAtOnce = Math.max(1, Math.min(to - from, Math.floor((remote ? REMOTE_CHUNK_BYTES : CHUNK_BYTES) / (layout === "other" ? matrix.columns * 4 : matrix.rowBytes))));
  const meter = createMeter({ matrix, layout, rowsAtOnce, direction }, vectors);
  const toldAfter = rowsAtOnce * (remote ? 1 : Math.max(1, Math.floor(PROGRESS_BYTES / (rowsAtOnce * matrix.rowBytes))));
  try {
    for (let row = from; row < to; row += rowsAtOnce) {
      throwIfCancelled(signal);
      const count = Math.min(rowsAtOnce, to - row);
      await readRowsInto(matrix, row, meter.input.subarray(0, count * matrix.rowBytes), signal);
      meter.measure(count, statistics, row - from);
      const done = row + count - from;
      if (done % toldAfter === 0 || row + count === to) onProgress?.(done);
    }
  } finally {
    meter.release();
  }
  return statistics;
}

/** A meter for a matrix: the faster one where there is a choice. */
export function createMeter(options: MeterOptions, vectors: boolean): RowMeter {
  return (vectors ? createVectorMeter(options) : undefined) ?? new ScalarMeter(options);
}

/** @throws TunesmithError `row-too-long` when a row, read or decoded, has more than {@link MAX_ROW_BYTES}. */
export function requireReadableRows({ rowBytes, columns, file, tensor }: RowMatrix): void {
  if (Math.max(rowBytes, columns * 4) <= MAX_ROW_BYTES) return;
  throw new TunesmithError("row-too-long", `A row of ${tensor} in ${file} has ${columns} values; at most ${MAX_ROW_BYTES / 4} are read. This is no embedding matrix.`);
}

/** Fills `target` with the matrix's bytes from the row `row` on. @throws TunesmithError `weights-truncated`. */
export async function readRowsInto(matrix: RowMatrix, row: number, target: Uint8Array, signal: CancelSignal | undefined): Promise<void> {
  const { access, byteOffset, rowBytes, file, tensor } = matrix;
  const read = await access.read(byteOffset + row * rowBytes, target, signal);
  if (read === target.length) return;
  const at = row + Math.floor(read / rowBytes);
  throw new TunesmithError("weights-truncated", `${file} ends within ${tensor}, at row ${at} of ${matrix.rows}. Its download is not complete: download it again.`);
}
