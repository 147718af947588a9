import type { CancelSignal } from "../../../base/cancellation";
import type { RowMatrix } from "../matrix";
import { readChosenRows } from "./chosenRows";

/** The mean of some rows, as a direction and a length. */
export interface MeanRow {
  /** Unit length. */
  readonly direction: Float32Array;
  readonly norm: number;
}

/**
 * The mean of the rows of `ids`; rows with values that are not finite are left out. Undefined when no row is left or the mean
 * is zero. Errors as in `readChosenRows`.
 */
export async function meanRow(matrix: RowMatrix, ids: Iterable<number>, signal?: CancelSignal): Promise<MeanRow | undefined> {
  const sum = new Float64Array(matrix.columns);
  const row = new Float32Array(matrix.columns);
  let count = 0;
  await readChosenRows(
    matrix,
    ids,
    (_id, bytes) => {
      matrix.decode(bytes, 1, row);
      if (!row.every(Number.isFinite)) return;
      for (const [i, value] of row.entries()) sum[i] = (sum[i] ?? 0) + value;
      count++;
    },
    signal,
  );
  // The largest is divided out first: squares of 1e-170 would be zero.
  const largest = sum.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0) return undefined;
  const length = Math.sqrt(sum.reduce((total, value) => total + (value / largest) ** 2, 0));
  return { direction: Float32Array.from(sum, (value) => value / largest / length), norm: (largest * length) / count };
}

/**
 * The cosine distance of a row to a mean row, as Magikarp defines it: 1 - m·v / max(‖m‖ ‖v‖, 1e-6). Zero rows have 1.
 * @param dot the row's product with the mean's direction. @param l2 the row's norm.
 */
export function cosineDistance(dot: number, l2: number, meanNorm: number): number {
  return 1 - (meanNorm * dot) / Math.max(meanNorm * l2, 1e-6);
}
