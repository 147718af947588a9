import { PAIR, type SplitTables } from "./splitTables";

/**
 * Finds what an expression finds in UTF-16 units of well-formed text, which needs room for one unit more behind it.
 *
 * An attempt may read far beyond what it finds, and so may the next one: `\s+$` does before every word behind a run of spaces. Once
 * attempts have read much more than the text has, it is kept where and in which state reading on was in vain; none does so twice.
 */
export class Scanner {
  readonly #units: Uint8Array;
  readonly #blocks: Uint16Array;
  readonly #astral: Uint8Array;
  readonly #transitions: Uint16Array;
  readonly #stride: number;
  readonly #states: number;
  /** By class: 1 where nothing begins with it. */
  readonly #idle = new Uint8Array(256);
  /** Units that attempts may still read in vain. */
  #budget = 0;
  #length = 0;
  /** A bit for each place and state, when the budget is used up. */
  #vain: Uint8Array | undefined;
  /** Where {@link find} found something. */
  start = 0;
  end = 0;

  constructor({ stride, units, blocks, astral, transitions }: SplitTables) {
    this.#units = units;
    this.#blocks = blocks;
    this.#astral = astral;
    this.#transitions = transitions;
    this.#stride = stride;
    this.#states = transitions.length / stride;
    for (let one = 0; one < stride; one++) this.#idle[one] = transitions[stride + one] === 0 ? 1 : 0;
  }

  /** To be called before a text of `length` units is searched, or another part of one. */
  begin(length: number): void {
    this.#length = length;
    this.#budget = 4 * length + 4096;
    this.#vain = undefined;
  }

  /**
   * The first stretch in `text[from, to)`, taken for a text of its own, that begins at `from` or behind. Whether there is one; its
   * place is then in the fields. `text[to]` must be `END_UNIT`.
   */
  find(text: Uint16Array, from: number, to: number): boolean {
    const units = this.#units;
    const idle = this.#idle;
    for (let start = from; start < to; ) {
      if (idle[units[text[start] as number] as number] === 1) {
        start++;
        continue;
      }
      const end = this.#budget > 0 ? this.#match(text, start) : this.#matchOnce(text, start);
      if (end > start) {
        this.start = start;
        this.end = end;
        return true;
      }
      start += units[text[start] as number] === PAIR ? 2 : 1;
    }
    return false;
  }

  #match(text: Uint16Array, start: number): number {
    const transitions = this.#transitions;
    let state = this.#stride;
    let at = start;
    let end = start;
    while (true) {
      const one = this.#classAt(text, at);
      const entry = transitions[state + one] as number;
      if ((entry & 1) !== 0) end = at;
      state = entry >>> 1;
      if (state === 0) break;
      at += this.#units[text[at] as number] === PAIR ? 2 : 1;
    }
    this.#budget -= at - end;
    return end;
  }

  #matchOnce(text: Uint16Array, start: number): number {
    const vain = (this.#vain ??= new Uint8Array(((this.#length + 1) * this.#states + 7) >> 3));
    let end = start;
    let state = this.#stride;
    let at = start;
    let resumeAt = start;
    let resumeState = state;
    while (true) {
      const entry = this.#transitions[state + this.#classAt(text, at)] as number;
      state = entry >>> 1;
      if ((entry & 1) !== 0) end = at;
      at += this.#units[text[at] as number] === PAIR ? 2 : 1;
      if ((entry & 1) !== 0) {
        resumeAt = at;
        resumeState = state;
      }
      if (state === 0) break;
      const bit = at * this.#states + state / this.#stride;
      if (((vain[bit >> 3] as number) & (1 << (bit & 7))) !== 0) break;
    }
    this.#mark(vain, text, resumeAt, resumeState);
    return end;
  }

  /** What was read from `from` on found nothing. */
  #mark(vain: Uint8Array, text: Uint16Array, from: number, first: number): void {
    let state = first;
    for (let at = from; state !== 0; ) {
      const bit = at * this.#states + state / this.#stride;
      const mask = 1 << (bit & 7);
      if (((vain[bit >> 3] as number) & mask) !== 0) return;
      vain[bit >> 3] = (vain[bit >> 3] as number) | mask;
      state = (this.#transitions[state + this.#classAt(text, at)] as number) >>> 1;
      at += this.#units[text[at] as number] === PAIR ? 2 : 1;
    }
  }

  #classAt(text: Uint16Array, at: number): number {
    const unit = text[at] as number;
    const one = this.#units[unit] as number;
    return one === PAIR ? astralClass(this.#blocks, this.#astral, unit, text[at + 1] as number) : one;
  }
}

/** The class of the character that two surrogates make. */
export function astralClass(blocks: Uint16Array, astral: Uint8Array, high: number, low: number): number {
  const code = ((high - 0xd800) << 10) | (low - 0xdc00);
  return astral[((blocks[code >> 8] as number) << 8) | (code & 0xff)] as number;
}
