import { STEP_MS } from "../engine";

interface Step {
  readonly tokens: number;
  readonly milliseconds: number;
}

/**
 * How many tokens to compute at once so that a step takes about {@link STEP_MS}: measured, since it differs a thousandfold between
 * models and devices. Powers of two, so that devices that compile for each shape compile few.
 */
export class StepSize {
  #size: number;
  readonly #largest: number;
  #before: Step | undefined;

  constructor(first: number, largest: number) {
    this.#size = first;
    this.#largest = largest;
  }

  get size(): number {
    return this.#size;
  }

  /** Learns from a step. The first of its size may have compiled shaders; a later one corrects what it taught. */
  took(tokens: number, milliseconds: number): void {
    // The rest of a prompt that is done in time says nothing of a whole step.
    if (tokens < this.#size && milliseconds <= STEP_MS) return;
    const step: Step = { tokens, milliseconds: Math.max(milliseconds, 0.01) };
    const fits = Math.max((STEP_MS / step.milliseconds) * tokens * 1.5, costAlike(step, this.#before));
    this.#before = step;
    // A short step says that a longer one is fine, not how much longer.
    this.#size = Math.max(1, 2 ** Math.floor(Math.log2(Math.min(fits, this.#largest, this.#size * 4))));
  }
}

/**
 * A number of tokens that costs no more than the two steps did, as far as they tell: where the longer one took no more time, its
 * tokens are not what took it. A GPU prepares itself for each new shape, and a CPU reads all weights for a single token, too.
 */
function costAlike(step: Step, before: Step | undefined): number {
  if (before === undefined) return 0;
  const [short, long] = step.tokens < before.tokens ? [step, before] : [before, step];
  if (long.tokens < 2 * short.tokens || long.milliseconds > 1.1 * short.milliseconds) return 0;
  return step.milliseconds > STEP_MS ? long.tokens : 2 * long.tokens;
}
