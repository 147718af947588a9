import type { CancelSignal } from "../../../base/cancellation";
import type { EmbeddingMatrices, RowMatrix } from "../matrix";
import { measureChosenRows } from "./chosenRows";
import type { EmbeddingStatistics } from "./embeddingStatistics";
import { repeatedRows } from "./repeatedRows";
import { emptyStatistics, type RowStatistics } from "./rowStatistics";

/**
 * Measures the rows of some ids in both matrices, and reads no others. Entries of rows that were not measured are NaN and 0,
 * and `measured` of the result says which those are. Whether an output row is the same as another is only looked up among the
 * ids. Errors as in `measureChosenRows`.
 */
export async function measureChosenEmbeddings(matrices: EmbeddingMatrices, ids: Iterable<number>, signal?: CancelSignal): Promise<EmbeddingStatistics> {
  const { input, output, tied } = matrices;
  const measured = new Set([...ids].filter((id) => Number.isInteger(id) && id >= 0 && id < Math.max(input.rows, output.rows)));
  const [inputRows, outputRows] = await Promise.all([chosenRows(input, measured, signal), tied ? undefined : chosenRows(output, measured, signal)]);
  const flagged = [...measured].filter((id) => inputRows.atMostEps[id] === 1).sort((a, b) => a - b);
  return {
    columns: input.columns,
    tied,
    input: inputRows,
    output: outputRows ?? inputRows,
    repeatedOutput: tied ? [] : await repeatedRows(output, flagged, signal),
    referenceNorm: undefined,
    measured,
  };
}

/** The statistics of a whole matrix of which only some rows were measured. */
async function chosenRows(matrix: RowMatrix, wanted: ReadonlySet<number>, signal: CancelSignal | undefined): Promise<RowStatistics> {
  const { ids, statistics } = await measureChosenRows(matrix, wanted, signal);
  const all = emptyStatistics(0, matrix.rows, false);
  for (const values of [all.max, all.maxAbs, all.l2]) values.fill(Number.NaN);
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] ?? 0;
    all.max[id] = statistics.max[i] ?? 0;
    all.maxAbs[id] = statistics.maxAbs[i] ?? 0;
    all.l2[id] = statistics.l2[i] ?? 0;
    all.nonFinite[id] = statistics.nonFinite[i] ?? 0;
    all.atMostEps[id] = statistics.atMostEps[i] ?? 0;
  }
  return all;
}
