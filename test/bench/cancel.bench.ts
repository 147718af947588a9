import { availableParallelism, cpus } from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Sidecar } from "../../extension/node/sidecar/sidecar";
import type { SidecarModel } from "../../extension/node/sidecar/model";
import { temporaryFolder } from "../support/cleanup";
import { startSidecar } from "../support/inference/sidecar";
import type { LlamaConfig } from "../support/models/llama";
import { writeRandomModel } from "../support/models/randomModel";
import { Random } from "../support/random";

const COMMON = { vocabulary: 2048, context: 4096, theta: 10000, epsilon: 1e-5, tied: false } as const;
const SHAPES: Readonly<Record<string, LlamaConfig>> = {
  "14 M parameters": { ...COMMON, layers: 4, hidden: 512, heads: 8, kvHeads: 4, feedForward: 1408 },
  "90 M parameters": { ...COMMON, layers: 8, hidden: 1024, heads: 16, kvHeads: 8, feedForward: 2816 },
};
const ROUNDS = 10;
const LONG = Uint32Array.from({ length: 3000 }, (_, i) => (i % 2000) + 10);
const SHORT = LONG.subarray(0, 8);

/** How long after a cancellation the model is free for the next request: in the middle of a long prompt, and of an answer. */
export async function bench(): Promise<void> {
  console.log(`${cpus()[0]?.model ?? "a processor"}, ${availableParallelism()} threads`);
  for (const [name, shape] of Object.entries(SHAPES)) {
    const folder = path.join(temporaryFolder("bench-cancel"), "model");
    const gguf = writeRandomModel(folder, shape);
    for (const engine of ["onnx", "gguf"] as const) {
      const sidecar = startSidecar();
      const model = await sidecar.load({ engine, path: engine === "onnx" ? folder : gguf, device: "cpu", contextLength: shape.context });
      const random = new Random(1);
      const figures: string[] = [];
      for (const [what, prompt] of [["prompt", LONG], ["answer", SHORT]] as const) {
        const times: number[] = [];
        for (let round = 0; round < ROUNDS; round++) times.push(await cancelled(sidecar, model, prompt, 200 + random.next() * 800));
        times.sort((a, b) => a - b);
        figures.push(`in the ${what}: median ${times[ROUNDS >> 1]?.toFixed(0)} ms, at most ${times.at(-1)?.toFixed(0)} ms`);
      }
      console.log(`${name}, ${engine} on the CPU: ${figures.join("; ")}`);
      sidecar.dispose();
    }
  }
}

/** Milliseconds from the cancellation, `afterMs` behind the request, until the process takes the next one. */
async function cancelled(sidecar: Sidecar, model: SidecarModel, prompt: Uint32Array, afterMs: number): Promise<number> {
  // What the last round has left in the cache is not to be used again.
  await model.generate({ prompt: Uint32Array.of(5), maxNewTokens: 1, stopIds: [] });
  const abort = new AbortController();
  const running = model.generate({ prompt, maxNewTokens: 4000, stopIds: [] }, { signal: abort.signal }).catch(() => undefined);
  await sleep(afterMs);
  const started = performance.now();
  abort.abort();
  // Requests are done one after the other; this one does nothing.
  await sidecar.request("unload", { handle: -1 });
  const milliseconds = performance.now() - started;
  await running;
  return milliseconds;
}
