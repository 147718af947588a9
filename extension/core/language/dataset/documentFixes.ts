import type { DocumentRow } from "../../analysis/documentRows";
import type { DocumentView, SessionContext } from "../../analysis/documentSession";
import type { PositionRange } from "../../analysis/finding";
import type { TextEdit } from "../../jsonl/edits";
import { BUILTIN } from "../../rules/builtin";
import { TOKEN_RULES } from "../../rules/registry";
import type { DocumentEdit, OfferedFix, OfferedRefactoring } from "./contract";
import { type FixChoice, fixesIn, fixRow } from "./fixes";
import { type Refactoring, refactoringsIn, refactorRow } from "./refactorings";
import { deleteRowEdit, type PlacedRow, placedRow, rowAt, rowsIn } from "./rowAt";

/** How many rows of a selection have their fixes looked for; a menu of more is of no use. */
const MAX_ROWS = 20;
/** Rows of no more text than this are rendered and counted to try a fix, whatever it is for. */
const MAX_COUNTED_LENGTH = 64 * 1024;

/** The fixes of the findings in `range`, in document order. */
export function fixesOfDocument({ rows, context }: DocumentView, range: PositionRange): OfferedFix[] {
  const offered: OfferedFix[] = [];
  let looked = 0;
  for (const placed of rowsIn(rows, range)) {
    if (!mayHaveFindings(placed.row)) continue;
    if (++looked > MAX_ROWS) break;
    const { positions, row } = placed;
    const span = { start: positions.offsetAt(range.start), end: positions.offsetAt(range.end) };
    for (const { rule, id, title, safe, span: found, edits } of fixesIn(row.text, span, contextFor(row, context))) {
      offered.push({ rule, id, title, safe, range: positions.rangeOf(found), edits: documentEdits(rows, placed, edits) });
    }
  }
  return offered;
}

/** Rewritings of the row that `range` begins in. */
export function refactoringsOfDocument({ rows, context }: DocumentView, range: PositionRange): OfferedRefactoring[] {
  const placed = rowAt(rows, range.start);
  if (placed === undefined) return [];
  const { positions, row } = placed;
  const span = { start: positions.offsetAt(range.start), end: positions.offsetAt(range.end) };
  return refactoringsIn(row.text, span, { ...context, counter: undefined }).map(({ id, title, edits }) => ({ id, title, edits: documentEdits(rows, placed, edits) }));
}

/** Makes one kind of rewriting to all rows, one row a step. */
export function* refactorDocument({ rows, context }: DocumentView, id: Refactoring["id"]): Generator<void, readonly DocumentEdit[]> {
  const edits: DocumentEdit[] = [];
  for (let index = 0; index < rows.length; index++) {
    const placed = placedRow(rows, index);
    if (placed?.row.kind !== "row") continue;
    const changed = refactorRow(placed.row.text, id, { ...context, counter: undefined });
    if (changed !== undefined) edits.push(...documentEdits(rows, placed, changed));
    yield;
  }
  return edits;
}

/** Makes the chosen fixes to all rows, one row a step; the edits are complete when the generator ends. */
export function* fixDocument({ rows, context }: DocumentView, choice: FixChoice): Generator<void, readonly DocumentEdit[]> {
  const edits: DocumentEdit[] = [];
  for (let index = 0; index < rows.length; index++) {
    const placed = placedRow(rows, index);
    if (placed?.row.kind !== "row" || !mayHaveFindings(placed.row, choice)) continue;
    const fixed = fixRow(placed.row.text, choice, contextFor(placed.row, context));
    if (fixed !== undefined) edits.push(...documentEdits(rows, placed, fixed));
    yield;
  }
  return withoutTouching(edits);
}

/** Of rows that are deleted next to each other, the last row of a document takes the line break that the one before took. */
function withoutTouching(edits: readonly DocumentEdit[]): DocumentEdit[] {
  const kept: DocumentEdit[] = [];
  for (const edit of edits) {
    const before = kept.at(-1);
    const { start, end } = edit.range;
    const overlaps = before !== undefined && (before.range.end.line > start.line || (before.range.end.line === start.line && before.range.end.column > start.column));
    if (overlaps) kept[kept.length - 1] = { range: { start: before.range.start, end }, text: before.text + edit.text };
    else kept.push(edit);
  }
  return kept;
}

function documentEdits(rows: readonly DocumentRow[], placed: PlacedRow, edits: readonly TextEdit[] | "delete row"): DocumentEdit[] {
  if (edits === "delete row") return [deleteRowEdit(rows, placed)];
  return edits.map(({ start, end, text }) => ({ range: placed.positions.rangeOf({ start, end }), text }));
}

function mayHaveFindings({ stage, result }: DocumentRow, choice: FixChoice = "safe"): boolean {
  if (stage === "unchecked") return true;
  return choice === "safe" ? result.findings.length > 0 : result.findings.some(({ rule }) => rule.id === choice.rule);
}

/** Counting takes the longest: a long row is only counted where its findings are about that. */
function contextFor(row: DocumentRow, context: SessionContext): SessionContext {
  const counted = row.text.length <= MAX_COUNTED_LENGTH || row.result.findings.some(({ rule }) => COUNTED.has(rule.id));
  return counted ? context : { ...context, counter: undefined };
}

const COUNTED: ReadonlySet<string> = new Set([
  BUILTIN.templateRefused.id,
  BUILTIN.tokensOverLength.id,
  BUILTIN.tokensDoubleBos.id,
  ...TOKEN_RULES.map(({ meta }) => meta.id),
]);
