import { join } from "node:path";
import { readFile, stat } from "node:fs/promises";
import type { Device } from "../../protocol/sidecar";
import { listFiles } from "../../node/files";
import { inferenceError } from "../errors";

/** An ONNX file of a model folder. */
export interface OnnxFile {
  /** Absolute. */
  readonly path: string;
  /** Relative to the model folder. */
  readonly name: string;
  /** The ending that tells it from others: `q4f16`, or "" for `model.onnx`. */
  readonly variant: string;
  /** With the data beside it. */
  readonly bytes: number;
}

/**
 * What suits a device best: half precision where the device computes with it, else four bits, which are what reading memory
 * allows; whole precision last, for its size.
 */
const PREFERRED: Readonly<Record<string, readonly string[]>> = {
  webgpu: ["q4f16", "fp16", "q4", "quantized", ""],
  cuda: ["fp16", "q4f16", "", "q4", "quantized"],
  dml: ["q4f16", "fp16", "q4", "", "quantized"],
  coreml: ["fp16", "", "q4", "quantized"],
  cpu: ["q4", "quantized", "int8", "q4f16", "", "uint8", "bnb4", "fp16"],
};

/** A model this small is used in whole precision: nothing is gained by less. */
const SMALL_BYTES = 64 * 1024 * 1024;

/** The ONNX files of a model folder: the hub's layout (`onnx/model_q4.onnx`), one at the top, or ONNX Runtime GenAI's. */
export async function onnxFiles(folder: string): Promise<readonly OnnxFile[]> {
  const files: OnnxFile[] = [];
  for (const sub of ["onnx", "."]) {
    const names = await listFiles(join(folder, sub));
    for (const name of names) {
      const variant = /^model(?:_(\w+))?\.onnx$/.exec(name);
      if (variant === null) continue;
      files.push({ path: join(folder, sub, name), name: sub === "." ? name : `${sub}/${name}`, variant: variant[1] ?? "", bytes: await sizeOf(join(folder, sub), name, names) });
    }
  }
  return files.length > 0 ? files : genAiFile(folder);
}

/** genai_config.json names the decoder's file. */
async function genAiFile(folder: string): Promise<readonly OnnxFile[]> {
  const text = await readFile(join(folder, "genai_config.json"), "utf8").catch(() => undefined);
  if (text === undefined) return [];
  const name = genAiFileName(text);
  const names = await listFiles(folder);
  if (name === undefined || !names.includes(name)) return [];
  return [{ path: join(folder, name), name, variant: "", bytes: await sizeOf(folder, name, names) }];
}

function genAiFileName(text: string): string | undefined {
  try {
    const config = JSON.parse(text) as { readonly model?: { readonly decoder?: { readonly filename?: unknown } } } | null;
    const name = config?.model?.decoder?.filename;
    return typeof name === "string" ? name : undefined;
  } catch {
    return undefined;
  }
}

async function sizeOf(folder: string, name: string, names: readonly string[]): Promise<number> {
  const parts = names.filter((other) => other === name || other.startsWith(`${name}_data`) || other === `${name}.data`);
  const sizes = await Promise.all(parts.map(async (part) => (await stat(join(folder, part))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * The file to load.
 * @throws TunesmithError `model-unusable` where there is none, or not the variant that was asked for.
 */
export function chooseFile(folder: string, files: readonly OnnxFile[], device: Device, variant: string | undefined): OnnxFile {
  const [first] = files;
  if (first === undefined) {
    throw inferenceError("model-unusable", `${folder} has no ONNX file (onnx/model.onnx or the like). Export the model to ONNX, use a GGUF file, or a server.`);
  }
  if (variant !== undefined) {
    const chosen = files.find((file) => file.variant === variant);
    if (chosen !== undefined) return chosen;
    throw inferenceError("model-unusable", `${folder} has no ONNX file of the variant "${variant}". It has: ${files.map(({ name }) => name).join(", ")}.`);
  }
  const whole = files.find((file) => file.variant === "");
  if (whole !== undefined && whole.bytes <= SMALL_BYTES) return whole;
  for (const wanted of PREFERRED[device] ?? []) {
    const found = files.find((file) => file.variant === wanted);
    if (found !== undefined) return found;
  }
  return first;
}

/** Below this, a GPU costs more than it computes: starting its work takes longer than the work on a CPU. */
export function isTiny(files: readonly OnnxFile[]): boolean {
  return files.length > 0 && files.every(({ bytes }) => bytes <= SMALL_BYTES);
}
