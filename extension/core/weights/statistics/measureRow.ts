import type { RowStatistics } from "./rowStatistics";

/** Sums of squares between this and its inverse are right; only 64-bit floats can have others that are not 0. */
const SAFE_SQUARES = 1e-270;

/**
 * Measures one row's values, plainly: the reference that the vector kernels are held to, and what takes their place where they
 * do not reach (values that are not finite or whose squares leave the 32-bit range, rows of a few values, hosts without
 * WebAssembly).
 * @param direction a vector of unit length, as long as the row, for statistics that have a `dot`.
 */
export function measureRow(values: Float32Array | Float64Array, limit: number, direction: Float32Array | undefined, out: RowStatistics, at: number): void {
  let max = -Infinity;
  let maxAbs = 0;
  let squares = 0;
  let infinite = 0;
  let nans = 0;
  let dot = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    squares += value * value;
    if (direction !== undefined) dot += value * (direction[i] as number);
    if (value > max) max = value;
    const size = Math.abs(value);
    if (size > maxAbs) maxAbs = size;
    if (size === Infinity) infinite++;
    else if (Number.isNaN(value)) nans++;
  }
  // Adding 0 makes a negative zero positive, whichever of a row's zeros came first.
  out.max[at] = nans > 0 ? Number.NaN : max + 0;
  out.maxAbs[at] = nans > 0 ? Number.NaN : maxAbs;
  out.l2[at] = squares > SAFE_SQUARES && squares < 1 / SAFE_SQUARES ? Math.sqrt(squares) : scaledNorm(values, maxAbs, nans > 0);
  out.nonFinite[at] = infinite + nans;
  out.atMostEps[at] = nans === 0 && max <= limit ? 1 : 0;
  if (direction !== undefined) out.dot[at] = dot;
}

/** The norm with the largest magnitude divided out, so that no square overflows or vanishes. */
function scaledNorm(values: Float32Array | Float64Array, maxAbs: number, hasNan: boolean): number {
  if (hasNan) return Number.NaN;
  if (maxAbs === 0 || maxAbs === Infinity) return maxAbs;
  let squares = 0;
  for (const value of values) squares += (value / maxAbs) ** 2;
  return maxAbs * Math.sqrt(squares);
}
