import assert from "node:assert/strict";
import { test } from "node:test";

import * as unicode from "../../../extension/core/jinja/text/unicode";

/** Text, then its upper, lower, title, capitalize, swapcase and casefold in CPython 3.11. */
const CASES: readonly (readonly [string, readonly string[]])[] = [
  ["ß", ["SS", "ß", "Ss", "Ss", "SS", "ss"]],
  ["ŉ", ["ʼN", "ŉ", "ʼN", "ʼN", "ʼN", "ʼn"]],
  ["ǆ", ["Ǆ", "ǆ", "ǅ", "ǅ", "Ǆ", "ǆ"]],
  ["ǅ", ["Ǆ", "ǆ", "ǅ", "ǅ", "ǅ", "ǆ"]],
  ["Ǆ", ["Ǆ", "ǆ", "ǅ", "ǅ", "ǆ", "ǆ"]],
  ["\ufb01", ["FI", "\ufb01", "Fi", "Fi", "FI", "fi"]],
  ["\ufb03", ["FFI", "\ufb03", "Ffi", "Ffi", "FFI", "ffi"]],
  ["ΐ", ["Ι\u0308\u0301", "ΐ", "Ι\u0308\u0301", "Ι\u0308\u0301", "Ι\u0308\u0301", "ι\u0308\u0301"]],
  ["ᾳ", ["ΑΙ", "ᾳ", "ᾼ", "ᾼ", "ΑΙ", "αι"]],
  ["ᾼ", ["ΑΙ", "ᾳ", "ᾼ", "ᾼ", "ᾼ", "αι"]],
  ["ᾲ", ["ᾺΙ", "ᾲ", "Ὰ\u0345", "Ὰ\u0345", "ᾺΙ", "ὰι"]],
  ["ᾷ", ["Α\u0342Ι", "ᾷ", "Α\u0342\u0345", "Α\u0342\u0345", "Α\u0342Ι", "α\u0342ι"]],
  ["ᾀ", ["ἈΙ", "ᾀ", "ᾈ", "ᾈ", "ἈΙ", "ἀι"]],
  ["ᾈ", ["ἈΙ", "ᾀ", "ᾈ", "ᾈ", "ᾈ", "ἀι"]],
  ["ჰ", ["Ჰ", "ჰ", "ჰ", "ჰ", "Ჰ", "ჰ"]],
  ["ⴀ", ["Ⴀ", "ⴀ", "Ⴀ", "Ⴀ", "Ⴀ", "ⴀ"]],
  ["\uab70", ["Ꭰ", "\uab70", "Ꭰ", "Ꭰ", "Ꭰ", "Ꭰ"]],
  ["Ꭰ", ["Ꭰ", "\uab70", "Ꭰ", "Ꭰ", "\uab70", "Ꭰ"]],
  ["ᏸ", ["Ᏸ", "ᏸ", "Ᏸ", "Ᏸ", "Ᏸ", "Ᏸ"]],
  ["ẞ", ["ẞ", "ß", "ẞ", "ẞ", "ß", "ss"]],
  ["ſ", ["S", "ſ", "S", "S", "S", "s"]],
  ["İ", ["İ", "i\u0307", "İ", "İ", "i\u0307", "i\u0307"]],
  ["ı", ["I", "ı", "I", "I", "I", "ı"]],
  ["µ", ["Μ", "µ", "Μ", "Μ", "Μ", "μ"]],
  ["\u0345", ["Ι", "\u0345", "Ι", "Ι", "Ι", "ι"]],
  ["և", ["ԵՒ", "և", "Եւ", "Եւ", "ԵՒ", "եւ"]],
  ["\ud801\udc00", ["\ud801\udc00", "\ud801\udc28", "\ud801\udc00", "\ud801\udc00", "\ud801\udc28", "\ud801\udc28"]],
  ["\ud801\udc28", ["\ud801\udc00", "\ud801\udc28", "\ud801\udc00", "\ud801\udc00", "\ud801\udc00", "\ud801\udc28"]],
  ["ƛ", ["ƛ", "ƛ", "ƛ", "ƛ", "ƛ", "ƛ"]],
  ["\ua7d3", ["\ua7d3", "\ua7d3", "\ua7d3", "\ua7d3", "\ua7d3", "\ua7d3"]],
  ["\ud803\udd50", ["\ud803\udd50", "\ud803\udd50", "\ud803\udd50", "\ud803\udd50", "\ud803\udd50", "\ud803\udd50"]],
  ["\ua7cb", ["\ua7cb", "\ua7cb", "\ua7cb", "\ua7cb", "\ua7cb", "\ua7cb"]],
  ["ΑΣ", ["ΑΣ", "ας", "Ας", "Ας", "ας", "ασ"]],
  ["ΑΣ.", ["ΑΣ.", "ας.", "Ας.", "Ας.", "ας.", "ασ."]],
  ["ΑΣ.Α", ["ΑΣ.Α", "ασ.α", "Ασ.Α", "Ασ.α", "ασ.α", "ασ.α"]],
  ["Σ", ["Σ", "σ", "Σ", "Σ", "σ", "σ"]],
  ["Α\u0301Σ\u00b7", ["Α\u0301Σ\u00b7", "α\u0301ς\u00b7", "Α\u0301Σ\u00b7", "Α\u0301ς\u00b7", "α\u0301ς\u00b7", "α\u0301σ\u00b7"]],
  ["ΑΣᅱe", ["ΑΣᅱE", "αςᅱe", "ΑςᅱE", "Αςᅱe", "αςᅱE", "ασᅱe"]],
  ["it's a dog's", ["IT'S A DOG'S", "it's a dog's", "It'S A Dog'S", "It's a dog's", "IT'S A DOG'S", "it's a dog's"]],
  ["they're \ufb01ne ßo", ["THEY'RE FINE SSO", "they're \ufb01ne ßo", "They'Re Fine Sso", "They're \ufb01ne ßo", "THEY'RE FINE SSO", "they're fine sso"]],
  ["aB cD", ["AB CD", "ab cd", "Ab Cd", "Ab cd", "Ab Cd", "ab cd"]],
  ["ǆ ǆ", ["Ǆ Ǆ", "ǆ ǆ", "ǅ ǅ", "ǅ ǆ", "Ǆ Ǆ", "ǆ ǆ"]],
  ["1a", ["1A", "1a", "1A", "1a", "1A", "1a"]],
  ["éa É", ["ÉA É", "éa é", "Éa É", "Éa é", "ÉA é", "éa é"]],
  ["HELLO ΟΔΟΣ ok", ["HELLO ΟΔΟΣ OK", "hello οδος ok", "Hello Οδος Ok", "Hello οδος ok", "hello οδος OK", "hello οδοσ ok"]],
  ["ʰa", ["ʰA", "ʰa", "ʰa", "ʰa", "ʰA", "ʰa"]],
  ["ᵃΣ", ["ᵃΣ", "ᵃσ", "ᵃσ", "ᵃσ", "ᵃσ", "ᵃσ"]],
  ["ʕa", ["ʕA", "ʕa", "ʕa", "ʕa", "ʕA", "ʕa"]],
];

