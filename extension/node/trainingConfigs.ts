import { Worker } from "node:worker_threads";
import type { WorkerContract, WorkerHostContract } from "../core/analysis/workerContract";
import type { TrainingConfig } from "../core/training/trainingConfig";
import { Channel } from "../protocol/channel";
import { NODE_TIMERS, portOfWorker } from "./workerPort";

/** How long a file may take; the largest real ones take a tenth of it. */
const FILE_TIMEOUT_MS = 10_000;

/** Reads the configurations of files, one after the other, in a thread of its own. A file that takes too long says nothing. */
export class ConfigReader {
  readonly #worker: Worker;
  readonly #channel: Channel<WorkerContract, WorkerHostContract>;

  /** @param workerPath the bundle that the thread runs. */
  constructor(workerPath: string) {
    this.#worker = new Worker(workerPath, { name: "tunesmith configurations", execArgv: [] });
    this.#channel = new Channel<WorkerContract, WorkerHostContract>(portOfWorker(this.#worker), NODE_TIMERS);
  }

  async read(fileName: string, text: string): Promise<readonly TrainingConfig[]> {
    return await this.#channel.request("trainingConfigs", { fileName, text }, { timeoutMs: FILE_TIMEOUT_MS });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
