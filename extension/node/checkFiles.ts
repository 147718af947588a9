import { Worker } from "node:worker_threads";
import type { CancelSignal } from "../base/cancellation";
import type { Finding } from "../core/analysis/finding";
import type { FileSummary } from "../core/analysis/report";
import type { CheckSettings, LoadedModel, WorkerContract, WorkerHostContract } from "../core/analysis/workerContract";
import { Channel } from "../protocol/channel";
import { fieldsFrom } from "../core/dataset/fields";
import { SliceQueue, type SliceJob } from "./sliceQueue";
import { OrderedResults } from "./orderedResults";
import { NODE_TIMERS, portOfWorker } from "./workerPort";

/** What a check of files tells while it runs, in the order of the files and of their rows. */
export interface CheckEvents {
  onModel(loaded: LoadedModel | null): void;
  onFileStart(path: string, bytes: number): void;
  onProgress(bytesDone: number, bytesTotal: number): void;
  /** Called synchronously for every finding; must be cheap. */
  onFinding(path: string, finding: Finding): void;
  onFileEnd(summary: FileSummary): void;
}

export interface CheckFilesRequest {
  /** Absolute or relative paths; reported as they are given. */
  readonly files: readonly string[];
  readonly settings: CheckSettings;
  /** How many worker threads. */
  readonly jobs: number;
  /** The bundle that the threads run. */
  readonly workerPath: string;
  readonly signal?: CancelSignal | undefined;
  readonly events: CheckEvents;
}

/**
 * Checks files over worker threads. Findings arrive in order whatever the number of threads; threads that are ahead wait
 * when they hold too much, so memory does not grow with the files.
 * @throws TunesmithError when the model cannot be loaded or a worker dies; CancelledError when the signal is aborted.
 */
export async function checkFiles(request: CheckFilesRequest): Promise<void> {
  const results = new OrderedResults(request.events, request.settings.severities);
  const queue = new SliceQueue(request.files, fieldsFrom(request.settings.fields), request.settings.model !== undefined, results, request.signal);
  const workers = Array.from({ length: Math.max(1, request.jobs) }, () => new CheckWorker(request.workerPath, results));
  try {
    const loaded = await Promise.all(workers.map((worker) => worker.configure(request.settings, request.signal)));
    request.events.onModel(loaded[0] ?? null);
    await Promise.all(workers.map((worker) => worker.work(queue, request.signal)));
    await results.finished();
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

class CheckWorker {
  readonly #worker: Worker;
  readonly #channel: Channel<WorkerContract, WorkerHostContract>;

  constructor(path: string, results: OrderedResults) {
    this.#worker = new Worker(path);
    this.#channel = new Channel(portOfWorker(this.#worker), NODE_TIMERS);
    this.#channel.handle("deliver", async ({ slice, findings }) => {
      await results.take(slice, findings);
      return null;
    });
  }

  configure(settings: CheckSettings, signal: CancelSignal | undefined): Promise<LoadedModel | null> {
    return this.#channel.request("configure", settings, signal === undefined ? {} : { signal });
  }

  async work(queue: SliceQueue, signal: CancelSignal | undefined): Promise<void> {
    for (let job = await queue.next(); job !== undefined; job = await queue.next()) await this.#check(job, queue, signal);
  }

  async #check(job: SliceJob, queue: SliceQueue, signal: CancelSignal | undefined): Promise<void> {
    const { path, shape, range, expectedFormat } = job;
    const params = { slice: job.index, path, shape, range, expectedFormat };
    const report = await this.#channel.request("checkSlice", params, {
      ...(signal === undefined ? {} : { signal }),
      onProgress: (bytes) => {
        queue.progress(job, bytes);
      },
    });
    queue.done(job, report);
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
