import type { TokenBuffer } from "./tokenBuffer";
import { MAX_CACHED_UNITS, type WordCache } from "./wordCache";

/** Tokens of the longest word that is kept: four for each of its units, as bytes of characters that have no token. */
export const MAX_CACHED_TOKENS = 4 * MAX_CACHED_UNITS;

/** A token of a cached word as one number: its id, and where it stands in the word, `[start, end)`. */
export function packToken(id: number, start: number, end: number): number {
  return (id << 12) | (start << 6) | end;
}

/** Adds the tokens of a cached word. @param record where the cache has it. @param length its units. @param place where it begins in the text. */
export function emitWord({ records }: WordCache, record: number, length: number, place: number, output: TokenBuffer): void {
  const count = (records[record + 1] as number) >>> 8;
  const first = record + 2 + ((length + 1) >> 1);
  output.reserve(count);
  const { ids, offsets } = output;
  let to = output.count;
  output.count = to + count;
  if (!output.placed) {
    for (let i = first; i < first + count; i++) ids[to++] = (records[i] as number) >>> 12;
    return;
  }
  for (let i = first; i < first + count; i++, to++) {
    const token = records[i] as number;
    ids[to] = token >>> 12;
    offsets[2 * to] = place + ((token >>> 6) & 63);
    offsets[2 * to + 1] = place + (token & 63);
  }
}
