import { type CancelSignal, throwIfCancelled } from "../../../base/cancellation";
import type { RowMatrix } from "../matrix";
import { layoutOf } from "./layout";
import { emptyStatistics, type RowStatistics } from "./rowStatistics";
import { type RowIds, RunReader } from "./runReader";
import { createMeter, requireReadableRows } from "./scanRows";

/** Rows with fewer bytes between them are read together: a read costs more than these. */
export const MERGED_GAP_BYTES = 64 * 1024;
/** Over a network, no more than this share of the rows' own bytes is read besides, so that fewer requests are needed. */
const SPARE_SHARE = 0.1;
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
  const runs = [...runsOf(rowIds(ids, matrix.rows), matrix)];
  const reader = new RunReader(matrix, runs, signal);
  try {
    for (const [i, run] of runs.entries()) {
      const bytes = await reader.bytesOf(i);
      const [first = 0] = run;
      for (const id of run) visit(id, bytes.subarray((id - first) * rowBytes, (id - first + 1) * rowBytes));
    }
  } finally {
    await reader.settled();
  }
}

/** Rows are measured when this many bytes of them are there: a call has a price of its own. */
const MEASURED_AT_ONCE = 256 * 1024;

/** Rows that were measured without those between them. */
export interface ChosenRows {
  /** Ascending. */
  readonly ids: RowIds;
  /** Entry `i` is of the row `ids[i]`. */
  readonly statistics: RowStatistics;
}

/** Measures the rows of some ids without reading the rest of the matrix. Errors as in {@link readChosenRows}. */
export async function measureChosenRows(matrix: RowMatrix, wanted: Iterable<number>, signal?: CancelSignal): Promise<ChosenRows> {
  requireReadableRows(matrix);
  const ids = rowIds(wanted, matrix.rows);
  const rowsAtOnce = Math.max(1, Math.min(ids.length, Math.floor(MEASURED_AT_ONCE / Math.max(matrix.rowBytes, matrix.columns * 4))));
  const meter = createMeter({ matrix, layout: layoutOf(matrix), rowsAtOnce, direction: undefined }, true);
  const statistics = emptyStatistics(0, ids.length, false);
  let [measured, waiting] = [0, 0];
  const measureWaiting = (): void => {
    meter.measure(waiting, statistics, measured);
    measured += waiting;
    waiting = 0;
  };
  const visit = (_id: number, bytes: Uint8Array): void => {
    meter.input.set(bytes, waiting * matrix.rowBytes);
    waiting++;
    if (waiting === rowsAtOnce) measureWaiting();
  };
  try {
    // All at once where they come from afar, so that near ones come together; else as many as are measured at once.
    const batch = matrix.access.gatherNow === undefined ? ids.length : rowsAtOnce;
    for (let from = 0; from < ids.length; from += batch) {
      throwIfCancelled(signal);
      const some = ids.subarray(from, from + batch);
      waiting = gathered(matrix, some, meter.input);
      if (waiting < some.length) await readChosenRows(matrix, some.subarray(waiting), visit, signal);
      if (waiting > 0) measureWaiting();
    }
  } finally {
    meter.release();
  }
  return { ids, statistics };
}

/** Reads the first rows of some ids, as many as can be read at once. */
function gathered({ access, byteOffset, rowBytes }: RowMatrix, ids: RowIds, target: Uint8Array): number {
  return access.gatherNow?.(ids.map((id) => byteOffset + id * rowBytes), rowBytes, target) ?? 0;
}

/** Those that have a row, ascending, each once. */
function rowIds(ids: Iterable<number>, rows: number): RowIds {
  const sorted = new Float64Array([...ids]).sort();
  let count = 0;
  for (const id of sorted) {
    if (Number.isInteger(id) && id >= 0 && id < rows && (count === 0 || id !== sorted[count - 1])) sorted[count++] = id;
  }
  return sorted.subarray(0, count);
}

/** Cuts ascending ids into runs that are read at once. */
function* runsOf(ids: RowIds, { rowBytes, access }: RowMatrix): Generator<RowIds> {
  const largestGap = access.remote === true ? affordableGap(ids, rowBytes) : MERGED_GAP_BYTES - 1;
  let from = 0;
  for (let i = 1; i <= ids.length; i++) {
    const [first = 0, last = 0, id = Number.POSITIVE_INFINITY] = [ids[from], ids[i - 1], ids[i]];
    if ((id - last - 1) * rowBytes <= largestGap && (id - first + 1) * rowBytes <= MAX_READ_BYTES) continue;
    yield ids.subarray(from, i);
    from = i;
  }
}

/** The largest gap such that all gaps up to it are no more bytes than may be spared. */
function affordableGap(ids: RowIds, rowBytes: number): number {
  let spare = SPARE_SHARE * ids.length * rowBytes;
  const gaps = ids.slice(1).map((id, i) => (id - (ids[i] ?? 0) - 1) * rowBytes).sort();
  let affordable = 0;
  for (const [i, gap] of gaps.entries()) {
    spare -= gap;
    if (spare < 0) break;
    // Of equal gaps all are read or none.
    if (gaps[i + 1] !== gap) affordable = gap;
  }
  return affordable;
}
