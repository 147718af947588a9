import { Worker } from "node:worker_threads";
import type { CancelSignal } from "../../base/cancellation";
import { TunesmithError } from "../../base/errors";
import type { WorkerContract, WorkerHostContract } from "../../core/analysis/workerContract";
import type { RowMatrix } from "../../core/weights/matrix";
import type { ScanPiece } from "../../core/weights/statistics/scanPieces";
import type { MatrixPlace } from "../../core/weights/workerMethods";
import { Channel } from "../../protocol/channel";
import { NODE_TIMERS, portOfWorker } from "../workerPort";
import { YOUNG_GENERATION_MB } from "../workerThread";

/** Threads that measure rows of files on disk, started when they are first needed. */
export class ScanThreads {
  readonly #workerPath: string;
  readonly #count: number;
  #threads: readonly { readonly worker: Worker; readonly channel: Channel<WorkerContract, WorkerHostContract> }[] = [];

  /** @param workerPath the bundle that the threads run. */
  constructor(workerPath: string, count: number) {
    this.#workerPath = workerPath;
    this.#count = count;
  }

  /** A scanner for each of the threads. @throws TunesmithError for a matrix of a file that is not on disk. */
  scannersOf(matrix: RowMatrix, direction: Float32Array | undefined, signal: CancelSignal | undefined): readonly ScanPiece[] {
    const place = placeOf(matrix);
    if (this.#threads.length === 0) this.#threads = Array.from({ length: this.#count }, () => this.#start());
    return this.#threads.map(
      ({ channel }): ScanPiece =>
        (from, to, onProgress) =>
          channel.request("scanRows", { matrix: place, from, to, direction }, { onProgress, ...(signal === undefined ? {} : { signal }) }),
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #start(): { readonly worker: Worker; readonly channel: Channel<WorkerContract, WorkerHostContract> } {
    const worker = new Worker(this.#workerPath, { name: "tunesmith rows", execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB } });
    return { worker, channel: new Channel(portOfWorker(worker), NODE_TIMERS) };
  }
}

function placeOf({ access, file, tensor, dtype, rows, columns, byteOffset, bigEndian }: RowMatrix): MatrixPlace {
  if (access.path === undefined) throw new TunesmithError("cannot-read", `${file} is not on disk.`);
  return { path: access.path, file, tensor, dtype, rows, columns, byteOffset, bigEndian: bigEndian ?? false };
}
