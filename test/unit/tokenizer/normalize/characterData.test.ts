import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { bertNormalizer, lowercase, nfcNormalizer, nfdNormalizer, nfkdNormalizer, type Normalizer, stripAccentsNormalizer } from "tokenizers";
import {
  CANONICAL,
  COMBINING_CLASSES,
  COMPATIBILITY,
  CONTROLS,
  MARKS,
  NEW_CAPITALS,
  NONSPACING_MARKS,
  SECONDS,
} from "../../../../extension/core/tokenizer/normalize/characterData";
import { unpackRanges } from "../../../../extension/core/tokenizer/normalize/ranges";

/** All scalar values. */
const ALL = Array.from({ length: 0x110000 }, (_, code) => code).filter((code) => code < 0xd800 || code > 0xdfff);

const CODES = new Map(ALL.map((code) => [code, String.fromCodePoint(code)]));
const characters = (of: (character: string, code: number) => boolean): number[] => ALL.filter((code) => of(CODES.get(code)!, code));

function unpacked(packed: string): number[] {
  return unpackRanges(packed).flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
}

const isSyllable = (code: number): boolean => code >= 0xac00 && code <= 0xd7a3;
const nfd = nfdNormalizer();
const nfkd = nfkdNormalizer();
const nfc = nfcNormalizer();
const changes = (normalizer: Normalizer) => (character: string) => normalizer.normalizeString(character) !== character;

describe("the tables of characters are the Rust library's", () => {
  let canonical: readonly number[];

  before(() => {
    canonical = characters(changes(nfd));
  });

  it("canonical decompositions", () => {
    assert.deepEqual(
      unpacked(CANONICAL),
      canonical.filter((code) => !isSyllable(code)),
    );
    for (const code of canonical) assert.equal(CODES.get(code)!.normalize("NFD"), nfd.normalizeString(CODES.get(code)!));
  });

  it("compatibility decompositions", () => {
    const compatible = characters((character) => nfkd.normalizeString(character) !== nfd.normalizeString(character));
    assert.deepEqual(unpacked(COMPATIBILITY), compatible);
    for (const code of compatible) assert.equal(CODES.get(code)!.normalize("NFKD"), nfkd.normalizeString(CODES.get(code)!));
  });

  it("combining classes", () => {
    // U+0345 has the highest class: every other mark comes to stand before it.
    const marks = characters((character, code) => code === 0x345 || !nfd.normalizeString(`\u0345${character}`).startsWith("\u0345")).filter((code) => !canonical.includes(code));
    assert.deepEqual(unpacked(COMBINING_CLASSES), marks);
    const ranges = unpackRanges(COMBINING_CLASSES);
    const one = new Map(ranges.map(({ first, value }) => [value, String.fromCodePoint(first)]));
    for (const { first, last, value } of ranges) {
      for (let code = first; code <= last; code++) {
        for (const [other, mark] of one) {
          if (mark === CODES.get(code)) continue;
          const swapped = nfd.normalizeString(mark + CODES.get(code)!) !== mark + CODES.get(code)!;
          assert.equal(swapped, value < other, `${code.toString(16)} after a mark of class ${other}`);
        }
      }
    }
  });

  it("what may be composed with a character before it", () => {
    const seconds = new Set<number>();
    for (const code of canonical) {
      const parts = Array.from(nfd.normalizeString(CODES.get(code)!));
      if (parts.length > 1 && nfc.normalizeString(parts.join("")) === CODES.get(code)) seconds.add(parts.at(-1)!.codePointAt(0)!);
    }
    assert.deepEqual(
      unpacked(SECONDS),
      Array.from(seconds).sort((a, b) => a - b),
    );
  });

  it("marks and control characters", () => {
    const strip = stripAccentsNormalizer();
    assert.deepEqual(unpacked(MARKS), characters((character) => strip.normalizeString(character) === ""));
    const options = { cleanText: false, handleChineseChars: false, stripAccents: false, lowercase: false };
    const accents = bertNormalizer({ ...options, stripAccents: true });
    const nonspacing = characters((character) => accents.normalizeString(character) === "").filter((code) => !canonical.includes(code));
    assert.deepEqual(unpacked(NONSPACING_MARKS), nonspacing);
    const clean = bertNormalizer({ ...options, cleanText: true });
    assert.deepEqual(unpacked(CONTROLS), characters((character) => clean.normalizeString(character) === ""));
  });

  it("capitals, as far as the host has them, and those that are newer than Unicode 14", () => {
    const lower = lowercase();
    const newer = new Map(unpackRanges(NEW_CAPITALS).flatMap(({ first, last, value }) => unpacked(NEW_CAPITALS).filter((code) => code >= first && code <= last).map((code) => [code, code + value])));
    for (const [code, character] of CODES) {
      const small = newer.get(code);
      assert.equal(small === undefined ? character.toLowerCase() : String.fromCodePoint(small), lower.normalizeString(character), code.toString(16));
    }
  });
});