test("case is Python's", () => {
  const changes = [unicode.upper, unicode.lower, unicode.title, unicode.capitalize, unicode.swapcase, unicode.casefold];
  for (const [text, expected] of CASES) assert.deepEqual(changes.map((change) => change(text)), expected, text);
});

/** How many of all code points make a text for which each predicate of CPython 3.11 (Unicode 14) holds, and a checksum of which. */
const COUNTS: Readonly<Record<string, readonly [count: number, checksum: number]>> = {
  isalpha: [131756, 569382],
  isdecimal: [660, 434429],
  isdigit: [788, 18533],
  isnumeric: [1872, 132015],
  isalnum: [133547, 753786],
  isspace: [29, 45340],
  isupper: [1951, 347764],
  islower: [2471, 100798],
  istitle: [1982, 171155],
  isidentifier: [131975, 384542],
  isprintable: [144516, 899763],
};

const PREDICATES: Readonly<Record<string, (text: string) => boolean>> = {
  isalpha: unicode.isAlpha,
  isdecimal: unicode.isDecimal,
  isdigit: unicode.isDigit,
  isnumeric: unicode.isNumeric,
  isalnum: unicode.isAlnum,
  isspace: unicode.isSpace,
  isupper: unicode.isUpper,
  islower: unicode.isLower,
  istitle: unicode.isTitle,
  isidentifier: unicode.isIdentifier,
  isprintable: unicode.isPrintable,
};

const MODULUS = 1_000_003;

test("every code point has the classes that Python gives it", () => {
  for (const [name, holds] of Object.entries(PREDICATES)) {
    let [count, checksum] = [0, 0];
    for (let code = 0; code <= 0x10ffff; code++) {
      if (!holds(String.fromCodePoint(code))) continue;
      count++;
      checksum = (checksum * 31 + code) % MODULUS;
    }
    assert.deepEqual([count, checksum], COUNTS[name], name);
  }
});

/** As COUNTS: how many code points each mapping changes, and a checksum of the characters and what they become. */
const MAPPED: Readonly<Record<string, readonly [count: number, checksum: number]>> = {
  upper: [1525, 368747],
  lower: [1433, 972384],
  title: [1452, 700249],
  capitalize: [1452, 700249],
  swapcase: [2896, 50389],
  casefold: [1530, 447313],
};

test("every code point has the case mappings that Python gives it", () => {
  const { upper, lower, title, capitalize, swapcase, casefold } = unicode;
  for (const [name, change] of Object.entries({ upper, lower, title, capitalize, swapcase, casefold })) {
    let [count, checksum] = [0, 0];
    for (let code = 0; code <= 0x10ffff; code++) {
      const character = String.fromCodePoint(code);
      const changed = change(character);
      if (changed === character) continue;
      count++;
      checksum = (checksum * 31 + code) % MODULUS;
      for (const each of changed) checksum = (checksum * 31 + (each.codePointAt(0) as number)) % MODULUS;
    }
    assert.deepEqual([count, checksum], MAPPED[name], name);
  }
});

test("code points and units convert", () => {
  assert.equal(unicode.codePointLength("a😀b"), 3);
  assert.equal(unicode.codePointLength("\ud83d"), 1);
  for (const [text, index, unit] of [["a😀b", 2, 3], ["a😀b", 9, 4], ["abc", 2, 2], ["abc", 9, 3], ["", 0, 0]] as const) {
    assert.equal(unicode.codePointToUnit(text, index), unit);
    assert.equal(unicode.unitToCodePoint(text, unit), Math.min(index, unicode.codePointLength(text)));
  }
});

test("white space is Python's", () => {
  assert.deepEqual(unicode.stripRange("\x1c\x85 a b\u3000\n", undefined, "both"), [3, 6]);
  assert.deepEqual(unicode.stripRange("\ufeffa\u180e", undefined, "both"), [0, 3]);
  assert.deepEqual(unicode.stripRange("  ", undefined, "right"), [0, 0]);
  assert.deepEqual(unicode.stripRange("  ", undefined, "left"), [2, 2]);
  assert.deepEqual(unicode.stripRange("xyax", "yx", "left"), [2, 4]);
  assert.deepEqual(unicode.stripRange("😀a😁😀", "😀", "both"), [2, 5]);
});
