import { join } from "node:path";
import { type RunnableFile, preferredOnnx } from "../../core/inference/modelFiles";
import { runnableFiles } from "../../node/inference/modelFiles";
import type { Device } from "../../protocol/sidecar";
import { inferenceError } from "../errors";

/** An ONNX file of a model folder. */
export interface OnnxFile extends RunnableFile {
  /** Absolute. */
  readonly path: string;
}

/** The ONNX files of a model folder: the hub's layout (`onnx/model_q4.onnx`), one at the top, or ONNX Runtime GenAI's. */
export async function onnxFiles(folder: string): Promise<readonly OnnxFile[]> {
  return (await runnableFiles(folder)).onnx.map((file) => ({ ...file, path: join(folder, file.name) }));
}

/**
 * The file to load.
 * @throws TunesmithError `model-unusable` where there is none, or not the variant that was asked for.
 */
export function chooseFile(folder: string, files: readonly OnnxFile[], device: Device, variant: string | undefined): OnnxFile {
  const chosen = variant === undefined ? preferredOnnx(files, device) : files.find((file) => file.variant === variant);
  if (chosen !== undefined) return chosen;
  if (variant !== undefined && files.length > 0) {
    throw inferenceError("model-unusable", `${folder} has no ONNX file of the variant "${variant}". It has: ${files.map(({ name }) => name).join(", ")}.`);
  }
  throw inferenceError("model-unusable", `${folder} has no ONNX file (onnx/model.onnx or the like). Export the model to ONNX, use a GGUF file, or a server.`);
}
