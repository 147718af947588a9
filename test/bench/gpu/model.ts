import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import * as path from "node:path";
import { ggufTensors } from "../../support/models/ggufLlama";
import type { LlamaConfig, LlamaWeights } from "../../support/models/llama";
import { onnxDecoder } from "../../support/models/onnxDecoder";
import { randomGgufMetadata, randomWeights, writeRandomConfig } from "../../support/models/randomModel";
import { ggufHeader } from "../../support/weights/gguf";

/** 0.67 billion parameters. */
export const SHAPE: LlamaConfig = {
  layers: 12,
  hidden: 2048,
  heads: 32,
  kvHeads: 8,
  feedForward: 5632,
  vocabulary: 32000,
  context: 2048,
  theta: 10000,
  epsilon: 1e-5,
  tied: false,
};

/** The files of the benchmark's model. `packed` has one matrix for queries, keys and values. */
export const FILES = ["fp16", "fp16_packed", "q4f16", "q4f16_packed", "F16", "Q4_0"] as const;
export type FileKind = (typeof FILES)[number];

/** Writes one file of a model of random weights, as long as it takes to think about speed and nothing else. */
export function makeFile(folder: string, kind: FileKind): void {
  mkdirSync(path.join(folder, "onnx"), { recursive: true });
  const weights = randomWeights(SHAPE);
  if (kind === "F16" || kind === "Q4_0") makeGguf(path.join(folder, `model-${kind}.gguf`), weights, kind);
  else makeOnnx(path.join(folder, "onnx", `model_${kind}.onnx`), weights, kind);
}

/** What stands beside the weights. */
export function makeConfig(folder: string): void {
  writeRandomConfig(folder, SHAPE);
}

function makeOnnx(file: string, weights: LlamaWeights, kind: string): void {
  const data = openSync(`${file}_data`, "w");
  let offset = 0;
  const bytes = onnxDecoder(weights, {
    precision: kind.startsWith("fp16") ? "fp16" : "q4f16",
    packed: kind.endsWith("packed"),
    external: (tensor) => {
      writeAll(data, tensor);
      const place = { location: `${path.basename(file)}_data`, offset, length: tensor.length };
      offset += tensor.length;
      return place;
    },
  });
  closeSync(data);
  writeFileSync(file, bytes);
}

function makeGguf(file: string, weights: LlamaWeights, precision: "F16" | "Q4_0"): void {
  const tensors = [...ggufTensors(weights, precision)];
  const data = openSync(file, "w");
  writeAll(data, ggufHeader(tensors, { metadata: randomGgufMetadata(weights) }));
  // The sizes of all matrices are multiples of the alignment.
  for (const { bytes } of tensors) writeAll(data, bytes);
  closeSync(data);
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, Math.min(bytes.length - at, 1 << 30));
}
