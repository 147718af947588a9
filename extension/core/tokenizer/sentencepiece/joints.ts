import type { Allocate } from "../compiled";
import type { MergeTable } from "../tables/mergeTable";
import { eachCodePoint } from "../tables/utf8";
import type { VocabularyTable } from "../tables/vocabulary";
import { MARK_UNIT, marked } from "./mark";

/**
 * Where a text without pre-tokens may be cut into words before BPE, without changing its result.
 *
 * BPE starts from one symbol a character and replaces neighbouring pairs of symbols that are in its list. Every symbol that it ever
 * makes has the text of a merge's result. A cut between characters x and y is wrong only if some symbol comes to cover both, and
 * its text then has x and y next to each other. So where no merge's result has x next to y, no symbol crosses the cut; a
 * pair across it is not in the list either, since merging it would make such a symbol. Then the merges on the two sides have nothing
 * to do with each other: taking all pairs in the order of their ranks and places, and leaving out those of one side,
 * leaves those of the other in their order. Cutting everywhere where this holds gives words of a few characters, most of which were
 * seen before.
 *
 * The table, in which a space stands for ▁, says "joined" for all pairs of UTF-16 units that stand together in a merge's result, and for a few more that fall
 * into the same place: that costs a longer word and never a wrong one. Both halves of a surrogate pair are always joined.
 */

const ASCII = 0x80;
const ASCII_PAIRS = ASCII * ASCII;

/** Bits for pairs that are not both ASCII; the largest vocabulary has 35,000 such pairs, which then fill less than 2 %. */
const OTHER_BITS = 2 ** 21;

const SIZE = ASCII_PAIRS + OTHER_BITS / 8;

/** @param splitAtMarks whether a word ends before each ▁, so that no token holds one anywhere but in front. */
export function findJoints({ bytes, starts }: VocabularyTable, { results }: MergeTable, splitAtMarks: boolean, allocate: Allocate): Uint8Array {
  const joints = new Uint8Array(allocate(SIZE), 0, SIZE);
  const seen = new Uint8Array(starts.length);
  for (const id of results) {
    if (seen[id] === 1) continue;
    seen[id] = 1;
    let left = -1;
    eachCodePoint(bytes, starts[id] as number, starts[id + 1] as number, (code) => {
      const right = code > 0xffff ? 0xd7c0 + (code >> 10) : marked(code);
      if (left >= 0 && !(splitAtMarks && right === MARK_UNIT)) mark(joints, left, right);
      left = code > 0xffff ? 0xdc00 | (code & 0x3ff) : right;
    });
  }
  return joints;
}

function mark(joints: Uint8Array, left: number, right: number): void {
  if ((left | right) < ASCII) {
    joints[(left << 7) | right] = 1;
    return;
  }
  const bit = bitOf(left, right);
  const at = ASCII_PAIRS + (bit >>> 3);
  joints[at] = (joints[at] as number) | (1 << (bit & 7));
}

function bitOf(left: number, right: number): number {
  return Math.imul((left << 16) | right, 0x9e3779b1) >>> 11;
}

/** Whether two units must stay in one word. */
export function areJoined(joints: Uint8Array, left: number, right: number): boolean {
  if ((left | right) < ASCII) return joints[(left << 7) | right] !== 0;
  if ((left & 0xfc00) === 0xd800) return true;
  const bit = bitOf(left, right);
  return ((joints[ASCII_PAIRS + (bit >>> 3)] as number) & (1 << (bit & 7))) !== 0;
}
