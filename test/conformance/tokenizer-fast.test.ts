import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, it } from "node:test";
import type { JsonObject } from "../../extension/core/dataset/conversation";
import type { Tokenizer } from "../../extension/core/tokenizer/tokenizer";
import { haveFixtures } from "../support/fixtures";
import { Random } from "../support/random";
import { fastTokenizer, realTokenizerFile } from "../support/tokenizer/byteLevel";
import { randomText } from "../support/tokenizer/randomText";
import { type Rust, rustFromFile } from "../support/tokenizer/rust";
import { assertDecodesAsRust, assertSameAsRust } from "../support/tokenizer/sameAsRust";
import { addedTokenText, datasetStrings, hostileTexts, neverRepeating } from "../support/tokenizer/texts";

/** TUNESMITH_FULL=1 compares everything, which takes ten minutes; else a sample. */
const FULL = process.env["TUNESMITH_FULL"] === "1";

const SIZE = FULL
  ? { datasetUnits: Infinity, corpusMegabytes: 25, randomCodePoints: 2_000_000, everyCodePoint: 1, addedTexts: 20_000, hostileLength: 1_000_000, decoded: 20_000, everyId: 1 }
  : { datasetUnits: 600_000, corpusMegabytes: 0.7, randomCodePoints: 150_000, everyCodePoint: 5, addedTexts: 1500, hostileLength: 20_000, decoded: 1000, everyId: 7 };

for (const model of ["llama3_1", "qwen3", "gemma3", "deepseek_v3", "llama2", "gptoss", "gpt4o"]) {
  describe(`${model}: the fast path gives what the Rust library gives`, () => {
    let ours: Tokenizer;
    let rust: Rust;

    before(() => {
      ours = fastTokenizer(JSON.parse(readFileSync(realTokenizerFile(model), "utf8")) as JsonObject);
      rust = rustFromFile(realTokenizerFile(model));
    });

    const have = haveFixtures("the real tokenizers");

    it("on the strings of datasets", { skip: !have }, async () => {
      const strings = datasetStrings();
      const random = new Random(21);
      let left = SIZE.datasetUnits;
      for (let i = 0; left > 0 && i < strings.length; i++) {
        const text = FULL ? strings[i]! : random.pick(strings);
        left -= text.length;
        await assertSameAsRust(ours, rust, text, i % 2 === 0);
      }
    });

    it("on text in many languages", { skip: !have }, async () => {
      for (const text of neverRepeating(SIZE.corpusMegabytes)) await assertSameAsRust(ours, rust, text);
    });

    it("on random text over all of Unicode", async () => {
      const random = new Random(22);
      for (let left = SIZE.randomCodePoints; left > 0; ) {
        const text = randomText(random, 400);
        left -= text.length;
        await assertSameAsRust(ours, rust, text);
      }
    });

    it("on every code point", async () => {
      const random = new Random(23);
      const around = ["", " ", "a", "A", "\n", "1", "'", "中", "."];
      let text = "";
      for (let code = 0; code < 0x110000; code += code > 0x32400 && code < 0xe0000 ? 97 * SIZE.everyCodePoint : 1 + random.int(2 * SIZE.everyCodePoint - 1)) {
        if (code >= 0xd800 && code <= 0xdfff) continue;
        text += random.pick(around) + String.fromCodePoint(code);
        if (text.length < 2000) continue;
        await assertSameAsRust(ours, rust, text);
        text = "";
      }
      await assertSameAsRust(ours, rust, text);
    });

    it("with added tokens in the text", async () => {
      const random = new Random(24);
      for (let i = 0; i < SIZE.addedTexts; i++) await assertSameAsRust(ours, rust, addedTokenText(random, ours.addedTokens), i % 2 === 0);
    });

    it("on hostile text", async () => {
      for (const text of Object.values(hostileTexts(SIZE.hostileLength, new Random(25)))) await assertSameAsRust(ours, rust, text);
    });

    it("back from ids to text", async () => {
      const random = new Random(26);
      const bound = ours.vocabularySize + 10;
      for (let i = 0; i < SIZE.decoded; i++) {
        const added = ours.addedTokens.map(({ id }) => id);
        const ids = Array.from({ length: random.int(40) }, () => (random.int(8) === 0 ? random.pick(added) : random.int(bound)));
        await assertDecodesAsRust(ours, rust, ids, i % 2 === 0);
      }
    });

    it("in its vocabulary", () => {
      const tokens = rust.tokenizer.getVocab(true);
      assert.equal(ours.vocabularySize, Object.keys(tokens).length);
      for (let id = 0; id < ours.vocabularySize + 100; id += SIZE.everyId) {
        const text = rust.tokenizer.idToToken(id) ?? undefined;
        assert.equal(ours.tokenText(id), text, `token ${id}`);
        if (text !== undefined) assert.equal(ours.tokenId(text), id, text);
      }
    });
  });
}
