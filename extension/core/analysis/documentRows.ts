import type { FormatId } from "../dataset/conversation";
import { type RawRow, MAX_ROW_BYTES } from "../jsonl/rows";
import { shapeOf } from "../jsonl/shape";
import { decodeUtf8 } from "../jsonl/utf8";
import { ValueScanner } from "../jsonl/valueScanner";
import { BUILTIN } from "../rules/builtin";
import type { RowResult } from "./checkRow";
import type { Finding } from "./finding";
import type { RowOrigin } from "./place";
import type { LineEdit } from "./workerContract";

/** `quick`: checked, but its tokens are not counted yet. */
export type RowStage = "unchecked" | "quick" | "done";

/** A row of an open document, and what is known of it. */
export interface DocumentRow {
  readonly text: string;
  /** A `fault` lies between the rows of a JSON array. */
  readonly kind: "row" | "blank" | "fault";
  /** Where the row begins; undefined where a row is a line, which moves when lines above it come and go. */
  readonly origin: RowOrigin | undefined;
  stage: RowStage;
  result: RowResult;
  /** The format of the file that the row was checked against. */
  expected: FormatId | undefined;
  /** The findings of `result` with their places counted from the row's line, once somebody asked for them. */
  placed: readonly Finding[] | undefined;
}

const NO_RESULT: RowResult = { format: undefined, tokens: undefined, findings: [] };

/** How many lines are looked at to tell the shape; more of them cannot change what `shapeOf` says. */
const HEAD_LINES = 50;
/** How much text is looked at to tell the shape, apart from the first line: as much as of a file on disk. */
const HEAD_LENGTH = 1024 * 1024;

/** The rows of an open document. A row that an edit does not touch keeps what is known of it. */
export class DocumentRows {
  #lines: string[] = [];
  #rows: DocumentRow[] = [];
  #shape: ReturnType<typeof shapeOf> = "lines";

  get all(): readonly DocumentRow[] {
    return this.#rows;
  }

  /** Adds lines while a document is opened; {@link rebuild} makes rows of them. */
  append(lines: readonly string[]): void {
    for (const line of lines) this.#lines.push(line);
  }

  /** Makes the rows anew from all lines. */
  rebuild(): void {
    this.#shape = this.#shapeNow();
    this.#rows = this.#shape === "lines" ? this.#lines.map(rowOfLine) : rowsOfValues(this.#lines.join("\n"), this.#shape);
  }

  /** Changes lines only; the rows are made later, by {@link rebuild}. */
  editLines(edits: readonly LineEdit[]): void {
    for (const { startLine, endLine, lines } of edits) this.#lines = replaced(this.#lines, startLine, endLine, lines);
  }

  /**
   * Changes lines and the rows that they are.
   * @returns the new rows, or undefined where rows are not lines, so that all of them have to be made anew.
   */
  edit(edits: readonly LineEdit[]): DocumentRow[] | undefined {
    this.editLines(edits);
    const headTouched = edits.some(({ startLine }) => startLine < HEAD_LINES);
    if (this.#shape !== "lines" || (headTouched && this.#shapeNow() !== "lines")) return undefined;
    const changed: DocumentRow[] = [];
    for (const { startLine, endLine, lines } of edits) {
      const sameCount = lines.length === endLine - startLine;
      const rows = lines.map((text, i) => {
        const before = sameCount ? this.#rows[startLine + i] : undefined;
        if (before?.text === text) return before;
        const row = rowOfLine(text);
        changed.push(row);
        return row;
      });
      this.#rows = replaced(this.#rows, startLine, endLine, rows);
    }
    return changed;
  }

  #shapeNow(): ReturnType<typeof shapeOf> {
    const head: string[] = [];
    let length = 0;
    for (const line of this.#lines) {
      length += line.length;
      if (head.length === HEAD_LINES || (head.length > 0 && length > HEAD_LENGTH)) break;
      head.push(line);
    }
    return shapeOf(head.join("\n"), head.length === this.#lines.length);
  }
}

/** The list with `[start, end)` replaced: in place where the number of items stays, so that many small edits stay cheap. */
function replaced<T>(list: T[], start: number, end: number, items: readonly T[]): T[] {
  if (items.length !== end - start) return list.slice(0, start).concat(items, list.slice(end));
  items.forEach((item, i) => {
    list[start + i] = item;
  });
  return list;
}

function rowOfLine(text: string): DocumentRow {
  const blank = /^[ \t]*$/.test(text);
  return { ...newRow(text, undefined), kind: blank ? "blank" : "row", stage: blank ? "done" : "unchecked" };
}

function rowsOfValues(text: string, shape: "array" | "values"): DocumentRow[] {
  const bytes = new TextEncoder().encode(text);
  const rows: DocumentRow[] = [];
  new ValueScanner(shape, MAX_ROW_BYTES).scan(bytes, 0, bytes.length, 0, true, (raw) => {
    rows.push(rowOfValue(raw));
  });
  return rows;
}

function rowOfValue(raw: RawRow): DocumentRow {
  const { number, line, column } = raw;
  const row = newRow(decodeUtf8(raw.bytes).text, { number, line, column, byteOffset: 0 });
  if (raw.fault === undefined) return row;
  const span = { start: 0, end: row.text.length };
  const finding = { rule: BUILTIN.jsonSyntax, message: raw.fault, pointer: "", span, related: [], data: {} };
  return { ...row, kind: "fault", stage: "done", result: { ...NO_RESULT, findings: [finding] } };
}

function newRow(text: string, origin: RowOrigin | undefined): DocumentRow {
  return { text, kind: "row", origin, stage: "unchecked", result: NO_RESULT, expected: undefined, placed: undefined };
}
