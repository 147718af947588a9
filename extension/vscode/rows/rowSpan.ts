/** A change of a text as an editor tells it: offsets are those before the change, in UTF-16 units. */
export interface OffsetChange {
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

/** Where a row stands in its document. */
export interface RowSpan {
  readonly start: number;
  readonly end: number;
}

/** Where the row stands after the changes of one event. Text that comes right before or behind the row is not the row's. */
export function movedSpan({ start, end }: RowSpan, changes: readonly OffsetChange[]): RowSpan {
  let [newStart, newEnd] = [start, end];
  for (const { rangeOffset, rangeLength, text } of changes) {
    const changeEnd = rangeOffset + rangeLength;
    const growth = text.length - rangeLength;
    if (changeEnd <= start) {
      newStart += growth;
      newEnd += growth;
    } else if (rangeOffset < end) {
      // A change that reaches over an end of the row takes that end along.
      if (rangeOffset < start) newStart += rangeOffset + text.length - start;
      newEnd += growth + (changeEnd > end ? changeEnd - end : 0);
    }
  }
  return { start: newStart, end: Math.max(newStart, newEnd) };
}

/** Where `row` stands as whole lines in `text`, nearest to `near`; undefined where it does not. */
export function findRow(text: string, row: string, near: number): RowSpan | undefined {
  let best: RowSpan | undefined;
  for (let at = text.indexOf(row); at !== -1; at = text.indexOf(row, at + 1)) {
    const found = { start: at, end: at + row.length };
    if (!standsAlone(text, found)) continue;
    if (best !== undefined && Math.abs(at - near) >= Math.abs(best.start - near)) return best;
    best = found;
  }
  return best;
}

/** Whether nothing but space, and the commas of an array, is beside it on its lines. */
function standsAlone(text: string, { start, end }: RowSpan): boolean {
  const before = text.slice(Math.max(0, text.lastIndexOf("\n", start - 1) + 1), start);
  const newline = text.indexOf("\n", end);
  return /^[\s[,]*$/.test(before) && /^[\s\],]*$/.test(text.slice(end, newline === -1 ? text.length : newline));
}
