import { Worker } from "node:worker_threads";
import type { CancelSignal } from "../base/cancellation";
import { CancelledError, hasCode, messageOf } from "../base/errors";
import type { EarlierAttempt, SliceReport } from "../core/analysis/checkSlice";
import type { Finding } from "../core/analysis/finding";
import { severityOf } from "../core/analysis/place";
import type { FileSummary } from "../core/analysis/report";
import { UsedIds } from "../core/analysis/usedIds";
import type { VerdictTable } from "../core/analysis/tokenVerdicts";
import type { CheckSettings, LoadedModel, WorkerContract, WorkerHostContract } from "../core/analysis/workerContract";
import type { VerdictsProgress } from "../core/weights/workerMethods";
import type { SharedModel } from "../core/model/sharedModel";
import { Channel } from "../protocol/channel";
import { fieldsFrom } from "../core/dataset/fields";
import { TOKEN_RULES } from "../core/rules/registry";
import { SliceQueue, type SliceJob } from "./sliceQueue";
import { OrderedResults } from "./orderedResults";
import { ROW_LIMIT, type RowLimit, RowPosition, watchRows } from "./rowWatch";
import { NODE_TIMERS, portOfWorker } from "./workerPort";

/** What a check of files tells while it runs, in the order of the files and of their rows. */
export interface CheckEvents {
  onModel(loaded: LoadedModel | null): void;
  /** A sentence for people: what is not checked, and why. */
  onNote?(text: string): void;
  /** Rows of the model are read, before any file is checked. */
  onJudging?(progress: VerdictsProgress): void;
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
  /** The threads' environment; this process's when left out. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly signal?: CancelSignal | undefined;
  /** How long a row may take before its thread is ended; for tests. */
  readonly rowLimit?: RowLimit | undefined;
  readonly events: CheckEvents;
}

/**
 * What a thread allocates lives for a row, so that a larger young generation only keeps more garbage: with V8's own 48 MB two
 * threads take 60 MB more, and are no faster.
 */
const YOUNG_GENERATION_MB = 15;

/**
 * Checks files over worker threads. Findings arrive in order whatever the number of threads; threads that are ahead wait
 * when they hold too much, so memory does not grow with the files.
 * A row that hangs or ends its thread is reported, and the rows after it are checked by a new thread.
 * @throws TunesmithError when the model cannot be loaded or a thread dies outside of a row; CancelledError when the signal is aborted.
 */
