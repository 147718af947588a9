import { type MergeTable, rankOf } from "../tables/mergeTable";

/** Up to here all pairs are looked at for each merge; beyond, a heap keeps them in order. */
const SMALL = 64;

const NO_RANK = 0x7fffffff;

/** Symbols that room is kept for. */
const KEPT = 1 << 16;

/** Symbols a word can have at most: with ranks below 2^24 a heap entry is then an exact number. */
const PLACES = 2 ** 28;

/**
 * The symbols of one word, which BPE merges in place: always the pair with the lowest rank, the leftmost of equals. It takes time
 * n log n in their number. One object serves many words: set `count` to 0, add the symbols, merge, read.
 */
export class Symbols {
  readonly #slots: Int32Array;
  readonly #results: Int32Array;
  readonly #low: Int32Array;
  readonly #filter: Uint8Array;
  ids = new Int32Array(256);
  /** Where each symbol ends, in the units of whoever adds them. It begins where the one before it ends. */
  ends = new Int32Array(256);
  count = 0;
  #ranks = new Int32Array(256);
  #next = new Int32Array(0);
  #previous = new Int32Array(0);
  #heap = new Float64Array(0);
  #heapCount = 0;

  constructor({ slots, results, low, filter }: MergeTable) {
    this.#slots = slots;
    this.#results = results;
    this.#low = low;
    this.#filter = filter;
  }

  add(id: number, end: number): void {
    const at = this.count++;
    if (at === this.ids.length) this.reserve(2 * at);
    this.ids[at] = id;
    this.ends[at] = end;
  }

  /** Makes room, so that a caller may write into `ids` and `ends` itself. */
  reserve(count: number): void {
    if (count <= this.ids.length) return;
    const size = Math.max(count, 2 * this.ids.length);
    this.ids = resized(this.ids, size);
    this.ends = resized(this.ends, size);
  }

  merge(): void {
    if (this.count <= 1) return;
    if (this.count <= SMALL) this.#mergeSmall();
    else this.#mergeLarge();
  }

  /** Gives back the memory that a very long word took. */
  release(): void {
    this.count = 0;
    if (this.ids.length <= KEPT) return;
    this.ids = new Int32Array(256);
    this.ends = new Int32Array(256);
    this.#next = new Int32Array(0);
    this.#previous = new Int32Array(0);
    this.#heap = new Float64Array(0);
  }

  #rankAt(left: number, right: number): number {
    const rank = rankOf(this.#slots, this.#low, this.#filter, this.ids[left] as number, this.ids[right] as number);
    return rank < 0 ? NO_RANK : rank;
  }

  // ── short words ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #mergeSmall(): void {
    const { ids, ends } = this;
    const ranks = this.#ranks;
    const slots = this.#slots;
    const low = this.#low;
    const filter = this.#filter;
    const results = this.#results;
    let last = this.count - 1;
    for (let i = 0; i < last; i++) ranks[i] = rankOf(slots, low, filter, ids[i] as number, ids[i + 1] as number);
    while (last > 0) {
      let best = NO_RANK;
      let at = -1;
      for (let i = 0; i < last; i++) {
        const rank = ranks[i] as number;
        if (rank < best && rank >= 0) {
          best = rank;
          at = i;
        }
      }
      if (at < 0) break;
      const id = results[best] as number;
      ids[at] = id;
      last--;
      for (let i = at; i < last; i++) {
        ends[i] = ends[i + 1] as number;
        ids[i + 1] = ids[i + 2] as number;
        ranks[i] = ranks[i + 1] as number;
      }
      ends[last] = ends[last + 1] as number;
      if (at < last) ranks[at] = rankOf(slots, low, filter, id, ids[at + 1] as number);
      if (at > 0) ranks[at - 1] = rankOf(slots, low, filter, ids[at - 1] as number, id);
    }
    this.count = last + 1;
  }

  // ── long words ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #mergeLarge(): void {
    const { ids, ends, count } = this;
    this.#link();
    const next = this.#next;
    const previous = this.#previous;
    while (this.#heapCount > 0) {
      const key = this.#pop();
      const at = key % PLACES;
      const rank = (key - at) / PLACES;
      const right = next[at] as number;
      // An entry that is no longer true: its symbol was merged into another, or its pair into a third.
      if ((ids[at] as number) < 0 || right >= count || this.#rankAt(at, right) !== rank) continue;
      ids[at] = this.#results[rank] as number;
      ends[at] = ends[right] as number;
      ids[right] = -1;
      const after = next[right] as number;
      next[at] = after;
      if (after < count) {
        previous[after] = at;
        this.#push(at, after);
      }
      const before = previous[at] as number;
      if (before >= 0) this.#push(before, at);
    }
    this.#compact();
  }

  #link(): void {
    const { count } = this;
    if (this.#next.length < count) {
      this.#next = new Int32Array(this.ids.length);
      this.#previous = new Int32Array(this.ids.length);
    }
    this.#heapCount = 0;
    for (let i = 0; i < count; i++) {
      this.#next[i] = i + 1;
      this.#previous[i] = i - 1;
      if (i + 1 < count) this.#append(i, i + 1);
    }
    for (let i = (this.#heapCount >> 1) - 1; i >= 0; i--) this.#sink(i);
  }

  #compact(): void {
    const { ids, ends } = this;
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      if ((ids[i] as number) < 0) continue;
      ids[kept] = ids[i] as number;
      ends[kept] = ends[i] as number;
      kept++;
    }
    this.count = kept;
  }

  // ── the heap: ranks and places in one number, the lowest first ─────────────────────────────────────────────────────────

  /** Adds a pair, if it merges, without putting it in order. */
  #append(left: number, right: number): boolean {
    const rank = this.#rankAt(left, right);
    if (rank === NO_RANK) return false;
    if (this.#heapCount === this.#heap.length) {
      const heap = new Float64Array(Math.max(1024, 2 * this.#heap.length));
      heap.set(this.#heap);
      this.#heap = heap;
    }
    this.#heap[this.#heapCount++] = rank * PLACES + left;
    return true;
  }

  #push(left: number, right: number): void {
    if (!this.#append(left, right)) return;
    const heap = this.#heap;
    let at = this.#heapCount - 1;
    const key = heap[at] as number;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as number;
      if (above <= key) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = key;
  }

  #pop(): number {
    const heap = this.#heap;
    const top = heap[0] as number;
    heap[0] = heap[--this.#heapCount] as number;
    this.#sink(0);
    return top;
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const count = this.#heapCount;
    const key = heap[from] as number;
    let at = from;
    while (true) {
      let child = 2 * at + 1;
      if (child >= count) break;
      if (child + 1 < count && (heap[child + 1] as number) < (heap[child] as number)) child++;
      const below = heap[child] as number;
      if (below >= key) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = key;
  }
}

function resized(numbers: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(size);
  larger.set(numbers);
  return larger;
}
