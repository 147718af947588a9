import { modelVerdicts } from "../../../extension/node/weights/modelVerdicts";
import type { MeasureResult, MeasureTask } from "../weights.bench";

/** Runs once in a process of its own, so that what it has at its most is that of one measurement. */
const task = JSON.parse(process.argv[2] ?? "{}") as MeasureTask;
const base = process.memoryUsage.rss();
let most = base;
const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5);
const started = performance.now();
let first: number | undefined;
let last = Number.NaN;
await modelVerdicts(
  { model: task.model, cache: task.cache, threads: task.threads, ids: task.ids },
  {
    workerPath: task.workerPath,
    onProgress: () => {
      last = performance.now();
      first ??= last;
    },
  },
);
const seconds = (performance.now() - started) / 1000;
clearInterval(watch);
process.send?.({ seconds, scanSeconds: (last - (first ?? Number.NaN)) / 1000, residentMegabytes: (most - base) / 1e6 } satisfies MeasureResult);
