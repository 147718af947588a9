import type { Runtime } from "../runtime/runtime";
import { lessThan, same } from "../value/compare";
import type { Value } from "../value/types";
import { isList } from "../value/types";
import { sortedBy } from "../value/container/sorting";

type Less<Key> = (a: Key, b: Key) => boolean;

/** Python's `sorted` with a key: items in the order of their keys; equal ones stay as they are, also in reverse. */
export function sortBy<Key extends Value | readonly Value[]>(runtime: Runtime, items: readonly Value[], keyOf: (item: Value) => Key, less: Less<Key>, reverse: boolean): Value[] {
  const rounds = 1 + Math.ceil(Math.log2(items.length + 1));
  const keyed = items.map((item) => {
    const key = keyOf(item);
    runtime.charge(rounds * (1 + keySize(key)));
    return { key, item };
  });
  if (reverse) keyed.reverse();
  const sorted = sortedBy(keyed, (a, b) => less(a.key, b.key));
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
