import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { SPACES, numberSet, propertySet, wordSet } from "../../../../extension/core/tokenizer/split/categories";
import { CATEGORY_NAMES } from "../../../../extension/core/tokenizer/split/categoryData";
import { type CodePointSet, EVERYTHING, complementOf, contains, intersectionOf, rangeSet, unionOf } from "../../../../extension/core/tokenizer/split/codePointSet";
import { rustFromJson } from "../../../support/tokenizer/rust";

/** Where characters are assigned; of ideographs, syllables, and planes that are empty or for private use, their ends. */
const RANGES = [
  [0, 0x340f],
  [0x4db0, 0x4e0f],
  [0x9ff0, 0xac0f],
  [0xd790, 0xd7ff],
  [0xe000, 0xe00f],
  [0xf8f0, 0x16fff],
  [0x187f0, 0x1880f],
  [0x18ae0, 0x2000f],
  [0x2a6d0, 0x2a70f],
  [0x2b730, 0x2b82f],
  [0x2ce90, 0x2cebf],
  [0x2ebd0, 0x3000f],
  [0x31340, 0x3235f],
  [0x323a0, 0x323cf],
  [0x3fffe, 0x4000f],
  [0xe0000, 0xe01ff],
  [0xefff0, 0xf000f],
  [0xffff0, 0x10000f],
  [0x10fff0, 0x10ffff],
] as const;

const CODES = RANGES.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
let text = "";

before(() => {
  for (const code of CODES) text += String.fromCodePoint(code);
});

/** Those code points of which the pre-tokenizer keeps a part of the text. */
function kept(preTokenizer: object): CodePointSet {
  const inner = rustFromJson({ version: "1.0", added_tokens: [], pre_tokenizer: preTokenizer, model: { type: "BPE", vocab: {}, merges: [] } }).tokenizer.getPreTokenizer();
  const set: number[] = [];
  for (const [, [start, end]] of inner?.preTokenizeString(text) ?? []) {
    for (let i = start; i < end; i++) {
      const code = CODES[i]!;
      if (set.at(-1) === code) set[set.length - 1] = code + 1;
      else set.push(code, code + 1);
    }
  }
  return set;
}

const found = (source: string): CodePointSet => kept({ type: "Split", pattern: { Regex: `${source}+` }, behavior: "Removed", invert: true });
const sampled = (set: CodePointSet): CodePointSet => intersectionOf([set, unionOf(RANGES.map(([first, last]) => rangeSet(first, last)))]);

describe("properties are those of the Rust library's expressions", () => {
  for (const name of [...CATEGORY_NAMES, "Cn", "L", "M", "N", "P", "S", "Z", "Han"]) {
    it(name, () => assert.deepEqual(sampled(propertySet(name)!), found(`\\p{${name}}`)));
  }

  it("white space", () => assert.deepEqual(SPACES, found("\\s")));

  it("no others", () => {
    for (const name of ["l", "Greek", "X", "", "LuLl"]) assert.equal(propertySet(name), undefined);
  });
});

it("the digits of Digits", () => {
  const marks = rustFromJson({ version: "1.0", added_tokens: [], pre_tokenizer: { type: "Digits", individual_digits: true }, model: { type: "BPE", vocab: {}, merges: [] } });
  const inner = marks.tokenizer.getPreTokenizer();
  const numbers = numberSet();
  // A character between two letters is a word of its own only if it is a digit.
  for (const code of CODES) {
    if (contains(numbers, code) !== contains(propertySet("N")!, code) || code % 16 === 0 || contains(numbers, code)) {
      assert.equal(inner?.preTokenizeString(`x${String.fromCodePoint(code)}x`).length, contains(numbers, code) ? 3 : 1, code.toString(16));
    }
  }
});

it("the characters of words", async () => {
  const token = { id: 1, content: "<x>", single_word: true, lstrip: false, rstrip: false, normalized: false, special: false };
  const rust = rustFromJson({ version: "1.0", added_tokens: [token], model: { type: "BPE", vocab: { a: 0 }, merges: [] } });
  const words = wordSet();
  for (const [i, code] of words.entries()) {
    for (const beside of [code - 1, code]) {
      if (beside < 0 || (beside >= 0xd800 && beside <= 0xdfff)) continue;
      const { ids } = await rust.encode(`${String.fromCodePoint(beside)}<x>`, false);
      assert.equal(ids.includes(1), !contains(words, beside), `${i}: ${beside.toString(16)}`);
    }
  }
});

describe("sets of code points", () => {
  it("union, intersection, complement", () => {
    assert.deepEqual(unionOf([[1, 3], [2, 5], [5, 6], [9, 10]]), [1, 6, 9, 10]);
    assert.deepEqual(unionOf([]), []);
    assert.deepEqual(intersectionOf([[1, 5, 7, 9], [3, 8]]), [3, 5, 7, 8]);
    assert.deepEqual(complementOf([]), EVERYTHING);
    assert.deepEqual(complementOf(EVERYTHING), []);
    assert.deepEqual(complementOf([0, 5, 7, 0x110000]), [5, 7]);
  });

  it("contains", () => {
    const set = [3, 5, 9, 10];
    assert.deepEqual([2, 3, 4, 5, 8, 9, 10].map((code) => contains(set, code)), [false, true, true, false, false, true, false]);
  });
});
