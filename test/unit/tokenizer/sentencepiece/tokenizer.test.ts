import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject } from "../../../../extension/core/dataset/conversation";
import { compileTokenizer } from "../../../../extension/core/tokenizer/compile";
import { Random } from "../../../support/random";
import { addedToken, fastTokenizer } from "../../../support/tokenizer/byteLevel";
import { randomText } from "../../../support/tokenizer/randomText";
import { rustFromJson } from "../../../support/tokenizer/rust";
import { assertDecodesAsRust, assertSameAsRust } from "../../../support/tokenizer/sameAsRust";
import { FIRST_ADDED_PIECE, smallSentencePiece } from "../../../support/tokenizer/sentencePiece";

const SNIPPETS = ["the", " the", "  ", "   ", " ", "▁", "▁▁", "\n", "\t", "don't", "New", "é", "e\u0301", "ﬁ", "中文", "。", "😀", "👨‍👩‍👧", "<s>", "</s>", "<unk>", "<x>", " <x> ", "<y>", "<0x41>", "zq", "ab", "\u200b", "\u0000", "½", "हि"];

function sample(random: Random): string {
  if (random.int(3) === 0) return randomText(random, 40);
  return Array.from({ length: random.int(16) }, () => random.pick(SNIPPETS)).join("");
}

const replaceSpaces: JsonObject = { type: "Replace", pattern: { String: " " }, content: "▁" };
const prepend: JsonObject = { type: "Prepend", prepend: "▁" };
const steps = (...normalizers: JsonObject[]): JsonObject => ({ type: "Sequence", normalizers });
const metaspace = (scheme: string, split: boolean): JsonObject => ({ normalizer: null, pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: scheme, split } });

const added = (flags: JsonObject = {}): JsonObject => ({
  added_tokens: [addedToken(1, "<s>", { special: true }), addedToken(2, "</s>", { special: true, ...flags }), addedToken(FIRST_ADDED_PIECE, "<x>", flags), addedToken(FIRST_ADDED_PIECE + 1, " <y>", flags), addedToken(FIRST_ADDED_PIECE + 2, "zq", flags)],
});

const BOS = { SpecialToken: { id: "<s>", type_id: 0 } };
const template = { type: "TemplateProcessing", single: [BOS, { Sequence: { id: "A", type_id: 0 } }], pair: [], special_tokens: { "<s>": { id: "<s>", ids: [1], tokens: ["<s>"] } } };

const SHAPES: Readonly<Record<string, JsonObject>> = {
  "Llama 2": {},
  "Gemma": { normalizer: replaceSpaces, pre_tokenizer: { type: "Split", pattern: { String: " " }, behavior: "MergedWithPrevious", invert: false } },
  "without any prefix": { normalizer: replaceSpaces },
  "the replacement first": { normalizer: steps(replaceSpaces, prepend) },
  ...Object.fromEntries(["always", "first", "never"].flatMap((scheme) => [true, false].map((split) => [`Metaspace, ${scheme}, ${split ? "split" : "whole"}`, metaspace(scheme, split)]))),
  "Metaspace of old": { normalizer: null, pre_tokenizer: { type: "Metaspace", replacement: "▁", add_prefix_space: true } },
  "NFKC before": { normalizer: steps({ type: "NFKC" }, prepend, replaceSpaces) },
  "NFC and lower case, then Metaspace": { ...metaspace("first", false), normalizer: steps({ type: "NFC" }, { type: "Lowercase" }) },
  "a normalizer that strips, then Metaspace": { ...metaspace("first", true), normalizer: { type: "Strip", strip_left: true, strip_right: true } },
  "unknown characters in one": { model: { byte_fallback: false } },
  "unknown characters one by one": { model: { byte_fallback: false, fuse_unk: false } },
  "unknown characters in one, split": { ...metaspace("always", true), model: { byte_fallback: false } },
};

