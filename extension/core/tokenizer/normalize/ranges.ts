/** A range of code points with a value, `last` included. */
export interface CodePointRange {
  readonly first: number;
  readonly last: number;
  readonly value: number;
}

/** Reads one of the tables of characterData.ts, in rising order. */
export function unpackRanges(packed: string): readonly CodePointRange[] {
  let next = 0;
  return packed.split(" ").map((item) => {
    const [place = "", value] = item.split(":");
    const [gap = "", length] = place.split(".");
    const first = next + parseInt(gap, 36);
    next = first + (length === undefined ? 1 : parseInt(length, 36));
    return { first, last: next - 1, value: value === undefined ? 1 : parseInt(value, 36) };
  });
}

/** The planes whose code points are looked up in one step; the few ranges above them are searched. */
const DENSE = 0x20000;

/** A table of characterData.ts with values up to 255, read when it is first asked. */
export class CodePointTable {
  readonly #packed: string;
  #dense: Uint8Array | undefined;
  #above: readonly CodePointRange[] = [];

  constructor(packed: string) {
    this.#packed = packed;
  }

  /** The value of a code point; 0 where it is in no range. */
  get(code: number): number {
    const dense = (this.#dense ??= this.#read());
    if (code < DENSE) return dense[code] as number;
    return this.#above.find(({ first, last }) => code >= first && code <= last)?.value ?? 0;
  }

  has(code: number): boolean {
    return this.get(code) !== 0;
  }

  #read(): Uint8Array {
    const dense = new Uint8Array(DENSE);
    const ranges = unpackRanges(this.#packed);
    for (const { first, last, value } of ranges) if (first < DENSE) dense.fill(value, first, Math.min(last + 1, DENSE));
    this.#above = ranges.filter(({ last }) => last >= DENSE);
    return dense;
  }
}
