import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { TunesmithError } from "../base/errors";
import { buffersOf } from "../core/weights/statistics/embeddingStatistics";
import type { WeightsContract, WeightsHostContract } from "../core/weights/workerMethods";
import { judgeModel } from "../node/weights/judgeModel";
import { RowScanners } from "../node/weights/scanThreads";
import { portOfHost } from "../node/workerPort";
import { Channel } from "../protocol/channel";

// The entry of threads that read weights: they measure and judge rows of models for the host, and bring models from the hub.

if (parentPort === null) throw new TunesmithError("not-a-worker", "This file runs as a worker thread only.");

const channel = new Channel<WeightsHostContract, WeightsContract>(portOfHost(parentPort));

const scanners = new RowScanners((workerData as readonly MessagePort[] | null) ?? []);

channel.handle("judgeModel", async (request, { signal, progress, transfer }) => {
  const model = await judgeModel(request, { scanners, signal, onProgress: progress });
  transfer(buffersOf(model.statistics));
  return model;
});

channel.handle("downloadModel", async ({ id, hub }, { signal, progress }) => {
  const { hubModel } = await import("./hub");
  const model = await hubModel(id, { ...hub, signal, progress });
  await model.download();
  return null;
});

channel.handle("hubRunnables", async ({ id, hub, device }, { signal }) => {
  const { hubModel, hubPlace, hubRunnables } = await import("./hub");
  const { repository, file } = hubPlace(id);
  return await hubRunnables(await hubModel(repository, { ...hub, signal }), { file, device });
});

channel.handle("downloadRunnable", async ({ id, hub, runnable }, { signal, progress }) => {
  const { downloadRunnable, hubModel, hubPlace } = await import("./hub");
  const { path } = await downloadRunnable(await hubModel(hubPlace(id).repository, { ...hub, signal, progress }), runnable);
  return { path };
});
