import { JinjaError } from "../../errors";
import type { Value } from "../types";
import { countWork } from "../budget";

/** What a slice of a sequence takes: `count` elements from `start` on, `step` apart. `stop` is the bound, clipped. */
export interface SliceRange {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  readonly count: number;
}

const FAR = Number.MAX_SAFE_INTEGER;

/** An integer as an index; what lies beyond 2^53 is beyond any sequence. Undefined when it is no integer. */
export function toIndex(value: Value): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "bigint") return value > 0n ? FAR : -FAR;
  return undefined;
}

/**
 * Python's `slice(start, stop, step).indices(length)`; undefined and None stand for what is left out.
 * @throws JinjaError TypeError, ValueError
 */
export function sliceRange(start: Value | undefined, stop: Value | undefined, step: Value | undefined, length: number): SliceRange {
  const by = bound(step) ?? 1;
  if (by === 0) throw new JinjaError("ValueError", "slice step cannot be zero");
  const [first, last] = by > 0 ? [0, length] : [length - 1, -1];
  const from = clip(bound(start) ?? first, start, by, length);
  const to = clip(bound(stop) ?? last, stop, by, length);
  const distance = by > 0 ? to - from : from - to;
  return { start: from, stop: to, step: by, count: distance > 0 ? Math.floor((distance - 1) / Math.abs(by)) + 1 : 0 };
}

function bound(value: Value | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  const index = toIndex(value);
  if (index === undefined) throw new JinjaError("TypeError", "slice indices must be integers or None or have an __index__ method");
  return index;
}

function clip(index: number, given: Value | undefined, step: number, length: number): number {
  if (given === undefined || given === null) return index;
  const [lowest, highest] = step > 0 ? [0, length] : [-1, length - 1];
  return Math.min(Math.max(index < 0 ? index + length : index, lowest), highest);
}

/** The elements that the slice takes. */
export function sliceItems<T>(items: readonly T[], { start, stop, step, count }: SliceRange): T[] {
  countWork(step === 1 ? count >> 3 : count);
  if (step === 1) return items.slice(start, Math.max(start, stop));
  const taken: T[] = [];
  for (let at = start, left = count; left > 0; at += step, left--) taken.push(items[at] as T);
  return taken;
}
