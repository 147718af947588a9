import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject, JsonValue } from "../../../../extension/core/dataset/conversation";
import { Random } from "../../../support/random";
import { FIRST_ADDED, addedToken, fastTokenizer, smallByteLevel } from "../../../support/tokenizer/byteLevel";
import { randomText } from "../../../support/tokenizer/randomText";
import { rustFromJson } from "../../../support/tokenizer/rust";
import { assertDecodesAsRust, assertSameAsRust } from "../../../support/tokenizer/sameAsRust";

const byteLevel = (options: JsonObject = {}): JsonObject => ({ type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true, ...options });
const sequence = (...pretokenizers: JsonObject[]): JsonObject => ({ type: "Sequence", pretokenizers });
const split = (pattern: JsonObject, behavior: string, invert = false): JsonObject => ({ type: "Split", pattern, behavior, invert });
const bytes = byteLevel({ use_regex: false });

const LLAMA3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const POSSESSIVE = "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+";
const TEKKEN =
  "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/** The pre-tokenizers of models, and others that meet every kind of behaviour. */
const PRE_TOKENIZERS: Readonly<Record<string, JsonObject>> = {
  "GPT-2": byteLevel(),
  "GPT-2 with a space before the text": byteLevel({ add_prefix_space: true }),
  "bytes alone": bytes,
  "Llama 3": sequence(split({ Regex: LLAMA3 }, "Isolated"), bytes),
  "GPT-4, possessive": sequence(split({ Regex: POSSESSIVE }, "Removed", true), bytes),
  "Mistral Nemo": sequence(split({ Regex: TEKKEN }, "Isolated"), bytes),
  "StarCoder": sequence({ type: "Digits", individual_digits: true }, byteLevel()),
  "digits in groups": sequence({ type: "Digits", individual_digits: false }, byteLevel()),
  "Falcon": sequence({ type: "Punctuation", behavior: "Contiguous" }, byteLevel(), { type: "Digits", individual_digits: false }, split({ Regex: "[0-9][0-9][0-9]" }, "Isolated")),
  "BLOOM": sequence(split({ Regex: " ?[^(\\s|[.,!?…。，、।۔،])]+" }, "Isolated"), bytes),
  "DeepSeek-LLM": sequence(...["[\r\n]", "\\s?\\p{L}+", "\\s?[!-/:-~！-／：-～‘-‟　-。]+", "\\s+$", "[一-龥ࠀ-一가-퟿]+", "\\p{N}+"].map((regex) => split({ Regex: regex }, "Isolated")), bytes),
  ...Object.fromEntries(
    ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"].flatMap((behavior) => [
      [`${behavior} spaces`, sequence(split({ String: " " }, behavior), bytes)],
      [`${behavior} letters, inverted`, sequence(split({ Regex: "[a-z]|\\p{Lo}+" }, behavior, true), bytes)],
      [`${behavior} of two, then GPT-2`, sequence(split({ Regex: "[a-e ]x?" }, behavior), byteLevel())],
      [`GPT-2, then ${behavior} of bytes`, sequence(byteLevel(), split({ Regex: "[Ġa-e]\\p{N}?" }, behavior))],
    ]),
  ),
};

const SNIPPETS = ["don't", "I'LL", " '\u017f", "   ", "\n", "\r\n", "\t", " \n ", "abc", "Été", "e\u0301", "123456", "½²", "٣", "中文字", "。", "!?...", "</s>", "😀", "👨‍👩‍👧", "\u00a0", "\u3000", "\u0085", "\u017f", "\u212a", "_x", "//\n", "हिन्दी", "\u200b", "x"];

function sample(random: Random): string {
  if (random.int(3) === 0) return randomText(random, 40);
  return Array.from({ length: random.int(20) }, () => random.pick(SNIPPETS)).join("");
}

