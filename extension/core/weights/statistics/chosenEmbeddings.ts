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

async function chosenRows(matrix: RowMatrix, ids: ReadonlySet<number>, signal: CancelSignal | undefined): Promise<RowStatistics> {
  const statistics = emptyStatistics(0, matrix.rows, false);
  for (const values of [statistics.max, statistics.maxAbs, statistics.l2]) values.fill(Number.NaN);
  for (const [id, { max, maxAbs, l2, nonFinite, atMostEps }] of await measureChosenRows(matrix, ids, signal)) {
    statistics.max[id] = max;
    statistics.maxAbs[id] = maxAbs;
    statistics.l2[id] = l2;
    statistics.nonFinite[id] = nonFinite;
    statistics.atMostEps[id] = atMostEps ? 1 : 0;
  }
  return statistics;
}
