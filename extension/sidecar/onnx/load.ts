import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { isTiny } from "../../core/inference/modelFiles";
import type { Device, DeviceChoice, LoadRequest } from "../../protocol/sidecar";
import type { EngineModel } from "../engine";
import { engineMessage, inferenceError } from "../errors";
import { readModelConfig } from "../modelConfig";
import { OnnxDecoder } from "./decoder";
import { type ProbeResult, probeDevices, sessionOptions } from "./devices";
import { readModel } from "./graph/model";
import { addTail, canRewrite, wrapInLoop } from "./graph/rewrite";
import { type OnnxFile, chooseFile, onnxFiles } from "./modelFiles";
import { OnnxModel } from "./model";
import { type Runtime, type Session, type SessionOptions, onnxRuntime } from "./runtime";
import { CacheSlicer } from "./slicer";

/** A larger graph file, weights included, is not rewritten: that takes its size in memory twice. Large models have their weights beside. */
const MAX_REWRITTEN_BYTES = 512 * 1024 * 1024;

/** Where neither the model nor the request says: enough for a conversation. */
const DEFAULT_CONTEXT = 4096;

/** Loads a decoder of a model folder onto a device. */
export async function loadOnnx(request: LoadRequest, log: (message: string) => void): Promise<EngineModel> {
  const runtime = await onnxRuntime();
  const files = await onnxFiles(request.path);
  const { device, notes } = await chooseDevice(request.device, isTiny(files));
  const file = chooseFile(request.path, files, device, request.variant);
  const config = await readModelConfig(request.path);
  log(`Loading ${file.path} on ${device}.`);
  const threads = request.threads ?? (isTiny(files) ? 1 : undefined);
  const decoder = await openDecoder(runtime, file, device, threads, log).catch((error: unknown) => {
    throw error instanceof Error && "code" in error ? error : inferenceError("model-unusable", `${file.name} cannot be loaded on ${device}: ${engineMessage(error)}`, error);
  });
  const vocabularySize = config.vocabularySize ?? Number.MAX_SAFE_INTEGER;
  const contextLength = Math.min(request.contextLength ?? Infinity, config.contextLength ?? DEFAULT_CONTEXT);
  return new OnnxModel(decoder, { engine: "onnx", device, file: file.name, vocabularySize, contextLength, stopIds: config.stopIds, notes });
}

async function chooseDevice(choice: DeviceChoice, tiny: boolean): Promise<{ readonly device: Device; readonly notes: readonly string[] }> {
  if (choice === "cpu" || (choice === "auto" && tiny)) return { device: "cpu", notes: [] };
  const probes = await probeDevices();
  if (choice === "auto") return { device: fastest(probes), notes: [] };
  const found = probes.find(({ device }) => device === choice);
  if (found?.works === true) return { device: choice, notes: [] };
  // Asked for by name, it is not replaced in silence.
  const reason = found === undefined ? "this build of ONNX Runtime does not have it." : (found.reason ?? "it does not work.");
  throw inferenceError("device-unusable", `The device ${choice} cannot be used here: ${reason} Choose auto or cpu.`);
}

/** The first that computes faster than the CPU: a GPU that is emulated in software does not. */
function fastest(probes: readonly ProbeResult[]): Device {
  const cpu = probes.find(({ device }) => device === "cpu")?.milliseconds ?? Infinity;
  return probes.find(({ works, milliseconds }) => works && (milliseconds ?? Infinity) < cpu)?.device ?? "cpu";
}

async function openDecoder(runtime: Runtime, file: OnnxFile, device: Device, threads: number | undefined, log: (message: string) => void): Promise<OnnxDecoder> {
  const options = sessionOptions(device, threads);
  const { session, form } = await openSession(runtime, file, device, options, log);
  const slicer = device === "webgpu" ? await CacheSlicer.create(runtime, cacheTypeOf(session), options) : undefined;
  return new OnnxDecoder({ runtime, session, device, form, slicer });
}

function cacheTypeOf(session: Session): "float32" | "float16" {
  const type = session.inputMetadata.find(({ name }) => name.includes("past_key_values."));
  return type?.isTensor === true && type.type === "float16" ? "float16" : "float32";
}

async function openSession(runtime: Runtime, file: OnnxFile, device: Device, options: SessionOptions, log: (message: string) => void): Promise<{ readonly session: Session; readonly form: "plain" | "tail" | "loop" }> {
  const onDevice = device === "webgpu";
  const placed = (names: readonly string[]): SessionOptions => (onDevice ? { ...options, preferredOutputLocation: Object.fromEntries(names.map((name) => [name, "gpu-buffer"])) } : options);
  const rewritten = await rewrite(file.path, onDevice ? "tail" : "loop");
  if (rewritten !== undefined) {
    try {
      const extra = { session: { ...(options.extra?.["session"] as object | undefined), model_external_initializers_file_folder_path: dirname(file.path) } };
      return { session: await runtime.InferenceSession.create(rewritten.bytes, { ...placed(rewritten.presents), extra }), form: rewritten.form };
    } catch (error) {
      log(`The rewritten decoder could not be loaded, so it runs as it is: ${engineMessage(error)}`);
    }
  }
  // Names are needed before the session is made, and only a session of a model that is not rewritten would tell them.
  const names = onDevice ? (await presentNames(runtime, file.path)) : [];
  return { session: await runtime.InferenceSession.create(file.path, placed(names)), form: "plain" };
}

interface Rewritten {
  readonly bytes: Uint8Array;
  readonly form: "tail" | "loop";
  readonly presents: readonly string[];
}

async function rewrite(path: string, form: "tail" | "loop"): Promise<Rewritten | undefined> {
  if ((await stat(path)).size > MAX_REWRITTEN_BYTES) return undefined;
  const model = readModel(await readFile(path));
  if (!canRewrite(model)) return undefined;
  const presents = model.outputs.map(({ name }) => name).filter((name) => name.startsWith("present."));
  return { bytes: form === "tail" ? addTail(model) : wrapInLoop(model), form, presents };
}

async function presentNames(runtime: Runtime, path: string): Promise<readonly string[]> {
  const session = await runtime.InferenceSession.create(path, { executionProviders: ["cpu"], graphOptimizationLevel: "disabled" });
  const names = session.outputNames.filter((name) => name.startsWith("present."));
  await session.release();
  return names;
}
