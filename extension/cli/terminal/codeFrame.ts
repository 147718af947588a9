import { closeSync, openSync, readSync } from "node:fs";
import type { Finding } from "../../core/analysis/finding";
import { cellsOf, joinCells, type Cell } from "./display";
import type { Style } from "./style";

/** How many bytes of a line are read on either side of where a finding starts: more than any terminal shows. */
const READ_AROUND = 4096;

const LF = 10;
const CR = 13;

/** A line of a file around a place, split at it. */
export interface FrameSource {
  readonly before: string;
  readonly marked: string;
  readonly after: string;
  /** Whether the line goes on outside what was read. */
  readonly cutBefore: boolean;
  readonly cutAfter: boolean;
}

/**
 * Reads the line that a finding starts in, or a part of it when it is long. Undefined when the file can no longer be read
 * there: a frame is an extra, the finding is shown without it.
 */
export function readFrameSource(path: string, byteOffset: number, byteLength: number): FrameSource | undefined {
  const start = Math.max(0, byteOffset - READ_AROUND);
  const buffer = Buffer.allocUnsafe(byteOffset - start + READ_AROUND);
  let length: number;
  try {
    const descriptor = openSync(path, "r");
    try {
      length = readSync(descriptor, buffer, 0, buffer.length, start);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
  const at = byteOffset - start;
  if (at > length) return undefined;
  return splitLine(buffer.subarray(0, length), at, byteLength, { startsFile: start === 0, full: length === buffer.length });
}

function splitLine(bytes: Buffer, at: number, byteLength: number, read: { startsFile: boolean; full: boolean }): FrameSource {
  const previous = at === 0 ? -1 : bytes.lastIndexOf(LF, at - 1);
  const next = bytes.indexOf(LF, at);
  let end = next === -1 ? bytes.length : next;
  if (next > at && bytes[next - 1] === CR) end--;
  const markedEnd = Math.min(at + byteLength, end);
  const cutBefore = previous === -1 && !read.startsFile;
  const cutAfter = next === -1 && read.full;
  return {
    before: bytes.toString("utf8", cutBefore ? nextCharacter(bytes, 0, at) : previous + 1, at),
    marked: bytes.toString("utf8", at, cutAfter && markedEnd === end ? lastCharacter(bytes, end) : markedEnd),
    after: bytes.toString("utf8", markedEnd, cutAfter ? Math.max(markedEnd, lastCharacter(bytes, end)) : end),
    cutBefore,
    cutAfter,
  };
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** The first start of a character at or after `index`. */
function nextCharacter(bytes: Buffer, index: number, limit: number): number {
  let i = index;
  while (i < limit && isContinuation(bytes[i])) i++;
  return i;
}

/** `end` without the last character, which may be incomplete. At most four bytes back: broken text is shown as it is. */
function lastCharacter(bytes: Buffer, end: number): number {
  let i = end - 1;
  while (i > end - 4 && i > 0 && isContinuation(bytes[i])) i--;
  return Math.max(0, i);
}

/**
 * The source line of a finding with carets under what is meant, in at most `width` columns:
 * ```
 *   12 | …"content": "Hello␛[31m"}…
 *      |                   ^
 * ```
 */
export function codeFrame(source: FrameSource, finding: Pick<Finding, "range">, width: number, style: Style): string[] {
  const number = String(finding.range.start.line);
  const gutter = `  ${number} | `;
  const shown = windowAround(source, Math.max(10, width - gutter.length));
  const carets = "^".repeat(Math.max(1, widthOf(shown.marked)));
  return [
    style.faint(gutter) + (shown.cutBefore ? style.faint("…") : "") + joinCells(shown.before) + style.strong(joinCells(shown.marked)) +
      joinCells(shown.after) + (shown.cutAfter ? style.faint("…") : ""),
    style.faint(`  ${" ".repeat(number.length)} | `) + " ".repeat((shown.cutBefore ? 1 : 0) + widthOf(shown.before)) + style.strong(carets),
  ];
}

interface Window {
  readonly before: readonly Cell[];
  readonly marked: readonly Cell[];
  readonly after: readonly Cell[];
  readonly cutBefore: boolean;
  readonly cutAfter: boolean;
}

/** Chooses what of the line is shown: all of it if it fits, else the marked part with about a third of the rest before it. */
function windowAround(source: FrameSource, width: number): Window {
  const before = [...cellsOf(source.before)];
  const marked = [...cellsOf(source.marked)];
  const after = [...cellsOf(source.after)];
  const ellipses = Number(source.cutBefore) + Number(source.cutAfter);
  if (widthOf(before) + widthOf(marked) + widthOf(after) + ellipses <= width) return { ...source, before, marked, after };

  const room = width - 2;
  const shownMark = takeStart(marked, room);
  const rest = room - widthOf(shownMark);
  const left = Math.max(Math.floor(rest / 3), rest - widthOf(after));
  const shownBefore = takeEnd(before, left);
  const shownAfter = shownMark.length < marked.length ? [] : takeStart(after, rest - widthOf(shownBefore));
  return {
    before: shownBefore,
    marked: shownMark,
    after: shownAfter,
    cutBefore: source.cutBefore || shownBefore.length < before.length,
    cutAfter: source.cutAfter || shownMark.length < marked.length || shownAfter.length < after.length,
  };
}

function widthOf(cells: readonly Cell[]): number {
  return cells.reduce((sum, cell) => sum + cell.width, 0);
}

function takeStart(cells: readonly Cell[], width: number): Cell[] {
  const taken: Cell[] = [];
  let used = 0;
  for (const cell of cells) {
    used += cell.width;
    if (used > width) break;
    taken.push(cell);
  }
  return taken;
}

function takeEnd(cells: readonly Cell[], width: number): Cell[] {
  return takeStart([...cells].reverse(), width).reverse();
}
