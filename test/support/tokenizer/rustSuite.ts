import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, it } from "node:test";
import type { JsonObject } from "../../../extension/core/dataset/conversation";
import { compileTokenizer } from "../../../extension/core/tokenizer/compile";
import type { CompiledTable, CompiledTokenizer } from "../../../extension/core/tokenizer/compiled";
import { createTokenizer } from "../../../extension/core/tokenizer/create";
import { type TokenizerDocument, parsedDocument, readDocument } from "../../../extension/core/tokenizer/document";
import type { Tokenizer } from "../../../extension/core/tokenizer/tokenizer";
import { haveFixtures } from "../fixtures";
import { Random } from "../random";
import { realTokenizerFile } from "./byteLevel";
import { randomText } from "./randomText";
import { type Rust, rustFromFile } from "./rust";
import { assertDecodesAsRust, assertSameAsRust } from "./sameAsRust";
import { addedTokenText, datasetStrings, hostileTexts, neverRepeating } from "./texts";

/** TUNESMITH_FULL=1 compares everything, which takes minutes a tokenizer; else a sample. */
const FULL = process.env["TUNESMITH_FULL"] === "1";

const SIZE = FULL
  ? { datasetUnits: Infinity, corpusMegabytes: 25, randomCodePoints: 2_000_000, everyCodePoint: 1, addedTexts: 20_000, hostileLength: 1_000_000, decoded: 20_000, everyId: 1 }
  : { datasetUnits: 600_000, corpusMegabytes: 0.7, randomCodePoints: 150_000, everyCodePoint: 5, addedTexts: 1500, hostileLength: 20_000, decoded: 1000, everyId: 7 };

/** Compares all that a real model's tokenizer gives on the fast path with the Rust library. A file a tokenizer, so that they run side by side. */
export function compareWithRust(model: string): void {
  describe(`${model}: the fast path gives what the Rust library gives`, () => {
    const bytes = readFileSync(realTokenizerFile(model));
    let ours: Tokenizer;
    let rust: Rust;

    before(() => {
      ours = createTokenizer(compiled(readDocument(bytes, () => assert.fail("its file is not as usual"))));
      rust = rustFromFile(realTokenizerFile(model));
    });

    it("from a parsed file as from its bytes", () => {
      const parse = (): JsonObject => JSON.parse(bytes.toString("utf8")) as JsonObject;
      const [scanned, parsed] = [compiled(readDocument(bytes, parse)), compiled(parsedDocument(parse()))];
      assert.deepEqual(scanned.meta, parsed.meta);
      for (const [name, table] of Object.entries(parsed.tables)) assert.ok(Buffer.from(bytesOf(table)).equals(bytesOf(scanned.tables[name]!)), name);
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
        left -= Array.from(text).length;
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

function compiled({ json, lists }: TokenizerDocument): CompiledTokenizer {
  const made = compileTokenizer(json, (byteLength) => new ArrayBuffer(byteLength), lists);
  assert.ok(!("unsupported" in made), "unsupported" in made ? made.unsupported : "");
  return made;
}

function bytesOf({ buffer, byteOffset, byteLength }: CompiledTable): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
