import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject } from "../../../../extension/core/dataset/conversation";
import { areJoined, findJoints } from "../../../../extension/core/tokenizer/bytelevel/joints";
import { byteLevelText } from "../../../../extension/core/tokenizer/decode/byteAlphabet";
import { addMerge, createMergeTable } from "../../../../extension/core/tokenizer/tables/mergeTable";
import { createVocabulary, indexToken } from "../../../../extension/core/tokenizer/tables/vocabulary";
import { Random } from "../../../support/random";
import { fastTokenizer, smallByteLevel } from "../../../support/tokenizer/byteLevel";
import { rustFromJson } from "../../../support/tokenizer/rust";
import { assertSameAsRust } from "../../../support/tokenizer/sameAsRust";

/** Characters that share bytes, in scripts without spaces, and others between. */
const CHARACTERS = Array.from("的一丁七万丈ไทยあア가각😀😁🇩🇪 .ab\u3000");

/** A tokenizer with random merges of what stands next to each other, parts of characters too. */
function randomTokenizer(random: Random, ignoreMerges: boolean): JsonObject {
  const vocab: Record<string, number> = {};
  for (let byte = 0; byte < 256; byte++) vocab[byteLevelText(Uint8Array.of(byte))] = byte;
  const merges: [string, string][] = [];
  let next = 256;
  for (let i = 0; i < 150; i++) {
    const bytes = byteLevelText(new TextEncoder().encode(Array.from({ length: 3 }, () => random.pick(CHARACTERS)).join("")));
    const start = random.int(bytes.length - 1);
    const part = bytes.slice(start, start + 2 + random.int(6));
    const cuts = Array.from({ length: part.length - 1 }, (_, at) => [part.slice(0, at + 1), part.slice(at + 1)] as const).filter(([left, right]) => left in vocab && right in vocab);
    if (cuts.length === 0) continue;
    merges.push([...random.pick(cuts)]);
    vocab[part] ??= next++;
  }
  if (ignoreMerges) for (let i = 0; i < 5; i++) vocab[byteLevelText(new TextEncoder().encode(`${random.pick(CHARACTERS)}${random.pick(CHARACTERS)}x`))] ??= next++;
  return smallByteLevel({ model: { vocab, merges, ignore_merges: ignoreMerges } });
}

describe("words cut at joints become what they become uncut", () => {
  for (const ignoreMerges of [false, true]) {
    it(ignoreMerges ? "where words may be tokens" : "by merging alone", async () => {
      const random = new Random(17);
      for (let round = 0; round < 60; round++) {
        const tokenizer = randomTokenizer(random, ignoreMerges);
        const ours = fastTokenizer(tokenizer);
        const rust = rustFromJson(tokenizer);
        for (let i = 0; i < 25; i++) await assertSameAsRust(ours, rust, Array.from({ length: random.int(i === 0 ? 300 : 15) }, () => random.pick(CHARACTERS)).join(""));
      }
    });
  }
});

it("characters are joined where the result of a merge has them next to each other", () => {
  const allocate = (byteLength: number): ArrayBuffer => new ArrayBuffer(byteLength);
  const joints = (...tokens: Uint8Array[]): Uint8Array => {
    const vocabulary = createVocabulary(tokens.length, tokens.reduce((sum, token) => sum + token.length, 0), allocate);
    let end = 0;
    const merges = createMergeTable(tokens.length, allocate);
    for (const [id, token] of tokens.entries()) {
      vocabulary.bytes.set(token, end);
      end += token.length;
      vocabulary.starts[id + 1] = end;
      indexToken(vocabulary, id);
      addMerge(merges, 300, 300 + id, id, id);
    }
    return findJoints(vocabulary, merges, allocate);
  };
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
  const joined = (table: Uint8Array, pair: string): boolean => areJoined(table, pair.charCodeAt(0), pair.charCodeAt(1));
  const whole = joints(utf8("中文字"), utf8("る😀る"));
  assert.deepEqual(["中文", "文字", "文中", "中字", "る\ud83d", "\ude00る", "\ud83d\ude00"].map((pair) => joined(whole, pair)), [true, true, false, false, true, true, true]);
  // 中 is E4 B8 AD, 文 is E6 96 87: the end of the one and the beginning of the other.
  const parts = joints(utf8("中文").slice(2, 4));
  assert.deepEqual(["中文", "\u302d文", "\u302d\u6000", "文中", "中\u5000"].map((pair) => joined(parts, pair)), [true, true, true, false, false]);
});
