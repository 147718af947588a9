import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject } from "../../../../extension/core/dataset/conversation";
import { readAddedTokens } from "../../../../extension/core/tokenizer/added/addedTokens";
import { Random } from "../../../support/random";
import { FIRST_ADDED, addedToken, fastTokenizer, smallByteLevel } from "../../../support/tokenizer/byteLevel";
import { rustFromJson } from "../../../support/tokenizer/rust";
import { assertSameAsRust } from "../../../support/tokenizer/sameAsRust";

const FLAGS: readonly JsonObject[] = [
  {},
  { special: true },
  { single_word: true },
  { lstrip: true },
  { rstrip: true },
  { lstrip: true, rstrip: true },
  { single_word: true, lstrip: true, rstrip: true },
  { normalized: true },
  { normalized: true, single_word: true, lstrip: true },
  { normalized: true, special: true, rstrip: true },
];

/** Contents that begin alike, hold each other, or are white space; some also in the vocabulary. */
const CONTENTS = ["<|a|>", "<|a", "<|a|>b", "ab", "a", "  ", "\n", "中", "é", "e\u0301", "Ġ", "😀", "😀😀", "_", "<"];

const BETWEEN = [" ", "  ", "\t", "\u00a0", "\u0085", "x", "_", "é", "e\u0301", "\u200d", "Ⓐ", "5", "½", ".", "中", "", "a b", "\ud83d", "😀"];

describe("added tokens are found as the Rust library finds them", () => {
  for (const normalizer of [null, { type: "NFC" }, { type: "Lowercase" }]) {
    it(`with the normalizer ${JSON.stringify(normalizer)}`, async () => {
      const random = new Random(8);
      for (let round = 0; round < 40; round++) {
        const contents = Array.from(new Set(Array.from({ length: 1 + random.int(5) }, () => random.pick(CONTENTS))));
        const model = { vocab: {} as Record<string, number> };
        model.vocab = { ...(smallByteLevel()["model"] as { readonly vocab: Record<string, number> }).vocab };
        let next = FIRST_ADDED;
        const added = contents.map((content) => addedToken(model.vocab[content] ?? next++, content, random.pick(FLAGS)));
        const tokenizer = smallByteLevel({ normalizer, added_tokens: added, pre_tokenizer: { type: "ByteLevel", add_prefix_space: random.int(4) === 0, trim_offsets: true, use_regex: true } });
        const ours = fastTokenizer(tokenizer);
        const rust = rustFromJson(tokenizer);
        for (let i = 0; i < 60; i++) {
          const text = Array.from({ length: random.int(14) }, () => random.pick(random.int(2) === 0 ? contents : BETWEEN)).join("");
          await assertSameAsRust(ours, rust, text.toWellFormed());
        }
      }
    });
  }
});

it("reads the flags, and leaves out what is no token", () => {
  const read = readAddedTokens({ added_tokens: [addedToken(7, "<x>", { lstrip: true, special: true }), { id: "8", content: "y" }, null, "z"] });
  assert.deepEqual(read, [{ id: 7, content: "<x>", special: true, singleWord: false, lstrip: true, rstrip: false, normalized: false }]);
  assert.deepEqual(readAddedTokens({}), []);
});
