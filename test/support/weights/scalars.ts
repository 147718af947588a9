/** A floating-point format by its parts. Written plainly: it is what the fast decoders are held to. */
interface FloatFormat {
  readonly bytes: number;
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  /** `ieee`: the largest exponent means infinity and NaN. `fn`: all ones is NaN, there is no infinity. `fnuz`: only 0x80 is NaN. `none`: all are numbers. */
  readonly special: "ieee" | "fn" | "fnuz";
}

export const FORMATS: Readonly<Record<string, FloatFormat>> = {
  F64: { bytes: 8, exponentBits: 11, mantissaBits: 52, bias: 1023, special: "ieee" },
  F32: { bytes: 4, exponentBits: 8, mantissaBits: 23, bias: 127, special: "ieee" },
  F16: { bytes: 2, exponentBits: 5, mantissaBits: 10, bias: 15, special: "ieee" },
  BF16: { bytes: 2, exponentBits: 8, mantissaBits: 7, bias: 127, special: "ieee" },
  F8_E5M2: { bytes: 1, exponentBits: 5, mantissaBits: 2, bias: 15, special: "ieee" },
  F8_E4M3: { bytes: 1, exponentBits: 4, mantissaBits: 3, bias: 7, special: "fn" },
  F8_E5M2FNUZ: { bytes: 1, exponentBits: 5, mantissaBits: 2, bias: 16, special: "fnuz" },
  F8_E4M3FNUZ: { bytes: 1, exponentBits: 4, mantissaBits: 3, bias: 8, special: "fnuz" },
};

/** The number that a bit pattern stands for. */
export function decodeScalar(dtype: string, bits: bigint): number {
  if (dtype === "F8_E8M0") return bits === 255n ? Number.NaN : 2 ** (Number(bits) - 127);
  const { exponentBits, mantissaBits, bias, special } = formatOf(dtype);
  const mantissa = Number(bits & ((1n << BigInt(mantissaBits)) - 1n));
  const exponent = Number((bits >> BigInt(mantissaBits)) & ((1n << BigInt(exponentBits)) - 1n));
  const negative = ((bits >> BigInt(mantissaBits + exponentBits)) & 1n) === 1n;
  const largest = 2 ** exponentBits - 1;
  if (special === "fnuz" && negative && exponent === 0 && mantissa === 0) return Number.NaN;
  if (special === "fn" && exponent === largest && mantissa === 2 ** mantissaBits - 1) return Number.NaN;
  if (special === "ieee" && exponent === largest) return mantissa !== 0 ? Number.NaN : negative ? -Infinity : Infinity;
  const fraction = mantissa / 2 ** mantissaBits;
  const size = exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias);
  return negative ? -size : size;
}

/** The bit pattern of the nearest number, ties to even; past the largest, infinity or, where there is none, the largest. */
export function encodeScalar(dtype: string, value: number): bigint {
  if (dtype === "F8_E8M0") return Number.isNaN(value) ? 255n : BigInt(Math.min(254, Math.max(0, Math.round(Math.log2(value)) + 127)));
  const format = formatOf(dtype);
  const { exponentBits, mantissaBits, bias, special } = format;
  const sign = value < 0 || Object.is(value, -0) ? 1n << BigInt(exponentBits + mantissaBits) : 0n;
  const top = (1n << BigInt(exponentBits + mantissaBits)) - 1n;
  const infinity = ((1n << BigInt(exponentBits)) - 1n) << BigInt(mantissaBits);
  if (Number.isNaN(value)) return special === "fnuz" ? 1n << BigInt(exponentBits + mantissaBits) : top;
  const limit = special === "ieee" ? infinity : special === "fn" ? top - 1n : top;
  const size = Math.abs(value);
  const magnitude = size === Infinity ? limit : minimum(limit, roundedBits(size, mantissaBits, bias));
  // The unsigned zero formats have no negative zero: its pattern is NaN.
  return special === "fnuz" && magnitude === 0n ? 0n : sign | magnitude;
}

function roundedBits(size: number, mantissaBits: number, bias: number): bigint {
  if (size === 0) return 0n;
  const exponent = Math.max(exponentOf(size), 1 - bias);
  // In two steps, because 2 ** 1074 is no number.
  const scaled = (size * 2 ** -Math.trunc(exponent / 2)) / 2 ** (exponent - Math.trunc(exponent / 2)) * 2 ** mantissaBits;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const rounded = BigInt(floor) + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1n : 0n);
  // The hidden bit of a normal number is in `rounded`, and adds one to the exponent; a subnormal has none.
  return rounded + (BigInt(exponent + bias - 1) << BigInt(mantissaBits));
}

/** The power of two that `size` is at least, and less than twice of. */
function exponentOf(size: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, size);
  const field = (view.getUint16(0) >> 4) & 0x7ff;
  return field === 0 ? Math.floor(Math.log2(size)) : field - 1023;
}

function minimum(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function formatOf(dtype: string): FloatFormat {
  const format = FORMATS[dtype];
  if (format === undefined) throw new RangeError(`There is no scalar type ${dtype}.`);
  return format;
}

/** Bytes a value; undefined for a type of blocks. */
export function scalarBytes(dtype: string): number | undefined {
  return dtype === "F8_E8M0" ? 1 : FORMATS[dtype]?.bytes;
}

/** Little-endian bytes of values of a scalar type. */
export function encodeScalars(dtype: string, values: ArrayLike<number>): Uint8Array {
  if (dtype === "F32") return new Uint8Array(Float32Array.from(values).buffer);
  if (dtype === "BF16") return encodeUpperHalves(Float32Array.from(values));
  const size = scalarBytes(dtype) ?? 0;
  const bytes = new Uint8Array(values.length * size);
  for (let i = 0; i < values.length; i++) {
    let bits = encodeScalar(dtype, values[i] ?? 0);
    for (let k = 0; k < size; k++, bits >>= 8n) bytes[i * size + k] = Number(bits & 255n);
  }
  return bytes;
}

/** BF16 by arithmetic on bits, as {@link encodeScalar} would, for large matrices. */
function encodeUpperHalves(values: Float32Array): Uint8Array {
  const bits = new Uint32Array(values.buffer);
  const halves = Uint16Array.from(bits, (pattern, i) => (Number.isNaN(values[i]) ? 0x7fff : (pattern + 0x7fff + ((pattern >>> 16) & 1)) >>> 16));
  return new Uint8Array(halves.buffer);
}

/** The values of little-endian bytes of a scalar type. */
export function decodeScalars(dtype: string, bytes: Uint8Array): Float32Array {
  if (dtype === "F32") return new Float32Array(bytes.slice().buffer);
  if (dtype === "BF16") return new Float32Array(Uint32Array.from(new Uint16Array(bytes.slice().buffer), (half) => half * 65536).buffer);
  const size = scalarBytes(dtype) ?? 1;
  const values = new Float32Array(bytes.length / size);
  for (let i = 0; i < values.length; i++) {
    let bits = 0n;
    for (let k = size - 1; k >= 0; k--) bits = (bits << 8n) | BigInt(bytes[i * size + k] ?? 0);
    values[i] = decodeScalar(dtype, bits);
  }
  return values;
}
