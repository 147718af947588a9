import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SamplingSettings } from "../../../extension/sidecar/engine";
import { distribution, largestOf } from "../../../extension/sidecar/generation/logits";
import { randomAt } from "../../../extension/sidecar/generation/random";
import { isGreedy, sample } from "../../../extension/sidecar/generation/sampler";

const GREEDY: SamplingSettings = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, seed: 1 };
/** Probabilities 0.5, 0.3, 0.15, 0.05 in an order of their own. */
const LOGITS = Float32Array.from([0.15, 0.5, 0.05, 0.3], Math.log);

/** How often each token is drawn in many steps. */
function shares(settings: Partial<SamplingSettings>, draws = 20_000): number[] {
  const counts = [0, 0, 0, 0];
  for (let step = 0; step < draws; step++) counts[sample(LOGITS, { ...GREEDY, ...settings }, [], step)]!++;
  return counts.map((count) => count / draws);
}

function near(actual: readonly number[], expected: readonly number[]): void {
  actual.forEach((share, i) => assert.ok(Math.abs(share - expected[i]!) < 0.015, `${actual.join(", ")} instead of ${expected.join(", ")}`));
}

describe("sampling", () => {
  it("takes the most probable token at temperature 0 or with one candidate", () => {
    assert.equal(sample(LOGITS, GREEDY, [], 0), 1);
    assert.equal(sample(LOGITS, { ...GREEDY, temperature: 2, topK: 1 }, [], 3), 1);
    assert.ok(isGreedy(GREEDY));
    assert.ok(!isGreedy({ ...GREEDY, temperature: 1 }));
  });
  it("draws by the probabilities, sharpened or flattened by the temperature", () => {
    near(shares({ temperature: 1 }), [0.15, 0.5, 0.05, 0.3]);
    const sharp = [0.15, 0.5, 0.05, 0.3].map((p) => p ** 2);
    const total = sharp.reduce((a, b) => a + b);
    near(shares({ temperature: 0.5 }), sharp.map((p) => p / total));
  });
  it("keeps to top-k, top-p and min-p", () => {
    near(shares({ temperature: 1, topK: 2 }), [0, 0.625, 0, 0.375]);
    near(shares({ temperature: 1, topP: 0.75 }), [0, 0.625, 0, 0.375]);
    near(shares({ temperature: 1, topP: 0.81 }), [0.15 / 0.95, 0.5 / 0.95, 0, 0.3 / 0.95]);
    near(shares({ temperature: 1, minP: 0.2 }), [0.15 / 0.95, 0.5 / 0.95, 0, 0.3 / 0.95]);
    near(shares({ temperature: 1, topP: 1e-6 }), [0, 1, 0, 0]);
  });
  it("makes tokens that were there less likely, whatever their sign", () => {
    const logits = Float32Array.of(2, 1.9, -1, -1.1);
    assert.equal(sample(logits, { ...GREEDY, repetitionPenalty: 1.2 }, [0], 0), 1);
    assert.equal(sample(Float32Array.of(-1, -1.1), { ...GREEDY, repetitionPenalty: 1.2 }, [0, 0], 0), 1);
    assert.deepEqual(Array.from(logits), [2, Math.fround(1.9), -1, Math.fround(-1.1)]);
  });
  it("draws the same for the same seed and step, also when it begins in the middle", () => {
    const settings = { ...GREEDY, temperature: 1, seed: 7 };
    const draws = Array.from({ length: 50 }, (_, step) => sample(LOGITS, settings, [], step));
    assert.deepEqual(Array.from({ length: 20 }, (_, i) => sample(LOGITS, settings, [], 30 + i)), draws.slice(30));
    assert.notDeepEqual(Array.from({ length: 50 }, (_, step) => sample(LOGITS, { ...settings, seed: 8 }, [], step)), draws);
  });
  it("draws numbers that are spread evenly", () => {
    const bins = new Array<number>(10).fill(0);
    for (let step = 0; step < 10_000; step++) bins[Math.floor(randomAt(3, step) * 10)]!++;
    assert.ok(bins.every((count) => count > 850 && count < 1150), bins.join(", "));
  });
});

describe("distributions", () => {
  it("has the normalizer and the entropy of logits, however large they are", () => {
    const { normalizer, entropy, nonFinite } = distribution(Float32Array.from(LOGITS, (logit) => logit + 1000));
    assert.ok(Math.abs(normalizer - 1000) < 1e-3);
    assert.ok(Math.abs(entropy - -[0.15, 0.5, 0.05, 0.3].reduce((sum, p) => sum + p * Math.log(p), 0)) < 1e-3);
    assert.equal(nonFinite, false);
  });
  it("tells NaN and infinity, but not a token that is never chosen", () => {
    assert.equal(distribution(Float32Array.of(1, Number.NaN)).nonFinite, true);
    assert.equal(distribution(Float32Array.of(1, Infinity)).nonFinite, true);
    const never = distribution(Float32Array.of(0, -Infinity));
    assert.deepEqual([never.nonFinite, never.entropy], [false, 0]);
  });
  it("finds the largest values in order", () => {
    assert.deepEqual(largestOf(LOGITS, 3), [1, 3, 0]);
    assert.deepEqual(largestOf(LOGITS, 0), []);
  });
});
