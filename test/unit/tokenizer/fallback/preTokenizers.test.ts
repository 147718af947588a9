import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonValue } from "../../../../extension/core/dataset/conversation";
import { createPreTokenizer } from "../../../../extension/core/tokenizer/fallback/preTokenizers";
import { spanEnd, spanStart, type AlignedText } from "../../../../extension/core/tokenizer/normalize/alignedText";
import { Random } from "../../../support/random";
import { randomText } from "../../../support/tokenizer/randomText";
import { rustFromJson, unitsOfCodePoints } from "../../../support/tokenizer/rust";

const split = (pattern: JsonValue, behavior: string, invert = false): JsonValue => ({ type: "Split", pattern, behavior, invert });

const PRE_TOKENIZERS: readonly JsonValue[] = [
  { type: "BertPreTokenizer" },
  { type: "WhitespaceSplit" },
  { type: "CharDelimiterSplit", delimiter: "e" },
  { type: "Digits", individual_digits: true },
  { type: "Digits", individual_digits: false },
  ...["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"].flatMap((behavior): JsonValue[] => [
    { type: "Punctuation", behavior },
    split({ String: " " }, behavior),
    split({ Regex: "[a-e ]x?" }, behavior),
    split({ Regex: "[a-e ]+" }, behavior, true),
  ]),
  ...["always", "first", "never"].flatMap((scheme): JsonValue[] => [
    { type: "Metaspace", replacement: "▁", prepend_scheme: scheme, split: true },
    { type: "Metaspace", replacement: "▁", prepend_scheme: scheme, split: false },
  ]),
  { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: false },
  { type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true }] },
  { type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, { type: "Metaspace", replacement: "▁", prepend_scheme: "first", split: true }] },
  { type: "Sequence", pretokenizers: [{ type: "Punctuation", behavior: "Contiguous" }, { type: "Digits", individual_digits: false }] },
];

/** Which characters these take for letters depends on the version of Unicode: they get texts of letters that all have. */
const BY_LETTERS: readonly JsonValue[] = [{ type: "Whitespace" }, { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true }];

describe("pre-tokenizers split as the Rust library does", () => {
  for (const preTokenizer of PRE_TOKENIZERS) it(JSON.stringify(preTokenizer), () => compare(preTokenizer, (random) => randomText(random, 30)));
  for (const preTokenizer of BY_LETTERS) {
    it(JSON.stringify(preTokenizer), () => compare(preTokenizer, (random) => Array.from({ length: random.int(20) }, () => random.pick(COMMON)).join("")));
  }
});

const COMMON = [" ", "  ", "\n", "\t", "a", "don't", "'ll", "I", "é", "e\u0301", "1", "23", "½", "_", "-", "!?", "中文", "😀", "\u00a0", "\u3000", "ß", "ñ", "9a"];

function compare(preTokenizer: JsonValue, text: (random: Random) => string): void {
  const ours = createPreTokenizer(preTokenizer);
  const model = { type: "BPE", vocab: {}, merges: [] };
  const theirs = rustFromJson({ version: "1.0", added_tokens: [], pre_tokenizer: preTokenizer, model }).tokenizer.getPreTokenizer();
  assert.ok(typeof ours === "function" && theirs !== null, JSON.stringify(ours));
  const random = new Random(3);
  for (let i = 0; i < 1500; i++) {
    const sample = `x${text(random)}`.slice(random.int(2)).toWellFormed();
    const units = unitsOfCodePoints(sample);
    const expected: readonly (string | number)[][] = theirs.preTokenizeString(sample).map(([word, [start, end]]) => [word, units(start), units(end)]);
    const words: readonly AlignedText[] = ours({ text: sample, spans: undefined }, true).filter((word) => word.text !== "");
    assert.deepEqual(
      words.map((word) => [word.text, spanStart(word, 0), spanEnd(word, word.text.length - 1)]),
      expected,
      JSON.stringify(sample),
    );
  }
}
