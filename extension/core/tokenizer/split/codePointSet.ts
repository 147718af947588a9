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
  // An edge as a number: its place, and whether a stretch begins there.
  const edges = new Int32Array(sets.reduce((sum, set) => sum + set.length, 0));
  let count = 0;
  for (const set of sets) for (let i = 0; i < set.length; i++) edges[count++] = 2 * (set[i] as number) + (i % 2 === 0 ? 1 : 0);
  edges.sort();
  const result: number[] = [];
  let inside = 0;
  for (let i = 0; i < count; ) {
    const at = (edges[i] as number) >> 1;
    for (; i < count && (edges[i] as number) >> 1 === at; i++) inside += ((edges[i] as number) & 1) === 1 ? 1 : -1;
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
