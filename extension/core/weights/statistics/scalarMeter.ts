import { type ValueLayout, untrainedLimit } from "./layout";
import { measureRow } from "./measureRow";
import type { MeterOptions, RowMeter } from "./meter";
import type { RowStatistics } from "./rowStatistics";

/** Measures rows one value after another, in any layout. */
export class ScalarMeter implements RowMeter {
  readonly input: Uint8Array;
  readonly #options: MeterOptions;
  readonly #values: Float32Array | Float64Array;

  constructor(options: MeterOptions) {
    const { matrix, layout, rowsAtOnce } = options;
    this.#options = options;
    this.input = matrix.access.allocate(rowsAtOnce * matrix.rowBytes);
    this.#values = valuesOf(layout, matrix.columns);
  }

  measure(count: number, out: RowStatistics, at: number): void {
    const { matrix, layout, direction } = this.#options;
    const limit = untrainedLimit(layout);
    for (let row = 0; row < count; row++) {
      this.#decode(this.input.subarray(row * matrix.rowBytes, (row + 1) * matrix.rowBytes));
      measureRow(this.#values, limit, direction, out, at + row);
    }
  }

  release(): void {
    // Its memory is garbage like any other.
  }

  #decode(bytes: Uint8Array): void {
    const values = this.#values;
    if (values instanceof Float32Array) this.#options.matrix.decode(bytes, 1, values);
    else new Uint8Array(values.buffer).set(bytes);
  }
}

/** 64-bit floats are taken as they are: as 32-bit ones they would be rounded before they are compared with epsilon. */
function valuesOf(layout: ValueLayout, columns: number): Float32Array | Float64Array {
  return layout === "f64" ? new Float64Array(columns) : new Float32Array(columns);
}
