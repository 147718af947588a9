import type { RowMatrix } from "../matrix";
import type { ValueLayout } from "./layout";
import type { RowStatistics } from "./rowStatistics";

/** Measures rows that were read into its own memory. */
export interface RowMeter {
  /** Where the rows' bytes go: whole rows from the beginning on. */
  readonly input: Uint8Array;
  /** Measures the first `count` rows of {@link input} and writes what it finds to the entries from `at` on. */
  measure(count: number, out: RowStatistics, at: number): void;
  /** Gives its memory to meters to come; it is not used any more. */
  release(): void;
}

/** What a meter is made for. */
export interface MeterOptions {
  readonly matrix: RowMatrix;
  readonly layout: ValueLayout;
  /** How many rows {@link RowMeter.input} holds. */
  readonly rowsAtOnce: number;
  /** A vector of unit length to multiply every row by; undefined where only sizes are asked for. */
  readonly direction: Float32Array | undefined;
}
