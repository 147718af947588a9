import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../../extension/core/dataset/conversation";
import { createAligner } from "../../../extension/core/tokenizer/alignment";

/** A byte-level tokenizer of the tokens named; the id is the place in the list. */
function tokenizer(tokens: readonly string[], more: JsonObject = {}): JsonObject {
  return {
    normalizer: null,
    decoder: { type: "ByteLevel" },
    added_tokens: [{ id: 900, content: "<|end é|>" }],
    model: { type: "BPE", vocab: Object.fromEntries(tokens.map((token, id) => [token, id])) },
    ...more,
  };
}

function align(text: string, tokens: readonly string[], ids: readonly number[], more: JsonObject = {}): unknown {
  return createAligner(tokenizer(tokens, more))?.align(text, ids);
}

test("tokens of ASCII", () => {
  assert.deepEqual(align("Hi you\n", ["Hi", "Ġyou", "Ċ"], [0, 1, 2]), [[0, 2], [2, 6], [6, 7]]);
});

test("a token that holds a part of a character has the whole of it", () => {
  // "é" is C3 A9; "😀" is F0 9F 98 80.
  assert.deepEqual(align("aéb", ["aÃ", "©b"], [0, 1]), [[0, 2], [1, 3]]);
  assert.deepEqual(align("😀!", ["ðŁ", "ĺ", "Ģ!"], [0, 1, 2]), [[0, 2], [0, 2], [0, 3]]);
});

test("added tokens stand for their own text", () => {
  assert.deepEqual(align("a<|end é|>a", ["a"], [0, 900, 0]), [[0, 1], [1, 10], [10, 11]]);
});

test("a text in another normal form", () => {
  const nfc = { normalizer: { type: "NFC" } };
  assert.deepEqual(align("e\u0301x", ["Ã©", "x"], [0, 1], nfc), [[0, 1], [2, 3]]);
  assert.deepEqual(align("xe\u0301", ["xÃ©"], [0], nfc), [[0, 2]]);
});

test("offsets without the spaces, where the post-processor trims them", () => {
  const trims = { post_processor: { type: "Sequence", processors: [{ type: "ByteLevel", trim_offsets: true }] } };
  assert.deepEqual(align("a  b ", ["a", "ĠĠb", "Ġ"], [0, 1, 2], trims), [[0, 1], [3, 4], [5, 5]]);
});

test("what is not the text's, byte for byte, has no offsets", () => {
  assert.equal(align("ab", ["a", "c"], [0, 1]), undefined);
  assert.equal(align("ab", ["a"], [0]), undefined);
  assert.equal(align("a", ["a"], [7]), undefined);
});

test("only byte-level tokenizers are aligned", () => {
  assert.equal(createAligner(tokenizer(["▁a"], { decoder: { type: "Metaspace" } })), undefined);
  assert.equal(createAligner(tokenizer(["a"], { normalizer: { type: "Lowercase" } })), undefined);
  assert.notEqual(createAligner(tokenizer(["a"], { decoder: { type: "Sequence", decoders: [{ type: "ByteLevel" }] } })), undefined);
});
