import { type CancelSignal, throwIfCancelled } from "../../../base/cancellation";
import type { RowMatrix } from "../matrix";
import { emptyStatistics, putStatistics, type RowStatistics } from "./rowStatistics";

/** Measures the rows `[from, to)` of a matrix; `onProgress` is told how many of them are done. */
export type ScanPiece = (from: number, to: number, onProgress: (rows: number) => void) => Promise<RowStatistics>;

/** Bytes of rows that one scanner takes at a time: little enough that all of them end at about the same time. */
const PIECE_BYTES = 16 * 1024 * 1024;
/** Over a network: pieces that are not done when the connection breaks are measured again. */
const REMOTE_PIECE_BYTES = 4 * 1024 * 1024;

export interface PiecesOptions {
  /** Where a unit vector is given to the scanners, whether the result has their products with it. */
  readonly withDot: boolean;
  readonly signal: CancelSignal | undefined;
  /** Told the rows done of all. */
  readonly onProgress: (rows: number) => void;
  /** Statistics of the first rows, from an earlier run that was interrupted. */
  readonly earlier?: RowStatistics | undefined;
}

/** Thrown when the rows could not all be measured; it holds what was. */
export class InterruptedScan extends Error {
  /** Of the rows from 0 on without gap; undefined where there are none. */
  readonly done: RowStatistics | undefined;

  constructor(cause: unknown, done: RowStatistics | undefined) {
    super("Not all rows were measured.", { cause });
    this.done = done;
  }
}

/**
 * Measures all rows of a matrix with several scanners at once, each of which takes the next piece whenever it is done with one.
 * When one fails, the others end their pieces, and nothing goes on behind the caller's back.
 * @throws InterruptedScan whose cause is what a scanner threw, or CancelledError.
 */
export async function scanPieces(matrix: RowMatrix, scanners: readonly ScanPiece[], options: PiecesOptions): Promise<RowStatistics> {
  const { withDot, signal, onProgress, earlier } = options;
  const whole = emptyStatistics(0, matrix.rows, withDot);
  const step = Math.max(1, Math.floor((matrix.access.remote === true ? REMOTE_PIECE_BYTES : PIECE_BYTES) / matrix.rowBytes));
  const finished = new Set<number>();
  let next = 0;
  if (earlier !== undefined) {
    putStatistics(earlier, whole);
    next = earlier.max.length;
  }
  const resumedAt = next;
  let failed = false;
  let done = next;
  const work = async (scan: ScanPiece): Promise<void> => {
    while (next < matrix.rows && !failed) {
      const from = next;
      const to = Math.min(matrix.rows, from + step);
      next = to;
      let told = 0;
      try {
        throwIfCancelled(signal);
        const part = await scan(from, to, (rows) => {
          done += rows - told;
          told = rows;
          onProgress(done);
        });
        putStatistics(part, whole);
        finished.add(from);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(scanners.map(work));
  const failure = results.find((result) => result.status === "rejected");
  if (failure === undefined) return whole;
  let end = resumedAt;
  while (finished.has(end)) end = Math.min(matrix.rows, end + step);
  throw new InterruptedScan(failure.reason, end === 0 ? undefined : firstRows(whole, end));
}

function firstRows({ first, max, maxAbs, l2, nonFinite, atMostEps, dot }: RowStatistics, count: number): RowStatistics {
  return {
    first,
    max: max.slice(0, count),
    maxAbs: maxAbs.slice(0, count),
    l2: l2.slice(0, count),
    nonFinite: nonFinite.slice(0, count),
    atMostEps: atMostEps.slice(0, count),
    dot: dot.slice(0, count),
  };
}
