import type { WeightsFormat } from "../../extension/core/weights/source/layouts";
import { BLOCK_TYPES } from "../support/weights/ggmlBlocks";
import { type GgufMetadata, writeGguf } from "../support/weights/gguf";
import { makeMatrix } from "../support/weights/matrix";
import { writeSafetensors } from "../support/weights/safetensors";
import { type TensorData, tensor } from "../support/weights/tensor";
import { writeTorch } from "../support/weights/torch";

/** A file to read, alone in its folder. */
export interface WeightsCase {
  readonly format: WeightsFormat;
  /** Its name. */
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Stretches that hold structure and not values: most changes are made there. */
  readonly structure: readonly (readonly [start: number, end: number])[];
  /** What config.json says of the two matrices. */
  readonly tie: boolean;
}

const matrix = (name: string, dtype: string, rows: number, columns: number, seed = 1): TensorData => tensor(name, dtype, [rows, columns], makeMatrix({ rows, columns, seed }));

/** Ordinary names and a few others, so that tensors lie before, between and behind the two matrices. */
function tensorsOf(dtype: string, columns: number, input: string, output: string | undefined): readonly TensorData[] {
  const some = [matrix("blk.0.attn", dtype, 2, columns, 5), tensor("norm.bias", "F32", [3], new Float32Array(3))];
  return [some[0]!, matrix(input, dtype, 5, columns), some[1]!, ...(output === undefined ? [] : [matrix(output, dtype, 4, columns, 2)])];
}

function safetensorsCase(dtype: string, options: { readonly alignment?: number; readonly metadata?: Readonly<Record<string, string>> }, tie: boolean): WeightsCase {
  const bytes = writeSafetensors(tensorsOf(dtype, 16, "model.embed_tokens.weight", tie ? undefined : "lm_head.weight"), options);
  const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  return { format: "safetensors", file: "model.safetensors", bytes, structure: [[0, 8 + header]], tie };
}

const METADATA: GgufMetadata = {
  "general.architecture": { type: "string", value: "llama" },
  "general.quantization_version": { type: "u32", value: 2 },
  "llama.rope.freq_base": { type: "f32", value: 1e4 },
  "tokenizer.ggml.tokens": { type: "array", of: "string", value: ["<s>", "", "a", "Ġb", "é"] },
  "tokenizer.ggml.scores": { type: "array", of: "f32", value: [0, -1, -2, -3, -4] },
  "tokenizer.ggml.add_bos_token": { type: "bool", value: true },
  "a.nested": { type: "array", of: "array", value: [{ type: "array", of: "u64", value: [1n, 2n] }, { type: "array", of: "string", value: ["x"] }] },
};

function ggufCase(dtype: string, options: { readonly version?: 1 | 2 | 3; readonly bigEndian?: boolean; readonly alignment?: number }, tie: boolean): WeightsCase {
  const tensors = tensorsOf(dtype, 256, "token_embd.weight", tie ? undefined : "output.weight");
  const bytes = writeGguf(tensors, { ...options, metadata: METADATA });
  const alignment = options.alignment ?? 32;
  const data = tensors.reduce((sum, { bytes: { length } }) => sum + Math.ceil(length / alignment) * alignment, 0);
  return { format: "gguf", file: "model.gguf", bytes, structure: [[0, bytes.length - data]], tie };
}

function torchCase(dtype: string, options: Parameters<typeof writeTorch>[1], tie: boolean): WeightsCase {
  const [first, input, last] = tensorsOf(dtype, 16, "model.embed_tokens.weight", undefined);
  const tensors = [first!, { ...input!, parameter: true }, last!, { ...input!, name: "lm_head.weight", ...(tie ? { sharedWith: input!.name } : {}) }];
  const bytes = writeTorch(tensors, options);
  const view = new DataView(bytes.buffer);
  const directory = options?.zip64 === true ? Number(view.getBigUint64(bytes.length - 98 + 48, true)) : view.getUint32(bytes.length - 6, true);
  // The pickle stands first; the ends are stretched over local headers.
  return { format: "torch", file: "pytorch_model.bin", bytes, structure: [[0, Math.min(1400, directory)], [directory, bytes.length]], tie };
}

/** Valid files of every format, some of each kind. */
export const CORPUS: readonly WeightsCase[] = [
  ...["F32", "BF16", "F16", "F64", "F8_E4M3"].flatMap((dtype) => [safetensorsCase(dtype, { metadata: { format: "pt" } }, false), safetensorsCase(dtype, { alignment: 1 }, true)]),
  ...["F32", "BF16", "F16", ...BLOCK_TYPES].map((dtype, i) => ggufCase(dtype, { version: ([3, 2, 1] as const)[i % 3]!, alignment: [32, 64, 1][i % 3]! }, i % 2 === 0)),
  ...["F32", "BF16"].map((dtype) => ggufCase(dtype, { bigEndian: true }, false)),
  ...["F32", "BF16", "F8_E5M2"].flatMap((dtype) => [torchCase(dtype, {}, true), torchCase(dtype, { zip64: true, moduleMetadata: true }, false), torchCase(dtype, { under: "state_dict", alignment: 1, descriptors: false }, false)]),
];
