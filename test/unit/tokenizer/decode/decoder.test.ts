import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonValue } from "../../../../extension/core/dataset/conversation";
import { createDecoder } from "../../../../extension/core/tokenizer/decode/decoder";
import { Random } from "../../../support/random";
import { rustFromJson } from "../../../support/tokenizer/rust";

const DECODERS: readonly JsonValue[] = [
  { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
  { type: "ByteFallback" },
  { type: "Fuse" },
  { type: "Replace", pattern: { String: "▁" }, content: " " },
  { type: "Replace", pattern: { Regex: "[ab]+" }, content: "$&" },
  { type: "Strip", content: " ", start: 1, stop: 0 },
  // Not more than one: where a token is shorter, the Rust library aborts its process.
  { type: "Strip", content: "a", start: 0, stop: 1 },
  { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true },
  { type: "Metaspace", replacement: "▁", prepend_scheme: "first", split: false },
  { type: "Metaspace", replacement: "▁", prepend_scheme: "never", split: true },
  { type: "WordPiece", prefix: "##", cleanup: true },
  { type: "WordPiece", prefix: "##", cleanup: false },
  { type: "BPEDecoder", suffix: "</w>" },
  { type: "CTC", pad_token: "<pad>", word_delimiter_token: "|", cleanup: true },
  {
    type: "Sequence",
    decoders: [
      { type: "Replace", pattern: { String: "▁" }, content: " " },
      { type: "ByteFallback" },
      { type: "Fuse" },
      { type: "Strip", content: " ", start: 1, stop: 0 },
    ],
  },
];

const TOKENS = ["▁", "▁the", "▁▁", "a", "ab", "aaa", " a", "##b", "Ġx", "Ã", "©", "Ã©", "é", "<0xE2>", "<0x96>", "<0x81>", "<0x41>", "<0xff>", "<0xzz>"];
const MORE_TOKENS = ["x</w>", "</w>", "<pad>", "|", ".", "n't", "do not", "'s", "?", "😀", "\n", "##", " ' ", "'", "aa a"];

describe("decoders make the text that the Rust library makes", () => {
  for (const decoder of DECODERS) {
    it(JSON.stringify(decoder).slice(0, 120), () => {
      const ours = createDecoder(decoder);
      const theirs = rustFromJson({ version: "1.0", added_tokens: [], decoder, model: { type: "BPE", vocab: {}, merges: [] } }).tokenizer.getDecoder();
      assert.ok(ours !== undefined && theirs !== null);
      const random = new Random(7);
      for (let i = 0; i < 2000; i++) {
        const tokens = Array.from({ length: 1 + random.int(8) }, () => random.pick(random.int(3) === 0 ? MORE_TOKENS : TOKENS));
        assert.equal(ours.decode(tokens), theirs.decode(tokens), JSON.stringify(tokens));
      }
    });
  }

  it("does not know all of them", () => {
    assert.equal(createDecoder({ type: "Sequence", decoders: [{ type: "Fuse" }, { type: "New" }] }), undefined);
  });
});
