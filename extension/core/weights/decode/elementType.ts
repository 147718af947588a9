import { BLOCK_TYPES } from "./blocks";
import { K_TYPES } from "./superBlocks";
import { SCALAR_TYPES } from "./scalars";

/** How the values of a tensor stand in a file, whose numbers are little-endian. */
export interface ElementType {
  /** Values a block; 1 where each stands for itself. */
  readonly block: number;
  /** Bytes a block. */
  readonly bytes: number;
  /** Writes `values` values, whole blocks, to `out`. The bytes may stand at any alignment. */
  readonly decode: (bytes: Uint8Array, values: number, out: Float32Array) => void;
}

const TYPES: Readonly<Record<string, ElementType>> = { ...SCALAR_TYPES, ...BLOCK_TYPES, ...K_TYPES };

/** The type of this name in safetensors and GGUF, or undefined where its values cannot be read. */
export function elementType(dtype: string): ElementType | undefined {
  return Object.hasOwn(TYPES, dtype) ? TYPES[dtype] : undefined;
}

/** A type of single values whose bytes stand in the opposite order; undefined for blocks, where no order of that kind is defined. */
export function bigEndian(type: ElementType): ElementType | undefined {
  const { block, bytes: size, decode } = type;
  if (block !== 1) return undefined;
  return {
    block,
    bytes: size,
    decode: (bytes, values, out) => {
      const turned = new Uint8Array(values * size);
      for (let at = 0; at < turned.length; at += size) {
        for (let k = 0; k < size; k++) turned[at + k] = bytes[at + size - 1 - k] as number;
      }
      decode(turned, values, out);
    },
  };
}
