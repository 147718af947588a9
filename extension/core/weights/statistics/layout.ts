import type { RowMatrix } from "../matrix";

/** How a matrix's values stand in its file: as little-endian floats of a kind, or as something that only its decoder knows. */
export type ValueLayout = "bf16" | "f16" | "f32" | "f64" | "other";

/** As many values as tell the layouts apart; no row's length matters for that. */
const PROBED_VALUES = 16;

/**
 * The layout of a matrix, found by having it decode a pattern: names differ between file formats, and byte order and scales
 * are nowhere in them.
 */
export function layoutOf(matrix: RowMatrix): ValueLayout {
  const itemBytes = matrix.rowBytes / matrix.columns;
  const candidates: readonly ValueLayout[] = itemBytes === 2 ? ["bf16", "f16"] : itemBytes === 4 ? ["f32"] : itemBytes === 8 ? ["f64"] : [];
  if (candidates.length === 0) return "other";
  const bytes = pattern(matrix.rowBytes);
  const decoded = new Float32Array(matrix.columns);
  matrix.decode(bytes, 1, decoded);
  const view = new DataView(bytes.buffer);
  const count = Math.min(PROBED_VALUES, matrix.columns);
  const agrees = (layout: ValueLayout): boolean => {
    for (let i = 0; i < count; i++) if (decoded[i] !== Math.fround(valueAt(view, i * itemBytes, layout))) return false;
    return true;
  };
  return candidates.find(agrees) ?? "other";
}

/** Bytes that are a different finite number of moderate size in every layout, and in either byte order. */
function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => 0x31 + ((i * 5) % 11));
}

function valueAt(view: DataView, offset: number, layout: ValueLayout): number {
  switch (layout) {
    case "f64":
      return view.getFloat64(offset, true);
    case "f32":
      return view.getFloat32(offset, true);
    case "bf16":
    case "f16":
      return valueOfBits(view.getUint16(offset, true), layout);
    case "other":
      return Number.NaN;
  }
}

const word = new DataView(new ArrayBuffer(4));

/** The number that the bits of a 16-bit float (finite, where it is F16) or of a 32-bit one stand for. */
export function valueOfBits(bits: number, layout: "bf16" | "f16" | "f32"): number {
  if (layout === "f16") return finiteF16(bits);
  word.setUint32(0, layout === "bf16" ? bits << 16 : bits);
  return word.getFloat32(0);
}

function finiteF16(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const size = exponent === 0 ? (bits & 1023) * 2 ** -24 : (1024 + (bits & 1023)) * 2 ** (exponent - 25);
  return (bits & 0x8000) === 0 ? size : -size;
}

/** 1e-16, the `eps` of Unsloth's rule. */
const EPS = 1e-16;

/**
 * The largest value that counts as untrained under Unsloth's rule, `torch.amax(row) <= 1e-16`: torch converts the 1e-16 to the
 * matrix's type first. In BF16 that is the next number above 1e-16, in F16 it is 0. Block types are compared as the 32-bit
 * floats that they decode to.
 */
export function untrainedLimit(layout: ValueLayout): number {
  switch (layout) {
    case "bf16":
      return valueOfBits(0x24e7, "bf16");
    case "f16":
      return 0;
    case "f64":
      return EPS;
    case "f32":
    case "other":
      return Math.fround(EPS);
  }
}
