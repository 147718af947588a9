import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject, JsonValue } from "../../../../extension/core/dataset/conversation";
import { createPipeline } from "../../../../extension/core/tokenizer/fallback/pipeline";
import { Random } from "../../../support/random";
import { randomText } from "../../../support/tokenizer/randomText";
import { rustFromJson } from "../../../support/tokenizer/rust";

const PARTS = ["a", "b", "c", "ab", "bc", "abc", "e", "é", "é\u0301", "▁", "▁a", "▁ab", "▁▁", " ", "中", "中文", "文", "😀", "\n", "1", "2", "12", "z</w>", "a</w>", "bc</w>", ".", "x"];
const BYTES = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);

const metaspace: JsonValue = { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true };
const bert: JsonValue = { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true };

function ids(tokens: readonly string[]): JsonObject {
  return Object.fromEntries(tokens.map((token, id) => [token, id]));
}

const wordPiece: JsonObject = {
  type: "WordPiece",
  unk_token: "[UNK]",
  continuing_subword_prefix: "##",
  max_input_chars_per_word: 8,
  vocab: ids(["[UNK]", ...PARTS, ...PARTS.map((part) => `##${part}`)]),
};

function unigram(byteFallback: boolean): JsonObject {
  const vocab = ["<unk>", ...(byteFallback ? BYTES : []), ...PARTS].map((piece, id): JsonValue => [piece, id === 0 ? 0 : -1 - ((id * 7) % 11) / 3]);
  return { type: "Unigram", unk_id: 0, byte_fallback: byteFallback, vocab };
}

function bpe(options: JsonObject): JsonObject {
  const suffix = options["end_of_word_suffix"];
  const merges: JsonValue[] = [["a", "b"], ["▁", "▁"], ["b", "c"], ["ab", "c"], ["▁", "a"], ["中", "文"], ["▁", "ab"], ["1", "2"]];
  const extra = suffix === undefined ? [] : ["c</w>", "b</w>", "é</w>"];
  if (suffix !== undefined) merges.push(["b", "c</w>"]);
  const vocab = ids(["<unk>", ...(options["byte_fallback"] === true ? BYTES : []), ...PARTS, ...extra]);
  return { type: "BPE", unk_token: "<unk>", fuse_unk: false, byte_fallback: false, vocab, merges, ...options };
}

const TOKENIZERS: Readonly<Record<string, JsonObject>> = {
  "WordPiece after BERT's normalizer": { normalizer: bert, pre_tokenizer: { type: "BertPreTokenizer" }, model: wordPiece },
  "Unigram": { normalizer: { type: "NFKC" }, pre_tokenizer: metaspace, model: unigram(false) },
  "Unigram of a whole text": { normalizer: null, pre_tokenizer: null, model: unigram(false) },
  "Unigram with bytes": { normalizer: { type: "NFD" }, pre_tokenizer: metaspace, model: unigram(true) },
  "BPE with suffixes": { normalizer: { type: "Lowercase" }, pre_tokenizer: { type: "WhitespaceSplit" }, model: bpe({ end_of_word_suffix: "</w>" }) },
  "BPE with unknown characters": { normalizer: null, pre_tokenizer: metaspace, model: bpe({}) },
  "BPE with unknown characters in one": { normalizer: null, pre_tokenizer: null, model: bpe({ fuse_unk: true }) },
  "BPE with bytes": { normalizer: { type: "Replace", pattern: { String: " " }, content: "▁" }, pre_tokenizer: null, model: bpe({ byte_fallback: true }) },
  "BPE that takes words": { normalizer: null, pre_tokenizer: { type: "WhitespaceSplit" }, model: bpe({ ignore_merges: true }) },
  "WordLevel": { normalizer: null, pre_tokenizer: { type: "WhitespaceSplit" }, model: { type: "WordLevel", unk_token: "<unk>", vocab: ids(["<unk>", ...PARTS]) } },
};

describe("tokenizers of other kinds give what the Rust library gives", () => {
  for (const [name, parts] of Object.entries(TOKENIZERS)) {
    it(name, async () => {
      const pipeline = createPipeline(parts);
      assert.ok("encode" in pipeline, JSON.stringify(pipeline));
      const rust = rustFromJson({ version: "1.0", added_tokens: [], ...parts });
      const random = new Random(11);
      for (let i = 0; i < 1500; i++) {
        const text = random.int(2) === 0 ? randomText(random, 20) : Array.from({ length: random.int(20) }, () => random.pick(PARTS)).join("");
        const expected = await rust.encode(text, false);
        const tokens: number[] = [];
        const offsets: number[] = [];
        pipeline.encode(text, true, (id, start, end) => {
          tokens.push(id);
          offsets.push(start, end);
        });
        assert.deepEqual(tokens, expected.ids, JSON.stringify(text));
        assert.deepEqual(offsets, expected.offsets, JSON.stringify(text));
      }
    });
  }
});
