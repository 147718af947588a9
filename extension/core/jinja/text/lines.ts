import { countWork } from "../value/budget";

const LINE_BREAK = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;

/** A line in UTF-16 units: its start, its end, and its end with the line break. */
export type Line = readonly [start: number, end: number, endWithBreak: number];

/** The lines of `str.splitlines`: a break at the end opens no further line, and the empty text has none. */
export function pythonSplitLines(text: string): Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (const { index, 0: found } of text.matchAll(LINE_BREAK)) {
    const next = index + found.length;
    countWork(3);
    lines.push([start, index, next]);
    start = next;
  }
  if (start < text.length) lines.push([start, text.length, text.length]);
  return lines;
}
