import { execFileSync } from "node:child_process";
import { on } from "node:events";
import { readFileSync } from "node:fs";
import * as os from "node:os";
import { Worker } from "node:worker_threads";
import { Tokenizer as Library } from "@huggingface/tokenizers";
import { Tokenizer as Rust } from "tokenizers";
import type { JsonObject } from "../../extension/core/dataset/conversation";
import { compileTokenizer } from "../../extension/core/tokenizer/compile";
import type { CompiledTokenizer } from "../../extension/core/tokenizer/compiled";
import { createTokenizer } from "../../extension/core/tokenizer/create";
import { temporaryFolder } from "../support/cleanup";
import { realTokenizerFile } from "../support/tokenizer/byteLevel";
import { neverRepeating } from "../support/tokenizer/texts";
import { writeFigures } from "./readme";

const MODELS = ["llama3_1", "qwen3", "gemma3", "deepseek_v3", "llama2", "gptoss", "gpt4o"];

/** Enough for the caches to be as full as in a long run; Rust needs two seconds for it. */
const MAX_MEGABYTES = 6;

/** The library is that much slower. */
const LIBRARY_SHARE = 0.05;

const BATCH = 64;

interface BenchOptions {
  readonly megabytes: number;
  readonly nodeBundles: (entries: readonly string[]) => Promise<readonly string[]>;
}

/**
 * Tokenizers on text in which nothing repeats: ours for ids, and with offsets, beside the Rust library (one thread, batches of 64) and
 * `@huggingface/tokenizers` in the same run, a batch of each in turn. Then one thread beside two, hostile texts of a million characters and
 * loading, each in a process of its own. The table goes into the README.
 */
export async function bench({ megabytes, nodeBundles }: BenchOptions): Promise<void> {
  // The Rust library reads this at each batch.
  process.env["TOKENIZERS_PARALLELISM"] = "false";
  const [program = "", thread = ""] = await nodeBundles(["bench/tokenizer/process.ts", "bench/tokenizer/thread.ts"]);
  const texts = neverRepeating(Math.min(megabytes, MAX_MEGABYTES));
  const threadTexts = neverRepeating(Math.min(megabytes, THREAD_MEGABYTES));
  const rows: string[][] = [];
  const loads: number[] = [];
  for (const model of MODELS) {
    const compiled = compiledOf(model);
    const speed = await speedOf(model, texts, compiled);
    const threads = await threadsOf(thread, threadTexts, compiled);
    const own = inProcess(program, model);
    const row = [
      model,
      `${rate(speed.bytes, speed.ids.ours)} (${ratio(speed.ids)})`,
      `${rate(speed.bytes, speed.offsets.ours)} (${ratio(speed.offsets)})`,
      rate(speed.libraryBytes, speed.library),
      `${threads.ratio.toFixed(1)} ×, ${Math.round(threads.own + threads.thread)} MB (${Math.round(threads.thread)} MB)`,
      [own.cold, own.cached, own.rust].map(({ seconds, cpu }) => `${ms(seconds)} (${ms(cpu)})`).join(" / "),
      `${own.worst.toFixed(2)} s (${own.worstName}), ${Math.round(own.peakMegabytes)} MB`,
    ];
    console.log(row.join(" | "));
    rows.push(row);
    loads.push(os.loadavg()[0] ?? 0);
  }
  writeFigures("tokenizer", table(rows, loads));
}

function table(rows: readonly (readonly string[])[], loads: readonly number[]): string {
  const head = ["", "ids", "ids and offsets", "@huggingface/tokenizers, ids", "two threads, and what the second one holds (of it without a tokenizer)", "loading: new / kept on disk / Rust", "the slowest of nine hostile texts, peak memory"];
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  const machine = `${os.cpus()[0]?.model.trim() ?? "unknown processor"}, ${os.availableParallelism()} cores, Node ${process.versions.node}`;
  const measure = "Tokenizing text in which nothing repeats, one thread. Behind the rate how many times the Rust library `tokenizers` in the same run (`encodeBatch`, with `getOffsets` for offsets), by the clock, and by processor time in brackets; for loading, processor time is in brackets as well.";
  return `${measure} ${machine}; load average ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}, to which this adds about 1.\n\n${lines.join("\n")}`;
}

function jsonOf(model: string, file = "tokenizer.json"): JsonObject {
  return JSON.parse(readFileSync(realTokenizerFile(model).replace(/tokenizer\.json$/, file), "utf8")) as JsonObject;
}

function compiledOf(model: string): CompiledTokenizer {
  const compiled = compileTokenizer(jsonOf(model), (byteLength) => new SharedArrayBuffer(byteLength));
  if ("unsupported" in compiled) throw new Error(`${model}: ${compiled.unsupported}`);
  return compiled;
}

// ── speed ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Seconds by the clock, and how many times as long Rust took: medians over the batches, which a busy machine disturbs least. */
interface Compared {
  readonly ours: number;
  readonly clock: number;
  readonly cpu: number;
}

interface Speed {
  readonly bytes: number;
  readonly ids: Compared;
  readonly offsets: Compared;
  readonly library: number;
  readonly libraryBytes: number;
}

