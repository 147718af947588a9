import type { FileSource } from "../../../extension/core/io/ports";
import type { JsonObject } from "../../../extension/core/dataset/conversation";
import { memoryFile } from "../memoryFile";
import { type GgufMetadata, type GgufOptions, writeGguf } from "./gguf";
import { type MatrixSpec, makeMatrix } from "./matrix";
import { shardIndex, writeSafetensors } from "./safetensors";
import { type TensorData, decodeValues, tensor } from "./tensor";
import { writeTorch } from "./torch";

export type WeightsFormat = "safetensors" | "torch" | "gguf";

export interface ModelSpec {
  readonly format?: WeightsFormat;
  /** The element type of the input matrix, by the format's own name; BF16 when left out. */
  readonly dtype?: string;
  /** The element type of the output matrix, where it is another. */
  readonly outputDtype?: string;
  readonly input: MatrixSpec;
  /** Without it the matrices are tied and the file holds one. */
  readonly output?: MatrixSpec;
  /** How many files; 1 when left out. The input matrix is in the first, the output matrix in the last. */
  readonly shards?: number;
  /** Names of the tensors where they are not those of Llama. */
  readonly names?: { readonly input: string; readonly output: string };
  /** Added to config.json. */
  readonly config?: JsonObject;
  readonly gguf?: GgufOptions;
}

/** A model made for a test. */
export interface MadeModel {
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** What config.json says. */
  readonly config: JsonObject;
  readonly source: FileSource;
  /** The values that the file holds, row after row: those of the spec after rounding to the element type. */
  readonly input: Float32Array;
  /** The very {@link input} where the matrices are tied. */
  readonly output: Float32Array;
}

const HF_NAMES = { input: "model.embed_tokens.weight", output: "lm_head.weight" };
const GGUF_NAMES = { input: "token_embd.weight", output: "output.weight" };

/** Makes a model of a table of rows: config.json, the weights, and an index where there are several files. */
export function modelFolder(spec: ModelSpec): MadeModel {
  const { format = "safetensors", dtype = "BF16", shards = 1, config: more = {} } = spec;
  const names = spec.names ?? (format === "gguf" ? GGUF_NAMES : HF_NAMES);
  const input = matrixTensor(names.input, dtype, spec.input);
  const output = spec.output === undefined ? undefined : matrixTensor(names.output, spec.outputDtype ?? dtype, spec.output);
  const files = shardFiles(format, input, output, shards, spec.gguf ?? {});
  const config = {
    model_type: "llama",
    vocab_size: spec.input.rows,
    hidden_size: spec.input.columns,
    tie_word_embeddings: output === undefined,
    ...more,
  };
  if (format !== "gguf") files.set("config.json", new TextEncoder().encode(JSON.stringify(config)));
  const values = decodeValues(input.dtype, input.bytes);
  return { files, config, source: memorySource(files), input: values, output: output === undefined ? values : decodeValues(output.dtype, output.bytes) };
}

function matrixTensor(name: string, dtype: string, spec: MatrixSpec): TensorData {
  return tensor(name, dtype, [spec.rows, spec.columns], makeMatrix(spec));
}

function shardFiles(format: WeightsFormat, input: TensorData, output: TensorData | undefined, shards: number, gguf: GgufOptions): Map<string, Uint8Array> {
  const middle = tensor("model.norm.weight", "F32", [8], new Float32Array(8).fill(1));
  const parts: TensorData[][] = Array.from({ length: shards }, (_, i) => (i === 0 || i === shards - 1 ? [] : [middle]));
  parts[0]?.push(input, ...(shards === 1 ? [middle] : []));
  if (output !== undefined) parts[shards - 1]?.push(output);
  const files = new Map<string, Uint8Array>();
  const shardMap: Record<string, readonly TensorData[]> = {};
  parts.forEach((tensors, i) => {
    const name = shardName(format, i, shards);
    shardMap[name] = tensors;
    files.set(name, weightFile(format, tensors, { index: i, count: shards }, gguf));
  });
  if (shards > 1 && format !== "gguf") {
    const index = format === "torch" ? "pytorch_model.bin.index.json" : "model.safetensors.index.json";
    files.set(index, new TextEncoder().encode(shardIndex(shardMap)));
  }
  return files;
}

function shardName(format: WeightsFormat, index: number, count: number): string {
  const [stem, ending] = format === "torch" ? ["pytorch_model", "bin"] : ["model", format];
  const digits = (value: number): string => String(value).padStart(5, "0");
  return count === 1 ? `${stem}.${ending}` : `${stem}-${digits(index + 1)}-of-${digits(count)}.${ending}`;
}

function weightFile(format: WeightsFormat, tensors: readonly TensorData[], shard: { readonly index: number; readonly count: number }, options: GgufOptions): Uint8Array {
  if (format === "torch") return writeTorch(tensors);
  if (format === "safetensors") return writeSafetensors(tensors, { metadata: { format: "pt" } });
  const split: GgufMetadata = shard.count === 1 ? {} : { "split.no": { type: "u16", value: shard.index }, "split.count": { type: "u16", value: shard.count } };
  const general: GgufMetadata = { "general.architecture": { type: "string", value: "llama" } };
  return writeGguf(tensors, { ...options, metadata: { ...(shard.index === 0 ? { ...general, ...options.metadata } : {}), ...split } });
}

/** A folder in memory. */
export function memorySource(files: ReadonlyMap<string, Uint8Array>, name = "memory"): FileSource {
  return {
    name,
    list: () => Promise.resolve([...files.keys()]),
    open: (file) => {
      const bytes = files.get(file);
      return Promise.resolve(bytes === undefined ? undefined : memoryFile(bytes));
    },
  };
}
