import type { RowSpec } from "./matrix";

/** Rows of the input matrix with every edge of the rule for untrained tokens, by id. */
export const EDGE_INPUT: Readonly<Record<number, RowSpec>> = {
  2: "zero", // bos
  3: "zero", // eos
  4: "zero", // pad
  6: "zero",
  7: "negative-zero",
  8: { fill: 1e-21 },
  9: { values: [1e-16] },
  10: { values: [1.001e-16] },
  11: { values: [2e-16] },
  12: { below: 1 },
  13: { fill: -0.25 },
  14: "nan",
  15: { values: [Number.NaN, -1] },
  16: { values: [Infinity] },
  17: { fill: -Infinity },
  18: { values: [6e-8] },
  19: { values: [1e-39] },
  20: { fill: -1e-39 },
  21: { scale: 1e-5 },
  22: { values: [0, 0, 0, 1e-3] },
  23: "zero",
  24: "zero",
  25: "zero",
  26: "zero",
  27: "zero",
  28: "zero",
  29: "zero",
  30: "zero",
};

/** The output rows that these meet: zero, trained, and repeated once they are rounded, or nearly so. */
export const EDGE_OUTPUT: Readonly<Record<number, RowSpec>> = {
  2: "zero",
  4: { scale: 0.02 },
  6: "zero",
  7: { fill: 1e-21 },
  8: { below: 0.5 },
  12: "negative-zero",
  13: "zero",
  17: "zero",
  20: "zero",
  23: { values: [0.5, 0.25, 1e-4] },
  24: { values: [0.5004, 0.25, 2e-4] },
  25: { values: [0.5, 0.25, -1e-4] },
  26: "nan",
  27: "nan",
  28: { scale: 0.02 },
  29: { sameAs: 28 },
  30: { scale: 0.02 },
  // Only the output row of this one.
  33: "zero",
  34: { values: [Infinity] },
};