async function speedOf(model: string, texts: readonly string[], compiled: CompiledTokenizer): Promise<Speed> {
  const rust = Rust.fromFile(realTokenizerFile(model));
  const library = new Library(jsonOf(model), jsonOf(model, "tokenizer_config.json"));
  const [forIds, forOffsets] = [createTokenizer(compiled), createTokenizer(compiled)];
  const options = { specialTokens: true };
  const ids: Pair[] = [];
  const offsets: Pair[] = [];
  let [seconds, libraryBytes] = [0, 0];
  for (let at = 0; at < texts.length; at += BATCH) {
    const batch = texts.slice(at, at + BATCH);
    ids.push({
      ours: await timed(() => batch.forEach((text) => forIds.encodeIds(text, options))),
      rust: await timed(async () => (await rust.encodeBatch(batch)).forEach((encoding) => encoding.getLength())),
    });
    offsets.push({
      ours: await timed(() => batch.forEach((text) => forOffsets.encode(text, options))),
      rust: await timed(async () => (await rust.encodeBatch(batch)).forEach((encoding) => encoding.getOffsets())),
    });
    const some = batch.slice(0, Math.ceil(batch.length * LIBRARY_SHARE));
    seconds += (await timed(() => some.forEach((text) => library.encode(text)))).seconds;
    libraryBytes += some.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  }
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return { bytes, ids: compared(ids), offsets: compared(offsets), library: seconds, libraryBytes };
}

interface Pair {
  readonly ours: Time;
  readonly rust: Time;
}

function compared(pairs: readonly Pair[]): Compared {
  return {
    ours: pairs.reduce((sum, { ours }) => sum + ours.seconds, 0),
    clock: median(pairs.map(({ ours, rust }) => rust.seconds / ours.seconds)),
    cpu: median(pairs.map(({ ours, rust }) => rust.cpu / ours.cpu)),
  };
}

// ── threads ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

const THREAD_RUNS = 4;

/** Each new thread compiles its code and fills its cache; what it does with a share of the text is not measured. */
const THREAD_MEGABYTES = 24;
const WARM_UP_SHARE = 0.2;

interface Threads {
  /** How many times as fast two are, each at its best. */
  readonly ratio: number;
  /** Megabytes that the second one holds: its tokenizer, and what a thread has without one. */
  readonly own: number;
  readonly thread: number;
}

async function threadsOf(program: string, texts: readonly string[], compiled: CompiledTokenizer): Promise<Threads> {
  const warmUp = texts.slice(0, Math.ceil(texts.length * WARM_UP_SHARE));
  const rest = texts.slice(warmUp.length);
  let [one, two, memory] = [Infinity, Infinity, { own: 0, thread: 0 }];
  for (let run = 0; run < THREAD_RUNS; run++) {
    one = Math.min(one, (await together(program, { compiled, warmUp, texts: rest }, 1)).seconds);
    const both = await together(program, { compiled, warmUp, texts: rest }, 2);
    two = Math.min(two, both.seconds);
    memory = both.memory;
  }
  return { ratio: one / two, ...memory };
}

interface Together {
  readonly seconds: number;
  readonly memory: Pick<Threads, "own" | "thread">;
}

/** Has as many threads tokenize the texts, each of them once. */
async function together(program: string, work: Readonly<Record<string, unknown>>, threads: number): Promise<Together> {
  const next = new Int32Array(new SharedArrayBuffer(4));
  const workers = Array.from({ length: threads }, () => new Worker(program, { workerData: { ...work, next } }));
  const messages = workers.map((worker) => on(worker, "message"));
  const nextOfAll = (): Promise<readonly unknown[]> => Promise.all(messages.map(async (stream) => ((await stream.next()).value as readonly unknown[])[0]));
  try {
    await nextOfAll();
    const started = performance.now();
    for (const worker of workers) worker.postMessage("go");
    await nextOfAll();
    const seconds = (performance.now() - started) / 1000;
    const memory = (await nextOfAll()) as Together["memory"][];
    return { seconds, memory: memory.at(-1) ?? { own: 0, thread: 0 } };
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

// ── processes of their own ───────────────────────────────────────────────────────────────────────────────────────────────

interface Time {
  /** By the clock. */
  readonly seconds: number;
  /** Of all threads of the process. */
  readonly cpu: number;
}

interface InProcess {
  readonly cold: Time;
  readonly cached: Time;
  readonly rust: Time;
  /** Seconds. */
  readonly worst: number;
  readonly worstName: string;
  readonly peakMegabytes: number;
}

const LOAD_RUNS = 3;

function inProcess(program: string, model: string): InProcess {
  const caches = Array.from({ length: LOAD_RUNS }, () => temporaryFolder("bench-cache"));
  const run = (mode: string, cache = caches[0]): Time & { readonly hostile: Readonly<Record<string, number>>; readonly peakMegabytes: number } =>
    JSON.parse(execFileSync(process.execPath, [program, mode, model], { encoding: "utf8", env: { ...process.env, TUNESMITH_CACHE: cache } })) as never;
  const best = (times: readonly Time[]): Time => ({ seconds: Math.min(...times.map(({ seconds }) => seconds)), cpu: Math.min(...times.map(({ cpu }) => cpu)) });
  const cold = best(caches.map((cache) => run("load", cache)));
  const cached = best(caches.map((cache) => run("load", cache)));
  const rust = best(caches.map(() => run("load-rust")));
  const { hostile, peakMegabytes } = run("hostile");
  const [worstName = "", worst = 0] = Object.entries(hostile).sort((a, b) => b[1] - a[1])[0] ?? [];
  return { cold, cached, rust, worst, worstName, peakMegabytes };
}

async function timed(work: () => unknown): Promise<Time> {
  const [started, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - started) / 1000, cpu: (user + system) / 1e6 };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
}

function rate(bytes: number, seconds: number): string {
  return `${(bytes / 1e6 / seconds).toFixed(1)} MB/s`;
}

function ratio({ clock, cpu }: Compared): string {
  return `${clock.toFixed(1)} × (${cpu.toFixed(1)} ×)`;
}

function ms(seconds: number): string {
  return `${Math.round(seconds * 1000)} ms`;
}
