import type { EmbeddingStatistics } from "../statistics/embeddingStatistics";
import { cosineDistance } from "../statistics/meanRow";
import { type TokenCategory, TokenCategories } from "./categories";
import { percentile } from "./percentile";
import type { SpecialIds, Vocabulary } from "./vocabulary";

/** How suspect a row is: the lower, the less like a trained one. */
export interface Indicator {
  /** `l2`: the norm of the input row. `cosine`: the distance of the output row to the mean of rows that no text reaches. */
  readonly kind: "l2" | "cosine";
  /** By id. */
  readonly values: Float64Array;
}

/**
 * Magikarp's choice: the norm, or the cosine distance where the matrices are tied, since decay shrinks every row of those. Rows
 * that are (nearly) zero have no direction, so with reference rows of that kind it is the norm again.
 */
export function indicatorOf({ tied, input, output, referenceNorm }: EmbeddingStatistics): Indicator {
  if (!tied || referenceNorm === undefined || output.dot.length === 0) return { kind: "l2", values: input.l2 };
  const norms = output.l2.filter(Number.isFinite).sort();
  const median = norms[norms.length >> 1] ?? 0;
  if (referenceNorm * median < 1e-6) return { kind: "l2", values: input.l2 };
  return { kind: "cosine", values: output.dot.map((dot, at) => cosineDistance(dot, output.l2[at] ?? 0, referenceNorm)) };
}

/** A token of the lowest 2 %. */
export interface Suspect {
  readonly id: number;
  readonly token: string;
  readonly indicator: number;
  readonly category: TokenCategory;
}

/** What an indicator says of all tokens. */
export interface Suspects {
  readonly indicator: Indicator;
  /** The 2nd percentile over the tokens that text can become; NaN where there are none. */
  readonly threshold: number;
  /** Tokens that text can become with an indicator of at most the threshold, the most suspect first. */
  readonly suspects: readonly Suspect[];
  /** Norms of input rows below this are far below any trained token's: see {@link NEAR_ZERO_SHARE}. 0 where that cannot be said. */
  readonly nearZeroNorm: number;
}

/** Magikarp looks at this share of the tokens. */
const TAIL_PERCENT = 2;
/** How far below the 2nd percentile of the norms a row is "near zero": rows that training reached lie within a factor of ten. */
const NEAR_ZERO_SHARE = 0.01;

/** What text can become. */
const ORDINARY = 1;
const SPECIAL = 2;

/**
 * Finds the candidates. Encodes every token once, which takes about a second for 128,000. Where only some rows were measured
 * there are none, because nobody knows what is usual.
 */
export function findSuspects(statistics: EmbeddingStatistics, vocabulary: Vocabulary, special: SpecialIds): Suspects {
  const indicator = indicatorOf(statistics);
  const { input, measured } = statistics;
  if (measured !== undefined) return { indicator, threshold: Number.NaN, suspects: [], nearZeroNorm: 0 };
  const categories = vocabulary.codec === undefined ? undefined : new TokenCategories(vocabulary, vocabulary.codec, special);
  const size = Math.min(indicator.values.length, vocabulary.size);
  // By id; there are many tokens, so that each is a number here and no object.
  const reached = new Uint8Array(size);
  const [values, norms] = [new Float64Array(size), new Float64Array(size)];
  let [ordinary, trained] = [0, 0];
  for (let id = 0; id < size; id++) {
    const value = indicator.values[id] ?? Number.NaN;
    if (!vocabulary.has(id) || !Number.isFinite(value)) continue;
    // Without anything that encodes, every token is taken for one that text can become.
    const category = categories?.of(id) ?? "OK";
    reached[id] = category === "OK" ? ORDINARY : category === "OK_SPECIAL" ? SPECIAL : 0;
    if (category !== "OK") continue;
    values[ordinary++] = value;
    if (input.atMostEps[id] !== 1) norms[trained++] = input.l2[id] ?? 0;
  }
  const threshold = percentile(values.subarray(0, ordinary), TAIL_PERCENT);
  const typical = percentile(norms.subarray(0, trained), TAIL_PERCENT);
  const suspects: Suspect[] = [];
  for (const [id, kind] of reached.entries()) {
    const value = indicator.values[id] ?? Number.NaN;
    if (kind === 0 || !(value <= threshold)) continue;
    suspects.push({ id, token: vocabulary.token(id) ?? "", indicator: value, category: kind === ORDINARY ? "OK" : "OK_SPECIAL" });
  }
  return {
    indicator,
    threshold,
    suspects: suspects.sort((a, b) => a.indicator - b.indicator || a.id - b.id),
    nearZeroNorm: Number.isNaN(typical) ? 0 : typical * NEAR_ZERO_SHARE,
  };
}
