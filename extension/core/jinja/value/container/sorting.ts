/** Up to here CPython sorts by insertion alone, so that it also compares the same pairs, and so fails on the same pair. */
const RUN = 63;

/**
 * A sorted copy, stable, as `sorted()`: `less(a, b)` says whether a comes before b, and may throw. Up to 63 elements the
 * comparisons are CPython's, one for one, which decides what an error names and where NaN ends up.
 */
export function sortedBy<T>(items: readonly T[], less: (a: T, b: T) => boolean): T[] {
  if (items.length <= RUN) return sortRun([...items], less);
  let runs: T[][] = [];
  for (let at = 0; at < items.length; at += RUN) runs.push(sortRun(items.slice(at, at + RUN), less));
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let at = 0; at < runs.length; at += 2) {
      const [left, right] = [runs[at] ?? [], runs[at + 1] ?? []];
      merged.push(merge(left, right, less));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

/** Binary insertion behind the run, rising or strictly falling, that the items begin with. */
function sortRun<T>(items: T[], less: (a: T, b: T) => boolean): T[] {
  if (items.length < 2) return items;
  const falling = less(items[1] as T, items[0] as T);
  let sorted = 2;
  while (sorted < items.length && less(items[sorted] as T, items[sorted - 1] as T) === falling) sorted++;
  if (falling) items.splice(0, sorted, ...items.slice(0, sorted).reverse());
  for (; sorted < items.length; sorted++) {
    const pivot = items[sorted] as T;
    let [low, high] = [0, sorted];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (less(pivot, items[middle] as T)) high = middle;
      else low = middle + 1;
    }
    items.copyWithin(low + 1, low, sorted);
    items[low] = pivot;
  }
  return items;
}

function merge<T>(left: readonly T[], right: readonly T[], less: (a: T, b: T) => boolean): T[] {
  const merged: T[] = [];
  let [l, r] = [0, 0];
  while (l < left.length && r < right.length) {
    if (less(right[r] as T, left[l] as T)) merged.push(right[r++] as T);
    else merged.push(left[l++] as T);
  }
  while (l < left.length) merged.push(left[l++] as T);
  while (r < right.length) merged.push(right[r++] as T);
  return merged;
}
