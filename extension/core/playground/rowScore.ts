import type { RowTokens } from "./workerMethods";

/** What a model thinks of one prompt of a row. */
export interface PromptScore {
  readonly variant: RowTokens["variant"];
  /** All tokens but the first, which nothing predicts. */
  readonly tokens: number;
  readonly trainedTokens: number;
  /** Mean negative log-likelihood of the trained tokens in nats, as trainers compute it; NaN where there are none or one is not finite. */
  readonly loss: number;
  /** The trained token that surprises the model most; undefined where nothing is trained on. */
  readonly maxSurprisal: { readonly token: number; readonly nats: number } | undefined;
  /** For each assistant turn the probability that the model ends it where the data does. */
  readonly endProbabilities: readonly number[];
  /** Places whose prediction is NaN or infinite, as training would meet them. */
  readonly nonFinite: readonly number[];
}

/**
 * Sums up the log-probabilities of a prompt's tokens.
 * @param logProbabilities nats, one a token; the first is of no account
 */
export function scoreOf(prompt: RowTokens, logProbabilities: Float32Array, nonFinite: readonly number[]): PromptScore {
  const { ids, mask, variant, turnEnds } = prompt;
  let sum = 0;
  let trained = 0;
  let worst: PromptScore["maxSurprisal"];
  for (let token = 1; token < ids.length; token++) {
    if (mask !== undefined && mask[token] !== 1) continue;
    const nats = -(logProbabilities[token] as number);
    trained++;
    sum += nats;
    if (worst === undefined || nats > worst.nats || Number.isNaN(nats)) worst = { token, nats };
  }
  return {
    variant,
    tokens: Math.max(0, ids.length - 1),
    trainedTokens: trained,
    loss: sum / trained,
    maxSurprisal: worst,
    endProbabilities: turnEnds.map((token) => Math.exp(logProbabilities[token] as number)),
    nonFinite,
  };
}

/** How surprising tokens are, in steps that can be told apart at a glance. */
export const SURPRISE_STEPS = [1, 3, 6, 10] as const;

/** 0 for what the model expected, up to 4 for what it held for all but impossible. Not a number counts as the most surprising. */
export function surpriseLevel(nats: number): number {
  return Number.isNaN(nats) ? SURPRISE_STEPS.length : SURPRISE_STEPS.filter((step) => nats >= step).length;
}

/** Rows whose loss is far from the others': above the third quartile by one and a half times the distance of the quartiles (Tukey's fence). */
export function outlierFence(losses: readonly number[]): number {
  const sorted = losses.filter((loss) => Number.isFinite(loss)).sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  const [lower, upper] = [at(0.25), at(0.75)];
  return upper + 1.5 * (upper - lower);
}
