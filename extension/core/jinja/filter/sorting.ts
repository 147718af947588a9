import type { Runtime } from "../runtime/runtime";
import { lessThan, same } from "../value/compare";
import type { Value } from "../value/types";
import { isList } from "../value/types";

/**
 * Python's `sorted`. The order of the comparisons is CPython's for up to 64 items, so that items which cannot be compared fail
 * on the same pair: runs are found from the left, and filled up by binary insertion.
 */

interface Keyed<Key> {
  readonly key: Key;
  readonly item: Value;
}

type Less<Key> = (a: Key, b: Key) => boolean;

/** Items in the order of their keys; equal ones stay as they are, also in reverse. */
export function sortBy<Key extends Value | readonly Value[]>(runtime: Runtime, items: readonly Value[], keyOf: (item: Value) => Key, less: Less<Key>, reverse: boolean): Value[] {
  const rounds = 1 + Math.ceil(Math.log2(items.length + 1));
  const keyed = items.map((item) => {
    const key = keyOf(item);
    runtime.charge(rounds * (1 + keySize(key)));
    return { key, item };
  });
  if (reverse) keyed.reverse();
  const sorted = sortKeyed(keyed, less);
  if (reverse) sorted.reverse();
  return sorted.map(({ item }) => item);
}

/** What a comparison of a key counts, beyond one step. */
function keySize(key: Value | readonly Value[]): number {
  if (typeof key === "string") return key.length >> 5;
  return isList(key) ? key.length + (typeof key[0] === "string" ? key[0].length >> 5 : 0) : 0;
}

/** `a < b` for keys. */
export function keyLess(a: Value, b: Value): boolean {
  return lessThan(a, b, "<");
}

/** `a < b` for lists of keys of one length: the first pair that differs decides. */
export function keysLess(a: readonly Value[], b: readonly Value[]): boolean {
  for (let i = 0; i < a.length; i += 1) {
    const [x, y] = [a[i] as Value, b[i] as Value];
    if (!same(x, y)) return lessThan(x, y, "<");
  }
  return false;
}

function sortKeyed<Key>(list: Keyed<Key>[], less: Less<Key>): Keyed<Key>[] {
  const least = minimumRun(list.length);
  let runs: Keyed<Key>[][] = [];
  for (let start = 0; start < list.length; ) {
    const run = nextRun(list, start, least, less);
    runs.push(run);
    start += run.length;
  }
  while (runs.length > 1) {
    const merged: Keyed<Key>[][] = [];
    for (let i = 0; i < runs.length; i += 2) merged.push(merge(runs[i] ?? [], runs[i + 1] ?? [], less));
    runs = merged;
  }
  return runs[0] ?? [];
}

/** The length up to which short runs are filled: all of a list below 64, else so that the runs are nearly a power of two. */
function minimumRun(length: number): number {
  let rest = length;
  let odd = 0;
  while (rest >= 64) {
    odd |= rest & 1;
    rest >>= 1;
  }
  return rest + odd;
}

function nextRun<Key>(list: readonly Keyed<Key>[], start: number, least: number, less: Less<Key>): Keyed<Key>[] {
  const isLess = (a: number, b: number): boolean => less((list[a] as Keyed<Key>).key, (list[b] as Keyed<Key>).key);
  let end = start + 1;
  if (end < list.length) {
    const descending = isLess(end, end - 1);
    end += 1;
    while (end < list.length && isLess(end, end - 1) === descending) end += 1;
    const run = list.slice(start, end);
    if (descending) run.reverse();
    return insertUntil(run, list.slice(end, start + least), less);
  }
  return list.slice(start, end);
}

function insertUntil<Key>(run: Keyed<Key>[], more: readonly Keyed<Key>[], less: Less<Key>): Keyed<Key>[] {
  for (const entry of more) {
    let low = 0;
    let high = run.length;
    while (low < high) {
      const middle = low + ((high - low) >> 1);
      if (less(entry.key, (run[middle] as Keyed<Key>).key)) high = middle;
      else low = middle + 1;
    }
    run.splice(low, 0, entry);
  }
  return run;
}

function merge<Key>(left: readonly Keyed<Key>[], right: readonly Keyed<Key>[], less: Less<Key>): Keyed<Key>[] {
  const merged: Keyed<Key>[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    const [a, b] = [left[i] as Keyed<Key>, right[j] as Keyed<Key>];
    if (less(b.key, a.key)) {
      merged.push(b);
      j += 1;
    } else {
      merged.push(a);
      i += 1;
    }
  }
  return merged.concat(left.slice(i), right.slice(j));
}
