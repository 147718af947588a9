import type * as Ort from "onnxruntime-node";
import { halfValues } from "../../core/weights/decode/half";
import type { Device } from "../../protocol/sidecar";
import { engineMessage, inferenceError } from "../errors";
import { ADDED, LOOP_PREFIX, cachePairs } from "./graph/rewrite";
import type { CacheSlicer } from "./slicer";
import type { OrtTensor, Runtime, Session } from "./runtime";

/** What a run should give: nothing, the logits of the last place, or of all places. */
export type Wanted = "nothing" | "last" | "all";

export interface DecoderOptions {
  readonly runtime: Runtime;
  readonly session: Session;
  readonly device: Device;
  /** How the graph was rewritten. */
  readonly form: "plain" | "tail" | "loop";
  /** Cuts a cache that is on the device; undefined where it is in memory. */
  readonly slicer: CacheSlicer | undefined;
}

/** The cache of one layer's keys or values. */
interface CacheEntry {
  readonly past: string;
  readonly present: string;
  readonly type: "float32" | "float16";
  /** Heads and values a head. */
  readonly heads: number;
  readonly width: number;
  tensor: OrtTensor;
}

type Feeds = Record<string, Ort.Tensor>;

/** A decoder with its cache: feeds tokens, and gives logits or tokens. */
export class OnnxDecoder {
  readonly #options: DecoderOptions;
  readonly #cache: readonly CacheEntry[];
  readonly #inputs: ReadonlySet<string>;
  #length = 0;

  /** @throws TunesmithError `model-unusable` for a model that is no decoder with a cache of keys and values. */
  constructor(options: DecoderOptions) {
    this.#options = options;
    const { session } = options;
    const name = (text: string): string => (options.form === "loop" ? text.replace(LOOP_PREFIX, "") : text);
    const inputs = session.inputNames.map(name);
    this.#inputs = new Set(inputs);
    const pairs = cachePairs(inputs, session.outputNames.map(name));
    const unknown = inputs.find((input) => !KNOWN.has(input) && !input.startsWith("past_key_values."));
    if (pairs === undefined || unknown !== undefined || !this.#inputs.has("input_ids")) {
      const what = unknown === undefined ? "it has no cache of keys and values" : `it has the input '${unknown}'`;
      throw inferenceError("model-unusable", `This ONNX file is no decoder that can be run here: ${what}. Export it with a text-generation task and a cache ("text-generation-with-past").`);
    }
    this.#cache = pairs.map(([past, present]) => this.#emptyEntry(this.#prefix + past, this.#prefix + present));
  }

  /** Tokens in the cache. */
  get length(): number {
    return this.#length;
  }

  /** Whether {@link loop} can do several steps. */
  get loops(): boolean {
    return this.#options.form === "loop";
  }

