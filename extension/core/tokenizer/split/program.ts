import type { CodePointSet } from "./codePointSet";
import type { Pattern } from "./pattern";

/** A step of a backtracking matcher; of several `next` the first is tried first. Steps are named by their place in the program. */
export type Step =
  | { readonly kind: "character" | "ahead"; readonly set: CodePointSet; readonly orEnd: boolean; readonly next: number }
  | { readonly kind: "fork"; readonly next: readonly number[] }
  | { readonly kind: "match" };

export interface Program {
  readonly steps: readonly Step[];
  readonly start: number;
}

/** More steps than any tokenizer's expression has. */
export const MAX_STEPS = 1000;

/** The program of a pattern; undefined where it would be too long. */
export function programOf(pattern: Pattern): Program | undefined {
  const steps: Step[] = [{ kind: "match" }];
  try {
    return { steps, start: emit(pattern, 0, steps) };
  } catch (error) {
    if (error === TOO_LONG) return undefined;
    throw error;
  }
}

const TOO_LONG = new Error("too many steps");

function push(step: Step, steps: Step[]): number {
  if (steps.length >= MAX_STEPS) throw TOO_LONG;
  steps.push(step);
  return steps.length - 1;
}

/** Adds the steps of a pattern that go on to `next`, and returns the first. */
function emit(pattern: Pattern, next: number, steps: Step[]): number {
  switch (pattern.kind) {
    case "character":
      return push({ kind: "character", set: pattern.set, orEnd: false, next }, steps);
    case "ahead":
      return push({ kind: "ahead", set: pattern.set, orEnd: pattern.orEnd, next }, steps);
    case "sequence":
      return pattern.parts.reduceRight((then, part) => emit(part, then, steps), next);
    case "choice":
      return push({ kind: "fork", next: pattern.options.map((option) => emit(option, next, steps)) }, steps);
    case "repeat":
      return emitRepeat(pattern, next, steps);
  }
}

function emitRepeat({ part, least, most, lazy }: Extract<Pattern, { kind: "repeat" }>, next: number, steps: Step[]): number {
  const fork = (again: number): Step => ({ kind: "fork", next: lazy ? [next, again] : [again, next] });
  let first = next;
  if (most === Infinity) {
    first = push({ kind: "match" }, steps);
    steps[first] = fork(emit(part, first, steps));
  } else {
    for (let i = least; i < most; i++) first = push({ kind: "fork", next: lazy ? [next, emit(part, first, steps)] : [emit(part, first, steps), next] }, steps);
  }
  for (let i = 0; i < least; i++) first = emit(part, first, steps);
  return first;
}
