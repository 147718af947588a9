import type { ElementType } from "./elementType";
import { halfBits } from "./half";

// Every type here but F64 has only values that are 32-bit floats too, so that decoding is exact. Where it can, it moves bit
// patterns as integers: a pass through JavaScript's numbers would be slower, and may change a NaN's bits.

function decodeF32(bytes: Uint8Array, values: number, out: Float32Array): void {
  // The hosts are little-endian, as the files are: the bytes are the values.
  new Uint8Array(out.buffer, out.byteOffset, values * 4).set(bytes.subarray(0, values * 4));
}

function decodeF64(bytes: Uint8Array, values: number, out: Float32Array): void {
  out.set(new Float64Array(aligned(bytes, values * 8, 8), offsetIn(bytes, 8), values));
}

/** A BF16 is the upper half of the 32-bit float. */
function decodeBF16(bytes: Uint8Array, values: number, out: Float32Array): void {
  const bits = new Uint32Array(out.buffer, out.byteOffset, values);
  const upper = new Uint16Array(aligned(bytes, values * 2, 2), offsetIn(bytes, 2), values);
  for (let i = 0; i < values; i++) bits[i] = (upper[i] as number) << 16;
}

function decodeF16(bytes: Uint8Array, values: number, out: Float32Array): void {
  const table = halfBits();
  const bits = new Uint32Array(out.buffer, out.byteOffset, values);
  const halves = new Uint16Array(aligned(bytes, values * 2, 2), offsetIn(bytes, 2), values);
  for (let i = 0; i < values; i++) bits[i] = table[halves[i] as number] as number;
}

/** The buffer that `bytes` stand in, or one with a copy of them where they are not aligned to `size`. */
function aligned(bytes: Uint8Array, length: number, size: number): ArrayBufferLike {
  return bytes.byteOffset % size === 0 ? bytes.buffer : new Uint8Array(bytes.subarray(0, length)).buffer;
}

/** Where the bytes begin in {@link aligned}. */
function offsetIn(bytes: Uint8Array, size: number): number {
  return bytes.byteOffset % size === 0 ? bytes.byteOffset : 0;
}

interface Float8 {
  readonly mantissaBits: 2 | 3;
  readonly bias: number;
  /** The value of an exponent of all ones, or of the pattern 0x80, where that is no ordinary number. */
  readonly special: (code: number) => number | undefined;
}

// Sources: OCP 8-bit Floating Point Specification 1.0 (E4M3, E5M2); Noune et al., arXiv 2206.02915 (FNUZ, whose bias is one
// larger, with a single NaN in the place of -0); OCP Microscaling Formats 1.0 (E8M0: powers of two, no sign, 255 is NaN).
const FLOAT8: Readonly<Record<string, Float8>> = {
  F8_E4M3: { mantissaBits: 3, bias: 7, special: (code) => ((code & 0x7f) === 0x7f ? Number.NaN : undefined) },
  F8_E5M2: { mantissaBits: 2, bias: 15, special: infinityOrNaN },
  F8_E4M3FNUZ: { mantissaBits: 3, bias: 8, special: (code) => (code === 0x80 ? Number.NaN : undefined) },
  F8_E5M2FNUZ: { mantissaBits: 2, bias: 16, special: (code) => (code === 0x80 ? Number.NaN : undefined) },
};

function infinityOrNaN(code: number): number | undefined {
  if ((code & 0x7c) !== 0x7c) return undefined;
  return (code & 3) !== 0 ? Number.NaN : code < 0x80 ? Infinity : -Infinity;
}

function float8Value({ mantissaBits, bias, special }: Float8, code: number): number {
  const exponent = (code & 0x7f) >> mantissaBits;
  const mantissa = code & ((1 << mantissaBits) - 1);
  const size = exponent === 0 ? mantissa * 2 ** (1 - bias - mantissaBits) : (mantissa + (1 << mantissaBits)) * 2 ** (exponent - bias - mantissaBits);
  return special(code) ?? (code < 0x80 ? size : -size);
}

/** A type of one byte by the values of its 256 codes; the table is made on first use. */
function byteType(valueOf: (code: number) => number): ElementType {
  let table: Float32Array | undefined;
  return {
    block: 1,
    bytes: 1,
    decode: (bytes, values, out) => {
      const all = (table ??= Float32Array.from({ length: 256 }, (_, code) => valueOf(code)));
      for (let i = 0; i < values; i++) out[i] = all[bytes[i] as number] as number;
    },
  };
}

export const SCALAR_TYPES: Readonly<Record<string, ElementType>> = {
  F64: { block: 1, bytes: 8, decode: decodeF64 },
  F32: { block: 1, bytes: 4, decode: decodeF32 },
  F16: { block: 1, bytes: 2, decode: decodeF16 },
  BF16: { block: 1, bytes: 2, decode: decodeBF16 },
  ...Object.fromEntries(Object.entries(FLOAT8).map(([name, format]) => [name, byteType((code) => float8Value(format, code))])),
  F8_E8M0: byteType((code) => (code === 255 ? Number.NaN : 2 ** (code - 127))),
};
