import type * as Ort from "onnxruntime-node";
import { lazy } from "../../base/lazy";
import { engineMessage, inferenceError } from "../errors";

export type Runtime = typeof Ort;
export type Session = Ort.InferenceSession;
export type SessionOptions = Ort.InferenceSession.SessionOptions;
export type OrtTensor = Ort.Tensor;

/**
 * ONNX Runtime, loaded by the first that needs it. `TUNESMITH_ONNXRUNTIME` names the folder of another onnxruntime-node, such as
 * one whose install script brought the CUDA libraries.
 * @throws TunesmithError `engine-missing`.
 */
export const onnxRuntime: () => Promise<Runtime> = lazy(async () => {
  try {
    return await load();
  } catch (error) {
    throw inferenceError("engine-missing", `ONNX Runtime is not available on this machine (${engineMessage(error)}). Install the edition of Tunesmith for your platform, use a GGUF model, or a server.`, error);
  }
});

async function load(): Promise<Runtime> {
  hideHalfArrays();
  avoidPlannedAttention();
  const folder = process.env["TUNESMITH_ONNXRUNTIME"];
  if (folder === undefined || folder === "") return await import("onnxruntime-node");
  const module = (await import(folder.endsWith(".js") ? folder : `${folder}/dist/index.js`)) as Runtime & { readonly default?: Runtime };
  return module.default ?? module;
}

/**
 * Where JavaScript has `Float16Array` (Node 24, today's Electron), ONNX Runtime's own JavaScript wraps halves in one, which its
 * native part then takes for an empty array: the cache of an fp16 model could not be fed again. Without it halves are
 * `Uint16Array` everywhere, as this engine reads them. Nothing else in this process uses it.
 */
function hideHalfArrays(): void {
  Reflect.deleteProperty(globalThis, "Float16Array");
}

/**
 * From Hopper on, ONNX Runtime has cuDNN compute attention, which makes a plan of 4 ms in each layer for every length of the
 * conversation it has not met: 20 tokens a second where its own kernels give 400. Whoever sets the variable is left to it. What
 * runs on CUDA reads it when its first session is made.
 */
function avoidPlannedAttention(): void {
  process.env["ORT_ENABLE_CUDNN_FLASH_ATTENTION"] ??= "0";
}
