/** What was measured of consecutive rows of a matrix; entry `i` of every array belongs to row `first + i`. */
export interface RowStatistics {
  /** The id of the first row. */
  readonly first: number;
  /** The largest value, with its sign; NaN where the row holds one, as `torch.amax` has it. */
  readonly max: Float32Array;
  /** The largest magnitude; NaN where the row holds one. */
  readonly maxAbs: Float32Array;
  /** The Euclidean norm, relative error below 1e-5; NaN or infinite where a value is. */
  readonly l2: Float64Array;
  /** How many values are infinite or NaN. */
  readonly nonFinite: Uint32Array;
  /** 1 where {@link max} is at most Unsloth's epsilon, compared as the matrix's own type compares: see `untrainedLimit`. */
  readonly atMostEps: Uint8Array;
  /** The product with the unit direction that was asked for; empty where none was. */
  readonly dot: Float64Array;
}

/** Statistics of `count` rows from `first` on, all zero. */
export function emptyStatistics(first: number, count: number, withDot: boolean): RowStatistics {
  return {
    first,
    max: new Float32Array(count),
    maxAbs: new Float32Array(count),
    l2: new Float64Array(count),
    nonFinite: new Uint32Array(count),
    atMostEps: new Uint8Array(count),
    dot: new Float64Array(withDot ? count : 0),
  };
}

/** What the numbers lie in. */
export function rowBuffers({ max, maxAbs, l2, nonFinite, atMostEps, dot }: RowStatistics): readonly ArrayBuffer[] {
  return [max, maxAbs, l2, nonFinite, atMostEps, dot].map(({ buffer }) => buffer).filter((buffer) => buffer instanceof ArrayBuffer);
}

/** Copies statistics of some of the rows to their places in those of more. */
export function putStatistics(part: RowStatistics, into: RowStatistics): void {
  const at = part.first - into.first;
  into.max.set(part.max, at);
  into.maxAbs.set(part.maxAbs, at);
  into.l2.set(part.l2, at);
  into.nonFinite.set(part.nonFinite, at);
  into.atMostEps.set(part.atMostEps, at);
  into.dot.set(part.dot, part.dot.length === 0 ? 0 : at);
}

/** What was measured of one row; the fields mean what they do in {@link RowStatistics}. */
export interface RowMeasure {
  readonly max: number;
  readonly maxAbs: number;
  readonly l2: number;
  readonly nonFinite: number;
  readonly atMostEps: boolean;
}

/** The entry of a row. @throws RangeError when the row is not among those measured. */
export function measureOf(statistics: RowStatistics, id: number): RowMeasure {
  const at = id - statistics.first;
  const { max, maxAbs, l2, nonFinite, atMostEps } = statistics;
  if (!(at >= 0 && at < max.length)) throw new RangeError(`Row ${id} was not measured.`);
  return { max: max[at] ?? 0, maxAbs: maxAbs[at] ?? 0, l2: l2[at] ?? 0, nonFinite: nonFinite[at] ?? 0, atMostEps: atMostEps[at] === 1 };
}

/** Values of this size are no rounding of zero. */
const NOT_ZERO = 1e-6;

/** Whether a row of which no value is above zero is far from zero: then that is the only thing against it. */
export function isOnlyNegative(row: RowMeasure | undefined): boolean {
  return (row?.maxAbs ?? 0) > NOT_ZERO;
}
