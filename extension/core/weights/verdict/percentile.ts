/**
 * The `percent`-th percentile as `numpy.percentile` has it with its default method `linear`: between the two values at either
 * side of the place `(n - 1) * percent / 100` of the sorted ones. NaN of none. `values` is sorted by it.
 */
export function percentile(values: Float64Array, percent: number): number {
  if (values.length === 0) return Number.NaN;
  values.sort();
  const place = ((values.length - 1) * percent) / 100;
  const before = values[Math.floor(place)] ?? 0;
  const after = values[Math.ceil(place)] ?? 0;
  const share = place - Math.floor(place);
  // numpy goes from the nearer end, which decides the last bit.
  return share < 0.5 ? before + (after - before) * share : after - (after - before) * (1 - share);
}
