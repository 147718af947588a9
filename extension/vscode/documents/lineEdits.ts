import type { LineEdit } from "../../core/analysis/workerContract";

/** A change as VS Code tells it: places are those before the change. */
export interface TextChange {
  readonly range: { readonly start: TextPosition; readonly end: TextPosition };
  readonly text: string;
}

interface TextPosition {
  readonly line: number;
  readonly character: number;
}

/** The part of a text document that is needed here. */
export interface TextLines {
  readonly lineCount: number;
  lineAt(line: number): { readonly text: string };
}

/** Lines `[start, end]` of the old text that changed, and by how many lines they grew. */
interface Hunk {
  readonly start: number;
  end: number;
  growth: number;
}

/**
 * Turns the changes of one event into whole lines, the last lines first, so that they can be applied one after the other.
 * Undefined when the changes do not come from the end of the document to its beginning; then it has to be read anew.
 *
 * @param after the document after all of the changes
 */
export function lineEditsOf(changes: readonly TextChange[], after: TextLines): LineEdit[] | undefined {
  const hunks = hunksOf(changes);
  if (hunks === undefined) return undefined;
  const edits: LineEdit[] = [];
  let shift = 0;
  for (const { start, end, growth } of hunks) {
    const from = start + shift;
    const to = end + 1 + shift + growth;
    if (from >= to || to > after.lineCount) return undefined;
    const lines = Array.from({ length: to - from }, (_, i) => after.lineAt(from + i).text);
    edits.push({ startLine: start, endLine: end + 1, lines });
    shift += growth;
  }
  return edits.reverse();
}

/** In the order of the document; changes of the same or of neighbouring lines are one hunk. */
function hunksOf(changes: readonly TextChange[]): Hunk[] | undefined {
  const hunks: Hunk[] = [];
  let before: TextPosition = { line: 0, character: 0 };
  for (const { range, text } of changes.toReversed()) {
    const { start, end } = range;
    if (start.line < before.line || (start.line === before.line && start.character < before.character)) return undefined;
    before = end;
    const growth = lineBreaks(text) - (end.line - start.line);
    const last = hunks.at(-1);
    if (last !== undefined && start.line <= last.end + 1) {
      last.end = end.line;
      last.growth += growth;
    } else hunks.push({ start: start.line, end: end.line, growth });
  }
  return hunks;
}

function lineBreaks(text: string): number {
  let count = 0;
  for (let at = text.search(/[\r\n]/); at !== -1 && at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === 10 || (c === 13 && text.charCodeAt(at + 1) !== 10)) count++;
  }
  return count;
}
