import { parentPort } from "node:worker_threads";
import { TunesmithError } from "../base/errors";
import { scanRows } from "../core/weights/statistics/scanRows";
import { rowMatrix } from "../core/weights/weightFile";
import type { WeightsContract, WeightsHostContract } from "../core/weights/workerMethods";
import { openFile } from "../node/files";
import { hubPlace } from "../node/hub/hubId";
import { hubModel } from "../node/hub/hubModel";
import { downloadRunnable, hubRunnables } from "../node/hub/runnable";
import { judgeModel } from "../node/weights/judgeModel";
import { portOfHost } from "../node/workerPort";
import { Channel } from "../protocol/channel";

// The entry of threads that read weights: they measure and judge rows of models for the host, and bring models from the hub.

if (parentPort === null) throw new TunesmithError("not-a-worker", "This file runs as a worker thread only.");

const channel = new Channel<WeightsHostContract, WeightsContract>(portOfHost(parentPort));

channel.handle("scanRows", async ({ matrix, from, to, direction }, { signal, progress }) => {
  const { path, file, tensor, dtype, rows, columns, byteOffset, bigEndian } = matrix;
  const access = await openFile(path, { blocking: true });
  try {
    const opened = rowMatrix({ name: file, access }, tensor, { dtype, shape: [rows, columns], byteOffset }, bigEndian);
    return await scanRows(opened, { from, to, direction, signal, onProgress: progress });
  } finally {
    await access.close();
  }
});

channel.handle("judgeModel", async (request, { signal, progress }) => judgeModel(request, { workerPath: __filename, signal, onProgress: progress }));

channel.handle("downloadModel", async ({ id, hub }, { signal, progress }) => {
  const model = await hubModel(id, { ...hub, signal, progress });
  await model.download();
  return null;
});

channel.handle("hubRunnables", async ({ id, hub, device }, { signal }) => {
  const { repository, file } = hubPlace(id);
  return await hubRunnables(await hubModel(repository, { ...hub, signal }), { file, device });
});

channel.handle("downloadRunnable", async ({ id, hub, runnable }, { signal, progress }) => {
  const { path } = await downloadRunnable(await hubModel(hubPlace(id).repository, { ...hub, signal, progress }), runnable);
  return { path };
});
