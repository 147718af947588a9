import { join } from "node:path";
import { TunesmithError } from "../../base/errors";
import type { LocalEngine } from "../../protocol/sidecar";
import { runnableFiles } from "./modelFiles";

/** What runs a model on this machine, and the path it takes. */
export interface LocalModelPath {
  readonly engine: LocalEngine;
  readonly path: string;
}

/**
 * The engine that a model's format decides: ONNX files in a folder, or a GGUF file; where a folder has both, ONNX. `engine` chooses.
 * @param path a model folder, or a GGUF file; absolute
 * @throws TunesmithError `not-runnable` where there is nothing to run; it says what would.
 */
export async function localModelAt(path: string, engine?: LocalEngine): Promise<LocalModelPath> {
  if (/\.gguf$/i.test(path)) {
    if (engine === "onnx") throw new TunesmithError("not-runnable", `${path} is a GGUF file; the engine onnx runs folders with ONNX files.`);
    return { engine: "gguf", path };
  }
  const { onnx, gguf } = await runnableFiles(path);
  if (engine !== "gguf" && onnx.length > 0) return { engine: "onnx", path };
  const [file, another] = engine === "onnx" ? [] : gguf;
  if (file !== undefined) {
    if (another !== undefined) throw new TunesmithError("not-runnable", `${path} has several GGUF files. Choose one of them, such as ${join(path, file.name)}.`);
    return { engine: "gguf", path: join(path, file.name) };
  }
  const wanted = engine === undefined ? "neither an ONNX file (onnx/model.onnx) nor a GGUF file" : engine === "onnx" ? "no ONNX file (onnx/model.onnx)" : "no GGUF file";
  throw new TunesmithError("not-runnable", `${path} has ${wanted}, so it cannot be run here. Export it to one of these, or serve it (vLLM, SGLang, llama.cpp) and connect to the server.`);
}
