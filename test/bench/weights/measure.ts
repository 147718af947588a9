import { modelVerdicts } from "../../../extension/node/weights/modelVerdicts";
import type { MeasureResult, MeasureTask } from "../weights.bench";

/** Runs once in a process of its own, so that what it has at its most is that of one measurement. */
const task = JSON.parse(process.argv[2] ?? "{}") as MeasureTask;
const base = process.memoryUsage.rss();
let most = base;
const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5);
const started = performance.now();
interface Told {
  readonly at: number;
  readonly bytes: number;
}

const told: Told[] = [];
await modelVerdicts(
  { model: task.model, cache: task.cache, threads: task.threads, ids: task.ids },
  {
    workerPath: task.workerPath,
    onProgress: ({ doneBytes }) => told.push({ at: performance.now(), bytes: doneBytes }),
  },
);
const seconds = (performance.now() - started) / 1000;
clearInterval(watch);
process.send?.({ seconds, rate: rateOf(told), steadyRate: rateOf(told.slice(told.length >> 1)), residentMegabytes: (most - base) / 1e6 } satisfies MeasureResult);

/** Gigabytes a second between the first telling and the last. */
function rateOf(tellings: readonly Told[]): number {
  const [first, last] = [tellings[0], tellings.at(-1)];
  return first === undefined || last === undefined ? Number.NaN : (last.bytes - first.bytes) / 1e6 / (last.at - first.at);
}