const ADDED: Readonly<Record<string, JsonObject>> = {
  "added tokens": added(),
  "in normalized text": added({ normalized: true }),
  "that take spaces along": added({ lstrip: true, rstrip: true }),
  "that take spaces along in normalized text": added({ lstrip: true, rstrip: true, normalized: true }),
  "that are words of their own": added({ single_word: true }),
  "after which spaces go, as in Phi-3": added({ rstrip: true }),
};

const MORE: Readonly<Record<string, JsonObject>> = {
  ...Object.fromEntries(Object.entries(ADDED).map(([name, parts]) => [`Llama 2, ${name}`, { ...parts, post_processor: template }])),
  ...Object.fromEntries(Object.entries(ADDED).map(([name, parts]) => [`Metaspace first, ${name}`, { ...metaspace("first", false), ...parts }])),
  ...Object.fromEntries(Object.entries(ADDED).map(([name, parts]) => [`Metaspace always, split, ${name}`, { ...metaspace("always", true), ...parts }])),
  ...Object.fromEntries(Object.entries(ADDED).map(([name, parts]) => [`Gemma, ${name}`, { ...SHAPES["Gemma"], ...parts }])),
  "NFKC before, in normalized text": { ...SHAPES["NFKC before"], ...added({ normalized: true }) },
};

describe("SentencePiece-style tokenizers give what the Rust library gives", () => {
  for (const [name, parts] of Object.entries({ ...SHAPES, ...MORE })) {
    it(name, async () => {
      const tokenizer = smallSentencePiece(parts);
      const ours = fastTokenizer(tokenizer);
      const rust = rustFromJson(tokenizer);
      const random = new Random(8);
      for (let i = 0; i < 250; i++) await assertSameAsRust(ours, rust, sample(random), i % 2 === 0);
    });
  }

  it("back from ids to text", async () => {
    const tokenizer = smallSentencePiece(added({ normalized: true }));
    const ours = fastTokenizer(tokenizer);
    const rust = rustFromJson(tokenizer);
    const random = new Random(9);
    for (let i = 0; i < 500; i++) {
      const ids = Array.from({ length: random.int(20) }, () => random.int(random.int(2) === 0 ? 300 : FIRST_ADDED_PIECE + 5));
      await assertDecodesAsRust(ours, rust, ids, i % 2 === 0);
    }
  });
});

describe("what the fast path leaves to the library", () => {
  const unsupported = (parts: JsonObject): string => {
    const compiled = compileTokenizer(smallSentencePiece(parts), (byteLength) => new ArrayBuffer(byteLength));
    assert.ok("unsupported" in compiled);
    return compiled.unsupported;
  };
  const vocab = (smallSentencePiece()["model"] as { readonly vocab: Readonly<Record<string, number>> }).vocab;

  for (const [name, parts, reason] of [
    ["another splitting", { pre_tokenizer: { type: "Whitespace" } }, /splits text otherwise/],
    ["a step behind the spaces", { normalizer: steps(replaceSpaces, { type: "Lowercase" }) }, /behind the one that replaces spaces/],
    ["two prefixes", { ...metaspace("always", true), normalizer: prepend }, /both/],
    ["spaces that stay", { normalizer: null }, /keeps spaces/],
    ["bytes without tokens", { model: { vocab: Object.fromEntries(Object.entries(vocab).filter(([token]) => token !== "<0xC3>")) } }, /no token for some of them/],
    ["merges of bytes", { model: { merges: [["<0xC3>", "▁"]], vocab: { ...vocab, "<0xC3>▁": FIRST_ADDED_PIECE } } }, /merges tokens of bytes/],
    ["no unknown token", { model: { byte_fallback: false, unk_token: null } }, /unknown characters/],
  ] as const) {
    it(name, () => assert.match(unsupported(parts), reason));
  }
});

it("a token's bytes have spaces, and one of a byte is that byte", () => {
  const ours = fastTokenizer(smallSentencePiece());
  assert.deepEqual(ours.tokenBytes(ours.tokenId("▁the")!), new TextEncoder().encode(" the"));
  assert.deepEqual(ours.tokenBytes(ours.tokenId("<0xF0>")!), Uint8Array.of(0xf0));
});
