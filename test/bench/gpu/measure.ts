import type { Token } from "node-llama-cpp";
import { Sidecar } from "../../../extension/node/sidecar/sidecar";
import type { Device, LocalEngine } from "../../../extension/protocol/sidecar";
import { Random } from "../../support/random";
import { SHAPE } from "./model";

export interface Speed extends Run {
  readonly what: string;
  /** The first run after loading, as users meet it; undefined where it is not measured. */
  readonly first?: Run | undefined;
}

export interface Run {
  readonly decodePerSecond: number;
  readonly prefillMs: number;
}

const PROMPT = 512;
const ANSWER = 256;
/** The first runs compile shaders and fill memory pools; they are not counted, the very first is told of beside. */
const WARM_UP = 2;
const RUNS = 5;

/** Our engine, in its own process, as users have it. */
export async function measureOurs(what: string, request: { readonly engine: LocalEngine; readonly path: string; readonly device: Device; readonly variant?: string }): Promise<Speed> {
  const sidecar = new Sidecar({ bundle: process.env["TUNESMITH_SIDECAR"] ?? "dist/sidecar.js", onLog: (level, message) => level !== "debug" && console.log(`  ${message}`) });
  try {
    const model = await sidecar.load({ ...request, contextLength: 1024 });
    const runs: Run[] = [];
    for (let run = 0; run < WARM_UP + RUNS; run++) {
      const { decodeTokensPerSecond, prefillMs, ids } = await model.generate({ prompt: promptOf(run), maxNewTokens: ANSWER, stopIds: [] });
      if (ids.length !== ANSWER) throw new Error(`${ids.length} tokens came instead of ${ANSWER}.`);
      runs.push({ decodePerSecond: decodeTokensPerSecond, prefillMs });
    }
    return { what, ...median(runs.slice(WARM_UP)), first: runs[0] };
  } finally {
    sidecar.dispose();
  }
}

/** node-llama-cpp with nothing of ours around it. */
export async function measureLlama(what: string, modelPath: string): Promise<Speed> {
  const { getLlama, LlamaLogLevel } = await import("node-llama-cpp");
  const llama = await getLlama({ build: "never", skipDownload: true, progressLogs: false, logLevel: LlamaLogLevel.error });
  const model = await llama.loadModel({ modelPath });
  const context = await model.createContext({ contextSize: 1024, threads: 8 });
  const sequence = context.getSequence();
  const runs: Run[] = [];
  for (let run = 0; run < WARM_UP + RUNS; run++) {
    await sequence.clearHistory();
    const started = performance.now();
    let first = 0;
    let count = 0;
    for await (const _token of sequence.evaluate(Array.from(promptOf(run)) as Token[], { temperature: 0, yieldEogToken: true })) {
      if (count === 0) first = performance.now();
      if (++count === ANSWER) break;
    }
    runs.push({ prefillMs: first - started, decodePerSecond: (ANSWER - 1) / ((performance.now() - first) / 1000) });
  }
  await llama.dispose();
  return { what, ...median(runs.slice(WARM_UP)), first: runs[0] };
}

/** A prompt that no earlier run has the beginning of. */
function promptOf(run: number): Uint32Array {
  const random = new Random(run + 1);
  return Uint32Array.from({ length: PROMPT }, () => 3 + Math.floor(random.next() * (SHAPE.vocabulary - 3)));
}

function median(runs: readonly Run[]): Run {
  const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
  return { decodePerSecond: middle(runs.map((run) => run.decodePerSecond)), prefillMs: middle(runs.map((run) => run.prefillMs)) };
}
