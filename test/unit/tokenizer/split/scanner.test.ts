import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parsePattern } from "../../../../extension/core/tokenizer/split/parse";
import { Scanner } from "../../../../extension/core/tokenizer/split/scanner";
import { END_UNIT, compileSplit } from "../../../../extension/core/tokenizer/split/splitTables";
import { Random } from "../../../support/random";
import { randomText } from "../../../support/tokenizer/randomText";
import { rustFromJson } from "../../../support/tokenizer/rust";

/** What `source` finds in a text, from left to right. */
function finds(source: string): (text: string) => string[] {
  const tables = compileSplit(parsePattern(source), (byteLength) => new ArrayBuffer(byteLength));
  assert.ok(tables !== undefined, source);
  const scanner = new Scanner(tables);
  return (text) => {
    const units = Uint16Array.from({ length: text.length + 1 }, (_, i) => (i < text.length ? text.charCodeAt(i) : END_UNIT));
    const found: string[] = [];
    scanner.begin(text.length);
    for (let at = 0; scanner.find(units, at, text.length); at = scanner.end) found.push(text.slice(scanner.start, scanner.end));
    return found;
  };
}

function rustFinds(source: string): (text: string) => string[] {
  const preTokenizer = { type: "Split", pattern: { Regex: source }, behavior: "Removed", invert: true };
  const inner = rustFromJson({ version: "1.0", added_tokens: [], pre_tokenizer: preTokenizer, model: { type: "BPE", vocab: {}, merges: [] } }).tokenizer.getPreTokenizer();
  return (text) => inner?.preTokenizeString(text).map(([word]) => word) ?? [];
}

/** Each kind of syntax, and what is hard about leftmost alternatives that meet repetition and looks ahead. */
const EXPRESSIONS = [
  "a|ab|abc",
  "abc|ab|a",
  "(?:a|ab)(?:c|bcd)?",
  "a*b|a",
  "(a|b)*c|[ab]",
  "a+?b?",
  "a??b",
  "(?:ab?)+?c|a",
  "[ab]{2,3}",
  "a{2}|a{3,}b",
  "(?:ab){1,2}?a",
  " ?+a+| ++b?",
  "a*+b|a",
  "[a ]++(?=b)|b",
  "a(?=b|c)|b(?!\\s)|c$",
  "\\s+$|\\s+(?!\\S)|\\s",
  "\\s*[\\r\\n]+|\\s+",
  "\\s*\\n|\\s+(?!\\S)",
  ".+",
  "[^a]b?",
  "[^\\s\\p{L}]+",
  "(?i:'s|'k|it)|x",
  "(?i:ab[cs])",
  "[a-c&&[^b]]+|[[x-z]1]+",
  "[\\p{Lu}\\p{Mn}]+|\\P{L}",
  "\\p{^L}a|[\\p{Nd}_-]+",
  "\\d+\\.?\\D|\\S",
  "\\u4e2d|\\x61\\x{1F600}|[\\t\\-\\]]",
  "[😀-😂a]+|\\p{So}",
  "\\p{Han}+|[^\\p{Han}]",
  "(?:a|b(?:c|d(?:e|a)))+",
  "[\\p{L}\\-]|[a&]+",
  "( |\\n)a|[ \\n]",
];

const CHARACTERS = Array.from("aaabbbccdex123   \n\r\n\t'sS'kK \u017f\u212a..-_中文é😀😁ÀáЖ½٣ª]");

describe("expressions find what the Rust library finds", () => {
  for (const source of EXPRESSIONS) {
    it(source, () => {
      const ours = finds(source);
      const theirs = rustFinds(source);
      const random = new Random(4);
      for (let i = 0; i < 600; i++) {
        const text = i % 4 === 0 ? randomText(random, 20) : Array.from({ length: random.int(14) }, () => random.pick(CHARACTERS)).join("");
        assert.deepEqual(ours(text), theirs(text), JSON.stringify(text));
      }
    });
  }

  it("random ones", () => {
    const random = new Random(12);
    let known = 0;
    for (let i = 0; i < 400; i++) {
      const source = randomExpression(random, 3);
      const pattern = parsePattern(source);
      if (compileSplit(pattern, (byteLength) => new ArrayBuffer(byteLength)) === undefined) continue;
      known++;
      const ours = finds(source);
      const theirs = rustFinds(source);
      for (let j = 0; j < 40; j++) {
        const text = Array.from({ length: random.int(12) }, () => random.pick(["a", "b", "c", " ", "\n", "A"])).join("");
        assert.deepEqual(ours(text), theirs(text), `${source} in ${JSON.stringify(text)}`);
      }
    }
    assert.ok(known > 100, `${known} of 400 expressions always find something`);
  });
});

function randomExpression(random: Random, depth: number): string {
  const atoms = ["a", "b", "[ab]", "[^a]", "\\s", "\\S", "(?!a)", "(?=b)", "(?!\\S)", "(?i:a)", "$", "c"];
  const part = (): string => {
    if (depth > 0 && random.int(3) === 0) return `(?:${randomExpression(random, depth - 1)})`;
    const atom = random.pick(atoms);
    if (/^(?:\(\?[!=]|\$)/.test(atom) || random.int(2) === 0) return atom;
    return atom + random.pick(["?", "*", "+", "??", "*?", "+?", "?+", "*+", "++", "{1,2}", "{2}"].slice(0, /^[(]/.test(atom) ? 6 : 11));
  };
  return Array.from({ length: 1 + random.int(3) }, () => Array.from({ length: 1 + random.int(3) }, part).join("")).join("|");
}

it("reads a text a fixed number of times, whatever the expression", () => {
  // Each of these would read all that is left again at every character.
  for (const [source, text, count] of [
    ["\\s+$", `${" ".repeat(300_000)}x`, 0],
    ["a*b|a", "a".repeat(300_000), 300_000],
    ["(?:ab)*c|[ab]", "ab".repeat(150_000), 300_000],
    ["😀*x|y", "😀".repeat(150_000), 0],
  ] as const) {
    assert.equal(finds(source)(text).length, count, source);
  }
});
