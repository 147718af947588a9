import type { Position } from "../../../base/text";
import type { DocumentView } from "../../analysis/documentSession";
import type { PositionRange } from "../../analysis/finding";
import { parseJson } from "../../jsonl/parse";
import type { DatasetRow, DocumentCompletion, DocumentFold, OutlinedRow } from "./contract";
import { completionsAt } from "./completion";
import { placedRow, rowAt, rowNumber } from "./rowAt";
import { rowSymbol } from "./symbols";

/** Rows and turns that an outline lists. An editor asks for all of them again after each edit, and with 20,000 it takes seconds. */
const MAX_SYMBOLS = 2_500;
/** Text of documents whose rows are listed with their turns, which takes parsing all of it. */
const MAX_LENGTH_WITH_TURNS = 4 * 1024 * 1024;

/** The rows of a document with their turns, a row a step. */
export function* outlineOfDocument({ rows, context }: DocumentView): Generator<void, readonly OutlinedRow[]> {
  const withTurns = rows.reduce((length, { text }) => length + text.length, 0) <= MAX_LENGTH_WITH_TURNS;
  const outlined: OutlinedRow[] = [];
  let symbols = 0;
  for (let index = 0; index < rows.length && symbols < MAX_SYMBOLS; index++) {
    const placed = placedRow(rows, index);
    if (placed?.row.kind !== "row") continue;
    const { row, positions } = placed;
    const { detail, turns } = rowSymbol(row.text, context.fields, withTurns);
    symbols += 1 + turns.length;
    outlined.push({
      row: rowNumber(placed),
      detail,
      range: positions.rangeOf({ start: 0, end: row.text.length }),
      turns: turns.map((turn) => ({ name: turn.name, detail: turn.detail, range: positions.rangeOf(turn.span) })),
    });
    yield;
  }
  return outlined;
}

/** Folds of editors are few; a document has at most so many. */
const MAX_FOLDS = 50_000;

/** Objects and arrays that span lines, a row a step. Rows that are lines have none. */
export function* foldsOfDocument({ rows }: DocumentView): Generator<void, readonly DocumentFold[]> {
  const folds: DocumentFold[] = [];
  for (let index = 0; index < rows.length && folds.length < MAX_FOLDS; index++) {
    const placed = placedRow(rows, index);
    if (placed?.row.kind !== "row" || !placed.row.text.includes("\n")) continue;
    const { tree } = parseJson(placed.row.text);
    for (let node = 0; node < tree.size; node++) {
      const kind = tree.kind(node);
      if (kind !== "object" && kind !== "array") continue;
      const { start, end }: PositionRange = placed.positions.rangeOf(tree.span(node));
      // The line with the closing bracket stays in sight.
      if (end.line - 1 > start.line) folds.push({ startLine: start.line, endLine: end.line - 1 });
    }
    yield;
  }
  return folds;
}

/** The row at a place of a document. */
export function rowOfDocument({ rows }: DocumentView, position: Position): DatasetRow | null {
  const placed = rowAt(rows, position);
  if (placed === undefined) return null;
  const { text } = placed.row;
  return { row: rowNumber(placed), text, range: placed.positions.rangeOf({ start: 0, end: text.length }) };
}

/** What may stand at a place of a document. */
export function completionsOfDocument({ rows, context }: DocumentView, position: Position): readonly DocumentCompletion[] {
  const placed = rowAt(rows, position);
  if (placed === undefined) return [];
  const { positions, row } = placed;
  return completionsAt(row.text, positions.offsetAt(position), context.fields, context.expectedFormat).map(({ replace, ...entry }) => ({
    ...entry,
    range: positions.rangeOf(replace),
  }));
}