export async function checkFiles(request: CheckFilesRequest): Promise<void> {
  const results = new OrderedResults(request.events, request.settings.severities);
  const queue = new SliceQueue(request.files, fieldsFrom(request.settings.fields), request.settings.model !== undefined, results, request.signal);
  const workers = Array.from({ length: Math.max(1, request.jobs) }, () => new CheckWorker(request));
  try {
    request.events.onModel(await configureAll(workers, request.signal));
    await shareVerdicts(workers, request);
    await Promise.all(workers.map((worker) => worker.work(queue, results, request.signal)));
    await results.finished();
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

/** One worker loads the model; the others, and those that come in their place, share its tables. */
async function configureAll(workers: readonly CheckWorker[], signal: CancelSignal | undefined): Promise<LoadedModel | null> {
  const [first, ...others] = workers;
  const loaded = (await first?.configure(undefined, signal)) ?? null;
  const shared = loaded === null ? null : await first?.share();
  await Promise.all(others.map((worker) => worker.configure(shared ?? undefined, signal)));
  return loaded;
}

/** Has one of the workers judge the model's embedding rows, and gives the verdicts to all. Without weights rows are checked without. */
async function shareVerdicts(workers: readonly CheckWorker[], request: CheckFilesRequest): Promise<void> {
  const { settings, jobs, events } = request;
  const [first, ...others] = workers;
  const isWanted = TOKEN_RULES.some(({ meta }) => severityOf(meta, settings.severities) !== undefined);
  if (first === undefined || settings.model === undefined || !isWanted) return;
  try {
    let table = await first.judgeTokens(jobs, request);
    if (table.partial === true) {
      await gatherIds(workers, request);
      table = await first.judgeTokens(jobs, request);
      await Promise.all(workers.map((worker) => worker.gatherIds(null)));
    }
    await Promise.all(others.map((worker) => worker.useVerdicts(table)));
  } catch (error) {
    if (error instanceof CancelledError || hasCode(error, "closed")) throw error;
    events.onNote?.(`Tokens are not checked for untrained rows. ${messageOf(error)}`);
  }
}

/**
 * Goes through the files for the ids that their prompts have: of a model on the network, no other rows are read. What is found
 * on the way is found again later, when it is told.
 */
async function gatherIds(workers: readonly CheckWorker[], { files, settings, signal, events }: CheckFilesRequest): Promise<void> {
  const silent: CheckEvents = { onModel: ignore, onFileStart: ignore, onFinding: ignore, onFileEnd: ignore, onProgress: (done, total) => events.onProgress(done, total) };
  const results = new OrderedResults(silent, settings.severities);
  const queue = new SliceQueue(files, fieldsFrom(settings.fields), true, results, signal);
  const { buffer } = new UsedIds();
  await Promise.all(workers.map((worker) => worker.gatherIds(buffer)));
  await Promise.all(workers.map((worker) => worker.work(queue, results, signal)));
  await results.finished();
}

function ignore(): void {
  // Nobody is told.
}

/** A slice whose rows end this many threads is given up: then it is not the rows. */
const MAX_FAILED_ROWS = 20;

/** A worker thread, replaced by another where a row hangs or ends it. */
class CheckWorker {
  readonly #path: string;
  readonly #env: NodeJS.ProcessEnv | undefined;
  readonly #settings: CheckSettings;
  readonly #limit: RowLimit;
  readonly #position = new RowPosition();
  #worker: Worker;
  #channel: Channel<WorkerContract, WorkerHostContract>;
  #shared: SharedModel | undefined;
  /** Findings of the present slice that were taken. */
  #delivered = 0;
  #stuck = false;
  #verdicts: VerdictTable | undefined;
  #gathering: SharedArrayBuffer | null = null;
  /** Where findings go. */
  #results: OrderedResults | undefined;

  constructor(request: CheckFilesRequest) {
    this.#path = request.workerPath;
    this.#env = request.env;
    this.#settings = request.settings;
    this.#limit = request.rowLimit ?? ROW_LIMIT;
    this.#worker = this.#start();
    this.#channel = this.#connect();
  }

  /** @param shared the model, where another worker has loaded it. */
  configure(shared: SharedModel | undefined, signal: CancelSignal | undefined): Promise<LoadedModel | null> {
    this.#shared = shared;
    return this.#channel.request("configure", { ...this.#settings, shared }, signal === undefined ? {} : { signal });
  }

  async share(): Promise<SharedModel | undefined> {
    this.#shared = (await this.#channel.request("share", null)) ?? undefined;
    return this.#shared;
  }

  /** The verdicts on the rows of the configured model; this worker uses them from now on. */
  async judgeTokens(threads: number, { signal, events }: CheckFilesRequest): Promise<VerdictTable> {
    const onProgress = (progress: VerdictsProgress): void => events.onJudging?.(progress);
    this.#verdicts = await this.#channel.request("judgeTokens", { threads }, signal === undefined ? { onProgress } : { onProgress, signal });
    return this.#verdicts;
  }

  /** Has the ids of all prompts gathered, until the verdicts on them are there. */
  async gatherIds(buffer: SharedArrayBuffer | null): Promise<void> {
    this.#gathering = buffer;
    await this.#channel.request("gatherIds", { buffer });
  }

  async useVerdicts(table: VerdictTable): Promise<void> {
    this.#verdicts = table;
    await this.#channel.request("useVerdicts", table);
  }

  async work(queue: SliceQueue, results: OrderedResults, signal: CancelSignal | undefined): Promise<void> {
    this.#results = results;
    for (let job = await queue.next(); job !== undefined; job = await queue.next()) await this.#check(job, queue, signal);
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #start(): Worker {
    return new Worker(this.#path, { workerData: this.#position.buffer, env: this.#env ?? process.env, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB } });
  }

  #connect(): Channel<WorkerContract, WorkerHostContract> {
    const channel = new Channel<WorkerContract, WorkerHostContract>(portOfWorker(this.#worker), NODE_TIMERS);
    channel.handle("deliver", async ({ slice, count, findings }) => {
      this.#delivered += count;
      await this.#results?.take(slice, findings);
      return null;
    });
    return channel;
  }

  async #check(job: SliceJob, queue: SliceQueue, signal: CancelSignal | undefined): Promise<void> {
    const failedRows: { readonly byteOffset: number; readonly reason: string }[] = [];
    this.#delivered = 0;
    for (;;) {
      try {
        queue.done(job, await this.#attempt(job, { delivered: this.#delivered, failedRows }, queue, signal));
        return;
      } catch (error) {
        const row = hasCode(error, "closed") ? this.#position.current() : undefined;
        if (row === undefined || failedRows.length === MAX_FAILED_ROWS) throw error;
        failedRows.push({ byteOffset: row.byteOffset, reason: this.#stuck ? STUCK : crashed(error) });
        await this.#replace(signal);
      }
    }
  }

  async #attempt(job: SliceJob, earlier: EarlierAttempt, queue: SliceQueue, signal: CancelSignal | undefined): Promise<SliceReport> {
    const { path, shape, range, expectedFormat } = job;
    const params = { slice: job.index, path, shape, range, expectedFormat, earlier };
    const endWatch = watchRows(this.#position, this.#limit, () => {
      this.#stuck = true;
      void this.#worker.terminate();
    });
    try {
      return await this.#channel.request("checkSlice", params, {
        ...(signal === undefined ? {} : { signal }),
        onProgress: (bytes) => {
          queue.progress(job, bytes);
        },
      });
    } finally {
      endWatch();
    }
  }

  async #replace(signal: CancelSignal | undefined): Promise<void> {
    this.#position.leave();
    this.#stuck = false;
    this.#worker = this.#start();
    this.#channel = this.#connect();
    await this.configure(this.#shared, signal);
    if (this.#verdicts !== undefined) await this.useVerdicts(this.#verdicts);
    if (this.#gathering !== null) await this.gatherIds(this.#gathering);
  }
}

const STUCK = "This row was given up: checking it took far too long. Shorten its texts; the model's tokenizer may be slow on very long words.";

function crashed(error: unknown): string {
  return `This row was given up: checking it ended the thread that did it. ${messageOf(error)}`;
}
