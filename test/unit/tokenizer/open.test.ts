import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject } from "../../../extension/core/dataset/conversation";
import { parsedDocument } from "../../../extension/core/tokenizer/document";
import { openTokenizer } from "../../../extension/core/tokenizer/open";
import { selfCheckProblem } from "../../../extension/core/tokenizer/selfCheck";
import { FIRST_ADDED, addedToken, fastTokenizer, smallByteLevel } from "../../support/tokenizer/byteLevel";

const allocate = (byteLength: number): ArrayBuffer => new ArrayBuffer(byteLength);
const gpt2 = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };

const SHAPES: Readonly<Record<string, JsonObject>> = {
  "GPT-2": {},
  "a space before the text": { pre_tokenizer: { ...gpt2, add_prefix_space: true } },
  "NFC": { normalizer: { type: "NFC" } },
  "digits one by one": { pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "Digits", individual_digits: true }, gpt2] } },
  "bytes split once more": { pre_tokenizer: { type: "Sequence", pretokenizers: [gpt2, { type: "Digits", individual_digits: false }] } },
};

describe("the self-check", () => {
  const added = { added_tokens: [addedToken(FIRST_ADDED, "<s>", { special: true }), addedToken(FIRST_ADDED + 1, "<end>")] };

  for (const [name, shape] of Object.entries(SHAPES)) {
    it(`finds nothing wrong with ${name}`, () => {
      const tokenizer = smallByteLevel({ ...added, ...shape });
      assert.equal(selfCheckProblem(fastTokenizer(tokenizer), parsedDocument(tokenizer), {}), undefined);
    });
  }

  for (const [name, other, where] of [
    ["another pattern", { pre_tokenizer: SHAPES["digits one by one"]!["pre_tokenizer"]! }, /4444/],
    ["other merges", { model: { merges: [] } }, /Don't/],
    ["words taken as tokens", { model: { ignore_merges: true, merges: [] } }, /Don't/],
    ["another normalizer", { normalizer: { type: "NFKC" } }, /½|…/],
    ["no added tokens", { added_tokens: [] }, /<s>/],
  ] as const) {
    it(`finds ${name}`, () => {
      const tokenizer = smallByteLevel(added);
      assert.match(selfCheckProblem(fastTokenizer(smallByteLevel({ ...added, ...other })), parsedDocument(tokenizer), {}) ?? "nothing", where);
    });
  }
});

describe("which engine works", () => {
  it("the fast one where it can", () => {
    const { tokenizer, compiled } = openTokenizer(smallByteLevel(), {}, allocate);
    assert.deepEqual(tokenizer.engine, { kind: "fast" });
    assert.ok(compiled !== undefined);
  });

  it("the library else, with the reason, and with offsets", () => {
    const odd = smallByteLevel({ pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, { ...gpt2, add_prefix_space: true }] } });
    const { tokenizer, compiled } = openTokenizer(odd, {}, allocate);
    assert.equal(compiled, undefined);
    assert.equal(tokenizer.engine.kind, "library");
    assert.match(tokenizer.engine.reason ?? "", /space before each word/);
    const encoding = tokenizer.encode("the one", { specialTokens: false });
    assert.equal(encoding.length, tokenizer.count("the one", { specialTokens: false }));
    assert.equal(encoding.rangeOf(encoding.length - 1)[1], 7);
    assert.equal(tokenizer.decode(encoding.ids), " the one");
    assert.equal(tokenizer.tokenText(tokenizer.tokenId("Ġthe")!), "Ġthe");
    assert.deepEqual(tokenizer.tokenBytes(tokenizer.tokenId("Ġthe")!), new TextEncoder().encode(" the"));
  });

  it("none for what neither can use", () => {
    assert.throws(() => openTokenizer({ model: { type: "Nothing" } }, {}, allocate), { code: "tokenizer-unsupported" });
  });
});
