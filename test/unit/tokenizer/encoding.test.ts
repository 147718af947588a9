import assert from "node:assert/strict";
import { it } from "node:test";
import { Encoding } from "../../../extension/core/tokenizer/encoding";

/** BOS, "ab", " ", two halves of 😀, "c", nothing (trimmed), EOS. */
const encoding = new Encoding(Uint32Array.of(9, 1, 2, 3, 4, 5, 6, 8), Uint32Array.of(0, 0, 0, 2, 2, 3, 4, 6, 4, 6, 6, 7, 8, 8, 0, 0));

it("ranges of tokens", () => {
  assert.equal(encoding.length, 8);
  assert.deepEqual([encoding.rangeOf(0), encoding.rangeOf(4)], [[0, 0], [4, 6]]);
  assert.throws(() => encoding.rangeOf(8), RangeError);
  assert.throws(() => encoding.rangeOf(-1), RangeError);
});

it("the first token that holds a unit", () => {
  assert.deepEqual(Array.from({ length: 10 }, (_, unit) => encoding.tokenAt(unit)), [1, 1, 2, undefined, 3, 3, 5, undefined, undefined, undefined]);
  assert.equal(new Encoding(new Uint32Array(0), new Uint32Array(0)).tokenAt(0), undefined);
  assert.equal(new Encoding(Uint32Array.of(9), Uint32Array.of(0, 0)).tokenAt(0), undefined);
});

it("the tokens of a stretch", () => {
  for (const [start, end, from, to] of [[0, 2, 1, 2], [1, 5, 1, 5], [3, 4, 3, 3], [5, 6, 3, 5], [0, 100, 1, 7], [50, 60, 7, 7], [2, 2, 2, 2]] as const) {
    assert.deepEqual(encoding.tokensIn(start, end), [from, to], `${start} to ${end}`);
  }
});