  /** Feeds tokens. Gives the logits wanted, row after row: of the last place, or of each. */
  async feed(ids: ArrayLike<number>, wanted: Wanted): Promise<Float32Array> {
    const results = await this.#run(ids, 1, wanted);
    if (wanted === "nothing") return new Float32Array(0);
    const values = floatsOf(results[this.#prefix + (this.choosesTokens ? ADDED.rows : "logits")]);
    return wanted === "all" || this.choosesTokens ? values : values.subarray(values.length - values.length / ids.length);
  }

  /** Whether {@link loop} can be used, at least for one step: the graph was rewritten. */
  get choosesTokens(): boolean {
    return this.#options.form !== "plain";
  }

  /** Feeds tokens and as many of the most probable ones behind them as are given back, but for the last. Several steps begin with one token. */
  async loop(ids: ArrayLike<number>, steps: number): Promise<number[]> {
    const results = await this.#run(ids, steps, "last");
    return Array.from(results[this.#prefix + ADDED.next]?.data as BigInt64Array, Number);
  }

  /** Keeps only the first `length` tokens of the cache. */
  async truncate(length: number): Promise<void> {
    if (length >= this.#length) return;
    for (const entry of this.#cache) {
      const old = entry.tensor;
      if (length === 0) entry.tensor = this.#emptyTensor(entry);
      else if (this.#options.slicer === undefined) entry.tensor = this.#cut(entry, length);
      else entry.tensor = await this.#options.slicer.cut(old, length);
      old.dispose();
    }
    this.#length = length;
  }

  async dispose(): Promise<void> {
    for (const { tensor } of this.#cache) tensor.dispose();
    await this.#options.slicer?.dispose();
    await this.#options.session.release();
  }

  async #run(ids: ArrayLike<number>, steps: number, wanted: Wanted): Promise<Ort.InferenceSession.ReturnType> {
    const { session, form } = this.#options;
    const feeds = this.#feeds(ids, steps, wanted);
    let results: Ort.InferenceSession.ReturnType;
    try {
      // All outputs: with some on the device, the binding mixes up the places of fewer.
      results = await session.run(feeds);
    } catch (error) {
      throw inferenceError("run-failed", `The model failed while it ran on ${this.#options.device}: ${engineMessage(error)}`, error);
    }
    for (const entry of this.#cache) {
      const present = results[entry.present];
      if (present === undefined) throw inferenceError("run-failed", `The model gave no ${entry.present}.`);
      entry.tensor.dispose();
      entry.tensor = present;
    }
    this.#length += ids.length + (form === "loop" ? steps - 1 : 0);
    return results;
  }

  get #prefix(): string {
    return this.#options.form === "loop" ? LOOP_PREFIX : "";
  }

  #feeds(ids: ArrayLike<number>, steps: number, wanted: Wanted): Feeds {
    const { runtime, form } = this.#options;
    const prefix = this.#prefix;
    const integers = (values: BigInt64Array, shape: readonly number[]): Ort.Tensor => new runtime.Tensor("int64", values, shape);
    const count = ids.length;
    const total = this.#length + count;
    const feeds: Feeds = { [`${prefix}input_ids`]: integers(BigInt64Array.from(ids as ArrayLike<number> & Iterable<number>, BigInt), [1, count]) };
    if (this.#inputs.has("attention_mask")) feeds[`${prefix}attention_mask`] = integers(new BigInt64Array(total).fill(1n), [1, total]);
    if (this.#inputs.has("position_ids")) {
      feeds[`${prefix}position_ids`] = integers(BigInt64Array.from({ length: count }, (_, i) => BigInt(this.#length + i)), [1, count]);
    }
    if (this.choosesTokens) {
      const places = wanted === "all" ? BigInt64Array.from({ length: count }, (_, i) => BigInt(i)) : BigInt64Array.of(BigInt(count - 1));
      feeds[ADDED.places] = integers(places, [places.length]);
    }
    if (form === "loop") feeds[ADDED.steps] = integers(BigInt64Array.of(BigInt(steps)), []);
    for (const { past, tensor } of this.#cache) feeds[past] = tensor;
    return feeds;
  }

  #emptyEntry(past: string, present: string): CacheEntry {
    const { session } = this.#options;
    const metadata = session.inputMetadata.find(({ name }) => name === past);
    if (metadata?.isTensor !== true || (metadata.type !== "float32" && metadata.type !== "float16")) {
      throw inferenceError("model-unusable", `The cache input '${past}' has a type that is not known here. Export the model in fp32 or fp16.`);
    }
    const heads = metadata.shape[1];
    const width = metadata.shape[3];
    if (typeof heads !== "number" || typeof width !== "number") {
      throw inferenceError("model-unusable", `The cache input '${past}' does not say how many heads it has. Export the model again with a newer Optimum.`);
    }
    const entry = { past, present, type: metadata.type, heads, width };
    return { ...entry, tensor: this.#emptyTensor(entry) };
  }

  #emptyTensor({ type, heads, width }: Pick<CacheEntry, "type" | "heads" | "width">): OrtTensor {
    const { Tensor } = this.#options.runtime;
    const shape = [1, heads, 0, width];
    return type === "float32" ? new Tensor("float32", new Float32Array(0), shape) : new Tensor("float16", new Uint16Array(0), shape);
  }

  #cut({ tensor, type, heads, width }: CacheEntry, length: number): OrtTensor {
    const { Tensor } = this.#options.runtime;
    const from = tensor.data as Float32Array | Uint16Array;
    const before = tensor.dims[2] ?? 0;
    const to = type === "float32" ? new Float32Array(heads * length * width) : new Uint16Array(heads * length * width);
    for (let head = 0; head < heads; head++) to.set(from.subarray(head * before * width, (head * before + length) * width), head * length * width);
    return new Tensor(type, to as Float32Array & Uint16Array, [1, heads, length, width]);
  }
}

const KNOWN = new Set(["input_ids", "attention_mask", "position_ids", ADDED.steps, ADDED.places]);

function floatsOf(tensor: OrtTensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  const halves = halfValues();
  return Float32Array.from(tensor?.data as Uint16Array, (bits) => halves[bits] as number);
}
