import { TunesmithError, messageOf } from "../base/errors";

/**
 * - `engine-missing`: the package of the engine is not installed, or not for this machine.
 * - `model-unusable`: no file that the engine can use, or one that it does not understand.
 * - `device-unusable`: the device that was asked for does not work here.
 * - `prompt-too-long`: the prompt does not fit into the model's context.
 * - `no-such-model`: the handle names no loaded model.
 * - `bad-request`: a request that makes no sense, such as an id outside the vocabulary.
 * - `run-failed`: the engine failed while it computed; the message is its own.
 */
export type InferenceErrorCode = "engine-missing" | "model-unusable" | "device-unusable" | "prompt-too-long" | "no-such-model" | "bad-request" | "run-failed";

/** What goes wrong in the sidecar and is told to the host. */
export function inferenceError(code: InferenceErrorCode, message: string, cause?: unknown): TunesmithError {
  return new TunesmithError(code, message, cause === undefined ? undefined : { cause });
}

/** The first line of an engine's message, without the paths of its source files: what people can use of it. */
export function engineMessage(error: unknown): string {
  const line = messageOf(error).split("\n").find((text) => text.trim() !== "") ?? "";
  return line.replace(/\/\S+\.(?:cc|cpp|h):\d+\s+\S*/g, "").trim().slice(0, 500);
}
