import { ByteWriter } from "./bytes";
import { blockSize } from "./ggmlBlocks";
import { scalarBytes } from "./scalars";
import type { TensorData } from "./tensor";

/** The types of metadata values by their codes. */
export const GGUF_VALUE = { u8: 0, i8: 1, u16: 2, i16: 3, u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9, u64: 10, i64: 11, f64: 12 } as const;

export type GgufValueType = keyof typeof GGUF_VALUE;

type Scalar = number | bigint | boolean | string | Uint8Array;

interface NestedArray {
  readonly type: "array";
  readonly of: "array";
  readonly value: readonly (FlatArray | NestedArray)[];
}

interface FlatArray {
  readonly type: "array";
  readonly of: Exclude<GgufValueType, "array">;
  readonly value: readonly Scalar[];
}

/** A value of the metadata. Integers of 64 bits may be given as bigint. */
export type GgufValue =
  | { readonly type: Exclude<GgufValueType, "array" | "string" | "bool">; readonly value: number | bigint }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string | Uint8Array }
  | FlatArray
  | NestedArray;

export type GgufMetadata = Readonly<Record<string, GgufValue>>;

/** The tensor types by their codes. */
export const GGML_TYPE: Readonly<Record<string, number>> = {
  F32: 0, F16: 1, Q4_0: 2, Q4_1: 3, Q5_0: 6, Q5_1: 7, Q8_0: 8, Q2_K: 10, Q3_K: 11, Q4_K: 12, Q5_K: 13, Q6_K: 14, IQ4_NL: 20, IQ4_XS: 23, F64: 28, BF16: 30, MXFP4: 39, NVFP4: 40,
};

export interface GgufOptions {
  readonly metadata?: GgufMetadata;
  readonly version?: 1 | 2 | 3;
  readonly bigEndian?: boolean;
  /** Written to the metadata when it is not 32. */
  readonly alignment?: number;
}

/** What the header says of a tensor. */
export interface GgufTensor extends Omit<TensorData, "bytes"> {
  readonly bytes: { readonly length: number };
}

/** A GGUF file. */
export function writeGguf(tensors: readonly TensorData[], options: GgufOptions = {}): Uint8Array {
  const { bigEndian = false, alignment = 32 } = options;
  const out = new ByteWriter().bytes(ggufHeader(tensors, options));
  for (const { dtype, bytes } of tensors) out.bytes(bigEndian ? swapped(dtype, bytes) : bytes).pad(alignment);
  return out.take();
}

/** What stands before the data of the tensors, which follow in this order, each padded to the alignment. */
export function ggufHeader(tensors: readonly GgufTensor[], { metadata = {}, version = 3, bigEndian = false, alignment = 32 }: GgufOptions = {}): Uint8Array {
  const out = new GgufWriter(version, bigEndian);
  const all: GgufMetadata = alignment === 32 ? metadata : { ...metadata, "general.alignment": { type: "u32", value: alignment } };
  out.to.text("GGUF").u32(version);
  out.count(tensors.length);
  out.count(Object.keys(all).length);
  for (const [key, value] of Object.entries(all)) out.entry(key, value);
  let offset = 0;
  for (const { name, dtype, shape, bytes } of tensors) {
    out.string(name);
    out.to.u32(shape.length);
    // The fastest running dimension stands first.
    for (const size of [...shape].reverse()) out.count(size);
    out.to.u32(GGML_TYPE[dtype] ?? Number(dtype)).u64(offset);
    offset += Math.ceil(bytes.length / alignment) * alignment;
  }
  return out.to.pad(alignment).take();
}

class GgufWriter {
  readonly to: ByteWriter;
  readonly #version: number;

  constructor(version: number, bigEndian: boolean) {
    this.to = new ByteWriter({ littleEndian: !bigEndian });
    this.#version = version;
  }

  /** Version 1 counts with 32 bits. */
  count(value: number): void {
    if (this.#version === 1) this.to.u32(value);
    else this.to.u64(value);
  }

  string(value: string | Uint8Array): void {
    const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
    this.count(bytes.length);
    this.to.bytes(bytes);
  }

  entry(key: string, value: GgufValue): void {
    this.string(key);
    this.to.u32(GGUF_VALUE[value.type]);
    this.#value(value);
  }

  #value(value: GgufValue): void {
    if (value.type !== "array") {
      this.#scalar(value.type, value.value);
      return;
    }
    this.to.u32(GGUF_VALUE[value.of]);
    this.count(value.value.length);
    if (value.of === "array") for (const item of value.value) this.#value(item);
    else for (const item of value.value) this.#scalar(value.of, item);
  }

  #scalar(type: GgufValueType, value: Scalar): void {
    const { to } = this;
    if (type === "string") this.string(value as string | Uint8Array);
    else if (type === "bool") to.u8(value === true ? 1 : 0);
    else if (type === "u64") to.u64(value as number | bigint);
    else if (type === "i64") to.i64(value as number | bigint);
    else if (type === "f32") to.f32(Number(value));
    else if (type === "f64") to.f64(Number(value));
    else if (type === "u8" || type === "i8") to.u8(Number(value) & 255);
    else if (type === "u16" || type === "i16") to.u16(Number(value) & 65535);
    else to.u32(Number(value) >>> 0);
  }
}

/** Only types of single values can be turned around: a block has its own idea of bytes. */
function swapped(dtype: string, bytes: Uint8Array): Uint8Array {
  const size = scalarBytes(dtype);
  if (size === undefined || blockSize(dtype) !== undefined) throw new RangeError(`${dtype} is not written in big-endian order here.`);
  return bytes.map((_, i) => bytes[i - (i % size) + size - 1 - (i % size)]!);
}