describe("byte-level tokenizers give what the Rust library gives", () => {
  for (const [name, preTokenizer] of Object.entries(PRE_TOKENIZERS)) {
    it(name, async () => {
      const tokenizer = smallByteLevel({ pre_tokenizer: preTokenizer });
      const ours = fastTokenizer(tokenizer);
      const rust = rustFromJson(tokenizer);
      const random = new Random(5);
      for (let i = 0; i < 700; i++) await assertSameAsRust(ours, rust, sample(random));
    });
  }

  const nfc: JsonValue = { type: "NFC" };
  const more: Readonly<Record<string, JsonObject>> = {
    "words that are tokens": { model: { ignore_merges: true }, pre_tokenizer: PRE_TOKENIZERS["Llama 3"] ?? null },
    "NFC": { normalizer: nfc },
    "NFKC, with a space before the text": { normalizer: { type: "NFKC" }, pre_tokenizer: byteLevel({ add_prefix_space: true }) },
    "a replacing and stripping normalizer": {
      normalizer: { type: "Sequence", normalizers: [{ type: "Strip", strip_left: true, strip_right: true }, { type: "Replace", pattern: { String: "a" }, content: "😀b" }, { type: "Lowercase" }] },
    },
    "added tokens in normalized text": {
      normalizer: nfc,
      added_tokens: [addedToken(FIRST_ADDED, "e\u0301", { normalized: true }), addedToken(FIRST_ADDED + 1, "</s>", { special: true }), addedToken(FIRST_ADDED + 2, "中文", { normalized: true, lstrip: true })],
    },
  };
  for (const [name, parts] of Object.entries(more)) {
    it(name, async () => {
      const tokenizer = smallByteLevel(parts);
      const ours = fastTokenizer(tokenizer);
      const rust = rustFromJson(tokenizer);
      const random = new Random(6);
      for (let i = 0; i < 700; i++) await assertSameAsRust(ours, rust, sample(random));
    });
  }

  it("decodes by another decoder", async () => {
    const decoder = { type: "Sequence", decoders: [{ type: "Replace", pattern: { String: "Ġ" }, content: "_" }, byteLevel()] };
    const tokenizer = smallByteLevel({ decoder, added_tokens: [addedToken(FIRST_ADDED, "<end>", { special: true })] });
    const ours = fastTokenizer(tokenizer);
    const rust = rustFromJson(tokenizer);
    for (const ids of [[220, 1, 2], [264, FIRST_ADDED, 600], []]) await assertDecodesAsRust(ours, rust, ids, true);
  });

  it("decodes any ids", async () => {
    const contents = ["<end>", "Ġé x", "Ġé", "É Ü", "<END>", "<x>", "Ü!"];
    const added = contents.map((content, i) => addedToken(FIRST_ADDED + i, content, { special: i === 0 || i >= 4, normalized: i >= 3 }));
    const tokenizer = smallByteLevel({ normalizer: { type: "Lowercase" }, added_tokens: added });
    const ours = fastTokenizer(tokenizer);
    const rust = rustFromJson(tokenizer);
    const random = new Random(7);
    for (let i = 0; i < 1500; i++) {
      const from = random.int(2) === 0 ? 300 : FIRST_ADDED + 20;
      const ids = Array.from({ length: random.int(30) }, () => random.int(from));
      await assertDecodesAsRust(ours, rust, ids, random.int(2) === 0);
    }
  });
});

it("lone surrogates count as U+FFFD, and the places stay those of the text", () => {
  const ours = fastTokenizer(smallByteLevel());
  const text = "a\ud83db \udc00😀";
  const encoding = ours.encode(text, { specialTokens: false });
  assert.deepEqual(encoding.ids, ours.encode("a\ufffdb \ufffd😀", { specialTokens: false }).ids);
  assert.equal(ours.decode(encoding.ids), "a\ufffdb \ufffd😀");
  assert.equal(Math.max(...encoding.offsets), text.length);
});

it("knows its vocabulary", () => {
  const ours = fastTokenizer(smallByteLevel({ added_tokens: [addedToken(FIRST_ADDED, "<é>", { special: true }), addedToken(220, "Ġ")] }));
  assert.equal(ours.vocabularySize, FIRST_ADDED + 1);
  const the = ours.tokenId("Ġthe");
  assert.ok(the !== undefined);
  assert.equal(ours.tokenText(the), "Ġthe");
  assert.deepEqual(ours.tokenBytes(the), new TextEncoder().encode(" the"));
  assert.equal(ours.tokenId("<é>"), FIRST_ADDED);
  assert.deepEqual(ours.tokenBytes(FIRST_ADDED), new TextEncoder().encode("<é>"));
  assert.equal(ours.tokenText(FIRST_ADDED + 1), undefined);
  assert.equal(ours.tokenBytes(2 ** 31), undefined);
  assert.equal(ours.tokenId("nothing of the kind"), undefined);
  assert.deepEqual(ours.engine, { kind: "fast" });
});
