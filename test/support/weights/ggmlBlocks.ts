import { decodeScalar, encodeScalar } from "./scalars";

/** Where some bits of a number stand in a block: byte, lowest bit, how many. The first of a list holds the lowest bits. */
type Bits = readonly (readonly [byte: number, shift: number, count: number])[];

type Scaling =
  /** A 16-bit float for the whole block, and perhaps another to add. */
  | { readonly kind: "block"; readonly d: number; readonly m?: number }
  /** 16-bit floats for the block, times an integer of each group. `zero` stands for 0. */
  | { readonly kind: "groups"; readonly d: number; readonly dmin?: number; readonly scale: (group: number) => Bits; readonly min?: (group: number) => Bits; readonly zero: number; readonly largest: number }
  /** 8 bits a group that are a float of their own. */
  | { readonly kind: "power" }
  | { readonly kind: "float8" };

interface BlockFormat {
  readonly elements: number;
  readonly bytes: number;
  /** Values that share a scale. */
  readonly group: number;
  readonly quant: (index: number) => Bits;
  /** What each code stands for, in order. */
  readonly codes: readonly number[];
  readonly scaling: Scaling;
}

const integers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const signedByte = Array.from({ length: 256 }, (_, code) => (code < 128 ? code : code - 256));
const nonlinear = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
const e2m1 = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

/** Values of the first half of a group stand in the low four bits, of the second half in the high ones. */
const nibbles = (at: number, half: number) => (i: number): Bits => [[at + Math.floor(i / (2 * half)) * half + (i % half), i % (2 * half) < half ? 0 : 4, 4]];
const sixBits = (low: number, high: number, at: number) => (group: number): Bits =>
  group < 4 ? [[low + group, 0, 6]] : [[at + group - 4, low < high ? 0 : 4, 4], [low + group - 4, 6, 2]];
const kScales = { kind: "groups", d: 0, dmin: 2, scale: sixBits(4, 8, 12), min: sixBits(8, 4, 12), zero: 0, largest: 63 } as const;

const BLOCKS: Readonly<Record<string, BlockFormat>> = {
  Q4_0: { elements: 32, bytes: 18, group: 32, quant: nibbles(2, 16), codes: integers(-8, 7), scaling: { kind: "block", d: 0 } },
  Q4_1: { elements: 32, bytes: 20, group: 32, quant: nibbles(4, 16), codes: integers(0, 15), scaling: { kind: "block", d: 0, m: 2 } },
  Q5_0: { elements: 32, bytes: 22, group: 32, quant: (i) => [...nibbles(6, 16)(i), [2 + (i >> 3), i & 7, 1]], codes: integers(-16, 15), scaling: { kind: "block", d: 0 } },
  Q5_1: { elements: 32, bytes: 24, group: 32, quant: (i) => [...nibbles(8, 16)(i), [4 + (i >> 3), i & 7, 1]], codes: integers(0, 31), scaling: { kind: "block", d: 0, m: 2 } },
  Q8_0: { elements: 32, bytes: 34, group: 32, quant: (i) => [[2 + i, 0, 8]], codes: signedByte, scaling: { kind: "block", d: 0 } },
  Q2_K: {
    elements: 256,
    bytes: 84,
    group: 16,
    quant: (i) => [[16 + (i >> 7) * 32 + (i % 32), 2 * ((i % 128) >> 5), 2]],
    codes: integers(0, 3),
    scaling: { kind: "groups", d: 80, dmin: 82, scale: (g) => [[g, 0, 4]], min: (g) => [[g, 4, 4]], zero: 0, largest: 15 },
  },
  Q3_K: {
    elements: 256,
    bytes: 110,
    group: 16,
    quant: (i) => [[32 + (i >> 7) * 32 + (i % 32), 2 * ((i % 128) >> 5), 2], [i % 32, i >> 5, 1]],
    codes: integers(-4, 3),
    scaling: { kind: "groups", d: 108, scale: (g) => [[96 + (g % 8), g < 8 ? 0 : 4, 4], [104 + (g % 4), 2 * (g >> 2), 2]], zero: 32, largest: 31 },
  },
  Q4_K: { elements: 256, bytes: 144, group: 32, quant: nibbles(16, 32), codes: integers(0, 15), scaling: kScales },
  Q5_K: { elements: 256, bytes: 176, group: 32, quant: (i) => [...nibbles(48, 32)(i), [16 + (i % 32), i >> 5, 1]], codes: integers(0, 31), scaling: kScales },
  Q6_K: {
    elements: 256,
    bytes: 210,
    group: 16,
    quant: (i) => [...nibbles(0, 64)(i), [128 + (i >> 7) * 32 + (i % 32), 2 * ((i % 128) >> 5), 2]],
    codes: integers(-32, 31),
    scaling: { kind: "groups", d: 208, scale: (g) => [[192 + g, 0, 8]], zero: 256, largest: 127 },
  },
  IQ4_NL: { elements: 32, bytes: 18, group: 32, quant: nibbles(2, 16), codes: nonlinear, scaling: { kind: "block", d: 0 } },
  IQ4_XS: {
    elements: 256,
    bytes: 136,
    group: 32,
    quant: nibbles(8, 16),
    codes: nonlinear,
    scaling: { kind: "groups", d: 0, scale: (g) => [[4 + (g >> 1), 4 * (g & 1), 4], [2 + (g >> 2), 2 * (g & 3), 2]], zero: 32, largest: 31 },
  },
  MXFP4: { elements: 32, bytes: 17, group: 32, quant: nibbles(1, 16), codes: e2m1, scaling: { kind: "power" } },
  NVFP4: { elements: 64, bytes: 36, group: 16, quant: nibbles(4, 8), codes: e2m1, scaling: { kind: "float8" } },
};

