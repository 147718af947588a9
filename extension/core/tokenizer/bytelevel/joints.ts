import type { Allocate } from "../compiled";
import type { MergeTable } from "../tables/mergeTable";
import type { VocabularyTable } from "../tables/vocabulary";

/**
 * Where a word may be cut before BPE without changing its result.
 *
 * BPE starts from one symbol a byte and replaces neighbouring pairs of symbols that are in its list. Every symbol that it ever makes has the
 * bytes of a merge's result. A cut between two characters is wrong only if some symbol comes to cover bytes on both sides, and
 * then the result of a merge has the end of the one and the beginning of the other next to each other. Where no result has, no symbol
 * crosses the cut, and no pair across it is in the list, since merging it would make such a symbol. So the merges on the two sides have
 * nothing to do with each other: taking all pairs in the order of their ranks and places, and leaving out those of one side, leaves
 * those of the other in their order.
 *
 * In scripts without spaces a word is a sentence; cutting it so gives parts of one or two characters, most of which were seen before.
 *
 * The table says "joined" for the neighbours in a merge's result, and for a few more that fall into the same place: that costs a
 * longer part and never a wrong one. Results with incomplete characters join all characters that end and begin with those bytes.
 */
export type Joints = Uint8Array;

/** A bit for each pair of bytes, for results with incomplete characters; then bits for pairs of characters by their hash. */
const BYTE_PAIRS = 256 * 256;
const CHARACTER_PAIRS = 2 ** 21;
const CHARACTERS_AT = BYTE_PAIRS / 8;

export function findJoints({ bytes, starts }: VocabularyTable, { results }: MergeTable, allocate: Allocate): Joints {
  const size = (BYTE_PAIRS + CHARACTER_PAIRS) / 8;
  const joints = new Uint8Array(allocate(size), 0, size);
  const seen = new Uint8Array(starts.length);
  for (const id of results) {
    if (seen[id] === 1) continue;
    seen[id] = 1;
    markToken(joints, bytes, starts[id] as number, starts[id + 1] as number);
  }
  return joints;
}

function markToken(joints: Joints, bytes: Uint8Array, start: number, end: number): void {
  let before = start;
  for (let at = start + 1; at < end; at++) {
    const byte = bytes[at] as number;
    if (isContinuation(byte)) continue;
    const left = codePointAt(bytes, before, at);
    const right = codePointAt(bytes, at, Math.min(end, at + sizeOf(byte)));
    if (left < 0 || right < 0) setBit(joints, 0, ((bytes[at - 1] as number) << 8) | byte);
    else setBit(joints, CHARACTERS_AT, bitOf(lastUnit(left), firstUnit(right)));
    before = at;
  }
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** Bytes of the character that begins with this one; 1 for what begins none. */
function sizeOf(lead: number): number {
  if (lead < 0xc0) return 1;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** The character that `bytes[start, end)` is; -1 where it is not a whole one. */
function codePointAt(bytes: Uint8Array, start: number, end: number): number {
  const lead = bytes[start] as number;
  const size = sizeOf(lead);
  if (isContinuation(lead) || end - start !== size) return -1;
  let code = size === 1 ? lead : lead & (0xff >> (size + 1));
  for (let at = start + 1; at < end; at++) {
    if (!isContinuation(bytes[at] as number)) return -1;
    code = (code << 6) | ((bytes[at] as number) & 63);
  }
  return code;
}

function lastUnit(code: number): number {
  return code > 0xffff ? 0xdc00 | (code & 0x3ff) : code;
}

function firstUnit(code: number): number {
  return code > 0xffff ? 0xd7c0 + (code >> 10) : code;
}

function bitOf(left: number, right: number): number {
  return Math.imul((left << 16) | right, 0x9e3779b1) >>> 11;
}

function setBit(joints: Joints, from: number, bit: number): void {
  const at = from + (bit >>> 3);
  joints[at] = (joints[at] as number) | (1 << (bit & 7));
}

/** Whether two UTF-16 units, each above U+007F, must stay in one part. */
export function areJoined(joints: Joints, left: number, right: number): boolean {
  if ((right & 0xfc00) === 0xdc00) return true;
  const characters = bitOf(left, right);
  if (((joints[CHARACTERS_AT + (characters >>> 3)] as number) & (1 << (characters & 7))) !== 0) return true;
  const lead = right < 0x800 ? 0xc0 | (right >> 6) : (right & 0xfc00) === 0xd800 ? 0xf0 | ((right - 0xd7c0) >> 8) : 0xe0 | (right >> 12);
  const bytePair = ((0x80 | (left & 63)) << 8) | lead;
  return ((joints[bytePair >>> 3] as number) & (1 << (bytePair & 7))) !== 0;
}
