import { type Attribute, type ElementType, type ExternalData, ELEMENT, int64Tensor, node, tensorProto, valueInfo } from "../../../extension/sidecar/onnx/graph/nodes";
import { WireWriter } from "../../../extension/sidecar/onnx/graph/wire";
import { encodeScalars } from "../weights/scalars";
import { halfBytes, quantize4 } from "./quantize";
import { type LlamaWeights, layerMatrices } from "./llama";

/**
 * How weights are stored and computed with: `bf16` stores what the trainer did and computes in fp32; `q4` has four bits a weight,
 * in blocks of 32, and computes in fp32; `q4f16` computes in fp16.
 */
export type OnnxPrecision = "fp32" | "fp16" | "bf16" | "q4" | "q4f16";

export interface OnnxDecoderOptions {
  readonly precision: OnnxPrecision;
  /** One matrix for queries, keys and values, as ONNX Runtime GenAI exports; three when left out. */
  readonly packed?: boolean;
  /** Puts large tensors into a file beside the model. */
  readonly external?: (bytes: Uint8Array) => ExternalData;
}

/** Tensors smaller than this stay in the model's file. */
const SMALL = 4096;

/** A Llama model as an ONNX decoder with a cache, in the layout of the hub's ONNX folders. */
export function onnxDecoder(weights: LlamaWeights, options: OnnxDecoderOptions): Uint8Array {
  return new DecoderWriter(weights, options).write();
}

class DecoderWriter {
  readonly #weights: LlamaWeights;
  readonly #options: OnnxDecoderOptions;
  readonly #graph = new WireWriter();
  readonly #float: "float" | "float16";
  /** Values a head. Attention on WebGPU wants a multiple of 16; what is added is zero and changes nothing. */
  readonly #head: number;

  constructor(weights: LlamaWeights, options: OnnxDecoderOptions) {
    this.#weights = weights;
    this.#options = options;
    this.#head = Math.ceil(weights.config.hidden / weights.config.heads / 16) * 16;
    this.#float = options.precision === "fp16" || options.precision === "q4f16" ? "float16" : "float";
  }

