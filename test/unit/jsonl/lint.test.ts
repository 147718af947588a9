import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonValue } from "../../../extension/core/dataset/conversation";
import { lintTree, mayNeedLint } from "../../../extension/core/jsonl/lint";
import { parseJson } from "../../../extension/core/jsonl/parse";
import { decodeUtf8 } from "../../../extension/core/jsonl/utf8";
import { Random } from "../../support/random";

/** Text, and the characters of each finding with its code. */
const CASES: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  ['{"a": 1, "b": {"a": 1}}', []],
  ['{"a": 1, "a": 2}', [["duplicate-key", '"a"']]],
  ['{"a": 1, "\\u0061": 2}', [["duplicate-key", '"\\u0061"']]],
  ['{"x": {"__proto__": 1, "__proto__": 2}}', [["duplicate-key", '"__proto__"']]],
  ['{"a": "\\ud83d\\ude00"}', []],
  ['{"a": "x\\ud83dy"}', [["lone-surrogate", "\\ud83d"]]],
  ['{"a": "\\ude00"}', [["lone-surrogate", "\\ude00"]]],
  ['{"a": "\\\\ud800"}', []],
  ['{"a": 1e400}', [["number-range", "1e400"]]],
  ['{"a": -1e400}', [["number-range", "-1e400"]]],
  ['{"a": 9223372036854775807}', []],
  ['{"a": 9223372036854775808}', [["number-range", "9223372036854775808"]]],
  ['{"a": -9223372036854775808}', []],
  ['{"a": -9223372036854775809}', [["number-range", "-9223372036854775809"]]],
  ['{"a": 1e300}', []],
];

describe("lintTree", () => {
  for (const [text, expected] of CASES) {
    it(`finds ${JSON.stringify(expected.map(([code]) => code))} in ${text}`, () => {
      const found = lintTree(parseJson(text).tree).map((lint) => [lint.code, text.slice(lint.start, lint.end)]);
      assert.deepEqual(found, expected);
      if (expected.length > 0) assert.ok(mayNeedLint(text, JSON.parse(text) as JsonValue));
    });
  }

  it("is never skipped where it would find something, for 20,000 random rows", () => {
    const random = new Random(20);
    const pieces = ['"a"', '"b"', '"\\u0061"', '"x:y"', '"\\""', '"\\ud800"', '"\\ud83d\\ude00"', "1", "1e999", "12345678901234567890"];
    const value = (depth: number): string => {
      const kind = random.int(depth > 2 ? 1 : 3);
      if (kind === 0) return random.pick(pieces);
      if (kind === 1) return `[${Array.from({ length: random.int(3) }, () => value(depth + 1)).join(" , ")}]`;
      const members = Array.from({ length: random.int(4) }, () => `${random.pick(pieces.slice(0, 7))} ${random.pick([":", " :\n"])}${value(depth + 1)}`);
      return `{${members.join(",")}}`;
    };
    for (let i = 0; i < 20_000; i++) {
      const text = value(0);
      const found = lintTree(parseJson(text).tree).length > 0;
      if (found) assert.ok(mayNeedLint(text, JSON.parse(text) as JsonValue), text);
    }
  });
});

describe("decodeUtf8", () => {
  it("replaces as the WHATWG decoder does, and names every replaced stretch of bytes, for 20,000 random texts", () => {
    const random = new Random(21);
    const lossy = new TextDecoder("utf-8", { ignoreBOM: true });
    const interesting = [0x41, 0x80, 0xbf, 0xc0, 0xc2, 0xc3, 0xa9, 0xe0, 0xa0, 0xed, 0x9f, 0xef, 0xbb, 0xf0, 0x90, 0xf4, 0x8f, 0xf5, 0xff, 0];
    for (let i = 0; i < 20_000; i++) {
      const bytes = Uint8Array.from({ length: random.int(12) }, () => random.pick(interesting));
      const { text, invalid } = decodeUtf8(bytes);
      assert.equal(text, lossy.decode(bytes));
      for (const { at, byteOffset, byteLength } of invalid) {
        assert.equal(text[at], "\uFFFD");
        assert.equal(lossy.decode(bytes.subarray(byteOffset, byteOffset + byteLength)), "\uFFFD");
        assert.equal(lossy.decode(bytes.subarray(0, byteOffset)).length, at);
      }
    }
  });
});
