import { assemble, type Code, f32x4, f64x2, get, i16x8, i32, i32x4, type IntegerLanes, set, v128, type Variable, Variables, type WasmFunction, when, whileTrue } from "./assembler";

/** The element layouts that the kernels read as they stand in a file, little-endian. */
export type KernelLayout = "bf16" | "f16" | "f32";

/**
 * What a kernel writes for a row: four vectors. The caller takes the largest of the integer lanes of the first two and the
 * sum of the lanes of the last two; that is little work, and keeps the kernels short.
 */
export const RESULT_BYTES = 64;
export const RESULT_MAX = 0;
export const RESULT_MAX_ABS = 16;
/** Two 64-bit floats each; zero where the row is out of the {@link KernelSpec.range}. */
export const RESULT_SQUARES = 32;
export const RESULT_DOT = 48;

export interface KernelSpec {
  /** Bytes a value. */
  readonly itemBytes: 2 | 4;
  /**
   * The bit patterns of magnitudes between which a row's largest must lie (first < largest <= second) for its squares to be
   * summed in 32-bit floats without overflow or underflow that matters: 2^-40 and 2^40, all of F16's.
   */
  readonly range: readonly [above: number, most: number];
}

export const KERNELS: Readonly<Record<KernelLayout, KernelSpec>> = {
  bf16: { itemBytes: 2, range: [0x2b80, 0x5380] },
  f16: { itemBytes: 2, range: [0, 0x7bff] },
  f32: { itemBytes: 4, range: [0x2b800000, 0x53800000] },
};

/** The module that measures rows of a layout, with or without the product with a direction; it exports a `kernel`. */
export function kernelModule(layout: KernelLayout, withDot: boolean): Uint8Array<ArrayBuffer> {
  return assemble([rowKernel(layout, withDot)], 1);
}

/** Values are summed in 32-bit floats over this many bytes of a row, then in 64-bit floats: at most 64 additions a lane. */
const BLOCK_BYTES = 2048;
/** Bytes of a row that one turn of the inner loops takes. */
const STRIDE = 64;
const VECTOR = 16;

/**
 * `kernel(rows, count, rowBytes, results, tailMask, direction)`: all are addresses but `count` and `rowBytes`. In TypeScript's
 * terms, for every row:
 * ```
 * for (vector of row) { most = lanewise max(most, vector); least = lanewise min(least, vector); bits = lanewise unsigned max(bits, vector); }
 * max = most < 0 ? ordered(least) : most; maxAbs = lanewise max(most, bits & magnitude);
 * if (above < max of maxAbs <= most) for (vector of row) { squares += widen(vector) ** 2; dot += widen(vector) * direction; }
 * ```
 * Floats are a sign and a magnitude, so that their bits order like integers where the sign is not set, and the other way round
 * where it is. The largest integer is the largest float, unless all are negative: then the smallest integer is. As unsigned
 * numbers, the largest is the negative of the largest magnitude, if there is one. `ordered` turns the magnitude's bits over
 * where the sign is set, so that integers order as floats do; it is its own inverse. NaNs order above infinity by magnitude.
 *
 * A row's last vector is the one that ends with the row, so it overlaps the one before; `tailMask` blanks what was counted
 * already, and the direction has an extra piece for it (see `directionVectors`).
 */
function rowKernel(layout: KernelLayout, withDot: boolean): WasmFunction {
  const variables = new Variables(6);
  const [row, count, rowBytes, results, tailMask, direction] = [0, 1, 2, 3, 4, 5].map(() => variables.parameter()) as unknown as readonly [Variable, Variable, Variable, Variable, Variable, Variable];
  const end = variables.local("i32");
  const first = maxima(layout, row, end, results, variables);
  const second = sums(layout, withDot, { row, end, results, tailMask, direction }, variables);
  const body = whileTrue(get(count), [
    ...set(end, i32.add(get(row), get(rowBytes))),
    ...first.code,
    ...v128.store(get(results), v128.zero(), RESULT_SQUARES),
    ...v128.store(get(results), v128.zero(), RESULT_DOT),
    ...when(first.inRange, second),
    ...set(row, get(end)),
    ...set(results, i32.add(get(results), i32.constant(RESULT_BYTES))),
    ...set(count, i32.sub(get(count), i32.constant(1))),
  ]);
  return { name: "kernel", parameters: 6, locals: variables.locals, body };
}

