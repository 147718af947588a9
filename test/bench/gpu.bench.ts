import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Worker, isMainThread, workerData } from "node:worker_threads";
import { Sidecar } from "../../extension/node/sidecar/sidecar";
import type { Device } from "../../extension/protocol/sidecar";
import { temporaryFolder } from "../support/cleanup";
import { type Run, type Speed, measureLlama, measureOurs } from "./gpu/measure";
import { FILES, type FileKind, makeConfig, makeFile } from "./gpu/model";

interface MakeOrder {
  readonly folder: string;
  readonly kind: FileKind;
}

if (!isMainThread) {
  const { folder, kind } = workerData as MakeOrder;
  makeFile(folder, kind);
}

/** How often the two that run GGUF files are measured. */
const TURNS = 3;

/**
 * Speed of inference on a GPU: a model of random weights (0.67 billion parameters), a prompt of 512 tokens, 256 more, greedy,
 * medians of five warm runs and the first run of all; beside node-llama-cpp alone and transformers in the same run. Left out where there is no GPU.
 * `TUNESMITH_BENCH_MODELS` names a folder for the model's files (8 GB), which are kept; `TUNESMITH_BENCH_ONLY` a part of names.
 */
export async function bench(): Promise<void> {
  const devices = await gpuDevices();
  if (devices.length === 0) {
    console.log("Left out: no GPU that ONNX Runtime can use.");
    return;
  }
  const folder = process.env["TUNESMITH_BENCH_MODELS"] ?? temporaryFolder("gpu");
  await makeModel(folder);
  const only = process.env["TUNESMITH_BENCH_ONLY"] ?? "";
  const speeds: Speed[] = [];
  const add = async (what: string, measure: () => Promise<Speed>): Promise<void> => {
    if (!what.includes(only)) return;
    try {
      const speed = await measure();
      speeds.push(speed);
      console.log(row(speed));
    } catch (error) {
      console.log(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  for (const device of devices) {
    for (const variant of FILES.filter((kind) => /^[a-z]/.test(kind))) {
      const what = `onnx, ${device}, ${variant}`;
      await add(what, () => measureOurs(what, { engine: "onnx", path: folder, device, variant }));
    }
  }
  for (const kind of ["F16", "Q4_0"]) {
    const file = path.join(folder, `model-${kind}.gguf`);
    // In turns, since a GPU's clock drifts by more than what the two differ by.
    for (let turn = 1; turn <= TURNS; turn++) {
      await add(`node-llama-cpp alone, ${kind}, ${turn}`, () => measureLlama(`node-llama-cpp alone, ${kind}, ${turn}`, file));
      await add(`gguf, ${kind}, ${turn}`, () => measureOurs(`gguf, ${kind}, ${turn}`, { engine: "gguf", path: file, device: "vulkan" }));
    }
  }
  if ("Hugging Face".includes(only)) speeds.push(...huggingFace());
  console.log(`\n| engine | decode tokens/s | prefill ms | first answer: tokens/s | prefill ms |\n|---|---|---|---|---|\n${speeds.map(row).join("\n")}`);
}

async function gpuDevices(): Promise<readonly Device[]> {
  const sidecar = new Sidecar({ bundle: process.env["TUNESMITH_SIDECAR"] ?? "dist/sidecar.js" });
  const reports = await sidecar.devices();
  sidecar.dispose();
  for (const { device, works, reason } of reports) console.log(`${device}: ${works ? "works" : (reason ?? "does not work")}`);
  return reports.filter(({ works, device }) => works && device !== "cpu").map(({ device }) => device);
}

async function makeModel(folder: string): Promise<void> {
  makeConfig(folder);
  const missing = FILES.filter((kind) => !existsSync(path.join(folder, fileOf(kind))));
  // Each takes half a minute and 3 GB of memory.
  const atOnce = Math.max(1, Math.min(os.availableParallelism() >> 1, Math.floor(os.totalmem() / 8e9)));
  for (let at = 0; at < missing.length; at += atOnce) {
    await Promise.all(missing.slice(at, at + atOnce).map((kind) => finished(new Worker(new URL(import.meta.url), { workerData: { folder, kind } satisfies MakeOrder, resourceLimits: { maxOldGenerationSizeMb: 8000 } }))));
  }
}

function fileOf(kind: FileKind): string {
  return /^[a-z]/.test(kind) ? path.join("onnx", `model_${kind}.onnx`) : `model-${kind}.gguf`;
}

function finished(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("exit", () => resolve());
  });
}

function huggingFace(): Speed[] {
  const { stdout, status } = spawnSync(process.env["PYTHON"] ?? "python3", [process.env["TUNESMITH_BENCH_HF"] ?? "test/bench/gpu/huggingface.py"], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  if (status !== 0) console.log("transformers with CUDA is not here, so its figures are left out.");
  const lines = stdout.split("\n").filter((line) => line.includes("\t"));
  return lines.map((line) => {
    const [what = "", ...numbers] = line.split("\t");
    const [decodePerSecond = 0, prefillMs = 0, firstRate = 0, firstPrefill = 0] = numbers.map(Number);
    return { what, decodePerSecond, prefillMs, first: { decodePerSecond: firstRate, prefillMs: firstPrefill } };
  });
}

function row({ what, first, ...warm }: Speed): string {
  return `| ${[what, ...figures(warm), ...(first === undefined ? ["", ""] : figures(first))].join(" | ")} |`;
}

function figures({ decodePerSecond, prefillMs }: Run): readonly string[] {
  return [decodePerSecond.toFixed(0), prefillMs.toFixed(0)];
}