/** The types of blocks that can be written, and read back. */
export const BLOCK_TYPES: readonly string[] = Object.keys(BLOCKS);

/** Values and bytes a block of a type of GGUF; undefined for a type of single values. */
export function blockSize(dtype: string): { readonly elements: number; readonly bytes: number } | undefined {
  return BLOCKS[dtype];
}

/** The values of whole blocks, one at a time by the formula of its type, each step rounded to 32 bits. */
export function decodeBlocks(dtype: string, bytes: Uint8Array): Float32Array {
  const format = formatOf(dtype);
  const values = new Float32Array((bytes.length / format.bytes) * format.elements);
  for (let i = 0; i < values.length; i++) {
    const block = bytes.subarray(Math.floor(i / format.elements) * format.bytes);
    const index = i % format.elements;
    const { scale, min } = scaleOf(block, format, Math.floor(index / format.group));
    const product = Math.fround(scale * format.codes[read(block, format.quant(index))]!);
    // Without a minimum there is no sum, which would turn -0 into 0.
    values[i] = hasMin(format) ? product + min : product;
  }
  return values;
}

/** Blocks for values, whose number is a multiple of the block's. Not the best ones: simple scales, then the nearest code. */
export function encodeBlocks(dtype: string, values: Float32Array): Uint8Array {
  const format = formatOf(dtype);
  if (values.length % format.elements !== 0) throw new RangeError(`${values.length} values are no whole blocks of ${dtype}.`);
  const bytes = new Uint8Array((values.length / format.elements) * format.bytes);
  for (let at = 0, to = 0; at < values.length; at += format.elements, to += format.bytes) {
    encodeBlock(format, values.subarray(at, at + format.elements), bytes.subarray(to, to + format.bytes));
  }
  return bytes;
}

function encodeBlock(format: BlockFormat, values: Float32Array, block: Uint8Array): void {
  const groups = values.length / format.group;
  const fits = Array.from({ length: groups }, (_, g) => fit(format, values.subarray(g * format.group, (g + 1) * format.group)));
  const scales = writeScales(format, fits, block);
  values.forEach((value, i) => {
    const { scale, min } = scales[Math.floor(i / format.group)]!;
    write(block, format.quant(i), nearestCode(format.codes, scale === 0 ? 0 : (value - min) / scale));
  });
}

interface Scale {
  readonly scale: number;
  /** What is added; below zero where there is a minimum. */
  readonly min: number;
}

function fit(format: BlockFormat, values: Float32Array): Scale {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const largestCode = Math.max(...format.codes);
  if (!hasMin(format)) return { scale: Math.max(-low, high) / largestCode, min: 0 };
  const min = format.scaling.kind === "groups" ? Math.min(low, 0) : low;
  return { scale: (high - min) / largestCode, min };
}

