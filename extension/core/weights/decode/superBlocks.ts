import { NONLINEAR_LEVELS } from "./blocks";
import type { ElementType } from "./elementType";
import { halfValues } from "./half";

// GGUF's types of blocks of 256 values in groups of 16 or 32, whose scales are integers times the block's 16-bit float.
// Layouts and formulas: ggml's ggml-common.h (block_q2_K and so on) and ggml-quants.c (dequantize_row_*). As in blocks.ts
// each product has at most 24 significant bits, so that only the last step is ever rounded.

const VALUES = 256;

function halfAt(half: Float32Array, bytes: Uint8Array, at: number): number {
  return half[(bytes[at] as number) | ((bytes[at + 1] as number) << 8)] as number;
}

/** 16 bytes of 4-bit scale and minimum, 64 bytes, d, dmin: d * scale * q - dmin * min. */
function decodeQ2_K(bytes: Uint8Array, values: number, out: Float32Array): void {
  const half = halfValues();
  for (let at = 0, to = 0; to < values; at += 84, to += VALUES) {
    const d = halfAt(half, bytes, at + 80);
    const dmin = halfAt(half, bytes, at + 82);
    for (let group = 0; group < 16; group++) {
      const packed = bytes[at + group] as number;
      const scale = d * (packed & 15);
      const min = dmin * (packed >> 4);
      // 128 values a half of the block; its bytes are gone through four times, two bits a time.
      const from = at + 16 + (group >> 3) * 32 + (group & 1) * 16;
      const shift = ((group >> 1) & 3) * 2;
      for (let j = 0; j < 16; j++) out[to + group * 16 + j] = scale * (((bytes[from + j] as number) >> shift) & 3) - min;
    }
  }
}

/** 32 bytes of third bits, 64 bytes, 12 bytes of 6-bit scales, d: d * (scale - 32) * (q - 4). */
function decodeQ3_K(bytes: Uint8Array, values: number, out: Float32Array): void {
  const half = halfValues();
  for (let at = 0, to = 0; to < values; at += 110, to += VALUES) {
    const d = halfAt(half, bytes, at + 108);
    for (let group = 0; group < 16; group++) {
      const low = ((bytes[at + 96 + (group & 7)] as number) >> (group < 8 ? 0 : 4)) & 15;
      const high = ((bytes[at + 104 + (group & 3)] as number) >> ((group >> 2) * 2)) & 3;
      const scale = d * ((low | (high << 4)) - 32);
      const from = at + 32 + (group >> 3) * 32 + (group & 1) * 16;
      const third = at + (group & 1) * 16;
      const shift = ((group >> 1) & 3) * 2;
      const bit = group >> 1;
      for (let j = 0; j < 16; j++) {
        const q = (((bytes[from + j] as number) >> shift) & 3) | ((((bytes[third + j] as number) >> bit) & 1) << 2);
        out[to + group * 16 + j] = scale * (q - 4);
      }
    }
  }
}

/** The 6-bit scale of a group of eight, in 12 bytes that hold scales, minimums, and the upper groups' lower four bits. */
function sixBitScale(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return (bytes[at + group] as number) & 63;
  return ((bytes[at + 4 + group] as number) & 15) | (((bytes[at + group - 4] as number) >> 6) << 4);
}

function sixBitMin(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return (bytes[at + 4 + group] as number) & 63;
  return ((bytes[at + 4 + group] as number) >> 4) | (((bytes[at + group] as number) >> 6) << 4);
}

/** d, dmin, 12 bytes of scales, 128 bytes: d * scale * q - dmin * min. 32 low halves, then the 32 high ones. */
function decodeQ4_K(bytes: Uint8Array, values: number, out: Float32Array): void {
  const half = halfValues();
  for (let at = 0, to = 0; to < values; at += 144, to += VALUES) {
    const d = halfAt(half, bytes, at);
    const dmin = halfAt(half, bytes, at + 2);
    for (let group = 0; group < 8; group++) {
      const scale = d * sixBitScale(bytes, at + 4, group);
      const min = dmin * sixBitMin(bytes, at + 4, group);
      const from = at + 16 + (group >> 1) * 32;
      const shift = (group & 1) * 4;
      for (let j = 0; j < 32; j++) out[to + group * 32 + j] = scale * (((bytes[from + j] as number) >> shift) & 15) - min;
    }
  }
}

