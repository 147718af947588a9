import type { CancelSignal } from "../../../base/cancellation";
import type { EmbeddingMatrices, RowMatrix } from "../matrix";
import { meanRow } from "./meanRow";
import { repeatedRows } from "./repeatedRows";
import { type RowStatistics, rowBuffers } from "./rowStatistics";
import { scanRows } from "./scanRows";

/** What was measured of a model's two matrices. */
export interface EmbeddingStatistics {
  readonly columns: number;
  readonly tied: boolean;
  readonly input: RowStatistics;
  /** The very {@link input} where the two are tied. Its `dot` is the product with the mean reference row, if any. */
  readonly output: RowStatistics;
  /** Of the rows whose input row is at most epsilon: groups whose output rows are the same, rounded. Empty where tied. */
  readonly repeatedOutput: readonly (readonly number[])[];
  /** The length of the mean of the reference rows; undefined where there were none, or they are all zero. */
  readonly referenceNorm: number | undefined;
  /** The ids whose rows were measured; left out where all were. */
  readonly measured?: ReadonlySet<number>;
}

/** What the numbers of statistics lie in, so that another thread can take them over. */
export function buffersOf({ input, output }: EmbeddingStatistics): ReadonlySet<ArrayBuffer> {
  return new Set([...rowBuffers(input), ...rowBuffers(output)]);
}

export interface MeasureOptions {
  /** Ids of rows that nothing was ever trained on, for the cosine distance; undefined where it is not wanted. */
  readonly referenceIds?: Iterable<number> | undefined;
  readonly signal?: CancelSignal | undefined;
  /** Told the bytes done of all that are to be read. */
  readonly onProgress?: (bytes: number, total: number) => void;
  /** Measures all rows of a matrix; in this thread when left out. */
  readonly scan?: (matrix: RowMatrix, options: ScanAllOptions) => Promise<RowStatistics>;
}

/** How all rows of a matrix are measured; see `ScanOptions`. */
export interface ScanAllOptions {
  readonly direction: Float32Array | undefined;
  readonly signal: CancelSignal | undefined;
  readonly onProgress: (rows: number) => void;
}

/**
 * Measures every row of both matrices: one pass over their bytes, and some rows twice.
 * @throws TunesmithError as `scanRows` and `readChosenRows` do; CancelledError.
 */
export async function measureEmbeddings(matrices: EmbeddingMatrices, options: MeasureOptions = {}): Promise<EmbeddingStatistics> {
  const { input, output, tied } = matrices;
  const { referenceIds, signal, onProgress, scan = scanRows } = options;
  const total = input.rows * input.rowBytes + (tied ? 0 : output.rows * output.rowBytes);
  const scanAll = (matrix: RowMatrix, direction: Float32Array | undefined, before: number): Promise<RowStatistics> => {
    const told = (rows: number): void => onProgress?.(before + rows * matrix.rowBytes, total);
    return scan(matrix, { direction, signal, onProgress: told });
  };
  const mean = referenceIds === undefined ? undefined : await meanRow(output, referenceIds, signal);
  const inputRows = await scanAll(input, tied ? mean?.direction : undefined, 0);
  const outputRows = tied ? inputRows : await scanAll(output, mean?.direction, input.rows * input.rowBytes);
  return {
    columns: input.columns,
    tied,
    input: inputRows,
    output: outputRows,
    repeatedOutput: tied ? [] : await repeatedRows(output, flaggedRows(inputRows), signal),
    referenceNorm: mean?.norm,
  };
}

/** The ids of the rows whose largest value is at most epsilon, ascending. */
export function flaggedRows(rows: RowStatistics): number[] {
  const ids: number[] = [];
  for (let at = rows.atMostEps.indexOf(1); at !== -1; at = rows.atMostEps.indexOf(1, at + 1)) ids.push(rows.first + at);
  return ids;
}
