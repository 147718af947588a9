import type { Allocate } from "../compiled";

/** The bytes of byte-level tokens by id, and the way back: open addressing over hashes of the bytes. */
export interface VocabularyTable {
  /** Those of token `id` are `bytes[starts[id], starts[id + 1])`; none where there is no such token. */
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  /** Ids plus 1; 0 is an empty slot. Their number is a power of two. */
  readonly slots: Uint32Array;
}

/** Where hashing begins; each byte goes on with {@link hashByte}. */
export const HASH_SEED = 0x811c9dc5 | 0;

export function hashByte(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

/** Room for tokens with ids below `size` and `byteLength` bytes in all. Bytes and starts are to be filled before {@link indexToken}. */
export function createVocabulary(size: number, byteLength: number, allocate: Allocate): VocabularyTable {
  let slots = 16;
  while (slots < 2 * size) slots *= 2;
  return {
    bytes: new Uint8Array(allocate(byteLength), 0, byteLength),
    starts: new Uint32Array(allocate(4 * (size + 1)), 0, size + 1),
    slots: new Uint32Array(allocate(4 * slots), 0, slots),
  };
}

/** Slots in a row that are never full in a vocabulary that was not made to fill them. */
export const MAX_PROBES = 2000;

/** Makes a token findable. False where it is there already, or would make all others slow to find. */
export function indexToken({ bytes, starts, slots }: VocabularyTable, id: number): boolean {
  const start = starts[id] as number;
  const end = starts[id + 1] as number;
  let hash = HASH_SEED;
  for (let i = start; i < end; i++) hash = hashByte(hash, bytes[i] as number);
  let slot = mixed(hash) & (slots.length - 1);
  for (let probe = 0; slots[slot] !== 0; probe++) {
    if (probe === MAX_PROBES || isToken(bytes, starts, (slots[slot] as number) - 1, bytes, start, end)) return false;
    slot = (slot + 1) & (slots.length - 1);
  }
  slots[slot] = id + 1;
  return true;
}

/** The id of the token `text[from, to)`, whose bytes have this hash; -1 where there is none. */
export function findToken({ bytes, starts, slots }: VocabularyTable, text: Uint8Array, from: number, to: number, hash: number): number {
  const mask = slots.length - 1;
  for (let slot = mixed(hash) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
    const id = (slots[slot] as number) - 1;
    if (isToken(bytes, starts, id, text, from, to)) return id;
  }
  return -1;
}

function isToken(bytes: Uint8Array, starts: Uint32Array, id: number, text: Uint8Array, from: number, to: number): boolean {
  const start = starts[id] as number;
  if ((starts[id + 1] as number) - start !== to - from) return false;
  let i = 0;
  while (from + i < to && bytes[start + i] === text[from + i]) i++;
  return from + i === to;
}

function mixed(hash: number): number {
  const high = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return high ^ (high >>> 13);
}
