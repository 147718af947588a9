import { execFileSync } from "node:child_process";
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
  const rows: string[][] = [];
  for (const model of MODELS) {
    const compiled = compiledOf(model);
    const speed = await speedOf(model, texts, compiled);
    const threads = await threadsOf(thread, texts, compiled);
    const own = inProcess(program, model);
    const row = [
      model,
      `${rate(speed.bytes, speed.ids)} (${ratio(speed.ratios.ids)})`,
      `${rate(speed.bytes, speed.offsets)} (${ratio(speed.ratios.offsets)})`,
      rate(speed.libraryBytes, speed.library),
      `${ratio(threads.ratio)}, ${Math.round(threads.megabytes)} MB`,
      `${ms(own.cold)} / ${ms(own.cached)} / ${ms(own.rust)}`,
      `${own.worst.toFixed(2)} s (${own.worstName}), ${Math.round(own.peakMegabytes)} MB`,
    ];
    console.log(row.join(" | "));
    rows.push(row);
  }
  writeFigures("tokenizer", table(rows));
}

function table(rows: readonly (readonly string[])[]): string {
  const head = ["", "ids", "ids and offsets", "@huggingface/tokenizers, ids", "two threads, and a thread's memory", "loading: new / kept on disk / Rust", "the slowest of nine hostile texts, peak memory"];
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  const machine = `${os.cpus()[0]?.model.trim() ?? "unknown processor"}, ${os.availableParallelism()} cores, Node ${process.versions.node}`;
  return `Tokenizing text in which nothing repeats, one thread; in brackets how many times the Rust library \`tokenizers\` in the same run (\`encodeBatch\`, with \`getOffsets\` for offsets). ${machine}; load average ${(os.loadavg()[0] ?? 0).toFixed(1)}.\n\n${lines.join("\n")}`;
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

interface Speed {
  readonly bytes: number;
  /** Seconds. */
  readonly ids: number;
  readonly offsets: number;
  readonly library: number;
  readonly libraryBytes: number;
  /** Medians over the batches, which a busy machine disturbs least. */
  readonly ratios: { readonly ids: number; readonly offsets: number };
}

async function speedOf(model: string, texts: readonly string[], compiled: CompiledTokenizer): Promise<Speed> {
  const rust = Rust.fromFile(realTokenizerFile(model));
  const library = new Library(jsonOf(model), jsonOf(model, "tokenizer_config.json"));
  const [forIds, forOffsets] = [createTokenizer(compiled), createTokenizer(compiled)];
  const options = { specialTokens: true };
  const seconds = { ids: 0, offsets: 0, library: 0 };
  const ratios = { ids: [] as number[], offsets: [] as number[] };
  let libraryBytes = 0;
  for (let at = 0; at < texts.length; at += BATCH) {
    const batch = texts.slice(at, at + BATCH);
    const ids = timed(() => batch.forEach((text) => forIds.encodeIds(text, options)));
    const rustIds = await timedAsync(async () => (await rust.encodeBatch(batch)).forEach((encoding) => encoding.getLength()));
    const offsets = timed(() => batch.forEach((text) => forOffsets.encode(text, options)));
    const rustOffsets = await timedAsync(async () => (await rust.encodeBatch(batch)).forEach((encoding) => encoding.getOffsets()));
    const some = batch.slice(0, Math.ceil(batch.length * LIBRARY_SHARE));
    seconds.library += timed(() => some.forEach((text) => library.encode(text)));
    libraryBytes += some.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    seconds.ids += ids;
    seconds.offsets += offsets;
    ratios.ids.push(rustIds / ids);
    ratios.offsets.push(rustOffsets / offsets);
  }
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return { bytes, ...seconds, libraryBytes, ratios: { ids: median(ratios.ids), offsets: median(ratios.offsets) } };
}

// ── threads ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

const THREAD_RUNS = 3;

/** How many times as fast two threads are, at their best; and what the second one holds for itself. */
async function threadsOf(program: string, texts: readonly string[], compiled: CompiledTokenizer): Promise<{ readonly ratio: number; readonly megabytes: number }> {
  const halves = [texts.filter((_, i) => i % 2 === 0), texts.filter((_, i) => i % 2 === 1)];
  let [one, two, megabytes] = [Infinity, Infinity, 0];
  for (let run = 0; run < THREAD_RUNS; run++) {
    one = Math.min(one, (await together(program, [texts], compiled)).seconds);
    const both = await together(program, halves, compiled);
    two = Math.min(two, both.seconds);
    megabytes = both.megabytes;
  }
  return { ratio: one / two, megabytes };
}

async function together(program: string, parts: readonly (readonly string[])[], compiled: CompiledTokenizer): Promise<{ readonly seconds: number; readonly megabytes: number }> {
  const workers = parts.map((part) => new Worker(program, { workerData: { compiled, texts: part } }));
  try {
    await Promise.all(workers.map(messageOf));
    const done = workers.map(messageOf) as Promise<{ readonly megabytes: number }>[];
    const started = performance.now();
    for (const worker of workers) worker.postMessage("go");
    const results = await Promise.all(done);
    const ownTexts = Math.max(...parts.map((part) => part.reduce((sum, text) => sum + text.length, 0))) / 1e6;
    return { seconds: (performance.now() - started) / 1000, megabytes: (results.at(-1)?.megabytes ?? 0) - ownTexts };
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function messageOf(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

// ── processes of their own ───────────────────────────────────────────────────────────────────────────────────────────────

interface InProcess {
  /** Seconds. */
  readonly cold: number;
  readonly cached: number;
  readonly rust: number;
  readonly worst: number;
  readonly worstName: string;
  readonly peakMegabytes: number;
}

const LOAD_RUNS = 3;

function inProcess(program: string, model: string): InProcess {
  const caches = Array.from({ length: LOAD_RUNS }, () => temporaryFolder("bench-cache"));
  const run = (mode: string, cache = caches[0]): { readonly seconds: number; readonly hostile: Readonly<Record<string, number>>; readonly peakMegabytes: number } =>
    JSON.parse(execFileSync(process.execPath, [program, mode, model], { encoding: "utf8", env: { ...process.env, TUNESMITH_CACHE: cache } })) as never;
  const best = (times: readonly number[]): number => Math.min(...times);
  const cold = best(caches.map((cache) => run("load", cache).seconds));
  const cached = best(caches.map((cache) => run("load", cache).seconds));
  const rust = best(caches.map(() => run("load-rust").seconds));
  const { hostile, peakMegabytes } = run("hostile");
  const [worstName = "", worst = 0] = Object.entries(hostile).sort((a, b) => b[1] - a[1])[0] ?? [];
  return { cold, cached, rust, worst, worstName, peakMegabytes };
}

function timed(work: () => unknown): number {
  const started = performance.now();
  work();
  return (performance.now() - started) / 1000;
}

async function timedAsync(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
}

function rate(bytes: number, seconds: number): string {
  return `${(bytes / 1e6 / seconds).toFixed(1)} MB/s`;
}

function ratio(value: number): string {
  return `${value.toFixed(1)} ×`;
}

function ms(seconds: number): string {
  return `${Math.round(seconds * 1000)} ms`;
}