/** As Q4_K, with 32 bytes of fifth bits before the 128. */
function decodeQ5_K(bytes: Uint8Array, values: number, out: Float32Array): void {
  const half = halfValues();
  for (let at = 0, to = 0; to < values; at += 176, to += VALUES) {
    const d = halfAt(half, bytes, at);
    const dmin = halfAt(half, bytes, at + 2);
    for (let group = 0; group < 8; group++) {
      const scale = d * sixBitScale(bytes, at + 4, group);
      const min = dmin * sixBitMin(bytes, at + 4, group);
      const from = at + 48 + (group >> 1) * 32;
      const shift = (group & 1) * 4;
      for (let j = 0; j < 32; j++) {
        const fifth = (((bytes[at + 16 + j] as number) >> group) & 1) << 4;
        out[to + group * 32 + j] = scale * ((((bytes[from + j] as number) >> shift) & 15) | fifth) - min;
      }
    }
  }
}

/** 128 bytes, 64 bytes of upper bits, 16 signed scales, d: d * scale * (q - 32). */
function decodeQ6_K(bytes: Uint8Array, values: number, out: Float32Array): void {
  const half = halfValues();
  for (let at = 0, to = 0; to < values; at += 210, to += VALUES) {
    const d = halfAt(half, bytes, at + 208);
    for (let group = 0; group < 16; group++) {
      const scale = d * (((bytes[at + 192 + group] as number) << 24) >> 24);
      // 64 bytes a half of the block, gone through twice; 32 bytes of upper bits, gone through four times.
      const from = at + (group >> 3) * 64 + (group & 3) * 16;
      const upper = at + 128 + (group >> 3) * 32 + (group & 1) * 16;
      const shift = (group & 4) === 0 ? 0 : 4;
      const upperShift = ((group >> 1) & 3) * 2;
      for (let j = 0; j < 16; j++) {
        const q = (((bytes[from + j] as number) >> shift) & 15) | ((((bytes[upper + j] as number) >> upperShift) & 3) << 4);
        out[to + group * 16 + j] = scale * (q - 32);
      }
    }
  }
}

/** d, 16 upper bits and 4 bytes of lower bits of 6-bit scales, 128 bytes: d * (scale - 32) * level[q]. */
function decodeIQ4_XS(bytes: Uint8Array, values: number, out: Float32Array): void {
  const half = halfValues();
  for (let at = 0, to = 0; to < values; at += 136, to += VALUES) {
    const d = halfAt(half, bytes, at);
    const upper = (bytes[at + 2] as number) | ((bytes[at + 3] as number) << 8);
    for (let group = 0; group < 8; group++) {
      const low = ((bytes[at + 4 + (group >> 1)] as number) >> ((group & 1) * 4)) & 15;
      const scale = d * ((low | (((upper >> (group * 2)) & 3) << 4)) - 32);
      const from = at + 8 + group * 16;
      for (let j = 0; j < 16; j++) {
        const q = bytes[from + j] as number;
        out[to + group * 32 + j] = scale * (NONLINEAR_LEVELS[q & 15] as number);
        out[to + group * 32 + j + 16] = scale * (NONLINEAR_LEVELS[q >> 4] as number);
      }
    }
  }
}

export const K_TYPES: Readonly<Record<string, ElementType>> = {
  Q2_K: { block: VALUES, bytes: 84, decode: decodeQ2_K },
  Q3_K: { block: VALUES, bytes: 110, decode: decodeQ3_K },
  Q4_K: { block: VALUES, bytes: 144, decode: decodeQ4_K },
  Q5_K: { block: VALUES, bytes: 176, decode: decodeQ5_K },
  Q6_K: { block: VALUES, bytes: 210, decode: decodeQ6_K },
  IQ4_XS: { block: VALUES, bytes: 136, decode: decodeIQ4_XS },
};