/** The pass over a row that finds its largest value and its largest magnitude. */
function maxima(layout: KernelLayout, row: Variable, end: Variable, results: Variable, variables: Variables): { readonly code: Code; readonly inRange: Code } {
  const { itemBytes, range } = KERNELS[layout];
  const lanes: IntegerLanes = itemBytes === 2 ? i16x8 : i32x4;
  const magnitude = itemBytes === 2 ? 0x7fff : 0x7fffffff;
  const lowest = itemBytes === 2 ? -0x8000 : -0x80000000;
  const at = variables.local("i32");
  const value = variables.local("v128");
  // Two of each, because a maximum waits for the one before.
  const pair = (): readonly [Variable, Variable] => [variables.local("v128"), variables.local("v128")];
  const [most, least, bits] = [pair(), pair(), pair()];

  const take = (address: Code, offset: number, k: 0 | 1): Code => [
    ...set(value, v128.load(address, offset)),
    ...set(most[k], lanes.max(get(most[k]), get(value))),
    ...set(least[k], lanes.min(get(least[k]), get(value))),
    ...set(bits[k], lanes.maxUnsigned(get(bits[k]), get(value))),
  ];
  const sign = (vector: Variable): Code => lanes.shiftRightSigned(get(vector), itemBytes * 8 - 1);
  const ordered = (vector: Variable): Code => v128.xor(get(vector), v128.and(sign(vector), lanes.splat(magnitude)));
  const maxAbs = bits[0];
  const code = [
    ...([0, 1] as const).flatMap((k) => [...set(most[k], lanes.splat(lowest)), ...set(least[k], lanes.splat(magnitude)), ...set(bits[k], v128.zero())]),
    ...set(at, get(row)),
    ...whileTrue(i32.lessThan(get(at), i32.sub(get(end), i32.constant(STRIDE - 1))), [
      ...take(get(at), 0, 0),
      ...take(get(at), 16, 1),
      ...take(get(at), 32, 0),
      ...take(get(at), 48, 1),
      ...set(at, i32.add(get(at), i32.constant(STRIDE))),
    ]),
    ...whileTrue(i32.lessThan(get(at), i32.sub(get(end), i32.constant(VECTOR - 1))), [
      ...take(get(at), 0, 0),
      ...set(at, i32.add(get(at), i32.constant(VECTOR))),
    ]),
    ...take(i32.sub(get(end), i32.constant(VECTOR)), 0, 1),
    ...set(most[0], lanes.max(get(most[0]), get(most[1]))),
    ...set(least[0], lanes.min(get(least[0]), get(least[1]))),
    ...set(bits[0], lanes.maxUnsigned(get(bits[0]), get(bits[1]))),
    ...v128.store(get(results), v128.choose(sign(most[0]), ordered(least[0]), get(most[0])), RESULT_MAX),
    ...set(maxAbs, lanes.max(get(most[0]), v128.and(get(bits[0]), lanes.splat(magnitude)))),
    ...v128.store(get(results), get(maxAbs), RESULT_MAX_ABS),
  ];
  const exceeds = (bound: number): Code => v128.anyTrue(lanes.greaterThan(get(maxAbs), lanes.splat(bound)));
  return { code, inRange: i32.and(exceeds(range[0]), i32.isZero(exceeds(range[1]))) };
}

interface Places {
  readonly row: Variable;
  readonly end: Variable;
  readonly results: Variable;
  readonly tailMask: Variable;
  readonly direction: Variable;
}

