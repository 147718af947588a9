import { STEP_MS } from "../engine";

/**
 * How many tokens to compute at once so that a step takes about {@link STEP_MS}: measured, since it differs a thousandfold between
 * models and devices. Powers of two, so that devices that compile for each shape compile few.
 */
export class StepSize {
  #size: number;
  readonly #largest: number;

  constructor(first: number, largest: number) {
    this.#size = first;
    this.#largest = largest;
  }

  get size(): number {
    return this.#size;
  }

  /** Learns from a step. The first of its size may have compiled shaders; a later one corrects what it taught. */
  took(tokens: number, milliseconds: number): void {
    const fits = (STEP_MS / Math.max(milliseconds, 0.01)) * tokens;
    // A short step says that a longer one is fine, not how much longer.
    const wanted = Math.min(fits * 1.5, this.#largest, tokens >= this.#size ? this.#size * 4 : this.#size);
    if (wanted < this.#size || tokens >= this.#size) this.#size = Math.max(1, 2 ** Math.floor(Math.log2(wanted)));
  }
}
