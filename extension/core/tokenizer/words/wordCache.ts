/** Units of the longest word that is kept, so that a place in it takes six bits. */
export const MAX_CACHED_UNITS = 63;

/** What a word is kept as: by itself, or as a part of one, which may have other tokens. */
export type WordKind = typeof WHOLE | typeof PART;
export const WHOLE = 0;
export const PART = 0x80;

/** Twice as many of both would find hardly more, and be in fewer caches of the processor. */
const SLOTS = 2 ** 17;
const RECORD_NUMBERS = 2 ** 19;

/** Slots that are looked at for a word, so that words made to fall together cost little: what finds no slot is not kept. */
const MAX_PROBES = 32;

/** The part of a slot that says where the record is; the rest are bits of the hash, so that few records are looked at in vain. */
const PLACE_MASK = RECORD_NUMBERS - 1;

/**
 * Words and the tokens they became. It keeps two generations: when the new one is full, it becomes the old one, and words that are
 * asked for come back from there. It takes 2.5 MB at first, and never more than 5 MB.
 *
 * A record is numbers in a row: hash; units and kind and, from bit 8 on, tokens; the word, two units a number; a number for each token: its
 * id from bit 12 on, its start in the word in six bits and its end in six.
 */
export class WordCache {
  #young = new Generation();
  /** Undefined until the first one is full: few threads come to it. */
  #old: Generation | undefined;
  /** Where the records that {@link find} and {@link add} tell of are. */
  records = this.#young.records;

  /** The place of the record of the word `units[start, start + length)` in `records`; 0 where there is none. */
  find(units: Uint16Array, start: number, length: number, hash: number, kind: WordKind): number {
    const young = this.#young;
    const at = young.find(units, start, length, hash, kind);
    if (at !== 0) {
      this.records = young.records;
      return at;
    }
    const old = this.#old;
    const before = old === undefined ? 0 : old.find(units, start, length, hash, kind);
    if (old === undefined || before === 0) return 0;
    const first = before + 2 + ((length + 1) >> 1);
    return this.add(units, start, length, hash, kind, old.records, first, (old.records[before + 1] as number) >>> 8);
  }

  /** Keeps a word that is not there, with the numbers of its tokens `tokens[first, first + count)`. Returns its record's place, valid until the next. */
  add(units: Uint16Array, start: number, length: number, hash: number, kind: WordKind, tokens: Int32Array, first: number, count: number): number {
    if (!this.#young.hasRoom(length, count)) {
      const emptied = this.#old ?? new Generation();
      this.#old = this.#young;
      this.#young = emptied;
      // The tokens may be the emptied one's own: they are moved before anything is written, and to a lower place.
      emptied.clear();
    }
    this.records = this.#young.records;
    return this.#young.add(units, start, length, hash, kind, tokens, first, count);
  }
}

class Generation {
  readonly #slots = new Int32Array(SLOTS);
  readonly records = new Int32Array(RECORD_NUMBERS);
  #words = 0;
  /** 0 means that there is no record. */
  #end = 1;

  find(units: Uint16Array, start: number, length: number, hash: number, kind: WordKind): number {
    const slots = this.#slots;
    const records = this.records;
    let slot = (hash ^ (hash >>> 14)) & (SLOTS - 1);
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const found = slots[slot] as number;
      if (found === 0) return 0;
      const place = found & PLACE_MASK;
      // The bits of a slot above the place are those of the hash.
      if (((found ^ hash) & ~PLACE_MASK) === 0 && records[place] === hash && ((records[place + 1] as number) & 0xff) === (length | kind)) {
        if (sameWord(records, place + 2, units, start, length)) return place;
      }
      slot = (slot + 1) & (SLOTS - 1);
    }
    return 0;
  }

  hasRoom(length: number, count: number): boolean {
    return this.#words < SLOTS / 2 && this.#end + 2 + ((length + 1) >> 1) + count <= RECORD_NUMBERS;
  }

  add(units: Uint16Array, start: number, length: number, hash: number, kind: WordKind, tokens: Int32Array, first: number, count: number): number {
    const slots = this.#slots;
    const records = this.records;
    let slot = (hash ^ (hash >>> 14)) & (SLOTS - 1);
    let probe = 0;
    while (probe < MAX_PROBES && slots[slot] !== 0) {
      slot = (slot + 1) & (SLOTS - 1);
      probe++;
    }
    const place = this.#end;
    if (probe < MAX_PROBES) slots[slot] = (hash & ~PLACE_MASK) | place;
    let at = place + 2;
    const end = start + length;
    for (let unit = start; unit < end; unit += 2) {
      records[at++] = unit + 1 < end ? (units[unit] as number) | ((units[unit + 1] as number) << 16) : (units[unit] as number);
    }
    for (let i = 0; i < count; i++) records[at++] = tokens[first + i] as number;
    records[place] = hash;
    records[place + 1] = (count << 8) | length | kind;
    this.#end = at;
    this.#words++;
    return place;
  }

  clear(): void {
    this.#slots.fill(0);
    this.#words = 0;
    this.#end = 1;
  }
}

function sameWord(records: Int32Array, key: number, units: Uint16Array, start: number, length: number): boolean {
  const end = start + length - 1;
  let at = key;
  let unit = start;
  for (; unit < end; unit += 2, at++) {
    if (records[at] !== ((units[unit] as number) | ((units[unit + 1] as number) << 16))) return false;
  }
  return unit > end || records[at] === units[unit];
}
