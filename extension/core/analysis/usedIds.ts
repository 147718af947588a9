/** Ids from this one on are in no vocabulary. */
const MAX_IDS = 1 << 20;

/** The token ids that prompts have, gathered over many rows; several threads may share one. */
export class UsedIds {
  readonly buffer: SharedArrayBuffer;
  readonly #used: Uint8Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(MAX_IDS)) {
    this.buffer = buffer;
    this.#used = new Uint8Array(buffer);
  }

  add(ids: ArrayLike<number>): void {
    const used = this.#used;
    // A write beyond the end, or below 0, is ignored. An index is twice as fast as an iterator here.
    for (let i = 0, { length } = ids; i < length; i++) used[ids[i] as number] = 1;
  }

  /** Ascending. */
  list(wanted: (id: number) => boolean = () => true): number[] {
    const ids: number[] = [];
    for (let id = this.#used.indexOf(1); id !== -1; id = this.#used.indexOf(1, id + 1)) if (wanted(id)) ids.push(id);
    return ids;
  }
}
