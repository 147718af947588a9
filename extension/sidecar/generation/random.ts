/**
 * A number in [0, 1) that depends on the seed and the step alone, so that a text can be continued in another process as the
 * first would have. Murmur3's finalizer over both, twice for 53 bits.
 */
export function randomAt(seed: number, step: number): number {
  const high = mix(mix(seed >>> 0) ^ Math.imul(step + 1, 0x9e3779b1));
  const low = mix(high ^ 0x85ebca6b ^ step);
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
}

function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
