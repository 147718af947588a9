import type { GeneratedToken } from "../../protocol/sidecar";

/** The index of the largest value, the first of equals; NaN never is. 0 where all are NaN. */
export function argMax(values: Float32Array): number {
  let best = 0;
  let largest = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value > largest) {
      largest = value;
      best = i;
    }
  }
  return best;
}

/** What a row of logits says about the next token. */
export interface Distribution {
  /** The logarithm of the sum of the exponentials: a logit less this is the token's log-probability. */
  readonly normalizer: number;
  /** Nats. */
  readonly entropy: number;
  /** Whether a logit is NaN or positive infinity; negative infinity only means "never". */
  readonly nonFinite: boolean;
}

/** In double precision, as exact as the logits are. */
export function distribution(logits: Float32Array): Distribution {
  const largest = logits[argMax(logits)] as number;
  let sum = 0;
  let weighted = 0;
  for (const logit of logits) {
    const difference = logit - largest;
    const e = Math.exp(difference);
    sum += e;
    // exp underflows before the product can be NaN.
    if (e > 0) weighted += e * difference;
    else if (e !== 0) weighted = Number.NaN;
  }
  const log = Math.log(sum);
  const normalizer = largest + log;
  return { normalizer, entropy: log - weighted / sum, nonFinite: !Number.isFinite(normalizer) };
}

/** The indices of the `count` largest values, in descending order. */
export function largestOf(values: Float32Array, count: number): number[] {
  const best: number[] = [];
  let least = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (best.length === count && !(value > least)) continue;
    let at = best.length;
    while (at > 0 && value > (values[best[at - 1] as number] as number)) at--;
    best.splice(at, 0, i);
    if (best.length > count) best.pop();
    least = values[best[best.length - 1] as number] as number;
  }
  return best;
}

/** A token with its probability and the best candidates. */
export function describeToken(id: number, logits: Float32Array, top: number): GeneratedToken {
  const { normalizer, entropy } = distribution(logits);
  const at = (token: number): number => (logits[token] as number) - normalizer;
  return { id, logProbability: at(id), entropy, top: largestOf(logits, top).map((token) => ({ id: token, logProbability: at(token) })) };
}
