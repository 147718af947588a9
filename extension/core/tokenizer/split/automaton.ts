import type { CodePointClasses } from "./classes";
import type { CodePointSet } from "./codePointSet";
import type { Program, Step } from "./program";

/**
 * A deterministic automaton that finds what a backtracking matcher finds first. Class `classes.count` stands for the end of the text.
 *
 * A state is the steps at which the matcher may stand, the preferred first. What the next character is decides which looks ahead are
 * true, so only then is it followed whether a match ends before that character: steps of lower preference are given up there, those of
 * higher preference may still replace the match by a later one.
 */
export interface Automaton {
  /** Numbers a state has in `transitions`: classes and the end. */
  readonly stride: number;
  /** `transitions[state * stride + class]` is `next * stride * 2`, plus 1 where a match ends before the character. State 0 is the end of all. */
  readonly transitions: readonly number[];
}

/** Where matching begins. */
export const START_STATE = 1;

/** Beyond it is no tokenizer's expression, and an entry would not fit into 16 bits. */
const MAX_ENTRIES = 2 ** 15;

/** Undefined where it would be too large. The classes are those of {@link setsOf}. */
export function automatonOf(program: Program, classes: CodePointClasses): Automaton | undefined {
  const stride = classes.count + 1;
  const states: (readonly number[])[] = [[], [program.start]];
  const known = new Map([["", 0], [String(program.start), START_STATE]]);
  const transitions: number[] = new Array<number>(stride).fill(0);
  for (let state = START_STATE; state < states.length; state++) {
    if (states.length * stride > MAX_ENTRIES) return undefined;
    for (let one = 0; one < stride; one++) {
      const { next, matches } = follow(program.steps, states[state] ?? [], classes, one);
      const key = next.join();
      let target = known.get(key);
      if (target === undefined) {
        target = states.length;
        known.set(key, target);
        states.push(next);
      }
      transitions.push(target * stride * 2 + (matches ? 1 : 0));
    }
  }
  return { stride, transitions };
}

/** The sets of a program's steps in their order; that of a step without one is empty. */
export function setsOf({ steps }: Program): readonly CodePointSet[] {
  return steps.map((step) => ("set" in step ? step.set : []));
}

interface Transition {
  readonly next: readonly number[];
  readonly matches: boolean;
}

function follow(steps: readonly Step[], state: readonly number[], classes: CodePointClasses, one: number): Transition {
  const isEnd = one === classes.count;
  const seen = new Set<number>();
  const next = new Set<number>();
  const pending = state.toReversed();
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const step = steps[at];
    if (step === undefined || seen.has(at)) continue;
    seen.add(at);
    if (step.kind === "match") return { next: Array.from(next), matches: true };
    if (step.kind === "fork") pending.push(...step.next.toReversed());
    else {
      const fits = isEnd ? step.orEnd : classes.members[at]?.[one] === true;
      if (fits && step.kind === "ahead") pending.push(step.next);
      else if (fits) next.add(step.next);
    }
  }
  return { next: Array.from(next), matches: false };
}
