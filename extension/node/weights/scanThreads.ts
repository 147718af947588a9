import type { CancelSignal } from "../../base/cancellation";
import { TunesmithError } from "../../base/errors";
import type { RowMatrix } from "../../core/weights/matrix";
import type { ScanPiece } from "../../core/weights/statistics/scanPieces";
import type { MatrixPlace } from "../../core/weights/workerMethods";
import { startWeightsThread, type WeightsThread } from "./weightsThread";

/** Pieces that a thread holds: it begins the next one while the host, which measures rows itself, has not yet looked at the last. */
const PIECES_AT_ONCE = 2;

/** Threads that measure rows of files on disk, started when they are first needed. */
export class ScanThreads {
  readonly #workerPath: string;
  readonly #count: number;
  #threads: readonly WeightsThread[] = [];

  /** @param workerPath the bundle of any of the threads. */
  constructor(workerPath: string, count: number) {
    this.#workerPath = workerPath;
    this.#count = count;
  }

  /** Starts the threads: they need a moment that can be used for something else. */
  start(): void {
    if (this.#threads.length === 0) this.#threads = Array.from({ length: this.#count }, () => startWeightsThread(this.#workerPath, "tunesmith rows"));
  }

  /** Scanners that keep all threads busy. @throws TunesmithError for a matrix of a file that is not on disk. */
  scannersOf(matrix: RowMatrix, direction: Float32Array | undefined, signal: CancelSignal | undefined): readonly ScanPiece[] {
    const place = placeOf(matrix);
    this.start();
    return this.#threads.flatMap(({ channel }) => {
      const scan: ScanPiece = (from, to, onProgress) => channel.request("scanRows", { matrix: place, from, to, direction }, { onProgress, ...(signal === undefined ? {} : { signal }) });
      return Array.from({ length: PIECES_AT_ONCE }, () => scan);
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }
}

function placeOf({ access, file, tensor, dtype, rows, columns, byteOffset, bigEndian }: RowMatrix): MatrixPlace {
  if (access.path === undefined) throw new TunesmithError("cannot-read", `${file} is not on disk.`);
  return { path: access.path, file, tensor, dtype, rows, columns, byteOffset, bigEndian: bigEndian ?? false };
}
