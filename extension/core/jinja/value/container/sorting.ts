/**
 * A sorted copy, stable, as `sorted()`: `less(a, b)` says whether a comes before b, and may throw. Below 64 elements the
 * comparisons are CPython's, one for one, which decides what an error names and where NaN ends up: runs are found from the
 * left, and filled up by binary insertion.
 */
export function sortedBy<T>(items: readonly T[], less: (a: T, b: T) => boolean): T[] {
  const least = minimumRun(items.length);
  let runs: T[][] = [];
  for (let start = 0; start < items.length; ) {
    const run = nextRun(items, start, least, less);
    runs.push(run);
    start += run.length;
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let at = 0; at < runs.length; at += 2) merged.push(merge(runs[at] ?? [], runs[at + 1] ?? [], less));
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

/** The run, rising or strictly falling, that begins at `start`, and what is inserted into it up to the least length. */
function nextRun<T>(items: readonly T[], start: number, least: number, less: (a: T, b: T) => boolean): T[] {
  let end = start + 1;
  if (end === items.length) return items.slice(start);
  const falling = less(items[end] as T, items[start] as T);
  do end++;
  while (end < items.length && less(items[end] as T, items[end - 1] as T) === falling);
  const run = items.slice(start, end);
  if (falling) run.reverse();
  for (const item of items.slice(end, start + least)) {
    let [low, high] = [0, run.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (less(item, run[middle] as T)) high = middle;
      else low = middle + 1;
    }
    run.splice(low, 0, item);
  }
  return run;
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
