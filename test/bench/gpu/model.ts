import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import * as path from "node:path";
import { ggufConfig, ggufTensors } from "../../support/models/ggufLlama";
import type { LlamaConfig, LlamaWeights } from "../../support/models/llama";
import { layerMatrices } from "../../support/models/llama";
import { onnxDecoder } from "../../support/models/onnxDecoder";
import { Random } from "../../support/random";
import { type GgufMetadata, ggufHeader } from "../../support/weights/gguf";

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
  const weights = randomWeights();
  if (kind === "F16" || kind === "Q4_0") makeGguf(path.join(folder, `model-${kind}.gguf`), weights, kind);
  else makeOnnx(path.join(folder, "onnx", `model_${kind}.onnx`), weights, kind);
}

/** What stands beside the weights: a configuration, and a vocabulary that can be written out. */
export function makeConfig(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "config.json"), JSON.stringify({ max_position_embeddings: SHAPE.context, vocab_size: SHAPE.vocabulary, eos_token_id: 2 }));
  const vocab = Object.fromEntries(vocabulary().map((text, id) => [text, id]));
  const model = { type: "BPE", vocab, merges: [], byte_fallback: false };
  writeFileSync(path.join(folder, "tokenizer.json"), JSON.stringify({ version: "1.0", added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, model }));
}

function vocabulary(): string[] {
  return Array.from({ length: SHAPE.vocabulary }, (_, id) => `t${id}`);
}

/** A million random numbers, repeated: speed does not depend on what they are. */
function randomWeights(): LlamaWeights {
  const random = new Random(1);
  const tile = Float32Array.from({ length: 1 << 20 }, () => (random.next() - 0.5) * 0.05);
  const matrices = layerMatrices(SHAPE);
  return {
    config: SHAPE,
    tensor: (name) => {
      if (name.includes("norm")) return new Float32Array(SHAPE.hidden).fill(1);
      const [rows, columns] = matrices[name.replace(/^model\.layers\.\d+\./, "").replace(/\.weight$/, "")] ?? [SHAPE.vocabulary, SHAPE.hidden];
      const values = new Float32Array(rows * columns);
      for (let at = 0; at < values.length; at += tile.length) values.set(tile.subarray(0, Math.min(tile.length, values.length - at)), at);
      return values;
    },
  };
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
  const tokens: GgufMetadata = {
    "tokenizer.ggml.model": { type: "string", value: "gpt2" },
    "tokenizer.ggml.pre": { type: "string", value: "default" },
    "tokenizer.ggml.tokens": { type: "array", of: "string", value: vocabulary() },
    "tokenizer.ggml.merges": { type: "array", of: "string", value: ["t 0"] },
  };
  const tensors = [...ggufTensors(weights, precision)];
  const data = openSync(file, "w");
  writeAll(data, ggufHeader(tensors, { metadata: { ...ggufConfig(weights, "random"), ...tokens } }));
  // The sizes of all matrices are multiples of the alignment.
  for (const { bytes } of tensors) writeAll(data, bytes);
  closeSync(data);
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, Math.min(bytes.length - at, 1 << 30));
}
