import { type MessagePort, MessageChannel, type Worker } from "node:worker_threads";
import type { CancelSignal } from "../../base/cancellation";
import { TunesmithError } from "../../base/errors";
import type { RowMatrix } from "../../core/weights/matrix";
import type { ScanPiece } from "../../core/weights/statistics/scanPieces";
import type { MatrixPlace, RowsContract, WeightsHostContract } from "../../core/weights/workerMethods";
import { Channel } from "../../protocol/channel";
import { portOfHost } from "../workerPort";
import { startThread } from "./weightsThread";

/** Pieces that a thread holds: it begins the next one while the host, which measures rows itself, has not yet looked at the last. */
const PIECES_AT_ONCE = 2;

/**
 * Threads that measure rows of files on disk. They start together with the one that judges a model and has the other ends of
 * their ports: were they started by that one, when it knows that they are needed, a third of a small model would be read without them.
 */
export class ScanThreads {
  /** To be moved to the thread that judges. */
  readonly ports: readonly MessagePort[];
  readonly #workers: readonly Worker[];

  /** @param workerPath the bundle of any of the threads. */
  constructor(workerPath: string, count: number) {
    const channels = Array.from({ length: count }, () => new MessageChannel());
    this.ports = channels.map(({ port1 }) => port1);
    this.#workers = channels.map(({ port2 }) => startThread(workerPath, "rows.js", { name: "tunesmith rows", workerData: port2, transferList: [port2] }));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/** The ends of such threads' ports in the thread that judges. */
export class RowScanners {
  readonly #channels: readonly Channel<RowsContract, WeightsHostContract>[];

  constructor(ports: readonly MessagePort[]) {
    this.#channels = ports.map((port) => new Channel(portOfHost(port)));
  }

  /** Scanners that keep all threads busy. @throws TunesmithError for a matrix of a file that is not on disk. */
  scannersOf(matrix: RowMatrix, direction: Float32Array | undefined, signal: CancelSignal | undefined): readonly ScanPiece[] {
    const place = placeOf(matrix);
    return this.#channels.flatMap((channel) => {
      const scan: ScanPiece = (from, to, onProgress) => channel.request("scanRows", { matrix: place, from, to, direction }, { onProgress, ...(signal === undefined ? {} : { signal }) });
      return Array.from({ length: PIECES_AT_ONCE }, () => scan);
    });
  }
}

function placeOf({ access, file, tensor, dtype, rows, columns, byteOffset, bigEndian }: RowMatrix): MatrixPlace {
  if (access.path === undefined) throw new TunesmithError("cannot-read", `${file} is not on disk.`);
  return { path: access.path, file, tensor, dtype, rows, columns, byteOffset, bigEndian: bigEndian ?? false };
}