  write(): Uint8Array {
    const { layers, hidden, vocabulary, kvHeads, tied } = this.#weights.config;
    this.#graph.text(2, "decoder");
    this.#lengths();
    this.#rotaryTables();
    this.#floats("model.embed_tokens.weight", [vocabulary, hidden], this.#weights.tensor("model.embed_tokens.weight"));
    this.#add("Gather", ["model.embed_tokens.weight", "input_ids"], ["hidden.0"]);
    for (let layer = 0; layer < layers; layer++) this.#layer(layer);
    const normed = this.#norm("model.norm", `hidden.${layers - 1}.attended`, `mlp.${layers - 1}`, undefined);
    const head = tied ? "model.embed_tokens.weight" : "lm_head.weight";
    this.#product(normed, "lm_head", this.#weights.tensor(head), vocabulary, hidden, "logits");
    const cache = (name: string, length: string): WireWriter => valueInfo(name, ELEMENT[this.#float], ["batch_size", kvHeads, length, this.#head]);
    this.#graph.message(11, valueInfo("input_ids", ELEMENT.int64, ["batch_size", "sequence_length"]));
    this.#graph.message(11, valueInfo("attention_mask", ELEMENT.int64, ["batch_size", "total_sequence_length"]));
    this.#graph.message(12, valueInfo("logits", ELEMENT[this.#float], ["batch_size", "sequence_length", vocabulary]));
    for (let layer = 0; layer < layers; layer++) {
      for (const part of ["key", "value"]) {
        this.#graph.message(11, cache(`past_key_values.${layer}.${part}`, "past_sequence_length"));
        this.#graph.message(12, cache(`present.${layer}.${part}`, "total_sequence_length"));
      }
    }
    const opset = (domain: string, version: number): WireWriter => new WireWriter().text(1, domain).integer(2, version);
    return new WireWriter().integer(1, 8).message(7, this.#graph).message(8, opset("", 17)).message(8, opset("com.microsoft", 1)).take();
  }

  /** What attention wants to know: the last place of each row, and how many places there are. */
  #lengths(): void {
    for (const [name, shape, value] of [["one", [], 1], ["axis.one", [1], 1]] as const) this.#graph.message(5, int64Tensor(name, shape, [value]));
    this.#add("ReduceSum", ["attention_mask", "axis.one"], ["mask.sum"], { keepdims: 0 });
    this.#add("Sub", ["mask.sum", "one"], ["mask.last"]);
    this.#add("Cast", ["mask.last"], ["seqlens_k"], { to: ELEMENT.int32 });
    this.#add("Shape", ["attention_mask"], ["mask.shape"]);
    this.#add("Gather", ["mask.shape", "one"], ["mask.length"]);
    this.#add("Cast", ["mask.length"], ["total_sequence_length.int32"], { to: ELEMENT.int32 });
  }

  #rotaryTables(): void {
    const { hidden, heads, context, theta } = this.#weights.config;
    const half = this.#head / 2;
    const own = hidden / heads / 2;
    const angles = Float64Array.from({ length: context * half }, (_, i) => (i % half < own ? Math.floor(i / half) * theta ** (-(i % half) / own) : 0));
    this.#floats("rotary.cos", [context, half], Float32Array.from(angles, Math.cos));
    this.#floats("rotary.sin", [context, half], Float32Array.from(angles, Math.sin));
  }

  #layer(layer: number): void {
    const { heads, kvHeads, hidden, feedForward } = this.#weights.config;
    const prefix = `model.layers.${layer}`;
    const before = layer === 0 ? ["hidden.0", undefined] as const : [`hidden.${layer - 1}.attended`, `mlp.${layer - 1}`] as const;
    const normed = this.#norm(`${prefix}.input_layernorm`, before[0], before[1], layer === 0 ? undefined : `hidden.${layer}`);
    const parts = this.#queriesKeysValues(prefix, normed);
    const past = `past_key_values.${layer}`;
    const inputs = [...parts, `${past}.key`, `${past}.value`, "seqlens_k", "total_sequence_length.int32", "rotary.cos", "rotary.sin"];
    const attributes = { num_heads: heads, kv_num_heads: kvHeads, do_rotary: 1, rotary_interleaved: 0, scale: { float: 1 / Math.sqrt(hidden / heads) } };
    this.#add("GroupQueryAttention", inputs, [`attention.${layer}`, `present.${layer}.key`, `present.${layer}.value`], attributes, "com.microsoft");
    const output = widenColumns(this.#weights.tensor(`${prefix}.self_attn.o_proj.weight`), hidden, hidden / heads, this.#head);
    this.#product(`attention.${layer}`, `${prefix}.self_attn.o_proj`, output, hidden, output.length / hidden, `attended.${layer}`);
    const second = this.#norm(`${prefix}.post_attention_layernorm`, `hidden.${layer}`, `attended.${layer}`, `hidden.${layer}.attended`);
    const gate = this.#matrix(second, `${prefix}.mlp.gate_proj`, `gate.${layer}`);
    const up = this.#matrix(second, `${prefix}.mlp.up_proj`, `up.${layer}`);
    this.#add("Sigmoid", [gate], [`gate.${layer}.sigmoid`]);
    this.#add("Mul", [gate, `gate.${layer}.sigmoid`], [`gate.${layer}.silu`]);
    this.#add("Mul", [`gate.${layer}.silu`, up], [`product.${layer}`]);
    this.#product(`product.${layer}`, `${prefix}.mlp.down_proj`, this.#weights.tensor(`${prefix}.mlp.down_proj.weight`), hidden, feedForward, `mlp.${layer}`);
  }

  #queriesKeysValues(prefix: string, input: string): readonly string[] {
    const names = ["q_proj", "k_proj", "v_proj"].map((name) => `${prefix}.self_attn.${name}`);
    const { hidden, heads } = this.#weights.config;
    const values = names.map((name) => widenRows(this.#weights.tensor(`${name}.weight`), hidden, hidden / heads, this.#head));
    if (this.#options.packed !== true) return names.map((name, i) => this.#product(input, name, values[i]!, values[i]!.length / hidden, hidden, `${name}.out`));
    const all = new Float32Array(values.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of values) {
      all.set(part, at);
      at += part.length;
    }
    this.#product(input, `${prefix}.self_attn.qkv_proj`, all, all.length / hidden, hidden, `${prefix}.qkv`);
    return [`${prefix}.qkv`, "", ""];
  }

  /** RMS normalization of `input`, or of its sum with `skip`; the sum is `sum`. */
  #norm(name: string, input: string, skip: string | undefined, sum: string | undefined): string {
    const { hidden, epsilon } = this.#weights.config;
    this.#floats(`${name}.weight`, [hidden], this.#weights.tensor(`${name}.weight`));
    const output = `${name}.out`;
    if (skip === undefined) this.#add("SimplifiedLayerNormalization", [input, `${name}.weight`], [output], { axis: -1, epsilon: { float: epsilon }, stash_type: 1 });
    else this.#add("SkipSimplifiedLayerNormalization", [input, skip, `${name}.weight`], sum === undefined ? [output] : [output, "", "", sum], { epsilon: { float: epsilon } }, "com.microsoft");
    return output;
  }

  #matrix(input: string, name: string, output: string): string {
    const [rows, columns] = layerMatrices(this.#weights.config)[name.replace(/^model\.layers\.\d+\./, "")]!;
    return this.#product(input, name, this.#weights.tensor(`${name}.weight`), rows, columns, output);
  }

  /** `input` times the transposed matrix. */
  #product(input: string, name: string, values: Float32Array, rows: number, columns: number, output: string): string {
    if (this.#options.precision === "q4" || this.#options.precision === "q4f16") {
      const { quants, scales } = quantize4(values, rows, columns);
      const blocks = Math.ceil(columns / 32);
      this.#tensor(`${name}.weight.q4`, "uint8", [rows, blocks, 16], quants);
      this.#tensor(`${name}.weight.scales`, this.#float, [rows * blocks], this.#encode(this.#float, scales));
      // Level 4 lets the CPU multiply in whole numbers, which is several times as fast.
      const attributes = { K: columns, N: rows, bits: 4, block_size: 32, accuracy_level: 4 };
      this.#add("MatMulNBits", [input, `${name}.weight.q4`, `${name}.weight.scales`], [output], attributes, "com.microsoft");
    } else {
      this.#floats(`${name}.weight.transposed`, [columns, rows], transposed(values, rows, columns));
      this.#add("MatMul", [input, `${name}.weight.transposed`], [output]);
    }
    return output;
  }

  /** A tensor to compute with. Stored in BF16, it is widened when the model is loaded. */
  #floats(name: string, shape: readonly number[], values: Float32Array): void {
    if (this.#options.precision !== "bf16" || values.length < SMALL) {
      this.#tensor(name, this.#float, shape, this.#encode(this.#float, values));
      return;
    }
    this.#tensor(`${name}.bf16`, "bfloat16", shape, encodeScalars("BF16", values));
    this.#add("Cast", [`${name}.bf16`], [name], { to: ELEMENT.float });
  }

