import { join } from "node:path";
import { TunesmithError } from "../../base/errors";
import { type HubRunnable, type ListedFile, type RunnableFile, ggufFilesIn, onnxFilesIn, preferredOnnx } from "../../core/inference/modelFiles";
import type { Device, LocalEngine } from "../../protocol/sidecar";
import type { LocalModelPath } from "../inference/engineOf";
import type { HubModel } from "./hubModel";

export interface HubRunnableOptions {
  /** The GGUF file that is meant, where one was named. */
  readonly file?: string | undefined;
  readonly engine?: LocalEngine | undefined;
  /** What it is to run on; what suits it comes first. */
  readonly device: Device;
}

/**
 * The forms of a model that can be run, the best one first. Nothing of them is downloaded.
 * @throws TunesmithError `not-runnable` where there is none; errors of the hub.
 */
export async function hubRunnables(hub: HubModel, { file, engine, device }: HubRunnableOptions): Promise<readonly HubRunnable[]> {
  const folders = file === undefined ? ["", "onnx"] : [file.slice(0, Math.max(0, file.lastIndexOf("/")))];
  const files: (ListedFile & { readonly cached: boolean })[] = [];
  for (const folder of folders) files.push(...(await hub.describe(folder, (name) => /\.(?:onnx|gguf)\b|\.onnx_data/i.test(name))));
  const genAi = file === undefined ? await hub.folder.read("genai_config.json") : undefined;
  const onnx = engine === "gguf" || file !== undefined ? [] : onnxFilesIn(files, genAi === undefined ? undefined : new TextDecoder().decode(genAi));
  const gguf = engine === "onnx" ? [] : ggufFilesIn(files).filter(({ name }) => file === undefined || name === file);
  const best = preferredOnnx(onnx, device);
  const missing = ({ parts }: RunnableFile): number => files.reduce((sum, { path, size, cached }) => (parts.includes(path) && !cached ? sum + size : sum), 0);
  const found: HubRunnable[] = [
    ...(best === undefined ? [] : [best, ...onnx.filter((each) => each !== best)]).map((each) => ({ ...each, engine: "onnx" as const, missingBytes: missing(each) })),
    ...gguf.map((each) => ({ ...each, engine: "gguf" as const, missingBytes: missing(each) })),
  ];
  if (found.length > 0) return found;
  const wanted = file ?? (engine === undefined ? "neither ONNX nor GGUF files" : engine === "onnx" ? "no ONNX files" : "no GGUF files");
  throw new TunesmithError("not-runnable", `${hub.name} has ${file === undefined ? "" : "no file "}${wanted} that can be run here. Look for a repository of the model with them (onnx-community, or names that end in -GGUF), or use a server.`);
}

/**
 * Brings a form of a model, and what says how it reads text, into the hub's cache. What is there already is not loaded again.
 * @throws errors of the hub; TunesmithError `disk-full`, `cannot-write`; CancelledError.
 */
export async function downloadRunnable(hub: HubModel, { engine, name, parts }: Pick<HubRunnable, "engine" | "name" | "parts">): Promise<LocalModelPath> {
  // A GGUF file has its tokenizer and template itself.
  if (engine === "onnx") {
    await hub.download();
    await hub.folder.read("genai_config.json");
  }
  const folder = await hub.fetch(parts);
  return { engine, path: engine === "gguf" ? join(folder, ...name.split("/")) : folder };
}
