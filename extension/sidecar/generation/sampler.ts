import type { SamplingSettings } from "../engine";
import { argMax, largestOf } from "./logits";
import { randomAt } from "./random";

/** Whether the settings choose the most probable token, whatever the seed, and change no logit. */
export function isGreedy({ temperature, topK, repetitionPenalty }: SamplingSettings): boolean {
  return (temperature === 0 || topK === 1) && repetitionPenalty === 1;
}

/**
 * Chooses the next token, with the steps and the order of `transformers`: repetition penalty, temperature, top-k, top-p, min-p.
 * @param logits of the next token; left as they are. @param seen ids of prompt and answer. @param step how many tokens were
 * generated before.
 */
export function sample(logits: Float32Array, settings: SamplingSettings, seen: Iterable<number>, step: number): number {
  const { temperature, topK, repetitionPenalty } = settings;
  const penalized = repetitionPenalty === 1 ? logits : penalize(logits, repetitionPenalty, seen);
  if (temperature === 0 || topK === 1) return argMax(penalized);
  const candidates = nucleus(candidatesOf(penalized, settings), settings);
  return draw(candidates, randomAt(settings.seed, step));
}

function penalize(logits: Float32Array, penalty: number, seen: Iterable<number>): Float32Array {
  const changed = logits.slice();
  for (const id of new Set(seen)) {
    const value = changed[id];
    if (value !== undefined) changed[id] = value > 0 ? value / penalty : value * penalty;
  }
  return changed;
}

interface Candidate {
  readonly id: number;
  /** Not normalized: the most probable token has 1. */
  readonly weight: number;
}

/** The tokens that top-k and min-p leave, and that a nucleus could need. */
function candidatesOf(logits: Float32Array, { temperature, topK, topP, minP }: SamplingSettings): Candidate[] {
  const largest = logits[argMax(logits)] as number;
  const weightOf = (id: number): number => Math.exp(((logits[id] as number) - largest) / temperature);
  if (topK > 0 && topK < logits.length) return largestOf(logits, topK).map((id) => ({ id, weight: weightOf(id) }));
  // Tokens below this are together less than 1 - topP, so the nucleus has none of them; sorting the rest is quick.
  const floor = topP < 1 ? ((1 - topP) / logits.length) * totalWeight(logits, weightOf) : 0;
  const least = Math.max(floor, minP);
  const candidates: Candidate[] = [];
  for (let id = 0; id < logits.length; id++) {
    const weight = weightOf(id);
    if (weight > 0 && weight >= least) candidates.push({ id, weight });
  }
  return candidates;
}

function totalWeight(logits: Float32Array, weightOf: (id: number) => number): number {
  let total = 0;
  for (let id = 0; id < logits.length; id++) total += weightOf(id) || 0;
  return total;
}

function nucleus(candidates: Candidate[], { topK, topP, minP }: SamplingSettings): readonly Candidate[] {
  const kept = topP < 1 ? mostProbable(candidates, topP, topK > 0) : candidates;
  return minP > 0 ? kept.filter(({ weight }) => weight >= minP) : kept;
}

/** The smallest set of the most probable candidates whose share reaches `topP`. */
function mostProbable(candidates: Candidate[], topP: number, sorted: boolean): Candidate[] {
  if (!sorted) candidates.sort((a, b) => b.weight - a.weight || a.id - b.id);
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
  let sum = 0;
  let count = 0;
  while (count < candidates.length && (count === 0 || sum < topP * total)) sum += candidates[count++]?.weight ?? 0;
  return candidates.slice(0, count);
}

function draw(candidates: readonly Candidate[], random: number): number {
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
  let rest = random * total;
  for (const { id, weight } of candidates) {
    rest -= weight;
    if (rest < 0) return id;
  }
  return candidates.at(-1)?.id ?? 0;
}
