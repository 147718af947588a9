import { type MessagePort, workerData } from "node:worker_threads";
import type { RandomAccess } from "../core/io/ports";
import { scanRows } from "../core/weights/statistics/scanRows";
import { rowMatrix } from "../core/weights/weightFile";
import type { RowsContract, WeightsHostContract } from "../core/weights/workerMethods";
import { openFile } from "../node/files";
import { portOfHost } from "../node/workerPort";
import { Channel } from "../protocol/channel";

// The entry of threads that measure rows of files on disk, for the thread that has the other end of the port they are given.

const channel = new Channel<WeightsHostContract, RowsContract>(portOfHost(workerData as MessagePort));

/** Files stay open: a matrix comes in many pieces. They end with the thread. */
const files = new Map<string, Promise<RandomAccess>>();

channel.handle("scanRows", async ({ matrix, from, to, direction }, { signal, progress }) => {
  const { path, file, tensor, dtype, rows, columns, byteOffset, bigEndian } = matrix;
  const opening = files.get(path) ?? openFile(path, { blocking: true });
  files.set(path, opening);
  const opened = rowMatrix({ name: file, access: await opening }, tensor, { dtype, shape: [rows, columns], byteOffset }, bigEndian);
  return await scanRows(opened, { from, to, direction, signal, onProgress: progress });
});
