/** Which two symbols next to each other become which other, and in which order: open addressing, four numbers a slot. */
export interface MergeTable {
  /** Slots of left id, right id, rank, merged id; an empty one has left id -1. Their number is a power of two. */
  readonly slots: Int32Array;
}

const SLOT = 4;

/** Room for `count` merges with at least half of the slots empty. */
export function createMergeTable(count: number, allocate: (byteLength: number) => ArrayBufferLike): MergeTable {
  let size = 16;
  while (size < 2 * count) size *= 2;
  const slots = new Int32Array(allocate(4 * SLOT * size), 0, SLOT * size);
  for (let at = 0; at < slots.length; at += SLOT) slots[at] = -1;
  return { slots };
}

function hashOf(left: number, right: number): number {
  const hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
  return hash ^ (hash >>> 15);
}

/** A pair that is there already gets the later rank, as in the Rust library. */
export function addMerge({ slots }: MergeTable, left: number, right: number, rank: number, merged: number): void {
  let at = findSlot(slots, left, right);
  if (at < 0) at = ~at;
  slots[at] = left;
  slots[at + 1] = right;
  slots[at + 2] = rank;
  slots[at + 3] = merged;
}

/** Where the pair's slot is; `~at` of the free slot where it would be. */
export function findSlot(slots: Int32Array, left: number, right: number): number {
  const mask = slots.length - 1;
  let at = (hashOf(left, right) << 2) & mask;
  while (true) {
    const found = slots[at] as number;
    if (found === left && slots[at + 1] === right) return at;
    if (found === -1) return ~at;
    at = (at + SLOT) & mask;
  }
}
