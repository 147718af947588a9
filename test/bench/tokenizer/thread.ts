// A worker thread over shared tables: tells when it is ready, then tokenizes its texts on a word from the host.

import { parentPort, workerData } from "node:worker_threads";
import type { CompiledTokenizer } from "../../../extension/core/tokenizer/compiled";
import { createTokenizer } from "../../../extension/core/tokenizer/create";

const { compiled, texts } = workerData as { readonly compiled: CompiledTokenizer; readonly texts: readonly string[] };
const tokenizer = createTokenizer(compiled);
parentPort?.on("message", () => {
  const started = performance.now();
  for (const text of texts) tokenizer.encode(text, { specialTokens: true });
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  parentPort?.postMessage({ seconds: (performance.now() - started) / 1000, megabytes: (heapUsed + arrayBuffers) / 1e6 });
});
parentPort?.postMessage("ready");
