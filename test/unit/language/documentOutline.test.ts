import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DocumentRows } from "../../../extension/core/analysis/documentRows";
import type { DocumentView } from "../../../extension/core/analysis/documentSession";
import { DEFAULT_FIELDS } from "../../../extension/core/dataset/fields";
import type { OutlinedRow } from "../../../extension/core/language/dataset/contract";
import { outlineOfDocument } from "../../../extension/core/language/dataset/documentOutline";

function outlineOf(lines: readonly string[]): readonly OutlinedRow[] {
  const rows = new DocumentRows();
  rows.append(lines);
  rows.rebuild();
  const outlining = outlineOfDocument({ version: 1, rows: rows.all, context: { fields: DEFAULT_FIELDS } as DocumentView["context"] });
  for (;;) {
    const step = outlining.next();
    if (step.done === true) return step.value;
  }
}

const line = (i: number): string => JSON.stringify({ messages: [{ role: "user", content: `q${i}` }, { role: "assistant", content: `a${i}` }] });
const lines = (count: number): string[] => Array.from({ length: count }, (_, i) => line(i + 1));

void describe("the outline of a document", () => {
  void it("has every row, and the turns of the first ones", () => {
    const rows = outlineOf(lines(1000));
    assert.equal(rows.length, 1000);
    assert.deepEqual([rows[0]?.turns.length, rows[999]?.turns.length], [2, 0]);
    assert.deepEqual([rows[999]?.row, rows[999]?.detail, rows[999]?.range.start.line], [1000, "q1000", 1000]);
  });

  void it("has parts of the same number of rows from the first to the last where there are very many", () => {
    const parts = outlineOf(lines(20_013));
    assert.equal(parts.length, 401);
    assert.deepEqual(
      [parts[0], parts[1], parts[400]].map((part) => [part?.row, part?.lastRow, part?.detail, part?.range.start.line, part?.range.end.line]),
      [
        [1, 50, "q1", 1, 50],
        [51, 100, "q51", 51, 100],
        [20_001, 20_013, "q20001", 20_001, 20_013],
      ],
    );
    assert.deepEqual(parts[400]?.range.end, { line: 20_013, column: line(20_013).length + 1 });
  });

  void it("begins parts at rows, not at blank lines", () => {
    const parts = outlineOf(["", ...lines(1001)]);
    assert.deepEqual([parts[0]?.row, parts[0]?.lastRow, parts[1]?.row], [2, 5, 6]);
  });
});
