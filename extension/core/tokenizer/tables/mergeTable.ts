import type { Allocate } from "../compiled";
import { MAX_PROBES } from "./vocabulary";

/**
 * Which two symbols next to each other become which other, and in which order. A slot of two numbers holds left id, right id and rank,
 * so that one cache line answers; slots are found by open addressing.
 */
export interface MergeTable {
  /** Two numbers a slot; the second of an empty one is -1. The number of slots is a power of two. */
  readonly slots: Int32Array;
  /** The id that a merge results in, by its rank. */
  readonly results: Int32Array;
  /** The ranks of pairs of ids below 256, which a word of bytes begins with: `low[left << 8 | right]`, -1 where there is none. */
  readonly low: Int32Array;
  /** A bit for each pair's hash, so that for most pairs that do not merge nothing else is looked at. */
  readonly filter: Uint8Array;
}

/** Ids and ranks must be below these to fit into a slot. */
export const MAX_ID = 2 ** 20;
export const MAX_MERGES = 2 ** 24 - 1;

const LOW_IDS = 256;

const FILTER_BYTES = 2 ** 18;
const FILTER_MASK = FILTER_BYTES - 1;

/** Room for `count` merges with at least a third of the slots empty. */
export function createMergeTable(count: number, allocate: Allocate): MergeTable {
  let size = 16;
  while (size < 1.5 * count) size *= 2;
  return {
    slots: new Int32Array(allocate(8 * size), 0, 2 * size).fill(-1),
    results: new Int32Array(allocate(4 * count), 0, count),
    low: new Int32Array(allocate(4 * LOW_IDS * LOW_IDS), 0, LOW_IDS * LOW_IDS).fill(-1),
    filter: new Uint8Array(allocate(FILTER_BYTES), 0, FILTER_BYTES),
  };
}

/**
 * Adds a merge; a pair that is there already gets the later rank, as in the Rust library. False where it would make all others slow to
 * find, as only pairs that were made for that do.
 */
export function addMerge({ slots, results, low, filter }: MergeTable, left: number, right: number, rank: number, merged: number): boolean {
  results[rank] = merged;
  if ((left | right) < LOW_IDS) low[(left << 8) | right] = rank;
  const key = (left << 12) | (right >>> 8);
  const hash = hashOfPair(key, right);
  filter[(hash >>> 11) & FILTER_MASK] = (filter[(hash >>> 11) & FILTER_MASK] as number) | (1 << ((hash >>> 8) & 7));
  const mask = slots.length - 1;
  let at = (hash << 1) & mask;
  for (let probe = 0; slots[at + 1] !== -1 && !(slots[at] === key && (slots[at + 1] as number) >>> 24 === (right & 0xff)); probe++) {
    if (probe === MAX_PROBES) return false;
    at = (at + 2) & mask;
  }
  slots[at] = key;
  slots[at + 1] = (right << 24) | rank;
  return true;
}

/** The rank of a pair, -1 where it does not merge. */
export function rankOf(slots: Int32Array, low: Int32Array, filter: Uint8Array, left: number, right: number): number {
  if ((left | right) < LOW_IDS) return low[(left << 8) | right] as number;
  const key = (left << 12) | (right >>> 8);
  const hash = hashOfPair(key, right);
  if (((filter[(hash >>> 11) & FILTER_MASK] as number) & (1 << ((hash >>> 8) & 7))) === 0) return -1;
  const rest = right & 0xff;
  const mask = slots.length - 1;
  let at = (hash << 1) & mask;
  while (true) {
    const found = slots[at + 1] as number;
    if (found === -1) return -1;
    if (slots[at] === key && found >>> 24 === rest) return found & 0xffffff;
    at = (at + 2) & mask;
  }
}

/** @param key the slot's first number: the left id and the upper part of the right one. */
export function hashOfPair(key: number, right: number): number {
  const hash = Math.imul(key, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
  return hash ^ (hash >>> 15);
}
