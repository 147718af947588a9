import { execFileSync, fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import * as path from "node:path";
import { Worker } from "node:worker_threads";
import { temporaryFolder } from "../support/cleanup";
import { Random } from "../support/random";
import { root } from "../support/paths";

const ROWS = 128_256;
const COLUMNS = 4_096;
const ROW_BYTES = COLUMNS * 2;
const BYTES = ROWS * ROW_BYTES;

/** How often each is measured; the best counts, since all else is what other programs did. */
const ROUNDS = 3;

/** What is asked of the measured process; see weights/measure.ts. */
export interface MeasureTask {
  readonly model: string;
  readonly cache: string;
  readonly threads: number;
  readonly ids?: readonly number[];
  readonly workerPath: string;
}

export interface MeasureResult {
  /** From the request to the verdicts. */
  readonly seconds: number;
  /** Gigabytes a second from the first rows that were told of to the last; NaN where none were. A second thread is started on the way. */
  readonly rate: number;
  /** The same of the second half, when every thread has long begun. */
  readonly steadyRate: number;
  /** What the process had at its most, above what it had before. */
  readonly residentMegabytes: number;
}

/**
 * Statistics of the rows of a 128,256 × 4,096 BF16 matrix from a file in the page cache: with one, two and all threads, beside
 * one and two `cat file > /dev/null` in the same run; the memory above the base; then the rows of a dataset's ids alone, beside a thread that does nothing.
 */
export async function bench({ nodeBundles }: { readonly nodeBundles: (entries: readonly string[]) => Promise<readonly string[]> }): Promise<void> {
  const folder = temporaryFolder("bench-weights");
  const model = writeModel(folder, ["model.embed_tokens.weight"]);
  const [file] = await nodeBundles(["bench/weights/measure.ts"]);
  const workerPath = path.join(root, "dist", "worker.js");
  const ask = (threads: number, ids?: readonly number[], measured = model): Promise<MeasureResult> =>
    measure(file ?? "", { model: measured, cache: path.join(folder, `cache-${Math.random()}`), threads, workerPath, ...(ids === undefined ? {} : { ids }) });
  const cat = Math.min(...Array.from({ length: ROUNDS }, () => timed(() => execFileSync("sh", ["-c", 'cat "$0" > /dev/null', path.join(model, "model.safetensors")]))));
  console.log(`${cpus()[0]?.model ?? "a processor"}, ${availableParallelism()} threads; matrix of ${(BYTES / 1e9).toFixed(2)} GB, file in the page cache`);
  // What the machine's memory gives two readers at once is the most that two threads can have.
  const bothCats = Math.min(...Array.from({ length: ROUNDS }, () => timed(() => execFileSync("sh", ["-c", 'cat "$0" > /dev/null & cat "$0" > /dev/null; wait', path.join(model, "model.safetensors")]))));
  console.log(`cat file > /dev/null: ${(BYTES / 1e9 / cat).toFixed(2)} GB/s; two at once ${((2 * BYTES) / 1e9 / bothCats).toFixed(2)} GB/s, ${((2 * cat) / bothCats).toFixed(2)} × one`);
  let single = { best: Number.NaN, steady: Number.NaN };
  for (const threads of [...new Set([1, 2, Math.min(4, availableParallelism())])]) {
    const rounds: MeasureResult[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await ask(threads));
    const best = Math.max(...rounds.map(({ rate }) => rate));
    const steady = Math.max(...rounds.map(({ steadyRate }) => steadyRate));
    const memory = Math.min(...rounds.map(({ residentMegabytes }) => residentMegabytes));
    if (threads === 1) single = { best, steady };
    const ratios = `${(best / single.best).toFixed(2)} × one thread, ${(steady / single.steady).toFixed(2)} × once all have begun`;
    console.log(`statistics, ${threads} thread${threads === 1 ? "" : "s"}: ${best.toFixed(2)} GB/s, ${ratios}, ${Math.round((best * cat) / (BYTES / 1e9) * 100)} % of cat; ${memory.toFixed(0)} MB resident above the base`);
  }
  // A gigabyte takes about as long as a thread needs to start: two matrices, as a model that is not tied has them.
  const untied = writeModel(folder, ["model.embed_tokens.weight", "lm_head.weight"]);
  const rates: number[] = [];
  for (const threads of [1, 2]) {
    const both: MeasureResult[] = [];
    for (let round = 0; round < ROUNDS; round++) both.push(await ask(threads, undefined, untied));
    rates.push(Math.max(...both.map(({ rate }) => rate)));
  }
  const [one = Number.NaN, two = Number.NaN] = rates;
  console.log(`both matrices of an untied model, ${((2 * BYTES) / 1e9).toFixed(2)} GB: one thread ${one.toFixed(2)} GB/s, two ${two.toFixed(2)} GB/s, ${(two / one).toFixed(2)} ×`);
  const random = new Random(3);
  const ids = [...new Set([...Array.from({ length: 4000 }, () => random.int(128_000)), ...Array.from({ length: 256 }, (_, i) => 128_000 + i)])];
  const rounds: MeasureResult[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await ask(1, ids));
  const starts: number[] = [];
  for (let round = 0; round < ROUNDS * 2; round++) starts.push(await emptyThread());
  console.log(`the rows of ${ids.length} ids: ${Math.round(Math.min(...rounds.map(({ seconds }) => seconds)) * 1000)} ms, thread and all; a thread that does nothing takes ${Math.round(Math.min(...starts))} ms`);
}

/** Milliseconds until a thread of no code of ours has answered. */
async function emptyThread(): Promise<number> {
  const started = performance.now();
  const worker = new Worker('require("node:worker_threads").parentPort.postMessage(1)', { eval: true });
  await once(worker, "message");
  const milliseconds = performance.now() - started;
  await worker.terminate();
  return milliseconds;
}

/** A model without tokenizer, since what is measured is rows. With one matrix it is tied. */
function writeModel(folder: string, tensors: readonly string[]): string {
  const model = path.join(folder, `model-of-${tensors.length}`);
  mkdirSync(model);
  const header = Buffer.from(JSON.stringify(Object.fromEntries(tensors.map((name, i) => [name, { dtype: "BF16", shape: [ROWS, COLUMNS], data_offsets: [i * BYTES, (i + 1) * BYTES] }]))));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  const file = openSync(path.join(model, "model.safetensors"), "w");
  writeSync(file, Buffer.concat([size, header]));
  // Normal numbers of both signs and moderate size, a piece of rows that is written again and again.
  const random = new Random(1);
  const rows = 1024;
  const piece = new Uint16Array(rows * COLUMNS);
  for (let i = 0; i < piece.length; i++) piece[i] = (random.int(2) << 15) | ((0x76 + random.int(6)) << 7) | random.int(128);
  const bytes = Buffer.from(piece.buffer);
  for (let row = 0; row < ROWS * tensors.length; row += rows) writeSync(file, bytes.subarray(0, Math.min(rows, ROWS * tensors.length - row) * ROW_BYTES));
  closeSync(file);
  writeSync(openSync(path.join(model, "config.json"), "w"), '{"model_type":"llama"}');
  return model;
}

function measure(file: string, task: MeasureTask): Promise<MeasureResult> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = fork(file, [JSON.stringify(task)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    child.once("message", (result) => resolve(result as MeasureResult));
    child.once("exit", (code) => reject(new Error(`The measured process ended with ${String(code)}.`)));
  });
}

function timed(work: () => void): number {
  const started = performance.now();
  work();
  return (performance.now() - started) / 1000;
}
