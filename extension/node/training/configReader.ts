import { Worker } from "node:worker_threads";
import type { WorkerContract, WorkerHostContract } from "../../core/analysis/workerContract";
import type { FoundTraining } from "../../core/training/placedTraining";
import { mayHoldTraining } from "../../core/training/trainingConfig";
import { Channel } from "../../protocol/channel";
import { NODE_TIMERS, portOfWorker } from "../workerPort";

/** How long a file may take; the largest real ones take a tenth of it. */
const FILE_TIMEOUT_MS = 10_000;

/** A configuration file as text. */
export interface ConfigFile {
  /** Absolute. */
  readonly file: string;
  /** What people call it. */
  readonly name: string;
  readonly text: string;
}

/**
 * Reads the training configurations of files, one after the other, in a thread that is started with the first one that may have
 * any. A file that takes too long says nothing, and those after it get a new thread.
 */
export class ConfigReader {
  readonly #workerPath: string;
  #thread: { readonly worker: Worker; readonly channel: Channel<WorkerContract, WorkerHostContract> } | undefined;

  /** @param workerPath the bundle that the thread runs. */
  constructor(workerPath: string) {
    this.#workerPath = workerPath;
  }

  async read(file: ConfigFile): Promise<readonly FoundTraining[]> {
    if (!mayHoldTraining(file.text)) return [];
    this.#thread ??= this.#start();
    try {
      return await this.#thread.channel.request("trainingConfigs", file, { timeoutMs: FILE_TIMEOUT_MS });
    } catch {
      await this.close();
      return [];
    }
  }

  async close(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.worker.terminate();
  }

  #start(): { readonly worker: Worker; readonly channel: Channel<WorkerContract, WorkerHostContract> } {
    const worker = new Worker(this.#workerPath, { name: "tunesmith configurations", execArgv: [] });
    return { worker, channel: new Channel<WorkerContract, WorkerHostContract>(portOfWorker(worker), NODE_TIMERS) };
  }
}
