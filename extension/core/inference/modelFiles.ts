import type { Device, LocalEngine } from "../../protocol/sidecar";

/** A file of a model folder or repository. */
export interface ListedFile {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly size: number;
}

/** One of the forms in which a model can be run. */
export interface RunnableFile {
  /** The file that is loaded, relative to the model's folder. */
  readonly name: string;
  /** The ending that tells an ONNX file from others: `q4f16`, or "" for `model.onnx`; "" for GGUF files. */
  readonly variant: string;
  /** Together with the data beside it. */
  readonly bytes: number;
  /** The file and the data beside it. */
  readonly parts: readonly string[];
}

/** One of the forms in which a model of the hub can be run here. */
export interface HubRunnable extends RunnableFile {
  readonly engine: LocalEngine;
  /** What is to be downloaded of it; 0 where all is in the cache. */
  readonly missingBytes: number;
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

/** The ONNX decoders among files: the hub's layout (`onnx/model_q4.onnx`), one at the top, or the one that genai_config.json names. */
export function onnxFilesIn(files: readonly ListedFile[], genAiConfig?: string): readonly RunnableFile[] {
  const found = files.flatMap(({ path }) => {
    const variant = /^(?:onnx\/)?model(?:_(\w+))?\.onnx$/.exec(path);
    return variant === null ? [] : [withParts(files, path, variant[1] ?? "")];
  });
  // Those in the hub's own folder first.
  if (found.length > 0) return found.sort((a, b) => Number(b.name.includes("/")) - Number(a.name.includes("/")));
  const named = genAiConfig === undefined ? undefined : genAiFileName(genAiConfig);
  return files.some(({ path }) => path === named) ? [withParts(files, named ?? "", "")] : [];
}

/** The GGUF files among files, of several parts the first; projectors of images are none. */
export function ggufFilesIn(files: readonly ListedFile[]): readonly RunnableFile[] {
  const ggufs = files.filter(({ path }) => /\.gguf$/i.test(path) && !/mmproj/i.test(path)).sort((a, b) => (a.path < b.path ? -1 : 1));
  return ggufs.flatMap(({ path }) => {
    const part = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i.exec(path);
    if (part !== null && part[2] !== "00001") return [];
    const parts = part === null ? [path] : ggufs.map((other) => other.path).filter((other) => other.startsWith(`${part[1]}-`) && other.endsWith(`-of-${part[3]}.gguf`));
    return [{ name: path, variant: "", parts, bytes: bytesOf(files, parts) }];
  });
}

/** The ONNX file that suits a device best; undefined where there is none. */
export function preferredOnnx<File extends RunnableFile>(files: readonly File[], device: Device): File | undefined {
  const whole = files.find(({ variant }) => variant === "");
  if (whole !== undefined && whole.bytes <= SMALL_BYTES) return whole;
  const wanted = (PREFERRED[device] ?? []).map((variant) => files.find((file) => file.variant === variant));
  return wanted.find((file) => file !== undefined) ?? files[0];
}

/** Below this, a GPU costs more than it computes: starting its work takes longer than the work on a CPU. */
export function isTiny(files: readonly RunnableFile[]): boolean {
  return files.length > 0 && files.every(({ bytes }) => bytes <= SMALL_BYTES);
}

function withParts(files: readonly ListedFile[], name: string, variant: string): RunnableFile {
  const parts = files.map(({ path }) => path).filter((path) => path === name || path.startsWith(`${name}_data`) || path === `${name}.data`);
  return { name, variant, parts, bytes: bytesOf(files, parts) };
}

function bytesOf(files: readonly ListedFile[], parts: readonly string[]): number {
  return files.reduce((sum, { path, size }) => (parts.includes(path) ? sum + size : sum), 0);
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
