// A worker thread over shared tables: tells when it is warm, then tokenizes its texts on a word from the host.

import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import type { CompiledTokenizer } from "../../../extension/core/tokenizer/compiled";
import { createTokenizer } from "../../../extension/core/tokenizer/create";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
interface ThreadData {
  readonly compiled: CompiledTokenizer;
  readonly warmUp: readonly string[];
  readonly texts: readonly string[];
  /** The first of the texts that no thread has taken. */
  readonly next: Int32Array;
}

/** Threads take as many texts at a time, as those that check files take slices: whichever is done takes the next. */
const TAKEN = 16;

const { compiled, warmUp, texts, next } = workerData as ThreadData;
const empty = await megabytes();
const tokenizer = createTokenizer(compiled);
for (const text of warmUp) tokenizer.encode(text, { specialTokens: true });
parentPort?.on("message", () => {
  for (let at = Atomics.add(next, 0, TAKEN); at < texts.length; at = Atomics.add(next, 0, TAKEN)) {
    for (const text of texts.slice(at, at + TAKEN)) tokenizer.encode(text, { specialTokens: true });
  }
  parentPort?.postMessage("done");
  void megabytes().then((all) => parentPort?.postMessage({ own: all - empty, thread: empty - textMegabytes() }));
});
parentPort?.postMessage("ready");

/** What this thread holds for itself, garbage left out: V8 gives the memory of typed arrays back some time after it collected them. */
async function megabytes(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collect();
    await setTimeout(50);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

/** V8 keeps two bytes a unit where a text has one above U+00FF. */
function textMegabytes(): number {
  return [...warmUp, ...texts].reduce((sum, text) => sum + text.length * (/[^\u0000-\u00ff]/.test(text) ? 2 : 1), 0) / 1e6;
}
