import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type ListedFile, type RunnableFile, ggufFilesIn, onnxFilesIn } from "../../core/inference/modelFiles";
import { listFiles } from "../files";

/** What can be run in a folder. */
export interface RunnableFiles {
  readonly onnx: readonly RunnableFile[];
  readonly gguf: readonly RunnableFile[];
}

/** Looks at a folder's files, and those of its folder `onnx`; nothing for a folder that is not there. */
export async function runnableFiles(folder: string): Promise<RunnableFiles> {
  const top = await listFiles(folder);
  const below = (await listFiles(join(folder, "onnx"))).map((name) => `onnx/${name}`);
  const files = await Promise.all([...below, ...top].filter((path) => /onnx|\.gguf$/i.test(path)).map((path) => listed(folder, path)));
  const genAi = top.includes("genai_config.json") ? await readFile(join(folder, "genai_config.json"), "utf8") : undefined;
  return { onnx: onnxFilesIn(files, genAi), gguf: ggufFilesIn(files) };
}

async function listed(folder: string, path: string): Promise<ListedFile> {
  return { path, size: (await stat(join(folder, path))).size };
}
