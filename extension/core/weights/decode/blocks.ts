import type { ElementType } from "./elementType";
import { halfValues } from "./half";

// GGUF's types of small blocks. Layouts and formulas: ggml's ggml-common.h (block_q4_0 and so on) and ggml-quants.c
// (dequantize_row_*). A scale is a 16-bit float of 11 significant bits and a code has at most 8, so that their product is
// exact, and the sum with a minimum is rounded once, on being stored: the results are those of ggml's own code, bit by bit.
// In the four- and five-bit types the low half of byte j belongs to value j and the high half to value j + half a block.

/** d, 16 bytes: d * (q - 8). */
function decodeQ4_0(bytes: Uint8Array, values: number, out: Float32Array): void {
  const half = halfValues();
  for (let at = 0, to = 0; to < values; at += 18, to += 32) {
    const d = half[(bytes[at] as number) | ((bytes[at + 1] as number) << 8)] as number;
    for (let j = 0; j < 16; j++) {
      const q = bytes[at + 2 + j] as number;
      out[to + j] = d * ((q & 15) - 8);
      out[to + j + 16] = d * ((q >> 4) - 8);
    }
  }
}

/** d, m, 16 bytes: d * q + m. */
function decodeQ4_1(bytes: Uint8Array, values: number, out: Float32Array): void {
  const half = halfValues();
  for (let at = 0, to = 0; to < values; at += 20, to += 32) {
    const d = half[(bytes[at] as number) | ((bytes[at + 1] as number) << 8)] as number;
    const m = half[(bytes[at + 2] as number) | ((bytes[at + 3] as number) << 8)] as number;
    for (let j = 0; j < 16; j++) {
      const q = bytes[at + 4 + j] as number;
      out[to + j] = d * (q & 15) + m;
      out[to + j + 16] = d * (q >> 4) + m;
    }
  }
}

/** d, 32 fifth bits, 16 bytes: d * (q - 16). */
function decodeQ5_0(bytes: Uint8Array, values: number, out: Float32Array): void {
  const half = halfValues();
  for (let at = 0, to = 0; to < values; at += 22, to += 32) {
    const d = half[(bytes[at] as number) | ((bytes[at + 1] as number) << 8)] as number;
    const high = fifthBits(bytes, at + 2);
    for (let j = 0; j < 16; j++) {
      const q = bytes[at + 6 + j] as number;
      out[to + j] = d * (((q & 15) | (((high >>> j) & 1) << 4)) - 16);
      out[to + j + 16] = d * (((q >> 4) | (((high >>> (j + 16)) & 1) << 4)) - 16);
    }
  }
}

/** d, m, 32 fifth bits, 16 bytes: d * q + m. */
function decodeQ5_1(bytes: Uint8Array, values: number, out: Float32Array): void {
  const half = halfValues();
  for (let at = 0, to = 0; to < values; at += 24, to += 32) {
    const d = half[(bytes[at] as number) | ((bytes[at + 1] as number) << 8)] as number;
    const m = half[(bytes[at + 2] as number) | ((bytes[at + 3] as number) << 8)] as number;
    const high = fifthBits(bytes, at + 4);
    for (let j = 0; j < 16; j++) {
      const q = bytes[at + 8 + j] as number;
      out[to + j] = d * ((q & 15) | (((high >>> j) & 1) << 4)) + m;
      out[to + j + 16] = d * ((q >> 4) | (((high >>> (j + 16)) & 1) << 4)) + m;
    }
  }
}

function fifthBits(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
}

/** d, 32 signed bytes: d * q. */
function decodeQ8_0(bytes: Uint8Array, values: number, out: Float32Array): void {
  const half = halfValues();
  for (let at = 0, to = 0; to < values; at += 34, to += 32) {
    const d = half[(bytes[at] as number) | ((bytes[at + 1] as number) << 8)] as number;
    for (let j = 0; j < 32; j++) out[to + j] = d * (((bytes[at + 2 + j] as number) << 24) >> 24);
  }
}

/** The 16 levels of the non-linear types: `kvalues_iq4nl`. */
export const NONLINEAR_LEVELS = Float64Array.of(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);

/** d, 16 bytes: d * level[q]. */
function decodeIQ4_NL(bytes: Uint8Array, values: number, out: Float32Array): void {
  const half = halfValues();
  for (let at = 0, to = 0; to < values; at += 18, to += 32) {
    const d = half[(bytes[at] as number) | ((bytes[at + 1] as number) << 8)] as number;
    for (let j = 0; j < 16; j++) {
      const q = bytes[at + 2 + j] as number;
      out[to + j] = d * (NONLINEAR_LEVELS[q & 15] as number);
      out[to + j + 16] = d * (NONLINEAR_LEVELS[q >> 4] as number);
    }
  }
}

/** Twice the values of E2M1, with two zeros: `kvalues_mxfp4`. The scales are halved in turn. */
const E2M1_DOUBLED = Float64Array.of(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

/** An exponent e, 16 bytes: 2^(e - 128) * level[q]. No exponent means NaN (`ggml_e8m0_to_fp32_half`). */
function decodeMXFP4(bytes: Uint8Array, values: number, out: Float32Array): void {
  for (let at = 0, to = 0; to < values; at += 17, to += 32) {
    const d = 2 ** ((bytes[at] as number) - 128);
    for (let j = 0; j < 16; j++) {
      const q = bytes[at + 1 + j] as number;
      out[to + j] = d * (E2M1_DOUBLED[q & 15] as number);
      out[to + j + 16] = d * (E2M1_DOUBLED[q >> 4] as number);
    }
  }
}

/** Four scales, then 8 bytes for each 16 values: scale * level[q]. */
function decodeNVFP4(bytes: Uint8Array, values: number, out: Float32Array): void {
  for (let at = 0, to = 0; to < values; at += 36, to += 64) {
    for (let group = 0; group < 4; group++) {
      const d = nvfp4Scale(bytes[at + group] as number);
      for (let j = 0; j < 8; j++) {
        const q = bytes[at + 4 + group * 8 + j] as number;
        out[to + group * 16 + j] = d * (E2M1_DOUBLED[q & 15] as number);
        out[to + group * 16 + j + 8] = d * (E2M1_DOUBLED[q >> 4] as number);
      }
    }
  }
}

/** Half of an unsigned E4M3; its NaN is zero, and its sign bit is not looked at (`ggml_ue4m3_to_fp32`). */
function nvfp4Scale(code: number): number {
  const exponent = (code >> 3) & 15;
  const mantissa = code & 7;
  if (code === 0x7f) return 0;
  return exponent === 0 ? mantissa * 2 ** -10 : (mantissa + 8) * 2 ** (exponent - 11);
}

export const BLOCK_TYPES: Readonly<Record<string, ElementType>> = {
  Q4_0: { block: 32, bytes: 18, decode: decodeQ4_0 },
  Q4_1: { block: 32, bytes: 20, decode: decodeQ4_1 },
  Q5_0: { block: 32, bytes: 22, decode: decodeQ5_0 },
  Q5_1: { block: 32, bytes: 24, decode: decodeQ5_1 },
  Q8_0: { block: 32, bytes: 34, decode: decodeQ8_0 },
  IQ4_NL: { block: 32, bytes: 18, decode: decodeIQ4_NL },
  MXFP4: { block: 32, bytes: 17, decode: decodeMXFP4 },
  NVFP4: { block: 64, bytes: 36, decode: decodeNVFP4 },
};
