import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { codeFrame, readFrameSource } from "../../../extension/cli/terminal/codeFrame";
import { displayWidth, fit, visible, wrap } from "../../../extension/cli/terminal/display";
import { createStyle, wantsColour } from "../../../extension/cli/terminal/style";
import { bytes, duration } from "../../../extension/cli/terminal/units";
import { temporaryFolder } from "./fakes";

const widths: readonly [text: string, width: number][] = [
  ["", 0],
  ["plain", 5],
  ["é", 1],
  ["e\u0301", 1],
  ["日本語", 6],
  ["한글", 4],
  ["ｗｉｄｅ", 8],
  ["😀", 2],
  ["👩‍👩‍👧‍👦", 2],
  ["🇩🇪", 2],
  ["👍🏽", 2],
  ["❤️", 2],
  ["1️⃣", 2],
  ["©", 1],
  ["\u0301", 1],
  ["\t", 1],
  ["\u200b", 8],
  ["𠀀", 2],
];
for (const [text, width] of widths) test(`width of ${JSON.stringify(text)} is ${width}`, () => assert.equal(displayWidth(text), width));

const shown: readonly [text: string, visible: string][] = [
  ["\u001b[31mred\u001b[0m", "␛[31mred␛[0m"],
  ["\u009b31m", "<U+009B>31m"],
  ["a\r\nb\tc\0\u007f", "a␍␊b␉c␀␡"],
  ["\u202Eevil\u2066", "<U+202E>evil<U+2066>"],
  ["a\u200db", "a<U+200D>b"],
  ["a\ud800b", "a<U+D800>b"],
  ["\ufeffx\u2028", "<U+FEFF>x<U+2028>"],
  ["a\u{E0041}", "a<U+E0041>"],
  ["👩‍👧", "👩‍👧"],
];
for (const [text, expected] of shown) test(`${JSON.stringify(text)} is shown as ${expected}`, () => assert.equal(visible(text), expected));

test("texts are cut to columns, not to characters", () => {
  assert.equal(fit("日本語です", 10), "日本語です");
  assert.equal(fit("日本語です", 9), "日本語で…");
  assert.equal(fit("日本語です", 8), "日本語…");
  assert.equal(fit("abc", 0), "");
  assert.equal(fit("x".repeat(1_000_000), 5), "xxxx…");
});

test("wrapping", () => assert.equal(wrap("one two three four", 10, "  "), "one two\n  three\n  four"));

function frame(folder: string, line: string, marked: string, width: number): string {
  const path = join(folder, "data.jsonl");
  const prefix = "first\n";
  writeFileSync(path, `${prefix}${line}\nlast\n`);
  const at = Buffer.byteLength(line.slice(0, line.indexOf(marked)));
  const source = readFrameSource(path, prefix.length + at, Buffer.byteLength(marked));
  assert.ok(source);
  const range = { start: { line: 2, column: 1 }, end: { line: 2, column: 2 } };
  return codeFrame(source, { range }, width, createStyle(false)).join("\n");
}

test("a code frame marks exactly the characters", (t) => {
  const folder = temporaryFolder(t);
  assert.equal(frame(folder, '{"a": "bad"}', "bad", 80), '  2 | {"a": "bad"}\n    |        ^^^');
  assert.equal(frame(folder, '{"日本": "語😀x"}', "語😀", 80), '  2 | {"日本": "語😀x"}\n    |           ^^^^');
  assert.equal(frame(folder, "a\t\u001b[2Jb\r", "\u001b", 80), "  2 | a␉␛[2Jb\n    |   ^");
  assert.equal(frame(folder, "ab", "", 80), "  2 | ab\n    | ^");
});

test("a code frame of a long line is a window of the terminal's width", (t) => {
  const folder = temporaryFolder(t);
  const long = `${"字".repeat(200_000)}BAD${"é".repeat(200_000)}`;
  const text = frame(folder, long, "BAD", 40);
  assert.equal(text, `  2 | …${"字".repeat(4)}BAD${"é".repeat(21)}…\n    | ${" ".repeat(9)}^^^`);
  for (const line of text.split("\n")) assert.ok(displayWidth(line) <= 40);
  assert.equal(frame(folder, "x".repeat(1_000_000), "x".repeat(500_000), 20), `  2 | ${"x".repeat(12)}…\n    | ${"^".repeat(12)}`);
  assert.equal(frame(folder, `${"a".repeat(100)}END`, "END", 20), "  2 | …aaaaaaaaaEND\n    |           ^^^");
});

test("a code frame of a file that changed is left out", (t) => {
  const path = join(temporaryFolder(t), "short.jsonl");
  assert.equal(readFrameSource(path, 0, 1), undefined);
  writeFileSync(path, "ab");
  assert.equal(readFrameSource(path, 9, 1), undefined);
  assert.equal(readFrameSource(path, 2, 0)?.before, "ab");
});

test("colours: FORCE_COLOR, then NO_COLOR, then the terminal", () => {
  assert.equal(wantsColour({ isTTY: true, env: {} }), true);
  assert.equal(wantsColour({ isTTY: false, env: {} }), false);
  assert.equal(wantsColour({ isTTY: true, env: { NO_COLOR: "1" } }), false);
  assert.equal(wantsColour({ isTTY: true, env: { NO_COLOR: "" } }), true);
  assert.equal(wantsColour({ isTTY: false, env: { FORCE_COLOR: "1", NO_COLOR: "1" } }), true);
  assert.equal(wantsColour({ isTTY: true, env: { FORCE_COLOR: "0" } }), false);
  assert.equal(wantsColour({ isTTY: true, env: { TERM: "dumb" } }), false);
});

test("units", () => {
  assert.deepEqual([0, 999, 1000, 1_234_567, 99_949_999, 999_600_000].map(bytes), ["0 B", "999 B", "1.0 kB", "1.2 MB", "100 MB", "1.0 GB"]);
  assert.deepEqual([0.04, 9.94, 9.96, 59.6, 3599.9, 7800].map(duration), ["0.0 s", "9.9 s", "10 s", "1 min 0 s", "1 h 0 min", "2 h 10 min"]);
});
