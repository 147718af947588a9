import { JinjaLimitError } from "../errors";
import { STEPS_PER_WORK } from "../runtime/limits";

/** What a render may still do, in steps (see runtime/limits.ts). */
export interface Budget {
  left: number;
}

/** Values are also worked with outside of renders, by our own code. */
let current: Budget = { left: Infinity };

/** Runs what a render does on the render's budget, so that operators and methods, which know no render, spend from it. */
export function withBudget<T>(budget: Budget, work: () => T): T {
  const outer = current;
  current = budget;
  try {
    return work();
  } finally {
    current = outer;
  }
}

/** @throws JinjaLimitError when there are not so many steps left. */
export function spend(budget: Budget, steps: number): void {
  budget.left -= steps;
  if (budget.left < 0) throw new JinjaLimitError("steps", "The template takes too many steps; it was stopped.");
}

/** Counts work in proportion to its size, before or while it is done, in units of about a tenth of a microsecond. @throws JinjaLimitError */
export function countWork(work: number): void {
  spend(current, work * STEPS_PER_WORK);
}
