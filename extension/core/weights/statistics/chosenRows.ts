import { type CancelSignal, throwIfCancelled } from "../../../base/cancellation";
import type { RowMatrix } from "../matrix";
import { layoutOf } from "./layout";
import { emptyStatistics, measureOf, type RowMeasure } from "./rowStatistics";
import { createMeter, readRowsInto, requireReadableRows } from "./scanRows";

/** Rows with fewer bytes between them are read together: over a network, and on most disks, a read costs more than these. */
export const MERGED_GAP_BYTES = 256 * 1024;
/** The most that is read at once. */
const MAX_READ_BYTES = 4 * 1024 * 1024;

/**
 * Reads the rows of some ids, in ascending order of the ids, each once; ids that have no row are left out.
 * @param visit takes a row's bytes, which are overwritten after it returns.
 * @throws TunesmithError `weights-truncated`, `row-too-long`; CancelledError.
 */
export async function readChosenRows(matrix: RowMatrix, ids: Iterable<number>, visit: (id: number, bytes: Uint8Array) => void, signal?: CancelSignal): Promise<void> {
  requireReadableRows(matrix);
  const { rowBytes } = matrix;
  let buffer: Uint8Array | undefined;
  for (const run of runsOf(rowIds(ids, matrix.rows), rowBytes)) {
    throwIfCancelled(signal);
    const first = run[0] ?? 0;
    const length = ((run.at(-1) ?? first) - first + 1) * rowBytes;
    if (buffer === undefined || buffer.length < length) buffer = matrix.access.allocate(length);
    await readRowsInto(matrix, first, buffer.subarray(0, length), signal);
    for (const id of run) visit(id, buffer.subarray((id - first) * rowBytes, (id - first + 1) * rowBytes));
  }
}

/** Measures the rows of some ids without reading the rest of the matrix. Errors as in {@link readChosenRows}. */
export async function measureChosenRows(matrix: RowMatrix, ids: Iterable<number>, signal?: CancelSignal): Promise<Map<number, RowMeasure>> {
  const meter = createMeter({ matrix, layout: layoutOf(matrix), rowsAtOnce: 1, direction: undefined }, true);
  const measures = new Map<number, RowMeasure>();
  await readChosenRows(
    matrix,
    ids,
    (id, bytes) => {
      const statistics = emptyStatistics(id, 1, false);
      meter.input.set(bytes);
      meter.measure(1, statistics, 0);
      measures.set(id, measureOf(statistics, id));
    },
    signal,
  );
  return measures;
}

function rowIds(ids: Iterable<number>, rows: number): number[] {
  return [...new Set(ids)].filter((id) => Number.isInteger(id) && id >= 0 && id < rows).sort((a, b) => a - b);
}

/** Cuts ascending ids into runs that are read at once. */
function* runsOf(ids: readonly number[], rowBytes: number): Generator<readonly number[]> {
  let run: number[] = [];
  for (const id of ids) {
    const [first] = run;
    const last = run.at(-1);
    if (first !== undefined && last !== undefined) {
      const near = (id - last - 1) * rowBytes < MERGED_GAP_BYTES;
      if (!near || (id - first + 1) * rowBytes > MAX_READ_BYTES) {
        yield run;
        run = [];
      }
    }
    run.push(id);
  }
  if (run.length > 0) yield run;
}