/** The pass over a row that sums its squares and its product with the direction. */
function sums(layout: KernelLayout, withDot: boolean, places: Places, variables: Variables): Code {
  const { row, end, results, tailMask, direction } = places;
  const at = variables.local("i32");
  const mainEnd = variables.local("i32");
  const blockEnd = variables.local("i32");
  const piece = variables.local("i32");
  const value = variables.local("v128");
  const widened = variables.local("v128");
  const squares = Array.from({ length: 4 }, () => variables.local("v128"));
  const dots = withDot ? Array.from({ length: 4 }, () => variables.local("v128")) : [];
  const accumulators = [...squares, ...dots];

  const widening = widenings(layout, value, variables);
  const { parts } = widening;
  /** Bytes of the direction that belong to a vector of the row. */
  const pieceBytes = parts.length * VECTOR;
  /** Adds the vector in `value`, the `k`-th of its turn. */
  const take = (k: number): Code =>
    parts.flatMap((part, half) => {
      const accumulator = (k * parts.length + half) % 4;
      const add = (sums: readonly Variable[], factor: Code): Code => {
        const sum = sums[accumulator];
        return sum === undefined ? [] : set(sum, f32x4.add(get(sum), f32x4.mul(get(widened), factor)));
      };
      return [...set(widened, part), ...add(squares, get(widened)), ...add(dots, v128.load(get(piece), k * pieceBytes + half * VECTOR))];
    });
  const turn = (vectors: number): Code => [
    ...Array.from({ length: vectors }, (_, k) => [...set(value, v128.load(get(at), k * VECTOR)), ...take(k)]).flat(),
    ...set(at, i32.add(get(at), i32.constant(vectors * VECTOR))),
    ...(withDot ? set(piece, i32.add(get(piece), i32.constant(vectors * pieceBytes))) : []),
  ];
  const clear = accumulators.flatMap((sum) => set(sum, v128.zero()));
  const flush = [...flushInto(results, RESULT_SQUARES, squares), ...(withDot ? flushInto(results, RESULT_DOT, dots) : [])];
  return [
    ...widening.prepare,
    ...set(at, get(row)),
    ...set(piece, get(direction)),
    ...set(mainEnd, i32.sub(get(end), i32.and(i32.sub(get(end), get(row)), i32.constant(VECTOR - 1)))),
    ...whileTrue(i32.lessThan(get(at), get(mainEnd)), [
      ...set(blockEnd, i32.add(get(at), i32.constant(BLOCK_BYTES))),
      ...set(blockEnd, i32.select(i32.lessThan(get(blockEnd), get(mainEnd)), get(blockEnd), get(mainEnd))),
      ...clear,
      ...whileTrue(i32.lessThan(get(at), i32.sub(get(blockEnd), i32.constant(STRIDE - 1))), turn(STRIDE / VECTOR)),
      ...whileTrue(i32.lessThan(get(at), get(blockEnd)), turn(1)),
      ...flush,
    ]),
    ...clear,
    ...set(value, v128.and(v128.load(i32.sub(get(end), i32.constant(VECTOR))), v128.load(get(tailMask)))),
    ...take(0),
    ...flush,
  ];
}

/** Adds 32-bit sums to the two 64-bit ones of the result. */
function flushInto(results: Variable, offset: number, sums: readonly Variable[]): Code {
  const halves = sums.flatMap((sum) => [f64x2.promoteLow(get(sum)), f64x2.promoteLow(v128.upperHalf(get(sum)))]);
  return v128.store(get(results), halves.reduce((total, half) => f64x2.add(total, half), v128.load(get(results), offset)), offset);
}

/** The 32-bit floats of the vector in `value`: of 16-bit types the even elements, then the odd ones. `prepare` comes first. */
function widenings(layout: KernelLayout, value: Variable, variables: Variables): { readonly prepare: Code; readonly parts: readonly Code[] } {
  if (layout === "f32") return { prepare: [], parts: [get(value)] };
  const mask = variables.local("v128");
  const even = i32x4.shiftLeft(get(value), 16);
  if (layout === "bf16") return { prepare: set(mask, i32x4.splat(-0x10000)), parts: [even, v128.and(get(value), get(mask))] };
  // The sign stays and the other bits move to where a 32-bit float has its exponent's lower bits and its mantissa. That is the
  // value with an exponent 112 too small, subnormals included, and multiplying by 2^112 is exact.
  const unit = variables.local("v128");
  const widen = (half: Code): Code => f32x4.mul(v128.and(i32x4.shiftRightSigned(half, 3), get(mask)), get(unit));
  return { prepare: [...set(mask, i32x4.splat(~0x70001fff)), ...set(unit, i32x4.splat((112 + 127) << 23))], parts: [widen(even), widen(get(value))] };
}
