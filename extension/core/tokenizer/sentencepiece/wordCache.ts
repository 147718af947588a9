/** Units of the longest word that is kept, so that a place in it takes one byte. */
export const MAX_CACHED_UNITS = 64;

const SLOTS = 2 ** 17;
const MAX_WORDS = 3 * 2 ** 15;
const MAX_KEY_UNITS = 2 ** 20;
const MAX_TOKENS = 2 ** 19;

/** Numbers of a slot: hash, where the key is, its units and tokens, where the tokens are. */
const SLOT = 4;

/**
 * Words and the tokens they became. It keeps two generations: when the new one is full, it becomes the old one, and words that are
 * asked for come back from there. Its memory is fixed.
 */
export class WordCache {
  #young = new Generation();
  #old = new Generation();
  /** What {@link find} found: ids and places `(start << 8) | end` of the word's tokens. */
  ids = this.#young.ids;
  places = this.#young.places;
  first = 0;
  count = 0;

  /** Whether the word `units[start, start + length)` is there; its tokens are then in the fields. */
  find(units: Uint16Array, start: number, length: number, hash: number): boolean {
    const young = this.#young;
    let at = young.find(units, start, length, hash);
    if (at >= 0) {
      this.ids = young.ids;
      this.places = young.places;
      this.first = young.slots[at + 3] as number;
      this.count = (young.slots[at + 2] as number) >>> 8;
      return true;
    }
    const old = this.#old;
    at = old.find(units, start, length, hash);
    if (at < 0) return false;
    const first = old.slots[at + 3] as number;
    const count = (old.slots[at + 2] as number) >>> 8;
    this.ids = old.ids;
    this.places = old.places;
    this.first = first;
    this.count = count;
    this.add(units, start, length, hash, old.ids, old.places, first, count);
    return true;
  }

  /** Keeps a word of at most {@link MAX_CACHED_UNITS} that is not there. The tokens are `ids` and `places` from `first` on. */
  add(units: Uint16Array, start: number, length: number, hash: number, ids: ArrayLike<number>, places: ArrayLike<number>, first: number, count: number): void {
    if (!this.#young.hasRoom(length, count)) {
      const emptied = this.#old;
      this.#old = this.#young;
      this.#young = emptied;
      emptied.clear();
    }
    this.#young.add(units, start, length, hash, ids, places, first, count);
  }
}

class Generation {
  readonly slots = new Int32Array(SLOT * SLOTS);
  readonly keys = new Uint16Array(MAX_KEY_UNITS);
  readonly ids = new Uint32Array(MAX_TOKENS);
  readonly places = new Uint16Array(MAX_TOKENS);
  #words = 0;
  #keyUnits = 0;
  #tokens = 0;

  /** The place of the word's slot, or -1. An empty slot has no units. */
  find(units: Uint16Array, start: number, length: number, hash: number): number {
    const { slots, keys } = this;
    for (let at = (hash & (SLOTS - 1)) * SLOT; slots[at + 2] !== 0; at = (at + SLOT) & (SLOT * SLOTS - 1)) {
      if (slots[at] !== hash || ((slots[at + 2] as number) & 0xff) !== length) continue;
      const key = slots[at + 1] as number;
      let i = 0;
      while (i < length && keys[key + i] === units[start + i]) i++;
      if (i === length) return at;
    }
    return -1;
  }

  hasRoom(length: number, count: number): boolean {
    return this.#words < MAX_WORDS && this.#keyUnits + length <= MAX_KEY_UNITS && this.#tokens + count <= MAX_TOKENS;
  }

  add(units: Uint16Array, start: number, length: number, hash: number, ids: ArrayLike<number>, places: ArrayLike<number>, first: number, count: number): void {
    const { slots, keys } = this;
    let at = (hash & (SLOTS - 1)) * SLOT;
    while (slots[at + 2] !== 0) at = (at + SLOT) & (SLOT * SLOTS - 1);
    slots[at] = hash;
    slots[at + 1] = this.#keyUnits;
    slots[at + 2] = (count << 8) | length;
    slots[at + 3] = this.#tokens;
    for (let i = 0; i < length; i++) keys[this.#keyUnits++] = units[start + i] as number;
    for (let i = 0; i < count; i++) {
      this.ids[this.#tokens] = ids[first + i] as number;
      this.places[this.#tokens++] = places[first + i] as number;
    }
    this.#words++;
  }

  clear(): void {
    this.slots.fill(0);
    this.#words = 0;
    this.#keyUnits = 0;
    this.#tokens = 0;
  }
}
