import type { WorkerContract, WorkerHostContract } from "../core/analysis/workerContract";
import { scanRows } from "../core/weights/statistics/scanRows";
import { rowMatrix } from "../core/weights/weightFile";
import { openFile } from "../node/files";
import { hubPlace } from "../node/hub/hubId";
import { hubModel } from "../node/hub/hubModel";
import { downloadRunnable, hubRunnables } from "../node/hub/runnable";
import { judgeModel } from "../node/weights/judgeModel";
import type { Channel } from "../protocol/channel";

/** Measures and judges rows of models for the host. */
export function registerWeights(channel: Channel<WorkerHostContract, WorkerContract>): void {
  channel.handle("scanRows", async ({ matrix, from, to, direction }, { signal, progress }) => {
    const { path, file, tensor, dtype, rows, columns, byteOffset, bigEndian } = matrix;
    const access = await openFile(path);
    try {
      const opened = rowMatrix({ name: file, access }, tensor, { dtype, shape: [rows, columns], byteOffset }, bigEndian);
      return await scanRows(opened, { from, to, direction, signal, onProgress: progress });
    } finally {
      await access.close();
    }
  });
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
  channel.handle("judgeModel", async ({ workerPath, ...request }, { signal, progress }) => judgeModel(request, { workerPath, signal, onProgress: progress }));
}
