import { readFileSync } from "node:fs";
import * as path from "node:path";
import { decodeValues } from "../weights/tensor";

export interface LlamaConfig {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  readonly context: number;
  readonly theta: number;
  readonly epsilon: number;
  /** Whether the output matrix is the input matrix. */
  readonly tied: boolean;
}

/** A model of the Llama architecture, with the names and the layout of `transformers`. */
export interface LlamaWeights {
  readonly config: LlamaConfig;
  /** The values of a tensor, row after row. */
  tensor(name: string): Float32Array;
}

/** Reads config.json and model.safetensors of a folder. */
export function readLlama(folder: string): LlamaWeights {
  const config = JSON.parse(readFileSync(path.join(folder, "config.json"), "utf8")) as Record<string, number | boolean | { rope_theta?: number }>;
  const number = (name: string): number => Number(config[name]);
  const rope = config["rope_parameters"] as { rope_theta?: number } | undefined;
  // A plain array: slices of a Buffer share its memory.
  const bytes = new Uint8Array(readFileSync(path.join(folder, "model.safetensors")));
  const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength))) as Record<string, { dtype: string; data_offsets: [number, number] }>;
  return {
    config: {
      layers: number("num_hidden_layers"),
      hidden: number("hidden_size"),
      heads: number("num_attention_heads"),
      kvHeads: number("num_key_value_heads"),
      feedForward: number("intermediate_size"),
      vocabulary: number("vocab_size"),
      context: number("max_position_embeddings"),
      theta: rope?.rope_theta ?? Number(config["rope_theta"] ?? 10000),
      epsilon: number("rms_norm_eps"),
      tied: config["tie_word_embeddings"] === true,
    },
    tensor: (name) => {
      const entry = header[name];
      if (entry === undefined) throw new Error(`${folder} has no tensor ${name}.`);
      const [start, end] = entry.data_offsets;
      return decodeValues(entry.dtype, bytes.subarray(8 + headerLength + start, 8 + headerLength + end));
    },
  };
}

/** Rows and columns of each matrix of a layer, by its name within the layer. */
export function layerMatrices({ hidden, heads, kvHeads, feedForward }: LlamaConfig): Readonly<Record<string, readonly [rows: number, columns: number]>> {
  const kv = (hidden / heads) * kvHeads;
  return {
    "self_attn.q_proj": [hidden, hidden],
    "self_attn.k_proj": [kv, hidden],
    "self_attn.v_proj": [kv, hidden],
    "self_attn.o_proj": [hidden, hidden],
    "mlp.gate_proj": [feedForward, hidden],
    "mlp.up_proj": [feedForward, hidden],
    "mlp.down_proj": [hidden, feedForward],
  };
}

/**
 * Reorders the rows of a query or key matrix between the two layouts of rotary embeddings: pairs side by side, as in llama.cpp
 * and llama2.c, and the two halves of a head, as in transformers.
 */
export function reorderRotary(values: Float32Array, heads: number, columns: number, to: "pairs" | "halves"): Float32Array {
  const result = new Float32Array(values.length);
  const rows = values.length / columns / heads;
  for (let head = 0; head < heads; head++) {
    for (let i = 0; i < rows; i++) {
      const half = head * rows + (i >> 1) + (i % 2 === 1 ? rows / 2 : 0);
      const pair = head * rows + i;
      const [from, target] = to === "pairs" ? [half, pair] : [pair, half];
      result.set(values.subarray(from * columns, (from + 1) * columns), target * columns);
    }
  }
  return result;
}
