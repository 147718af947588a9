import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonValue } from "../../../../extension/core/dataset/conversation";
import type { AlignedText } from "../../../../extension/core/tokenizer/normalize/alignedText";
import { createNormalizer } from "../../../../extension/core/tokenizer/normalize/normalizer";
import { Random } from "../../../support/random";
import { randomText } from "../../../support/tokenizer/randomText";
import { rustFromJson } from "../../../support/tokenizer/rust";
import { charsmap } from "./charsmap";

const MAP = charsmap([
  ["\u0001", ""],
  ["\r", " "],
  ["ﬁ", "fi"],
  ["e\u0301", "é"],
  ["o", "0"],
  ["½", " 1/2"],
  ["ﷺ", "abc def ghi"],
  ["か\u3099", "が"],
  ["\u0300", ""],
  ["👍", "+1"],
]);

const NORMALIZERS: readonly JsonValue[] = [
  { type: "NFC" },
  { type: "NFD" },
  { type: "NFKC" },
  { type: "NFKD" },
  { type: "Lowercase" },
  { type: "StripAccents" },
  { type: "Nmt" },
  { type: "Strip", strip_left: true, strip_right: true },
  { type: "Strip", strip_left: false, strip_right: true },
  { type: "Strip", strip_left: true, strip_right: false },
  { type: "Prepend", prepend: "▁" },
  { type: "Prepend", prepend: "a😀b" },
  { type: "Replace", pattern: { String: " " }, content: "▁" },
  { type: "Replace", pattern: { String: "́" }, content: "" },
  { type: "Replace", pattern: { Regex: " {2,}" }, content: " " },
  { type: "Replace", pattern: { Regex: "\\s+" }, content: "<s>" },
  { type: "Replace", pattern: { Regex: "[^a-z\\n]x*?\\.?" }, content: "-" },
  { type: "Replace", pattern: { Regex: "(?:a|.)\\r?[\\s\\-é]" }, content: "😀" },
  { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
  { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, strip_accents: false, lowercase: false },
  { type: "BertNormalizer", clean_text: false, handle_chinese_chars: false, strip_accents: true, lowercase: false },
  { type: "Precompiled", precompiled_charsmap: MAP },
  {
    type: "Sequence",
    normalizers: [
      { type: "Nmt" },
      { type: "NFKC" },
      { type: "Replace", pattern: { Regex: " {2,}" }, content: " " },
      { type: "Lowercase" },
      { type: "Prepend", prepend: "▁" },
    ],
  },
  { type: "Sequence", normalizers: [{ type: "NFKD" }, { type: "StripAccents" }, { type: "NFC" }, { type: "Strip", strip_left: true, strip_right: true }] },
  { type: "Sequence", normalizers: [{ type: "Precompiled", precompiled_charsmap: MAP }, { type: "NFD" }] },
];

/** Every character is an unknown token of its own, so that the offsets of all of them are seen. */
function characterTokenizer(normalizer: JsonValue): unknown {
  return { version: "1.0", added_tokens: [], normalizer, model: { type: "BPE", unk_token: "?", fuse_unk: false, vocab: { "?": 0 }, merges: [] } };
}

describe("normalizers do to a text what the Rust library does", () => {
  for (const normalizer of NORMALIZERS) {
    it(JSON.stringify(normalizer).slice(0, 120), async () => {
      const ours = createNormalizer(normalizer);
      assert.ok("normalize" in ours, JSON.stringify(ours));
      const rust = rustFromJson(characterTokenizer(normalizer));
      const theirs = rust.tokenizer.getNormalizer();
      assert.ok(theirs !== null);
      const random = new Random(20);
      for (let i = 0; i < 400; i++) {
        const text = randomText(random, 40);
        const aligned: AlignedText = ours.normalize(text);
        assert.equal(aligned.text, theirs.normalizeString(text), JSON.stringify(text));
        const { offsets } = await rust.encode(text, false);
        assert.deepEqual(characterSpans(aligned), offsets, JSON.stringify(text));
      }
    });
  }
});

function characterSpans({ text, spans }: AlignedText): number[] {
  const result: number[] = [];
  for (let unit = 0; unit < text.length; unit += (text.codePointAt(unit) as number) > 0xffff ? 2 : 1) {
    const last = (text.codePointAt(unit) as number) > 0xffff ? unit + 1 : unit;
    result.push(spans?.[2 * unit] ?? unit, spans?.[2 * last + 1] ?? last + 1);
  }
  return result;
}
