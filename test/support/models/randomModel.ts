import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { Random } from "../random";
import { type GgufMetadata, writeGguf } from "../weights/gguf";
import { ggufConfig, ggufTensors } from "./ggufLlama";
import { type LlamaConfig, type LlamaWeights, layerMatrices } from "./llama";
import { onnxDecoder } from "./onnxDecoder";

/** Weights that are good for thinking about time and memory, and nothing else: random numbers, repeated. */
export function randomWeights(config: LlamaConfig): LlamaWeights {
  const random = new Random(1);
  const tile = Float32Array.from({ length: 1 << 20 }, () => (random.next() - 0.5) * 0.05);
  const matrices = layerMatrices(config);
  return {
    config,
    tensor: (name) => {
      if (name.includes("norm")) return new Float32Array(config.hidden).fill(1);
      const [rows, columns] = matrices[name.replace(/^model\.layers\.\d+\./, "").replace(/\.weight$/, "")] ?? [config.vocabulary, config.hidden];
      const values = new Float32Array(rows * columns);
      for (let at = 0; at < values.length; at += tile.length) values.set(tile.subarray(0, Math.min(tile.length, values.length - at)), at);
      return values;
    },
  };
}

/** Writes what stands beside the weights: a configuration, and a vocabulary that can be written out. */
export function writeRandomConfig(folder: string, { context, vocabulary }: LlamaConfig): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "config.json"), JSON.stringify({ max_position_embeddings: context, vocab_size: vocabulary, eos_token_id: 2 }));
  const vocab = Object.fromEntries(pieces(vocabulary).map((text, id) => [text, id]));
  const model = { type: "BPE", vocab, merges: [], byte_fallback: false };
  writeFileSync(path.join(folder, "tokenizer.json"), JSON.stringify({ version: "1.0", added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, model }));
}

/** The metadata of a GGUF file of such weights. */
export function randomGgufMetadata(weights: LlamaWeights): GgufMetadata {
  return {
    ...ggufConfig(weights, "random"),
    "tokenizer.ggml.model": { type: "string", value: "gpt2" },
    "tokenizer.ggml.pre": { type: "string", value: "default" },
    "tokenizer.ggml.tokens": { type: "array", of: "string", value: pieces(weights.config.vocabulary) },
    "tokenizer.ggml.merges": { type: "array", of: "string", value: ["t 0"] },
  };
}

/** Writes a model folder with an ONNX file and a GGUF file, and returns the latter's path. */
export function writeRandomModel(folder: string, config: LlamaConfig): string {
  const weights = randomWeights(config);
  writeRandomConfig(folder, config);
  mkdirSync(path.join(folder, "onnx"), { recursive: true });
  writeFileSync(path.join(folder, "onnx", "model.onnx"), onnxDecoder(weights, { precision: "fp32" }));
  const gguf = path.join(folder, "model.gguf");
  writeFileSync(gguf, writeGguf([...ggufTensors(weights, "F32")], { metadata: randomGgufMetadata(weights) }));
  return gguf;
}

function pieces(vocabulary: number): string[] {
  return Array.from({ length: vocabulary }, (_, id) => `t${id}`);
}
