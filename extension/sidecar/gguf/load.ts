import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Llama, LlamaModel as LoadedLlama } from "node-llama-cpp";
import type { Device, DeviceChoice, LoadRequest } from "../../protocol/sidecar";
import type { EngineModel } from "../engine";
import { engineMessage, inferenceError } from "../errors";
import { defaultThreads } from "../host";
import { readModelConfig } from "../modelConfig";
import { GgufModel } from "./model";

/** A model this small is quicker on the CPU, and with one thread. */
const TINY_BYTES = 64 * 1024 * 1024;

/** Memory for a context is taken when the model is loaded, so that of models which could have a million tokens is bounded. */
const LARGEST_AUTOMATIC_CONTEXT = 8192;

/** Loads a GGUF file with llama.cpp, from the package's own binaries: nothing is built or downloaded. */
export async function loadGguf(request: LoadRequest, log: (message: string) => void): Promise<EngineModel> {
  const { size } = await stat(request.path).catch((error: unknown) => {
    throw inferenceError("model-unusable", `Cannot read ${request.path}. Check the path.`, error);
  });
  const tiny = size <= TINY_BYTES;
  const llama = await openLlama(request.device === "auto" && tiny ? "cpu" : request.device, log);
  const device: Device = llama.gpu === false ? "cpu" : llama.gpu;
  log(`Loading ${request.path} on ${device}.`);
  const failed = (error: unknown): never => {
    throw inferenceError("model-unusable", `${basename(request.path)} cannot be loaded on ${device}: ${engineMessage(error)}`, error);
  };
  const model = await llama.loadModel({ modelPath: request.path, ...(device === "cpu" ? { gpuLayers: 0 } : {}) }).catch(failed);
  const wanted = Math.min(request.contextLength ?? LARGEST_AUTOMATIC_CONTEXT, model.trainContextSize);
  // Its own default is one thread a logical processor, which slows a small model a hundredfold.
  const threads = request.threads ?? (tiny ? 1 : defaultThreads());
  const context = await model.createContext({ contextSize: { max: wanted }, threads, sequences: 1 }).catch(failed);
  const config = await readModelConfig(dirname(request.path));
  const stopIds = config.stopIds.length > 0 ? config.stopIds : ownStopIds(model);
  const notes = context.contextSize < model.trainContextSize ? [`The context has room for ${context.contextSize} tokens; the model was made for ${model.trainContextSize}.`] : [];
  return new GgufModel(llama, model, context.getSequence(), {
    engine: "gguf",
    device,
    file: basename(request.path),
    vocabularySize: model.fileInfo.metadata.tokenizer.ggml.tokens.length,
    contextLength: context.contextSize,
    stopIds,
    notes,
  });
}

async function openLlama(choice: DeviceChoice, log: (message: string) => void): Promise<Llama> {
  const { getLlama, LlamaLogLevel } = await import("node-llama-cpp").catch((error: unknown) => {
    throw inferenceError("engine-missing", `llama.cpp is not available on this machine (${engineMessage(error)}). Install the edition of Tunesmith for your platform, use an ONNX model, or a server.`, error);
  });
  const gpu = choice === "cpu" ? false : choice === "cuda" || choice === "vulkan" || choice === "metal" ? choice : "auto";
  try {
    return await getLlama({ gpu, build: "never", skipDownload: true, progressLogs: false, logLevel: LlamaLogLevel.warn, logger: (_level, message) => log(message) });
  } catch (error) {
    throw inferenceError("device-unusable", `llama.cpp cannot use ${choice} here: ${engineMessage(error)} Choose auto or cpu.`, error);
  }
}

function ownStopIds({ tokens }: LoadedLlama): number[] {
  return [tokens.eos, tokens.eot].filter((id): id is NonNullable<typeof id> => id !== null);
}
