import type { JsonValue } from "../../dataset/conversation";
import { type AlignedText, spanEnd, spanStart } from "../normalize/alignedText";

/** What becomes of the stretches that a pattern finds. */
export type Behavior = "removed" | "isolated" | "mergedWithPrevious" | "mergedWithNext" | "contiguous";

/** Finds stretches `[start, end)` in rising order, none of them empty. A global expression does. */
export interface Finder {
  find(text: string): Iterable<readonly [start: number, end: number]>;
}

/** By the name in a tokenizer.json. */
export function behaviorNamed(name: JsonValue | undefined): Behavior | undefined {
  return typeof name === "string" && Object.hasOwn(BEHAVIORS, name) ? BEHAVIORS[name] : undefined;
}

const BEHAVIORS: Readonly<Record<string, Behavior>> = {
  Removed: "removed",
  Isolated: "isolated",
  MergedWithPrevious: "mergedWithPrevious",
  MergedWithNext: "mergedWithNext",
  Contiguous: "contiguous",
};

interface Stretch {
  start: number;
  end: number;
  readonly found: boolean;
}

/** Splits a text as the Rust library does. @param invert whether what the pattern does not find counts as found, and the other way round. */
export function splitBy(text: AlignedText, pattern: RegExp | Finder, behavior: Behavior, invert: boolean): readonly AlignedText[] {
  const stretches = stretchesOf(text.text, pattern, invert);
  return grouped(stretches, behavior).map(({ start, end }) => sliceAligned(text, start, end));
}

function stretchesOf(text: string, pattern: RegExp | Finder, invert: boolean): Stretch[] {
  const stretches: Stretch[] = [];
  let at = 0;
  for (const [start, end] of pattern instanceof RegExp ? matches(text, pattern) : pattern.find(text)) {
    if (at < start) stretches.push({ start: at, end: start, found: invert });
    stretches.push({ start, end, found: !invert });
    at = end;
  }
  if (at < text.length) stretches.push({ start: at, end: text.length, found: invert });
  return stretches;
}

function* matches(text: string, pattern: RegExp): Iterable<readonly [number, number]> {
  for (const { 0: match, index } of text.matchAll(pattern)) yield [index, index + match.length];
}

function grouped(stretches: Stretch[], behavior: Behavior): readonly Stretch[] {
  switch (behavior) {
    case "isolated":
      return stretches;
    case "removed":
      return stretches.filter(({ found }) => !found);
    case "contiguous":
      return joined(stretches, (stretch, previous) => stretch.found === previous.found);
    case "mergedWithPrevious":
      return joined(stretches, (stretch, previous) => stretch.found && !previous.found);
    case "mergedWithNext":
      return mergedWithNext(stretches);
  }
}

/** Each stretch, together with those that follow it as `follows` says of two neighbours. */
function joined(stretches: readonly Stretch[], follows: (stretch: Stretch, previous: Stretch) => boolean): Stretch[] {
  const groups: Stretch[] = [];
  let previous: Stretch | undefined;
  for (const stretch of stretches) {
    const last = groups.at(-1);
    if (previous !== undefined && last !== undefined && follows(stretch, previous)) last.end = stretch.end;
    else groups.push({ ...stretch });
    previous = stretch;
  }
  return groups;
}

function mergedWithNext(stretches: readonly Stretch[]): Stretch[] {
  const groups: Stretch[] = [];
  let next: Stretch | undefined;
  for (const stretch of stretches.toReversed()) {
    const last = groups.at(-1);
    if (next !== undefined && last !== undefined && stretch.found && !next.found) last.start = stretch.start;
    else groups.push({ ...stretch });
    next = stretch;
  }
  return groups.reverse();
}

/** The part `[start, end)` of a text, whole characters. Its spans are those of the whole. */
export function sliceAligned(whole: AlignedText, start: number, end: number): AlignedText {
  const text = whole.text.slice(start, end);
  if (whole.spans !== undefined) return { text, spans: whole.spans.subarray(2 * start, 2 * end) };
  if (start === 0 && end === whole.text.length) return whole;
  const spans = new Uint32Array(2 * (end - start));
  for (let unit = start, at = 0; unit < end; unit++) {
    spans[at++] = spanStart(whole, unit);
    spans[at++] = spanEnd(whole, unit);
  }
  return { text, spans };
}
