import { untrainedLimit, valueOfBits } from "../layout";
import { measureRow } from "../measureRow";
import type { MeterOptions, RowMeter } from "../meter";
import type { RowStatistics } from "../rowStatistics";
import { KERNELS, type KernelLayout, kernelModule, RESULT_BYTES, RESULT_DOT, RESULT_MAX, RESULT_MAX_ABS, RESULT_SQUARES } from "./rowKernels";

const PAGE = 65_536;
const VECTOR = 16;

type Kernel = (rows: number, count: number, rowBytes: number, results: number, tailMask: number, direction: number) => void;

/**
 * A meter on WebAssembly's vector instructions, or undefined where it does not reach: 64-bit floats, rows shorter than a
 * vector, a host without WebAssembly or without those instructions (also by a content security policy).
 */
export function createVectorMeter(options: MeterOptions): RowMeter | undefined {
  const { matrix, layout } = options;
  // What only the decoder knows is decoded to 32-bit floats first.
  const kernel: KernelLayout | undefined = layout === "other" ? "f32" : layout === "f64" ? undefined : layout;
  if (kernel === undefined || matrix.columns * KERNELS[kernel].itemBytes < VECTOR) return undefined;
  try {
    return new VectorMeter(options, kernel);
  } catch (error) {
    if (error instanceof ReferenceError || error instanceof WebAssembly.CompileError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** A kernel with a memory that never grows. */
interface Machine {
  readonly kernel: Kernel;
  readonly buffer: ArrayBuffer;
}

const compiled = new Map<string, WebAssembly.Module>();

/** Machines that no meter uses, all of one sort. A scan goes in pieces, and the memory of each would be given back late. */
let idle: { readonly sort: string; readonly machines: Machine[] } = { sort: "", machines: [] };

function takeMachine(layout: KernelLayout, withDot: boolean, pages: number): Machine {
  const kept = idle.sort === sortOf(layout, withDot, pages) ? idle.machines.pop() : undefined;
  if (kept !== undefined) return kept;
  const name = sortOf(layout, withDot, 0);
  const module = compiled.get(name) ?? new WebAssembly.Module(kernelModule(layout, withDot));
  compiled.set(name, module);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = new WebAssembly.Instance(module, { host: { memory } });
  return { kernel: exports["kernel"] as Kernel, buffer: memory.buffer };
}

function keepMachine(machine: Machine, sort: string): void {
  if (idle.sort !== sort) idle = { sort, machines: [] };
  idle.machines.push(machine);
}

function sortOf(layout: KernelLayout, withDot: boolean, pages: number): string {
  return `${layout} ${String(withDot)} ${pages}`;
}

class VectorMeter implements RowMeter {
  readonly input: Uint8Array;
  readonly #options: MeterOptions;
  readonly #layout: KernelLayout;
  readonly #machine: Machine;
  readonly #places: Places;
  /** Values of a row that the kernel leaves to {@link measureRow}. */
  readonly #values: Float32Array;

  constructor(options: MeterOptions, layout: KernelLayout) {
    const { matrix, rowsAtOnce, direction } = options;
    this.#options = options;
    this.#layout = layout;
    this.#places = placesOf(options, layout);
    this.#machine = takeMachine(layout, direction !== undefined, pagesOf(this.#places));
    this.#values = new Float32Array(matrix.columns);
    this.#bytesAt(this.#places.tailMask, VECTOR).set(tailMask(matrix.columns, KERNELS[layout].itemBytes));
    if (direction !== undefined) {
      const vectors = directionVectors(direction, layout);
      new Float32Array(this.#machine.buffer, this.#places.direction, vectors.length).set(vectors);
    }
    const inputBytes = rowsAtOnce * matrix.rowBytes;
    this.input = options.layout === "other" ? matrix.access.allocate(inputBytes) : this.#bytesAt(this.#places.rows, inputBytes);
  }

  measure(count: number, out: RowStatistics, at: number): void {
    const { matrix, layout } = this.#options;
    const { rows, results, tailMask, direction } = this.#places;
    if (layout === "other") matrix.decode(this.input, count, new Float32Array(this.#machine.buffer, rows, count * matrix.columns));
    this.#machine.kernel(rows, count, matrix.columns * KERNELS[this.#layout].itemBytes, results, tailMask, direction);
    this.#collect(count, out, at);
  }

  release(): void {
    keepMachine(this.#machine, sortOf(this.#layout, this.#options.direction !== undefined, pagesOf(this.#places)));
  }

  #collect(count: number, out: RowStatistics, at: number): void {
    const { itemBytes, range } = KERNELS[this.#layout];
    const limit = untrainedLimit(this.#options.layout);
    const length = (count * RESULT_BYTES) / itemBytes;
    const bits = itemBytes === 2 ? new Int16Array(this.#machine.buffer, this.#places.results, length) : new Int32Array(this.#machine.buffer, this.#places.results, length);
    const sums = new Float64Array(this.#machine.buffer, this.#places.results, (count * RESULT_BYTES) / 8);
    for (let row = 0; row < count; row++) {
      const maxAbs = largestLane(bits, row * RESULT_BYTES + RESULT_MAX_ABS);
      if (maxAbs !== 0 && (maxAbs <= range[0] || maxAbs > range[1])) {
        this.#measurePlainly(row, limit, out, at + row);
        continue;
      }
      const max = this.#valueOf(largestLane(bits, row * RESULT_BYTES + RESULT_MAX));
      out.max[at + row] = max;
      out.maxAbs[at + row] = this.#valueOf(maxAbs);
      out.l2[at + row] = Math.sqrt(sumOfPair(sums, row * RESULT_BYTES + RESULT_SQUARES));
      out.nonFinite[at + row] = 0;
      out.atMostEps[at + row] = max <= limit ? 1 : 0;
      if (out.dot.length > 0) out.dot[at + row] = sumOfPair(sums, row * RESULT_BYTES + RESULT_DOT);
    }
  }

  #measurePlainly(row: number, limit: number, out: RowStatistics, at: number): void {
    const { matrix, layout, direction } = this.#options;
    if (layout === "other") this.#values.set(new Float32Array(this.#machine.buffer, this.#places.rows + row * matrix.columns * 4, matrix.columns));
    else matrix.decode(this.input.subarray(row * matrix.rowBytes, (row + 1) * matrix.rowBytes), 1, this.#values);
    measureRow(this.#values, limit, direction, out, at);
  }

  /** The number behind what the kernel compares: bits whose magnitude is turned over when the number is negative. */
  #valueOf(ordered: number): number {
    const itemBytes = KERNELS[this.#layout].itemBytes;
    const bits = ordered < 0 ? ordered ^ (itemBytes === 2 ? 0x7fff : 0x7fffffff) : ordered;
    // Adding 0 makes a negative zero positive.
    return valueOfBits(bits, this.#layout) + 0;
  }

  #bytesAt(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#machine.buffer, address, length);
  }
}

/** The addresses of what the kernel reads and writes. */
interface Places {
  readonly tailMask: number;
  readonly direction: number;
  readonly results: number;
  readonly rows: number;
  readonly end: number;
}

function placesOf({ matrix, rowsAtOnce, direction }: MeterOptions, layout: KernelLayout): Places {
  const { itemBytes } = KERNELS[layout];
  // Address 0 is left free: nothing should be there by accident.
  const tailMask = VECTOR;
  const directionAt = tailMask + VECTOR;
  const results = alignUp(directionAt + (direction === undefined ? 0 : 4 * directionLength(matrix.columns, layout)));
  // A cache line's distance keeps rows aligned that are whole lines long.
  const rows = alignUp(results + rowsAtOnce * RESULT_BYTES);
  return { tailMask, direction: directionAt, results, rows, end: rows + rowsAtOnce * matrix.columns * itemBytes };
}

function pagesOf({ end }: Places): number {
  return Math.ceil(end / PAGE);
}

function alignUp(address: number): number {
  return Math.ceil(address / 64) * 64;
}

/** Ones for the values of a row's last vector that no whole vector before it holds. */
function tailMask(columns: number, itemBytes: number): Uint8Array {
  const rest = (columns * itemBytes) % VECTOR;
  return Uint8Array.from({ length: VECTOR }, (_, i) => (i >= VECTOR - rest ? 0xff : 0));
}

function lanesOf(layout: KernelLayout): number {
  return VECTOR / KERNELS[layout].itemBytes;
}

function directionLength(columns: number, layout: KernelLayout): number {
  return (Math.floor(columns / lanesOf(layout)) + 1) * lanesOf(layout);
}

/**
 * The direction in the order in which a kernel widens a row: for each vector of 16-bit values the even ones, then the odd ones.
 * The last piece belongs to the vector that ends with the row.
 */
function directionVectors(direction: Float32Array, layout: KernelLayout): Float32Array {
  const lanes = lanesOf(layout);
  const vectors = new Float32Array(directionLength(direction.length, layout));
  for (let at = 0; at < vectors.length; at += lanes) {
    const from = Math.min(at, direction.length - lanes);
    for (let lane = 0; lane < lanes; lane++) {
      const column = layout === "f32" ? lane : lane < lanes / 2 ? 2 * lane : 2 * lane - lanes + 1;
      vectors[at + lane] = direction[from + column] ?? 0;
    }
  }
  return vectors;
}

/** The largest of the lanes of the vector at a byte offset. */
function largestLane(lanes: Int16Array | Int32Array, byteOffset: number): number {
  const from = byteOffset / lanes.BYTES_PER_ELEMENT;
  const to = from + VECTOR / lanes.BYTES_PER_ELEMENT;
  let largest = lanes[from] as number;
  for (let i = from + 1; i < to; i++) if ((lanes[i] as number) > largest) largest = lanes[i] as number;
  return largest;
}

function sumOfPair(sums: Float64Array, byteOffset: number): number {
  return (sums[byteOffset / 8] as number) + (sums[byteOffset / 8 + 1] as number);
}
