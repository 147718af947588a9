import type { Position } from "../../../base/text";
import type { DocumentView } from "../../analysis/documentSession";
import type { PositionRange } from "../../analysis/finding";
import { readSample } from "../../dataset/formats";
import { isObject, parseJsonText } from "../../dataset/values";
import { RowSource } from "../../jsonl/rowSource";
import type { DatasetHover, DatasetMarks, RowTokens } from "./contract";
import { hoverAt, type RowHover, hoverWithoutPrompt } from "./hover";
import { hoverMarkdown } from "./hoverText";
import { type PlacedRow, rowAt, rowNumber, rowsIn } from "./rowAt";
import { countsOf } from "./rowCounts";
import type { ModelInForce, RowTraces } from "./rowTraces";
import { TOKEN_MARKS, type TokenMark, tokenMarksOf } from "./tokenMarks";

/** Rows of more text than this are not rendered while somebody waits: it would take seconds. */
const MAX_TRACED_LENGTH = 2 * 1024 * 1024;
/** Editors show no more of a line: VS Code stops at 10,000 columns unless it is told otherwise. */
const MAX_COLUMN = 20_000;
/** Marks of one kind on a screen; more would take longer to draw than to scroll on. */
const MAX_MARKS = 10_000;
/** Rows whose tokens are told at a time: more than fit on any screen. */
const MAX_ROWS = 500;

/** The model, and the traces made with it. */
export interface PromptTools {
  readonly model: ModelInForce | undefined;
  readonly traces: RowTraces;
}

export interface HoverRequest {
  readonly position: Position;
  /** The row's number in its dataset, where it is a document of its own; else null. */
  readonly ownRow: number | null;
  readonly selectModel: string;
  readonly locale: string;
}

/** What there is to say about a place of a document. */
export function hoverOfDocument(view: DocumentView, request: HoverRequest, tools: PromptTools): DatasetHover | null {
  const placed = rowAt(view.rows, request.position);
  if (placed === undefined) return null;
  const hover = hoverOfRow(view, placed, placed.positions.offsetAt(request.position), tools);
  if (hover === undefined) return null;
  const numbers = new Intl.NumberFormat(request.locale);
  const markdown = hoverMarkdown(hover, {
    row: request.ownRow ?? rowNumber(placed),
    maxLength: view.context.maxLength,
    selectModel: request.selectModel,
    number: (value) => numbers.format(value),
  });
  return { range: placed.positions.rangeOf(hover.span), markdown };
}

function hoverOfRow({ context }: DocumentView, { row }: PlacedRow, offset: number, { model, traces }: PromptTools): RowHover | undefined {
  if (model !== undefined && row.text.length <= MAX_TRACED_LENGTH) return hoverAt(traces.of(row, model.prompts, context.fields), offset, model);
  const value = parseJsonText(row.text);
  const sample = isObject(value) ? readSample(value, context.fields) : undefined;
  return hoverWithoutPrompt(new RowSource(row.text), sample, offset, model === undefined ? "no model" : "too long");
}

/** The tokens of the rows of a range, a row a step. */
export function* tokensOfDocument(view: DocumentView, range: PositionRange, { model, traces }: PromptTools): Generator<void, readonly RowTokens[]> {
  const found: RowTokens[] = [];
  if (model === undefined) return found;
  for (const placed of rowsIn(view.rows, range)) {
    if (found.length >= MAX_ROWS) break;
    if (placed.row.text.length > MAX_TRACED_LENGTH) continue;
    const trace = traces.of(placed.row, model.prompts, view.context.fields);
    const refused = trace.prompts.find((prompt) => prompt.kind === "refused")?.refusal.message;
    found.push({ row: rowNumber(placed), position: placed.positions.positionAt(0), counts: countsOf(trace), refused });
    yield;
  }
  return found;
}

/** The marks of the rows of several ranges, a row a step. */
export function* marksOfDocument(
  view: DocumentView,
  ranges: readonly PositionRange[],
  marks: readonly TokenMark[],
  { model, traces }: PromptTools,
): Generator<void, DatasetMarks | null> {
  if (model === undefined) return null;
  const wanted = new Set(marks);
  const collector = new MarkCollector();
  let hasMask: boolean | undefined;
  const seen = new Set<number>();
  for (const range of ranges) {
    for (const placed of rowsIn(view.rows, range)) {
      if (seen.has(placed.index) || placed.row.text.length > MAX_TRACED_LENGTH) continue;
      seen.add(placed.index);
      const trace = traces.of(placed.row, model.prompts, view.context.fields);
      for (const prompt of trace.prompts) if (prompt.kind === "prompt" && prompt.conversation !== undefined) hasMask = hasMask === true || prompt.trace.hasGeneration;
      const places = tokenMarksOf(trace, model, wanted);
      for (const mark of marks) collector.add(mark, places[mark], placed);
      yield;
    }
  }
  return { places: collector.places(), cut: collector.cut, hasMask, hasVerdicts: model.verdicts !== undefined };
}

/** Gathers places of rows as places of the document. */
class MarkCollector {
  readonly #places: Record<TokenMark, number[]> = { boundaries: [], special: [], trained: [], masked: [], untrained: [] };
  cut = false;

  /** A string of JSON never spans lines, and neither does a place in one. */
  add(mark: TokenMark, offsets: readonly number[], { positions }: PlacedRow): void {
    const places = this.#places[mark];
    // Most rows are lines, and a screen has thousands of tokens.
    const row = positions.onOneLine;
    for (let i = 0; i < offsets.length; i += 2) {
      const start = offsets[i] ?? 0;
      const { line, column } = row === undefined ? positions.positionAt(start) : { line: row.line, column: row.column + start };
      if (column > MAX_COLUMN) continue;
      if (places.length >= 3 * MAX_MARKS) {
        this.cut = true;
        return;
      }
      places.push(line, column, column + (offsets[i + 1] ?? start) - start);
    }
  }

  places(): DatasetMarks["places"] {
    return Object.fromEntries(TOKEN_MARKS.map((mark) => [mark, Uint32Array.from(this.#places[mark])])) as Record<TokenMark, Uint32Array>;
  }
}
