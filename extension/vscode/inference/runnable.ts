import { readdir, stat } from "node:fs/promises";
import * as path from "node:path";
import { TunesmithError } from "../../base/errors";
import type { LoadRequest } from "../../protocol/sidecar";

/**
 * What the sidecar is to load for a model that was chosen.
 * @param model a model folder, or a GGUF file; absolute
 * @throws TunesmithError `not-runnable` where it holds nothing that can be run here
 */
export async function runnableOf(model: string): Promise<Pick<LoadRequest, "engine" | "path">> {
  if (/\.gguf$/i.test(model)) return { engine: "gguf", path: model };
  const names = (await namesIn(model)) ?? [];
  const onnx = names.includes("genai_config.json") || names.some(isOnnx) || ((await namesIn(path.join(model, "onnx"))) ?? []).some(isOnnx);
  if (onnx) return { engine: "onnx", path: model };
  const gguf = names.find((name) => /\.gguf$/i.test(name));
  if (gguf !== undefined) return { engine: "gguf", path: path.join(model, gguf) };
  throw new TunesmithError(
    "not-runnable",
    `${model} holds no model that runs here: neither an ONNX model (onnx/model.onnx) nor a GGUF file. Export the model to one of ` +
      "them, or choose another one.",
  );
}

const isOnnx = (name: string): boolean => name.endsWith(".onnx");

async function namesIn(folder: string): Promise<readonly string[] | undefined> {
  const found = await stat(folder).catch(() => undefined);
  return found?.isDirectory() === true ? await readdir(folder) : undefined;
}
