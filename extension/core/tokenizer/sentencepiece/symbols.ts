import { type MergeTable, findSlot } from "./mergeTable";

/** Up to here all pairs are looked at for each merge; beyond, a heap keeps them in order. */
const SMALL = 48;

const NO_RANK = 0x7fffffff;

/**
 * The symbols of one word, which BPE merges in place: always the pair with the lowest rank, the leftmost of equals. It takes time
 * n log n in their number. One object serves many words.
 */
export class Symbols {
  readonly #slots: Int32Array;
  ids = new Int32Array(256);
  /** In the units of whoever adds them. */
  starts = new Int32Array(256);
  ends = new Int32Array(256);
  count = 0;
  #ranks = new Int32Array(256);
  #next = new Int32Array(0);
  #previous = new Int32Array(0);
  #heap = new Float64Array(0);
  #heapCount = 0;

  constructor({ slots }: MergeTable) {
    this.#slots = slots;
  }

  add(id: number, start: number, end: number): void {
    const at = this.count++;
    if (at === this.ids.length) this.#grow();
    this.ids[at] = id;
    this.starts[at] = start;
    this.ends[at] = end;
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
    this.starts = new Int32Array(256);
    this.ends = new Int32Array(256);
    this.#ranks = new Int32Array(256);
    this.#next = new Int32Array(0);
    this.#previous = new Int32Array(0);
    this.#heap = new Float64Array(0);
  }

  #grow(): void {
    this.ids = grown(this.ids);
    this.starts = grown(this.starts);
    this.ends = grown(this.ends);
    this.#ranks = new Int32Array(this.ids.length);
  }

  #rankAt(left: number, right: number): number {
    const at = findSlot(this.#slots, this.ids[left] as number, this.ids[right] as number);
    return at < 0 ? NO_RANK : (this.#slots[at + 2] as number);
  }

  // ── short words ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #mergeSmall(): void {
    const { ids, starts, ends } = this;
    const ranks = this.#ranks;
    let last = this.count - 1;
    for (let i = 0; i < last; i++) ranks[i] = this.#rankAt(i, i + 1);
    while (last > 0) {
      let best = NO_RANK;
      let at = -1;
      for (let i = 0; i < last; i++) {
        const rank = ranks[i] as number;
        if (rank < best) {
          best = rank;
          at = i;
        }
      }
      if (at < 0) break;
      const slot = findSlot(this.#slots, ids[at] as number, ids[at + 1] as number);
      ids[at] = this.#slots[slot + 3] as number;
      ends[at] = ends[at + 1] as number;
      for (let i = at + 1; i < last; i++) {
        ids[i] = ids[i + 1] as number;
        starts[i] = starts[i + 1] as number;
        ends[i] = ends[i + 1] as number;
        ranks[i] = ranks[i + 1] as number;
      }
      last--;
      if (at < last) ranks[at] = this.#rankAt(at, at + 1);
      if (at > 0) ranks[at - 1] = this.#rankAt(at - 1, at);
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
      if (right >= count || (ids[at] as number) < 0) continue;
      const slot = findSlot(this.#slots, ids[at] as number, ids[right] as number);
      if (slot < 0 || this.#slots[slot + 2] !== rank) continue;
      ids[at] = this.#slots[slot + 3] as number;
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
    const { ids, starts, ends } = this;
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      if ((ids[i] as number) < 0) continue;
      ids[kept] = ids[i] as number;
      starts[kept] = starts[i] as number;
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

/** Symbols a word can have at most: 2^28, so that with ranks below 2^25 a heap entry is an exact number. */
const PLACES = 2 ** 28;

/** Symbols whose memory is kept for the next word. */
const KEPT = 1 << 16;

function grown(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * numbers.length);
  larger.set(numbers);
  return larger;
}
