import * as path from "node:path";
import { performance } from "node:perf_hooks";
import { Worker } from "node:worker_threads";
import type { WorkerContract, WorkerHostContract } from "../../../extension/core/analysis/workerContract";
import { NODE_TIMERS, portOfWorker } from "../../../extension/node/workerPort";
import { Channel } from "../../../extension/protocol/channel";
import { root } from "../../support/paths";
import { ROWS, SCREEN_ROWS, datasetRow, screenStart } from "./bigDataset";

const SCREENS = 100;

/** From asking the thread for the marks of a screen, after scrolling to it, to having them, sorted: what is left is VS Code's drawing. In milliseconds. */
export async function measureMarks(): Promise<readonly number[]> {
  const uri = "file:///large.jsonl";
  const worker = new Worker(path.join(root, "dist", "worker.js"), { execArgv: [] });
  const channel = new Channel<WorkerContract, WorkerHostContract>(portOfWorker(worker), NODE_TIMERS);
  const checked = new Promise<void>((resolve) => {
    channel.on("documentReport", ({ complete }) => {
      if (complete) resolve();
    });
  });
  try {
    const model = { source: path.join(root, "extension", "assets", "model") };
    await channel.request("configure", { model, maxLength: undefined, severities: {}, fields: {} });
    await channel.request("documentOpen", { uri });
    channel.send("documentLines", { uri, lines: Array.from({ length: ROWS }, (_, i) => datasetRow(i)), version: 1 });
    await checked;
    const times: number[] = [];
    for (let i = 0; i < SCREENS; i++) {
      const line = screenStart(i) + 1;
      const range = { start: { line, column: 1 }, end: { line: line + SCREEN_ROWS, column: 1 } };
      const started = performance.now();
      await channel.request("datasetMarks", { uri, version: 1, ranges: [range], marks: ["boundaries", "special", "trained", "masked"] });
      times.push(performance.now() - started);
    }
    return times.sort((a, b) => a - b);
  } finally {
    await worker.terminate();
  }
}
