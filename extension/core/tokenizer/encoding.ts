/** The tokens of a text and where they stand. */
export class Encoding {
  readonly ids: Uint32Array;
  /**
   * Start and end of each token in turn, UTF-16 units, half-open. A token that is a part of a character has the whole of it; one
   * that the post-processor added has [0, 0].
   */
  readonly offsets: Uint32Array;
  /** False where the offsets are not known to be those of the reference, and only show about where a token stands. */
  readonly exact: boolean;
  /** The tokens behind are the post-processor's: their places are not in order with the others. */
  readonly #end: number;

  constructor(ids: Uint32Array, offsets: Uint32Array, exact = true) {
    this.ids = ids;
    this.offsets = offsets;
    this.exact = exact;
    let end = ids.length;
    while (end > 0 && offsets[2 * end - 1] === 0) end--;
    this.#end = end;
  }

  get length(): number {
    return this.ids.length;
  }

  /** Where a token stands, `[start, end)`. @throws RangeError where there is no such token. */
  rangeOf(token: number): readonly [start: number, end: number] {
    const start = this.offsets[2 * token];
    const end = this.offsets[2 * token + 1];
    if (start === undefined || end === undefined) throw new RangeError(`There is no token ${token} among ${this.length}.`);
    return [start, end];
  }

  /** The first token that holds the unit; undefined where none does. */
  tokenAt(unit: number): number | undefined {
    const token = this.#firstEndingBehind(unit);
    const start = this.offsets[2 * token];
    return token < this.#end && start !== undefined && start <= unit ? token : undefined;
  }

  /** The tokens `[from, to)` that have a part of `[start, end)`; from = to where there are none. */
  tokensIn(start: number, end: number): readonly [from: number, to: number] {
    const from = this.#firstEndingBehind(start);
    let low = from;
    let high = this.#end;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.offsets[2 * middle] as number) < end) low = middle + 1;
      else high = middle;
    }
    return [from, low];
  }

  #firstEndingBehind(unit: number): number {
    let low = 0;
    let high = this.#end;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.offsets[2 * middle + 1] as number) <= unit) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
