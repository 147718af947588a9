import { blockSize, decodeBlocks, encodeBlocks } from "./ggmlBlocks";
import { decodeScalars, encodeScalars, scalarBytes } from "./scalars";

/** A tensor as a writer puts it into a file. */
export interface TensorData {
  readonly name: string;
  /** By the names of safetensors and GGUF: `BF16`, `F8_E4M3`, `Q4_K`. */
  readonly dtype: string;
  /** In C order: rows, then columns. */
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** A tensor that holds `values`, as near as its type can. */
export function tensor(name: string, dtype: string, shape: readonly number[], values: Float32Array): TensorData {
  return { name, dtype, shape, bytes: encodeValues(dtype, values) };
}

export function encodeValues(dtype: string, values: Float32Array): Uint8Array {
  return blockSize(dtype) === undefined ? encodeScalars(dtype, values) : encodeBlocks(dtype, values);
}

/** The values that the bytes of a tensor stand for: not always those that it was made from. */
export function decodeValues(dtype: string, bytes: Uint8Array): Float32Array {
  return blockSize(dtype) === undefined ? decodeScalars(dtype, bytes) : decodeBlocks(dtype, bytes);
}

/** Bytes that `count` values take. */
export function sizeOfValues(dtype: string, count: number): number {
  const block = blockSize(dtype) ?? { elements: 1, bytes: scalarBytes(dtype) ?? 0 };
  return (count / block.elements) * block.bytes;
}
