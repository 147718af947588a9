import { Worker } from "node:worker_threads";
import type { WorkerContract, WorkerHostContract } from "../core/analysis/workerContract";
import { Channel } from "../protocol/channel";
import { NODE_TIMERS, portOfWorker } from "./workerPort";

/** What a thread makes and drops on its way is no reason to take the 48 MB that V8 would let it have for that. */
export const YOUNG_GENERATION_MB = 8;

/** Runs `use` with a thread of its own, which ends with it. @param workerPath the bundle that the thread runs: `dist/worker.js`. */
export async function withThread<T>(workerPath: string, name: string, use: (channel: Channel<WorkerContract, WorkerHostContract>) => Promise<T>): Promise<T> {
  const worker = new Worker(workerPath, { name, execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB } });
  try {
    return await use(new Channel<WorkerContract, WorkerHostContract>(portOfWorker(worker), NODE_TIMERS));
  } finally {
    await worker.terminate();
  }
}
