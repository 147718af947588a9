import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import type { WeightsContract, WeightsHostContract } from "../../core/weights/workerMethods";
import { Channel } from "../../protocol/channel";
import { NODE_TIMERS, portOfWorker } from "../workerPort";

/** What a thread makes and drops on its way is no reason to take the 48 MB that V8 would let it have for that. */
const YOUNG_GENERATION_MB = 8;

/** What a thread that reads weights is asked through. */
export type WeightsChannel = Channel<WeightsContract, WeightsHostContract>;

/** A thread that reads weights, and the way to it. */
export interface WeightsThread {
  readonly worker: Worker;
  readonly channel: WeightsChannel;
}

/**
 * Starts a thread that reads weights. It runs a bundle of its own: without what checks need, it starts sooner and holds 7 MB less.
 * @param workerPath the bundle of any of the threads, `dist/worker.js`: theirs lies beside it.
 */
export function startWeightsThread(workerPath: string, name: string): WeightsThread {
  const worker = new Worker(join(dirname(workerPath), "weights.js"), { name, execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB } });
  return { worker, channel: new Channel(portOfWorker(worker), NODE_TIMERS) };
}

/** Runs `use` with a thread that reads weights, which ends with it; see {@link startWeightsThread}. */
export async function withWeightsThread<T>(workerPath: string, name: string, use: (channel: WeightsChannel) => Promise<T>): Promise<T> {
  const { worker, channel } = startWeightsThread(workerPath, name);
  try {
    return await use(channel);
  } finally {
    await worker.terminate();
  }
}
