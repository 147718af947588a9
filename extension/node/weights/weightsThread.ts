import { dirname, join } from "node:path";
import { type MessagePort, Worker, type WorkerOptions } from "node:worker_threads";
import type { WeightsContract, WeightsHostContract } from "../../core/weights/workerMethods";
import { Channel } from "../../protocol/channel";
import { NODE_TIMERS, portOfWorker } from "../workerPort";

/** What a thread makes and drops on its way is no reason to take the 48 MB that V8 would let it have for that. */
const YOUNG_GENERATION_MB = 8;

/** What a thread that reads weights is asked through. */
export type WeightsChannel = Channel<WeightsContract, WeightsHostContract>;

export interface WeightsThreadOptions {
  readonly ports?: readonly MessagePort[];
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Starts a thread on a bundle of its own: without what checks need, it starts sooner and holds 7 MB less.
 * @param workerPath the bundle of any of the threads, `dist/worker.js`: `bundle` lies beside it.
 */
export function startThread(workerPath: string, bundle: string, options: WorkerOptions): Worker {
  return new Worker(join(dirname(workerPath), bundle), { ...options, execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB } });
}

/**
 * Runs `use` with a thread that reads weights, which ends with it.
 * @param ports those of {@link ScanThreads} that measure for it. @param env its environment; that of this thread when left out.
 */
export async function withWeightsThread<T>(workerPath: string, name: string, use: (channel: WeightsChannel) => Promise<T>, { ports = [], env }: WeightsThreadOptions = {}): Promise<T> {
  const worker = startThread(workerPath, "weights.js", { name, workerData: ports, transferList: [...ports], ...(env === undefined ? {} : { env }) });
  const channel: WeightsChannel = new Channel(portOfWorker(worker), NODE_TIMERS);
  try {
    const result = await use(channel);
    // Its end takes 15 ms, for which nobody needs to wait who has the answer.
    void worker.terminate();
    return result;
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}
