/**
 * A set of code points: those from the first number up to before the second, from the third up to before the fourth, and so on,
 * in rising order.
 */
export type CodePointSet = readonly number[];

export const END_OF_CODE_POINTS = 0x110000;

/** All code points. */
export const EVERYTHING: CodePointSet = [0, END_OF_CODE_POINTS];

/** @param last included, as a class in an expression has it. */
export function rangeSet(first: number, last: number): CodePointSet {
  return [first, last + 1];
}

export function unionOf(sets: readonly CodePointSet[]): CodePointSet {
  return combined(sets, (inside) => inside > 0);
}

export function intersectionOf(sets: readonly CodePointSet[]): CodePointSet {
  return combined(sets, (inside) => inside === sets.length);
}

export function complementOf(set: CodePointSet): CodePointSet {
  const inner = set[0] === 0 ? set.slice(1) : [0, ...set];
  return inner.at(-1) === END_OF_CODE_POINTS ? inner.slice(0, -1) : [...inner, END_OF_CODE_POINTS];
}

/** The code points for which `chosen` says so of the number of sets that they are in. */
function combined(sets: readonly CodePointSet[], chosen: (inside: number) => boolean): CodePointSet {
  const edges = sets.flatMap((set) => set.map((at, i) => ({ at, step: i % 2 === 0 ? 1 : -1 }))).sort((a, b) => a.at - b.at);
  const result: number[] = [];
  let inside = 0;
  for (let i = 0; i < edges.length; ) {
    const { at } = edges[i] as { readonly at: number };
    for (; edges[i]?.at === at; i++) inside += edges[i]?.step ?? 0;
    if (chosen(inside) !== (result.length % 2 === 1)) result.push(at);
  }
  return result;
}

export function contains(set: CodePointSet, code: number): boolean {
  let low = 0;
  let high = set.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((set[middle] as number) <= code) low = middle + 1;
    else high = middle;
  }
  return low % 2 === 1;
}
