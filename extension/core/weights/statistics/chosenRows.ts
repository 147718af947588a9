import { type CancelSignal, throwIfCancelled } from "../../../base/cancellation";
import type { RowMatrix } from "../matrix";
import { layoutOf } from "./layout";
import { emptyStatistics, measureOf, type RowMeasure } from "./rowStatistics";
import { createMeter, readRowsInto, requireReadableRows } from "./scanRows";

/** Rows with fewer bytes between them are read together: a read costs more than these. */
export const MERGED_GAP_BYTES = 64 * 1024;
/** Over a network, no more than this share of the rows' own bytes is read besides, so that fewer requests are needed. */
const SPARE_SHARE = 0.1;
/** The most that is read at once. */
const MAX_READ_BYTES = 4 * 1024 * 1024;
/** Each read takes its time however short it is, on a disk and over a network. */
const READS_AT_ONCE = 8;

/**
 * Reads the rows of some ids, in ascending order of the ids, each once; ids that have no row are left out.
 * @param visit takes a row's bytes, which are overwritten after it returns.
 * @throws TunesmithError `weights-truncated`, `row-too-long`; CancelledError.
 */
export async function readChosenRows(matrix: RowMatrix, ids: Iterable<number>, visit: (id: number, bytes: Uint8Array) => void, signal?: CancelSignal): Promise<void> {
  requireReadableRows(matrix);
  const { rowBytes, byteOffset, access } = matrix;
  const runs = [...runsOf(rowIds(ids, matrix.rows), matrix)];
  const buffers = new Map<number, Uint8Array>();
  const bufferFor = (run: readonly number[], slot: number): Uint8Array => {
    const length = ((run.at(-1) ?? 0) - (run[0] ?? 0) + 1) * rowBytes;
    const held = buffers.get(slot);
    const buffer = held !== undefined && held.length >= length ? held : access.allocate(length);
    buffers.set(slot, buffer);
    return buffer.subarray(0, length);
  };
  const read = async (row: number, target: Uint8Array): Promise<Uint8Array> => {
    throwIfCancelled(signal);
    await readRowsInto(matrix, row, target, signal);
    return target;
  };
  const ahead = new Map<number, Uint8Array | Promise<Uint8Array>>();
  let next = 0;
  try {
    for (const [i, run] of runs.entries()) {
      for (; next < Math.min(runs.length, i + READS_AT_ONCE); next++) {
        const [row = 0] = runs[next] ?? [];
        const target = bufferFor(runs[next] ?? [], next % READS_AT_ONCE);
        // What is not there in full is told of by the other way.
        const started = access.readNow?.(byteOffset + row * rowBytes, target) === target.length ? target : read(row, target);
        // One that fails before its turn is told of in its turn.
        if (started instanceof Promise) started.catch(() => undefined);
        ahead.set(next, started);
      }
      const started = ahead.get(i) ?? new Uint8Array(0);
      const bytes = started instanceof Promise ? await started : started;
      ahead.delete(i);
      const [first = 0] = run;
      for (const id of run) visit(id, bytes.subarray((id - first) * rowBytes, (id - first + 1) * rowBytes));
    }
  } finally {
    // When one fails, the others come to their ends first: nothing goes on behind the caller's back.
    await Promise.allSettled([...ahead.values()].filter((started) => started instanceof Promise));
  }
}

/** Rows are measured when this many bytes of them are there: a call has a price of its own. */
const MEASURED_AT_ONCE = 256 * 1024;

/** Measures the rows of some ids without reading the rest of the matrix. Errors as in {@link readChosenRows}. */
export async function measureChosenRows(matrix: RowMatrix, ids: Iterable<number>, signal?: CancelSignal): Promise<Map<number, RowMeasure>> {
  const wanted = rowIds(ids, matrix.rows);
  const rowsAtOnce = Math.max(1, Math.min(wanted.length, Math.floor(MEASURED_AT_ONCE / Math.max(matrix.rowBytes, matrix.columns * 4))));
  const meter = createMeter({ matrix, layout: layoutOf(matrix), rowsAtOnce, direction: undefined }, true);
  const statistics = emptyStatistics(0, wanted.length, false);
  let measured = 0;
  let waiting = 0;
  const visit = (_id: number, bytes: Uint8Array): void => {
    meter.input.set(bytes, waiting * matrix.rowBytes);
    waiting++;
    if (waiting < rowsAtOnce && measured + waiting < wanted.length) return;
    meter.measure(waiting, statistics, measured);
    measured += waiting;
    waiting = 0;
  };
  try {
    await readChosenRows(matrix, wanted, visit, signal);
  } finally {
    meter.release();
  }
  return new Map(wanted.map((id, at) => [id, measureOf(statistics, at)]));
}

function rowIds(ids: Iterable<number>, rows: number): number[] {
  return [...new Set(ids)].filter((id) => Number.isInteger(id) && id >= 0 && id < rows).sort((a, b) => a - b);
}

/** Cuts ascending ids into runs that are read at once. */
function* runsOf(ids: readonly number[], { rowBytes, access }: RowMatrix): Generator<readonly number[]> {
  const largestGap = access.remote === true ? affordableGap(ids, rowBytes) : MERGED_GAP_BYTES - 1;
  let run: number[] = [];
  for (const id of ids) {
    const [first] = run;
    const last = run.at(-1);
    if (first !== undefined && last !== undefined) {
      const near = (id - last - 1) * rowBytes <= largestGap;
      if (!near || (id - first + 1) * rowBytes > MAX_READ_BYTES) {
        yield run;
        run = [];
      }
    }
    run.push(id);
  }
  if (run.length > 0) yield run;
}

/** The largest gap such that all gaps up to it are no more bytes than may be spared. */
function affordableGap(ids: readonly number[], rowBytes: number): number {
  let spare = SPARE_SHARE * ids.length * rowBytes;
  const gaps = ids.slice(1).map((id, i) => (id - (ids[i] ?? 0) - 1) * rowBytes).sort((a, b) => a - b);
  let affordable = 0;
  for (const [i, gap] of gaps.entries()) {
    spare -= gap;
    if (spare < 0) break;
    // Of equal gaps all are read or none.
    if (gaps[i + 1] !== gap) affordable = gap;
  }
  return affordable;
}
