/** Four-bit weights of a matrix as `MatMulNBits` reads them, and llama.cpp's Q4_0 quantizes: blocks of 32 along the columns. */
export interface Quantized4 {
  /** 16 bytes a block, the even places in the low halves. */
  readonly quants: Uint8Array;
  /** One a block. */
  readonly scales: Float32Array;
}

/** A value is `(quant - 8) * scale`, where the scale makes the value that is largest by size -8. */
export function quantize4(values: Float32Array, rows: number, columns: number): Quantized4 {
  const blocks = Math.ceil(columns / 32);
  const quants = new Uint8Array(rows * blocks * 16).fill(0x88);
  const scales = new Float32Array(rows * blocks);
  for (let block = 0; block < scales.length; block++) {
    const first = Math.floor(block / blocks) * columns + (block % blocks) * 32;
    const count = Math.min(32, columns - (block % blocks) * 32);
    const scale = Math.fround(largest(values, first, count) / -8);
    scales[block] = scale;
    for (let i = 0; i < count; i++) {
      const quant = scale === 0 ? 8 : Math.min(15, Math.max(0, Math.round(values[first + i]! / scale) + 8));
      const at = block * 16 + (i >> 1);
      quants[at] = i % 2 === 0 ? (quants[at]! & 0xf0) | quant : (quants[at]! & 0x0f) | (quant << 4);
    }
  }
  return { quants, scales };
}

function largest(values: Float32Array, first: number, count: number): number {
  let found = 0;
  for (let i = first; i < first + count; i++) if (Math.abs(values[i]!) > Math.abs(found)) found = values[i]!;
  return found;
}

/** Values as 16-bit floats, rounded to the nearest, ties to even; past the largest, infinity. Fast enough for billions. */
export function halfBytes(values: Float32Array): Uint8Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) halves[i] = halfOf(bits[i]!);
  return new Uint8Array(halves.buffer);
}

function halfOf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  if (size >= 0x47800000) return sign | 0x7c00;
  // Subnormal: the hidden bit is shifted into the mantissa.
  const shift = size < 0x38800000 ? Math.min(126 - (size >>> 23), 25) : 13;
  const mantissa = size < 0x38800000 ? (size & 0x7fffff) | 0x800000 : size - 0x38000000;
  const half = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  return sign | (half + (rest > middle || (rest === middle && half % 2 === 1) ? 1 : 0));
}

/** The same as llama.cpp's Q4_0 has it: the scale, then the first half of a block in the low halves of 16 bytes, the second in the high. */
export function q40Bytes({ quants, scales }: Quantized4): Uint8Array {
  const bytes = new Uint8Array(scales.length * 18);
  const halves = halfBytes(scales);
  for (let block = 0; block < scales.length; block++) {
    bytes.set(halves.subarray(2 * block, 2 * block + 2), 18 * block);
    for (let i = 0; i < 16; i++) {
      const low = (quants[16 * block + (i >> 1)]! >> (4 * (i % 2))) & 15;
      const high = (quants[16 * block + 8 + (i >> 1)]! >> (4 * (i % 2))) & 15;
      bytes[18 * block + 2 + i] = low | (high << 4);
    }
  }
  return bytes;
}
