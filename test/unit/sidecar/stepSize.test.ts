import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { STEP_MS } from "../../../extension/sidecar/engine";
import { StepSize } from "../../../extension/sidecar/generation/stepSize";

/** Computes a prompt on a device where `n` tokens take `cost(n)`, and returns the steps it was computed in. */
function prompt(step: StepSize, tokens: number, cost: (tokens: number) => number): number[] {
  const steps: number[] = [];
  for (let left = tokens; left > 0; ) {
    const part = Math.min(step.size, left);
    step.took(part, cost(part));
    steps.push(part);
    left -= part;
  }
  return steps;
}

describe("how many tokens of a prompt are computed at once", () => {
  it("grows to what fits into a step, and stays there", () => {
    const step = new StepSize(16, 512);
    const perToken = (tokens: number): number => tokens; // 1 ms each
    prompt(step, 2000, perToken);
    const later = prompt(step, 2000, perToken);
    assert.ok(later.every((tokens) => perToken(tokens) <= 1.5 * STEP_MS), String(later));
    assert.deepEqual(new Set(later.slice(0, -1)), new Set([128]));
  });

  it("is not made smaller by the rest of a prompt that takes as long as a whole step", () => {
    const step = new StepSize(16, 512);
    prompt(step, 1000, () => 5);
    assert.equal(step.size, 512);
    assert.deepEqual(prompt(step, 515, () => 60), [512, 3]);
    assert.equal(step.size, 512);
  });

  it("is made smaller by a rest that takes too long", () => {
    const step = new StepSize(512, 512);
    step.took(300, 600);
    assert.equal(step.size, 64);
  });

  it("gets over a first step that compiles, and over new shapes that each cost the same", () => {
    const step = new StepSize(16, 512);
    step.took(16, 367);
    prompt(step, 2000, () => 70);
    assert.equal(step.size, 512);
  });

  it("does not become one token where one takes as long as sixteen", () => {
    const step = new StepSize(16, 512);
    const reading = (tokens: number): number => 300 + tokens * 0.1;
    prompt(step, 200, reading);
    assert.ok(step.size >= 16, String(step.size));
  });

  it("falls back when steps grow dearer with the length of the cache", () => {
    const step = new StepSize(16, 512);
    let cached = 0;
    const cost = (tokens: number): number => (tokens * (1 + (cached += tokens))) / 2000;
    const steps = prompt(step, 4000, cost);
    assert.ok(Math.max(...steps) > 100 && (steps.at(-2) ?? 0) < 100, String(steps));
  });
});
