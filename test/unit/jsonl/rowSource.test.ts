import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RowSource } from "../../../extension/core/jsonl/rowSource";
import { Random } from "../../support/random";

const ROW = String.raw`{"a/b": [{"c": "x\n\u00e9\ud83d\ude00\"y"}, 1], "é": "plain", "e": "", "d": "first", "d": "la\st"}`;

describe("RowSource", () => {
  const source = new RowSource(ROW);
  const text = (pointer: string, start?: number, end?: number): string | undefined => {
    const range = source.rangeOf(pointer, start, end);
    return range === undefined ? undefined : ROW.slice(range.start, range.end);
  };

  it("finds characters of a string through escapes", () => {
    const value = 'x\né😀"y';
    const written = ["x", "\\n", "\\u00e9", "\\ud83d", "\\ude00", '\\"', "y"];
    for (let i = 0; i < value.length; i++) assert.equal(text("/a~1b/0/c", i, i + 1), written[i]);
    assert.equal(text("/a~1b/0/c", 3, 5), "\\ud83d\\ude00");
    assert.equal(text("/a~1b/0/c"), written.join(""));
    assert.equal(text("/a~1b/0/c", 7, 7), "");
  });

  it("takes what JSON.parse takes of duplicate keys, and reads a bad escape as it is written", () => {
    assert.equal(text("/d"), "la\\st");
    assert.equal(text("/d", 2, 4), "\\s");
  });

  it("gives values that are no strings as a whole", () => {
    assert.equal(text("/a~1b/1"), "1");
    assert.equal(text("/a~1b/1", 0, 1), undefined);
    assert.equal(text("/nothing"), undefined);
    assert.equal(text("/a~1b/7"), undefined);
    assert.equal(text("/é/0"), undefined);
    assert.equal(text(""), ROW);
  });

  it("says which string stands where", () => {
    const at = (needle: string, length = needle.length): unknown => source.stringsIn(ROW.indexOf(needle), ROW.indexOf(needle) + length);
    assert.deepEqual(at("plain", 2), [{ pointer: "/é", start: 0, end: 2 }]);
    assert.deepEqual(at("00e9", 1), [{ pointer: "/a~1b/0/c", start: 2, end: 3 }]);
    assert.deepEqual(at('"a/b"'), [], "keys are no text");
    assert.deepEqual(source.stringsIn(ROW.indexOf("plain") + 5), [{ pointer: "/é", start: 5, end: 5 }]);
    assert.deepEqual(source.stringsIn(ROW.indexOf('"e": ""') + 6), [{ pointer: "/e", start: 0, end: 0 }]);
    assert.deepEqual(source.stringsIn(0, ROW.length).map(({ pointer, start, end }) => [pointer, start, end]), [
      ["/a~1b/0/c", 0, 7], ["/é", 0, 5], ["/d", 0, 5], ["/d", 0, 5],
    ]);
  });

  it("says where plain text stands", () => {
    const plain = new RowSource("a\\n", { plain: true });
    assert.deepEqual(plain.rangeOf("", 1, 3), { start: 1, end: 3 });
    assert.deepEqual(plain.stringsIn(1, 99), [{ pointer: "", start: 1, end: 3 }]);
    assert.equal(plain.rangeOf("/text"), undefined);
  });

  it("finds back what it found, in 500 random rows", () => {
    const random = new Random(11);
    const characters = ["a", " ", "\n", '"', "\\", "é", "😀", "\ud800", "\u2028", "\u0001"];
    for (let i = 0; i < 500; i++) {
      const make = (): string => Array.from({ length: random.int(12) }, () => random.pick(characters)).join("");
      const value = { list: [make(), { [make()]: make(), same: make() }], last: make() };
      // Some writers escape everything that is not ASCII.
      const json = JSON.stringify(value, null, random.pick([0, 2]));
      const row = random.int(2) === 0 ? json : json.replace(/[^\x20-\x7e\n]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
      const again = new RowSource(row);
      for (const { pointer, end } of again.stringsIn(0, row.length)) {
        assert.equal(again.pointerOf(again.nodeAt(pointer) ?? -1), pointer);
        for (let unit = 0; unit < end; unit++) {
          const range = again.rangeOf(pointer, unit, unit + 1);
          assert.ok(range !== undefined && range.start < range.end);
          for (let at = range.start; at < range.end; at++) assert.deepEqual(again.stringsIn(at, at + 1), [{ pointer, start: unit, end: unit + 1 }], `${row} ${pointer} ${unit}`);
        }
      }
    }
  });
});
