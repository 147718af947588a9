import type { Position } from "../../../base/text";
import type { DocumentRow } from "../../analysis/documentRows";
import type { PositionRange } from "../../analysis/finding";
import { RowPositions } from "../../analysis/place";
import type { DocumentEdit } from "./contract";

/** A row of a document, and where it stands in it. */
export interface PlacedRow {
  readonly row: DocumentRow;
  readonly index: number;
  readonly positions: RowPositions;
}

/** The row at `index`. */
export function placedRow(rows: readonly DocumentRow[], index: number): PlacedRow | undefined {
  const row = rows[index];
  return row === undefined ? undefined : { row, index, positions: new RowPositions(startOf(row, index), row.text) };
}

/** The row that `position` is in, its end included; blank lines and faults between rows are none. */
export function rowAt(rows: readonly DocumentRow[], position: Position): PlacedRow | undefined {
  const placed = placedRow(rows, lastStartingBy(rows, position));
  if (placed?.row.kind !== "row") return undefined;
  const end = placed.positions.positionAt(placed.row.text.length);
  return isAfter(position, end) ? undefined : placed;
}

/** The rows that a range touches, in order. */
export function* rowsIn(rows: readonly DocumentRow[], range: PositionRange): Generator<PlacedRow, void> {
  for (let index = Math.max(0, lastStartingBy(rows, range.start)); index < rows.length; index++) {
    const placed = placedRow(rows, index);
    if (placed === undefined || isAfter(placed.positions.positionAt(0), range.end)) return;
    const end = placed.positions.positionAt(placed.row.text.length);
    if (placed.row.kind === "row" && !isAfter(range.start, end)) yield placed;
  }
}

/** As findings count rows: the line of a row that is a line, else its ordinal. */
export function rowNumber({ row, index }: PlacedRow): number {
  return row.origin?.number ?? index + 1;
}

/** The edit that takes a row out of the document, with what separates it from the others. */
export function deleteRowEdit(rows: readonly DocumentRow[], { row, index, positions }: PlacedRow): DocumentEdit {
  const next = rows[index + 1];
  const before = placedRow(rows, index - 1);
  const end = positions.positionAt(row.text.length);
  if (next !== undefined) return { range: { start: positions.positionAt(0), end: startOf(next, index + 1) }, text: "" };
  return { range: { start: before?.positions.positionAt(before.row.text.length) ?? positions.positionAt(0), end }, text: "" };
}

function startOf(row: DocumentRow, index: number): Position {
  return row.origin ?? { line: index + 1, column: 1 };
}

/** The index of the last row that begins at or before `position`; -1 before all of them. */
function lastStartingBy(rows: readonly DocumentRow[], position: Position): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row !== undefined && !isAfter(startOf(row, middle), position)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function isAfter(a: Position, b: Position): boolean {
  return a.line > b.line || (a.line === b.line && a.column > b.column);
}