/** Writes the scales, and returns those that the codes are chosen by: unrounded, so that a scale too small for 16 bits still has codes, as in the field. */
function writeScales(format: BlockFormat, fits: readonly Scale[], block: Uint8Array): readonly Scale[] {
  const { scaling } = format;
  switch (scaling.kind) {
    case "block":
      writeHalf(block, scaling.d, fits[0]!.scale);
      if (scaling.m !== undefined) writeHalf(block, scaling.m, fits[0]!.min);
      return fits;
    case "groups":
      return writeGroupScales(scaling, fits, block);
    case "power":
      block[0] = fits[0]!.scale === 0 ? 0 : Math.min(254, Math.max(0, Math.round(Math.log2(fits[0]!.scale)) + 128));
      return fits.map((_, g) => scaleOf(block, format, g));
    case "float8":
      for (const [g, { scale }] of fits.entries()) block[g] = Math.min(0x7e, Number(encodeScalar("F8_E4M3", scale * 2)));
      return fits.map((_, g) => scaleOf(block, format, g));
  }
}

function writeGroupScales(scaling: Extract<Scaling, { readonly kind: "groups" }>, fits: readonly Scale[], block: Uint8Array): readonly Scale[] {
  const d = Math.max(...fits.map(({ scale }) => scale)) / scaling.largest;
  const dmin = Math.max(...fits.map(({ min }) => -min)) / scaling.largest;
  writeHalf(block, scaling.d, d);
  if (scaling.dmin !== undefined) writeHalf(block, scaling.dmin, dmin);
  return fits.map((fitted, g) => {
    const scale = d === 0 ? 0 : Math.round(fitted.scale / d);
    const min = dmin === 0 ? 0 : Math.round(-fitted.min / dmin);
    write(block, scaling.scale(g), scaling.zero === 256 ? scale & 255 : scale + scaling.zero);
    if (scaling.min !== undefined) write(block, scaling.min(g), min);
    return { scale: d * scale, min: -dmin * min };
  });
}

function scaleOf(block: Uint8Array, { scaling }: BlockFormat, group: number): Scale {
  switch (scaling.kind) {
    case "block":
      return { scale: readHalf(block, scaling.d), min: scaling.m === undefined ? 0 : readHalf(block, scaling.m) };
    case "groups": {
      const code = read(block, scaling.scale(group));
      const factor = scaling.zero === 256 ? signedByte[code]! : code - scaling.zero;
      const min = scaling.min === undefined || scaling.dmin === undefined ? 0 : -Math.fround(readHalf(block, scaling.dmin) * read(block, scaling.min(group)));
      return { scale: Math.fround(readHalf(block, scaling.d) * factor), min };
    }
    case "power":
      return { scale: 2 ** (block[0]! - 128), min: 0 };
    case "float8": {
      // The sign bit is not looked at, and the pattern of NaN means zero.
      const code = block[group]!;
      const exponent = (code >> 3) & 15;
      const mantissa = code & 7;
      const size = exponent === 0 ? mantissa / 512 : (1 + mantissa / 8) * 2 ** (exponent - 7);
      return { scale: code === 0x7f ? 0 : size / 2, min: 0 };
    }
  }
}

function hasMin({ scaling }: BlockFormat): boolean {
  return (scaling.kind === "block" && scaling.m !== undefined) || (scaling.kind === "groups" && scaling.min !== undefined);
}

function nearestCode(codes: readonly number[], wanted: number): number {
  let best = 0;
  for (const [code, value] of codes.entries()) if (Math.abs(value - wanted) < Math.abs(codes[best]! - wanted)) best = code;
  return best;
}

function read(block: Uint8Array, bits: Bits): number {
  let value = 0;
  let up = 0;
  for (const [byte, shift, count] of bits) {
    value |= ((block[byte]! >> shift) & (2 ** count - 1)) << up;
    up += count;
  }
  return value;
}

function write(block: Uint8Array, bits: Bits, value: number): void {
  let rest = value;
  for (const [byte, shift, count] of bits) {
    block[byte]! |= (rest & (2 ** count - 1)) << shift;
    rest >>= count;
  }
}

function readHalf(block: Uint8Array, at: number): number {
  return decodeScalar("F16", BigInt(block[at]! | (block[at + 1]! << 8)));
}

function writeHalf(block: Uint8Array, at: number, value: number): void {
  const bits = Number(encodeScalar("F16", value));
  block[at] = bits & 255;
  block[at + 1] = bits >> 8;
}

function formatOf(dtype: string): BlockFormat {
  const format = BLOCKS[dtype];
  if (format === undefined) throw new RangeError(`There is no block type ${dtype}.`);
  return format;
}
