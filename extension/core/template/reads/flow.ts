import type { Statement, Expression } from "../../jinja/syntax/ast";
import type { MacroInfo } from "./macros";
import type { Derived, Place } from "./place";

/** What an expression may stand for, as far as the analysis tells values apart. */
export type Thing =
  | Place
  | Derived
  /** A text that stands in the template. */
  | { readonly kind: "literal"; readonly value: string }
  /** A number, a text that the template makes, or whatever else holds nothing of the input. */
  | { readonly kind: "plain" }
  | Bag
  | MacroInfo
  | LoopThing;

/** Everything that an expression may stand for. Empty where it cannot have a value. */
export type Flow = ReadonlySet<Thing>;

export const PLAIN: Thing = { kind: "plain" };
export const NOTHING: Flow = new Set();
export const PLAIN_FLOW: Flow = new Set([PLAIN]);

/** A list, dict, namespace or the like that the template makes: one for each place in the template that makes some. */
export interface Bag {
  readonly kind: "bag";
  /** Whether looking for elements finds them, and not keys. */
  readonly list: boolean;
  /** Elements by their index. */
  readonly items: Flow[];
  /** Elements whose index is not known. */
  rest: Flow;
  readonly fields: Map<string, Flow>;
  /** What it took over all fields of. */
  base: Flow;
}

/** The `loop` variable. */
export interface LoopThing {
  readonly kind: "loop";
  /** The elements that it goes over. */
  elements: Flow;
  /** Those of the calls `loop(…)`. */
  deeper: Flow;
}

/** The node that makes a thing, which identifies it. */
export type Maker = Statement | Expression;

export function flowOf(...things: readonly Thing[]): Flow {
  return new Set(things);
}

/** Both; the very first one when the second adds nothing, so that growth can be seen. */
export function union(a: Flow, b: Flow): Flow {
  if (a === b || b.size === 0) return a;
  if (a.size === 0) return b;
  let joined: Set<Thing> | undefined;
  for (const thing of b) {
    if (a.has(thing)) continue;
    joined ??= new Set(a);
    joined.add(thing);
  }
  return joined ?? a;
}

export function unionAll(flows: Iterable<Flow>): Flow {
  let joined = NOTHING;
  for (const flow of flows) joined = union(joined, flow);
  return joined;
}

/**
 * As {@link union}, where values may come back to where they came from, a step deeper each time. A place that is inside more
 * than `tolerance` of those already there makes the outermost of these stand for everything below it, so that going round ends.
 */
export function widen(known: Flow, added: Flow, tolerance: number): Flow {
  let joined = known;
  for (const thing of added) {
    if (joined.has(thing)) continue;
    const around = thing.kind === "place" ? [...joined].filter((other): other is Place => other.kind === "place" && thing.within(other.covered)) : [];
    if (around.some((place) => place.isBelow)) continue;
    if (around.length <= tolerance) {
      joined = union(joined, new Set([thing]));
      continue;
    }
    const outermost = around.reduce((a, b) => (a.steps.length < b.steps.length ? a : b));
    const apart = [...joined].filter((other) => other.kind !== "place" || !other.within(outermost));
    joined = new Set([...apart, outermost.below]);
  }
  return joined;
}
