import { existsSync } from "node:fs";
import * as path from "node:path";
import type { JsonObject } from "../../../extension/core/dataset/conversation";
import { Sidecar, type SidecarOptions } from "../../../extension/node/sidecar/sidecar";
import { loadModel } from "../../../extension/node/loadModel";
import type { PromptModel } from "../../../extension/core/model/promptModel";
import { chatPrompt } from "../../../extension/core/playground/chatPrompt";
import { onProcessEnd } from "../cleanup";
import { root } from "../paths";

/** The embedded model's folder. */
export const EMBEDDED = path.join(root, "extension", "assets", "model");

/** The inference process as it is built. It ends with the test's. */
export function startSidecar(options: Omit<SidecarOptions, "bundle"> = {}): Sidecar {
  const sidecar = new Sidecar({ ...options, bundle: path.join(root, "dist", "sidecar.js") });
  onProcessEnd(() => sidecar.dispose());
  return sidecar;
}

let embedded: Promise<PromptModel> | undefined;

/** The ids of a conversation with the embedded model, as its template and tokenizer make them; texts are turns, the user's first. */
export async function questionIds(...turns: readonly string[] | readonly [readonly JsonObject[]]): Promise<Uint32Array> {
  embedded ??= loadModel({ source: EMBEDDED }).then(({ model }) => model);
  const messages = turns.flatMap((turn, i): readonly JsonObject[] => (typeof turn === "string" ? [{ role: i % 2 === 0 ? "user" : "assistant", content: turn }] : turn));
  return chatPrompt(await embedded, { messages, addGenerationPrompt: true, variables: {} }).ids;
}

const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";

/**
 * Makes processes started from here find a GPU that is emulated on the CPU, which comes with Debian's chromium (the tests' setup
 * installs it). Must be called before a sidecar starts. Says why not where it is missing: a failure in CI.
 */
export function useSoftwareGpu(): string | undefined {
  if (!existsSync(SWIFTSHADER)) {
    const reason = `There is no ${SWIFTSHADER}: install Debian's chromium (node test/host/install.mjs) to run on an emulated GPU.`;
    if (process.env["CI"] !== undefined) throw new Error(reason);
    return reason;
  }
  process.env["VK_ICD_FILENAMES"] = SWIFTSHADER;
  // Its Vulkan loader stands beside it.
  process.env["LD_LIBRARY_PATH"] = path.dirname(SWIFTSHADER);
  return undefined;
}