  #encode(type: "float" | "float16", values: Float32Array): Uint8Array {
    return type === "float" ? new Uint8Array(values.slice().buffer) : halfBytes(values);
  }

  #tensor(name: string, type: ElementType, shape: readonly number[], bytes: Uint8Array): void {
    const { external } = this.#options;
    this.#graph.message(5, tensorProto(name, type, shape, external === undefined || bytes.length < SMALL ? bytes : external(bytes)));
  }

  #add(operator: string, inputs: readonly string[], outputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}, domain?: string): void {
    this.#graph.message(1, node(operator, inputs, outputs, { attributes, ...(domain === undefined ? {} : { domain }) }));
  }
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column]!;
  return result;
}

/** Puts zeros behind each half of the rows of every head, so that the halves are rotated as before. */
function widenRows(values: Float32Array, columns: number, head: number, wide: number): Float32Array {
  if (head === wide) return values;
  const rows = values.length / columns;
  const result = new Float32Array((rows / head) * wide * columns);
  for (let row = 0; row < rows; row++) result.set(values.subarray(row * columns, (row + 1) * columns), widened(row, head, wide) * columns);
  return result;
}

/** The same for the columns that take the heads' values. */
function widenColumns(values: Float32Array, rows: number, head: number, wide: number): Float32Array {
  if (head === wide) return values;
  const columns = values.length / rows;
  const all = (columns / head) * wide;
  const result = new Float32Array(rows * all);
  for (let i = 0; i < values.length; i++) result[Math.floor(i / columns) * all + widened(i % columns, head, wide)] = values[i]!;
  return result;
}

function widened(index: number, head: number, wide: number): number {
  const within = index % head;
  return Math.floor(index / head) * wide + (within < head / 2 ? within : within + (wide - head) / 2);
}
