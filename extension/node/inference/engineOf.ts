import { dirname, join } from "node:path";
import { TunesmithError } from "../../base/errors";
import type { LocalEngine } from "../../protocol/sidecar";
import { listFiles } from "../files";
import type { ModelSource } from "../modelSource";

/** What runs a model on this machine, and the path it takes. */
export interface LocalModel {
  readonly engine: LocalEngine;
  readonly path: string;
}

/**
 * The engine that a model's format decides: ONNX files in a folder, or a GGUF file; where a folder has both, ONNX. `engine` chooses.
 * @throws TunesmithError `not-runnable` where there is nothing to run; it says what would.
 */
export async function localModelOf(source: ModelSource, engine?: LocalEngine): Promise<LocalModel> {
  if (source.kind === "hub") {
    throw new TunesmithError("not-runnable", `${source.name} is a model of the hub; its weights are not downloaded to run it. Download it (hf download ${source.name}) and give the folder, or use a server with --base-url.`);
  }
  if (source.kind === "gguf") {
    if (engine === "onnx") throw new TunesmithError("not-runnable", `${source.path} is a GGUF file; the engine onnx runs folders with ONNX files.`);
    return { engine: "gguf", path: source.path };
  }
  const onnx = await onnxFilesOf(source.path);
  if (engine !== "gguf" && onnx.length > 0) return { engine: "onnx", path: source.path };
  const [gguf, another] = (await listFiles(source.path)).filter((file) => /\.gguf$/i.test(file) && !/mmproj/i.test(file)).sort();
  if (engine !== "onnx" && gguf !== undefined) {
    if (another !== undefined) throw new TunesmithError("not-runnable", `${source.path} has several GGUF files. Give one of them, such as ${join(source.path, gguf)}.`);
    return { engine: "gguf", path: join(source.path, gguf) };
  }
  const wanted = engine === undefined ? "neither an ONNX file (onnx/model.onnx) nor a GGUF file" : engine === "onnx" ? "no ONNX file (onnx/model.onnx)" : "no GGUF file";
  throw new TunesmithError("not-runnable", `${source.path} has ${wanted}, so it cannot be run here. Export it to one of these, or serve it (vLLM, SGLang, llama.cpp) and give --base-url.`);
}

async function onnxFilesOf(folder: string): Promise<readonly string[]> {
  const names = [...(await listFiles(join(folder, "onnx"))), ...(await listFiles(folder))];
  return names.filter((name) => name.endsWith(".onnx") || name === "genai_config.json");
}

/** The folder with the model's configuration. */
export function folderOf({ engine, path }: LocalModel): string {
  return engine === "gguf" ? dirname(path) : path;
}
