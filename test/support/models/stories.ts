import { readFileSync } from "node:fs";
import * as path from "node:path";
import { FIXTURES } from "../fixtures";
import { type LlamaConfig, type LlamaWeights, layerMatrices, reorderRotary } from "./llama";

const folder = path.join(FIXTURES, "models", "stories260K");

/** The 260K-parameter model of the reference data: llama2.c's format, seven integers and then the tensors. */
export function readStories(): LlamaWeights {
  const bytes = readFileSync(path.join(folder, "stories260K.bin"));
  const integer = (index: number): number => bytes.readInt32LE(4 * index);
  const config: LlamaConfig = {
    hidden: integer(0),
    feedForward: integer(1),
    layers: integer(2),
    heads: integer(3),
    kvHeads: integer(4),
    // A negative vocabulary says that there is an output matrix.
    vocabulary: Math.abs(integer(5)),
    tied: integer(5) > 0,
    context: integer(6),
    theta: 10000,
    epsilon: 1e-5,
  };
  const tensors = storiesTensors(config, new Float32Array(bytes.buffer.slice(bytes.byteOffset + 28, bytes.byteOffset + bytes.length)));
  return {
    config,
    tensor: (name) => {
      const values = tensors.get(name);
      if (values === undefined) throw new Error(`stories260K has no tensor ${name}.`);
      return values;
    },
  };
}

function storiesTensors(config: LlamaConfig, values: Float32Array): Map<string, Float32Array> {
  const { layers, hidden, vocabulary, heads, kvHeads } = config;
  const tensors = new Map<string, Float32Array>();
  let at = 0;
  const take = (count: number): Float32Array => values.subarray(at, (at += count));
  const eachLayer = (name: string, count: number, change: (part: Float32Array) => Float32Array = (part) => part): void => {
    for (let layer = 0; layer < layers; layer++) tensors.set(`model.layers.${layer}.${name}.weight`, change(take(count)));
  };
  const matrices = layerMatrices(config);
  const matrix = (name: string, change?: (part: Float32Array) => Float32Array): void => {
    const [rows, columns] = matrices[name]!;
    eachLayer(name, rows * columns, change);
  };
  tensors.set("model.embed_tokens.weight", take(vocabulary * hidden));
  eachLayer("input_layernorm", hidden);
  matrix("self_attn.q_proj", (part) => reorderRotary(part, heads, hidden, "halves"));
  matrix("self_attn.k_proj", (part) => reorderRotary(part, kvHeads, hidden, "halves"));
  matrix("self_attn.v_proj");
  matrix("self_attn.o_proj");
  eachLayer("post_attention_layernorm", hidden);
  matrix("mlp.gate_proj");
  matrix("mlp.down_proj");
  matrix("mlp.up_proj");
  tensors.set("model.norm.weight", take(hidden));
  return tensors;
}

/** Greedy texts and logits of the model, as another program computed them in double precision. */
export interface StoriesGolden {
  readonly cases: readonly {
    readonly prompt: string;
    readonly steps: number;
    readonly text: string;
    /** Those of the prompt, BOS first, where there is one. */
    readonly prompt_ids?: readonly number[];
    /** Of prompt and answer. */
    readonly ids: readonly number[];
    /** What the model thought at the first places. */
    readonly steps_detail: readonly {
      readonly input: number;
      readonly next: number;
      readonly next_logprob: number;
      /** Ids and logits. */
      readonly top5: readonly (readonly [id: number, logit: number])[];
      /** Between the best two. */
      readonly margin: number;
    }[];
  }[];
}

export function storiesGolden(): StoriesGolden {
  return JSON.parse(readFileSync(path.join(folder, "golden_greedy.json"), "utf8")) as StoriesGolden;
}
