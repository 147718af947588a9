import { Random } from "../random";

/** What a row of a made matrix holds, where it is not the ordinary random one. */
export type RowSpec =
  | "zero"
  | "negative-zero"
  | "nan"
  /** Every value is `fill`. */
  | { readonly fill: number }
  /** Random values of this size instead of the matrix's own. */
  | { readonly scale: number }
  /** Random values, all below zero, down to `-below`. */
  | { readonly below: number }
  /** These values, and zeros after them. */
  | { readonly values: readonly number[] }
  /** A copy of the row with this id, which stands before this one. */
  | { readonly sameAs: number };

/** A matrix to make: random rows, but for those of the table. */
export interface MatrixSpec {
  readonly rows: number;
  readonly columns: number;
  /** Standard deviation of an ordinary row's values; 0.02 when left out. */
  readonly scale?: number;
  readonly seed?: number;
  readonly special?: Readonly<Record<number, RowSpec>>;
}

/** Row after row, as 32-bit floats. The same spec makes the same values. */
export function makeMatrix(spec: MatrixSpec): Float32Array {
  const { rows, columns, scale = 0.02, seed = 1, special = {} } = spec;
  const random = new Random(seed);
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const target = values.subarray(row * columns, (row + 1) * columns);
    const what = special[row];
    if (typeof what === "object" && "sameAs" in what) target.set(values.subarray(what.sameAs * columns, (what.sameAs + 1) * columns));
    else fillRow(target, what ?? { scale }, random);
  }
  return values;
}

function fillRow(target: Float32Array, what: Exclude<RowSpec, { readonly sameAs: number }>, random: Random): void {
  if (what === "zero") target.fill(0);
  else if (what === "negative-zero") target.fill(-0);
  else if (what === "nan") target.fill(Number.NaN);
  else if ("fill" in what) target.fill(what.fill);
  else if ("values" in what) target.set(what.values);
  else if ("below" in what) for (let i = 0; i < target.length; i++) target[i] = -what.below * (0.01 + 0.99 * random.next());
  else for (let i = 0; i < target.length; i++) target[i] = what.scale * normal(random);
}

/** A normally distributed number (Box and Muller). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
