import type { Position } from "../../../base/text";
import type { DocumentView } from "../../analysis/documentSession";
import type { PositionRange } from "../../analysis/finding";
import { parseJson } from "../../jsonl/parse";
import type { DatasetRow, DocumentCompletion, DocumentFold, OutlinedRow } from "./contract";
import { completionsAt } from "./completion";
import { placedRow, rowAt, rowNumber } from "./rowAt";
import { rowSymbol } from "./symbols";

/** Rows that an outline lists one by one. An editor asks for all of them again after each edit, and holds up everything else while it takes them. */
const MAX_ROWS = 1_000;
/** Parts of a longer document that an outline lists in their place. */
const MAX_PARTS = 500;
/** Rows and turns that an outline lists; rows beyond it are listed without their turns. */
const MAX_SYMBOLS = 1_500;
/** Text of documents whose rows are listed with their turns, which takes parsing all of it. */
const MAX_LENGTH_WITH_TURNS = 4 * 1024 * 1024;

/** The rows of a document with their turns, a row a step; of a document with very many, parts that have as many rows each. */
export function* outlineOfDocument(view: DocumentView): Generator<void, readonly OutlinedRow[]> {
  const { rows, context } = view;
  const count = rows.reduce((sum, { kind }) => sum + (kind === "row" ? 1 : 0), 0);
  if (count > MAX_ROWS) return yield* partsOfDocument(view);
  const withTurns = rows.reduce((length, { text }) => length + text.length, 0) <= MAX_LENGTH_WITH_TURNS;
  const outlined: OutlinedRow[] = [];
  let symbols = 0;
  for (let index = 0; index < rows.length; index++) {
    const placed = placedRow(rows, index);
    if (placed?.row.kind !== "row") continue;
    const { row, positions } = placed;
    const { detail, turns } = rowSymbol(row.text, context.fields, withTurns && symbols < MAX_SYMBOLS);
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

function* partsOfDocument({ rows, context }: DocumentView): Generator<void, readonly OutlinedRow[]> {
  const size = roundedUp(rows.length / MAX_PARTS);
  const parts: { row: number; lastRow: number; detail: string; range: PositionRange; readonly turns: readonly [] }[] = [];
  for (let index = 0; index < rows.length; index++) {
    const placed = placedRow(rows, index);
    if (placed?.row.kind !== "row") continue;
    const row = rowNumber(placed);
    const { start, end } = placed.positions.rangeOf({ start: 0, end: placed.row.text.length });
    const part = parts.at(-1);
    if (part !== undefined && Math.floor((part.row - 1) / size) === Math.floor((row - 1) / size)) {
      part.lastRow = row;
      part.range = { start: part.range.start, end };
    } else {
      const { detail } = rowSymbol(placed.row.text, context.fields, false);
      parts.push({ row, lastRow: row, detail, range: { start, end }, turns: [] });
    }
    yield;
  }
  return parts;
}

/** The next of 1, 2, 5, 10, 20, 50 and so on: people count in these. */
function roundedUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((round) => round >= value) ?? value;
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
