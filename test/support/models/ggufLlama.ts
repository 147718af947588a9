import { readFileSync } from "node:fs";
import * as path from "node:path";
import type { GgufMetadata } from "../weights/gguf";
import { type TensorData, encodeValues } from "../weights/tensor";
import { halfBytes, q40Bytes, quantize4 } from "./quantize";
import { type LlamaWeights, reorderRotary } from "./llama";

export type GgufPrecision = "F32" | "F16" | "Q8_0" | "Q4_0";

const LAYER_TENSORS: readonly (readonly [gguf: string, transformers: string])[] = [
  ["attn_norm", "input_layernorm"],
  ["attn_q", "self_attn.q_proj"],
  ["attn_k", "self_attn.k_proj"],
  ["attn_v", "self_attn.v_proj"],
  ["attn_output", "self_attn.o_proj"],
  ["ffn_norm", "post_attention_layernorm"],
  ["ffn_gate", "mlp.gate_proj"],
  ["ffn_up", "mlp.up_proj"],
  ["ffn_down", "mlp.down_proj"],
];

/** The tensors of a Llama model as llama.cpp names and orders them, made one at a time. */
export function* ggufTensors(weights: LlamaWeights, precision: GgufPrecision): Generator<TensorData, void, undefined> {
  const { layers, hidden, heads, kvHeads, tied } = weights.config;
  const make = (name: string, values: Float32Array, columns: number): TensorData => {
    const vector = values.length === columns;
    // Normalization is always done in whole precision.
    const dtype = vector || (precision !== "F16" && columns % 32 !== 0) ? "F32" : precision;
        return { name: `${name}.weight`, dtype, shape: vector ? [columns] : [values.length / columns, columns], bytes: encode(dtype, values, columns) };
  };
  yield make("token_embd", weights.tensor("model.embed_tokens.weight"), hidden);
  for (let layer = 0; layer < layers; layer++) {
    for (const [gguf, transformers] of LAYER_TENSORS) {
      const values = weights.tensor(`model.layers.${layer}.${transformers}.weight`);
      const columns = gguf.endsWith("norm") ? values.length : gguf === "ffn_down" ? weights.config.feedForward : hidden;
      const rotated = gguf === "attn_q" ? reorderRotary(values, heads, hidden, "pairs") : gguf === "attn_k" ? reorderRotary(values, kvHeads, hidden, "pairs") : values;
      yield make(`blk.${layer}.${gguf}`, rotated, columns);
    }
  }
  yield make("output_norm", weights.tensor("model.norm.weight"), hidden);
  if (!tied) yield make("output", weights.tensor("lm_head.weight"), hidden);
}

function encode(dtype: GgufPrecision, values: Float32Array, columns: number): Uint8Array {
  if (dtype === "F16") return halfBytes(values);
  if (dtype === "F32") return new Uint8Array(values.slice().buffer);
  return dtype === "Q4_0" ? q40Bytes(quantize4(values, values.length / columns, columns)) : encodeValues(dtype, values);
}

/** The metadata of a Llama model; the vocabulary's is added by the caller. */
export function ggufConfig({ config }: LlamaWeights, name: string): GgufMetadata {
  const { layers, hidden, heads, kvHeads, feedForward, vocabulary, context, theta, epsilon } = config;
  const u32 = (value: number): GgufMetadata[string] => ({ type: "u32", value });
  return {
    "general.architecture": { type: "string", value: "llama" },
    "general.name": { type: "string", value: name },
    "llama.block_count": u32(layers),
    "llama.context_length": u32(context),
    "llama.embedding_length": u32(hidden),
    "llama.feed_forward_length": u32(feedForward),
    "llama.attention.head_count": u32(heads),
    "llama.attention.head_count_kv": u32(kvHeads),
    "llama.rope.dimension_count": u32(hidden / heads),
    "llama.rope.freq_base": { type: "f32", value: theta },
    "llama.attention.layer_norm_rms_epsilon": { type: "f32", value: epsilon },
    "llama.vocab_size": u32(vocabulary),
  };
}

interface TokenizerJson {
  readonly added_tokens: readonly { readonly id: number; readonly content: string; readonly special: boolean }[];
  readonly model: { readonly vocab: Readonly<Record<string, number>>; readonly merges: readonly (string | readonly [string, string])[] };
}

/** The vocabulary of a byte-level BPE model folder whose words are split as Qwen's, and its chat template. */
export function ggufByteLevel(folder: string): GgufMetadata {
  const tokenizer = JSON.parse(readFileSync(path.join(folder, "tokenizer.json"), "utf8")) as TokenizerJson;
  const config = JSON.parse(readFileSync(path.join(folder, "config.json"), "utf8")) as Readonly<Record<string, number>>;
  const tokens: string[] = [];
  const types: number[] = [];
  for (const [text, id] of Object.entries(tokenizer.model.vocab)) [tokens[id], types[id]] = [text, 1];
  for (const { id, content, special } of tokenizer.added_tokens) [tokens[id], types[id]] = [content, special ? 3 : 4];
  const merges = tokenizer.model.merges.map((merge) => (typeof merge === "string" ? merge : merge.join(" ")));
  const template = readFileSync(path.join(folder, "chat_template.jinja"), "utf8");
  const u32 = (name: string): GgufMetadata[string] => ({ type: "u32", value: config[name] ?? 0 });
  return {
    "tokenizer.ggml.model": { type: "string", value: "gpt2" },
    "tokenizer.ggml.pre": { type: "string", value: "qwen2" },
    "tokenizer.ggml.tokens": { type: "array", of: "string", value: tokens },
    "tokenizer.ggml.token_type": { type: "array", of: "i32", value: types },
    "tokenizer.ggml.merges": { type: "array", of: "string", value: merges },
    "tokenizer.ggml.bos_token_id": u32("bos_token_id"),
    "tokenizer.ggml.eos_token_id": u32("eos_token_id"),
    "tokenizer.ggml.padding_token_id": u32("pad_token_id"),
    // The template writes the first token itself.
    "tokenizer.ggml.add_bos_token": { type: "bool", value: false },
    // Other engines than transformers do not know the tag; it renders nothing.
    "tokenizer.chat_template": { type: "string", value: template.replaceAll(/\{%-?\s*(?:end)?generation\s*-?%\}\n?/g, "") },
  };
}
