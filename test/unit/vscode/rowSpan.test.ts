import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findRow, movedSpan } from "../../../extension/vscode/rows/rowSpan";

const TEXT = "first\nrow\nlast\n";
const ROW = { start: 6, end: 9 };

/** The row after `[from, to)` of the text was replaced. */
function after(from: number, to: number, text: string): string {
  const changed = TEXT.slice(0, from) + text + TEXT.slice(to);
  const { start, end } = movedSpan(ROW, [{ rangeOffset: from, rangeLength: to - from, text }]);
  return changed.slice(start, end);
}

describe("the place of a row in a document that is edited", () => {
  const cases: readonly (readonly [name: string, from: number, to: number, text: string, row: string])[] = [
    ["an edit before it", 0, 5, "the very first", "row"],
    ["a line before it goes", 0, 6, "", "row"],
    ["a line is put right before it", 6, 6, "new\n", "row"],
    ["a line is put right behind it", 9, 9, "\nnew", "row"],
    ["an edit behind it", 10, 14, "", "row"],
    ["an edit inside of it", 7, 8, "OOO", "rOOOw"],
    ["it is replaced", 6, 9, "other", "other"],
    ["its line goes", 6, 10, "", ""],
    ["an edit over its beginning", 3, 7, "XY", "ow"],
    ["an edit over its end", 8, 12, "XY", "roXY"],
  ];
  for (const [name, from, to, text, row] of cases) it(name, () => assert.equal(after(from, to, text), row));

  it("several edits at once", () => {
    const span = movedSpan(ROW, [
      { rangeOffset: 10, rangeLength: 4, text: "" },
      { rangeOffset: 7, rangeLength: 1, text: "oo" },
      { rangeOffset: 0, rangeLength: 6, text: "1\n2\n" },
    ]);
    assert.deepEqual(span, { start: 4, end: 8 });
  });
});

describe("a row that is looked for", () => {
  it("is the nearest of equal ones, and a whole line", () => {
    const text = "row\nxrow\nrow\n  row,\nrows\n";
    assert.equal(findRow(text, "row", 0)?.start, 0);
    assert.equal(findRow(text, "row", 10)?.start, 9);
    assert.equal(findRow(text, "row", 100)?.start, 15);
    assert.equal(findRow(text, "rowx", 0), undefined);
  });
});
