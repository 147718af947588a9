/** Tokens as they are found, with their places or without. */
export class TokenBuffer {
  ids = new Uint32Array(4096);
  /** Start and end of each token in turn, in UTF-16 units of the text; whatever was there before where `placed` is false. */
  offsets = new Uint32Array(8192);
  count = 0;
  /** Whether anybody wants the places. */
  placed = true;

  add(id: number, start: number, end: number): void {
    const at = this.count++;
    if (at === this.ids.length) this.reserve(1);
    this.ids[at] = id;
    if (!this.placed) return;
    this.offsets[2 * at] = start;
    this.offsets[2 * at + 1] = end;
  }

  /** Makes room for more tokens. The arrays are others then. */
  reserve(more: number): void {
    const size = this.ids.length;
    if (this.count + more <= size) return;
    const larger = Math.max(2 * size, this.count + more);
    this.ids = resized(this.ids, larger);
    this.offsets = resized(this.offsets, 2 * larger);
  }

  /** Empties the buffer, and gives back the memory that a very long text took. */
  clear(): void {
    this.count = 0;
    if (this.ids.length <= MAX_KEPT_TOKENS) return;
    this.ids = new Uint32Array(4096);
    this.offsets = new Uint32Array(8192);
  }
}

/** Tokens whose memory is kept for the next text. */
const MAX_KEPT_TOKENS = 1 << 20;

function resized(numbers: Uint32Array, size: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(size);
  larger.set(numbers);
  return larger;
}
