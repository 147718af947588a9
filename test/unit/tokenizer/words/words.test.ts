import assert from "node:assert/strict";
import { it } from "node:test";
import { TokenBuffer } from "../../../../extension/core/tokenizer/words/tokenBuffer";
import { MAX_CACHED_UNITS, PART, WHOLE, WordCache } from "../../../../extension/core/tokenizer/words/wordCache";
import { Random } from "../../../support/random";

function unitsOf(word: string): Uint16Array {
  return Uint16Array.from({ length: word.length + 1 }, (_, i) => (i === 0 ? 0xffff : word.charCodeAt(i - 1)));
}

function hashOf(word: string): number {
  let hash = 0;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return hash;
}

function tokensOf(word: string): number[] {
  return Array.from({ length: 1 + (word.length % 7) }, (_, i) => ((word.charCodeAt(i % word.length) * 4099 + i) << 12) | i);
}

it("gives back what was kept, also beyond what one generation holds", () => {
  const cache = new WordCache();
  const random = new Random(16);
  let missed = 0;
  const lookUp = (word: string): void => {
    const units = unitsOf(word);
    let record = cache.find(units, 1, word.length, hashOf(word), WHOLE);
    if (record === 0) {
      missed++;
      record = cache.add(units, 1, word.length, hashOf(word), WHOLE, Int32Array.from([7, ...tokensOf(word)]), 1, tokensOf(word).length);
    }
    const first = record + 2 + ((word.length + 1) >> 1);
    const tokens = tokensOf(word);
    if (cache.records[record + 1]! >>> 8 !== tokens.length || tokens.some((token, i) => cache.records[first + i] !== token)) assert.fail(word);
  };
  const common = Array.from({ length: 50 }, (_, i) => "common".repeat(1 + (i % 10)).slice(0, MAX_CACHED_UNITS - 2) + String(i));
  for (let i = 0; i < 400_000; i++) lookUp(i % 8 === 0 ? random.pick(common) : `w${i.toString(36)}`);
  assert.ok(missed >= 350_000 && missed <= 350_050, `what is asked for often stays: ${missed} were missed`);
});

it("words that are alike are told apart", () => {
  const cache = new WordCache();
  const words = ["a", "b", "ab", "ba", "aba", "abc", "abcd", "abcdx", "\u0000", "\u0000\u0000", "ab\u0000"];
  for (const [i, word] of words.entries()) {
    assert.equal(cache.find(unitsOf(word), 1, word.length, 5, WHOLE), 0, word);
    cache.add(unitsOf(word), 1, word.length, 5, WHOLE, Int32Array.of(i), 0, 1);
  }
  for (const [i, word] of words.entries()) {
    const record = cache.find(unitsOf(word), 1, word.length, 5, WHOLE);
    assert.equal(cache.records[record + 2 + ((word.length + 1) >> 1)], i, word);
    assert.equal(cache.find(unitsOf(word), 1, word.length, 5, PART), 0, `${word} as a part of a word`);
  }
});

it("words made to fall together cost no more than others", () => {
  const cache = new WordCache();
  let kept = 0;
  for (let i = 0; i < 100_000; i++) {
    const word = `w${i.toString(36)}`;
    if (cache.find(unitsOf(word), 1, word.length, 5, WHOLE) !== 0) kept++;
    const record = cache.add(unitsOf(word), 1, word.length, 5, WHOLE, Int32Array.of(i), 0, 1);
    assert.equal(cache.records[record + 2 + ((word.length + 1) >> 1)], i);
  }
  assert.equal(kept, 0);
});

it("a buffer grows, and forgets its places where nobody wants them", () => {
  const buffer = new TokenBuffer();
  for (let i = 0; i < 10_000; i++) buffer.add(i, 2 * i, 2 * i + 1);
  assert.deepEqual([buffer.ids[9999], buffer.offsets[19_998], buffer.offsets[19_999]], [9999, 19_998, 19_999]);
  buffer.clear();
  buffer.placed = false;
  buffer.add(5, 6, 7);
  assert.deepEqual([buffer.count, buffer.ids[0], buffer.offsets[0]], [1, 5, 0]);
  buffer.reserve(3_000_000);
  assert.ok(buffer.ids.length >= 3_000_001 && buffer.offsets.length >= 6_000_002);
  buffer.clear();
  assert.ok(buffer.ids.length < 10_000, "a very long text's memory is given back");
});
