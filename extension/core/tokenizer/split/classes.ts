import { type CodePointSet, END_OF_CODE_POINTS } from "./codePointSet";

/** Code points that all of some sets treat alike have one class; classes count from 0. */
export interface CodePointClasses {
  readonly count: number;
  /** Where a stretch of one class begins, in rising order, and its class. */
  readonly starts: readonly number[];
  readonly classes: readonly number[];
  /** Whether the code points of a class are in a set: `members[set][class]`. */
  readonly members: readonly (readonly boolean[])[];
}

export function classesOf(sets: readonly CodePointSet[]): CodePointClasses {
  const distinct = new Map(sets.map((set) => [set.join(), set]));
  const flips = new Map<number, number[]>([[0, []]]);
  for (const [i, set] of Array.from(distinct.values()).entries()) {
    for (const edge of set) {
      const flipped = flips.get(edge);
      if (flipped === undefined) flips.set(edge, [i]);
      else flipped.push(i);
    }
  }
  flips.delete(END_OF_CODE_POINTS);
  const starts = Array.from(flips.keys()).sort((a, b) => a - b);
  // A bit for each set that has the code point.
  let signature = 0n;
  const known = new Map<bigint, number>();
  const classes = starts.map((start) => {
    for (const i of flips.get(start) ?? []) signature ^= 1n << BigInt(i);
    const found = known.get(signature) ?? known.size;
    known.set(signature, found);
    return found;
  });
  const keys = Array.from(distinct.keys());
  const signatures = Array.from(known.keys());
  const members = keys.map((_, i) => signatures.map((one) => ((one >> BigInt(i)) & 1n) === 1n));
  const places = new Map(keys.map((key, i) => [key, i]));
  return { count: known.size, starts, classes, members: sets.map((set) => members[places.get(set.join()) ?? -1] ?? []) };
}
