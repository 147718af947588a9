/** What is shown as one unit, and how many terminal columns it takes. */
export interface Cell {
  readonly text: string;
  readonly width: number;
}

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

const PLAIN = /^[\x20-\x7e]*$/;

/**
 * Code points that a terminal obeys or hides: controls (escape sequences, line ends, C1), format characters (bidirectional
 * overrides, zero-width characters, tags), line separators, lone surrogates, and the selectors that can carry hidden bytes.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u{E0100}-\u{E01EF}]/u;

/** An emoji, also one that is joined of several; the joiners and tags in it are part of the picture. */
const EMOJI_SEQUENCE = /^(?:\p{Extended_Pictographic}[\uFE0F\p{Emoji_Modifier}\u200D\u{E0020}-\u{E007F}]*)+$/u;

const COMBINING = /^\p{M}/u;

/** East Asian wide and fullwidth blocks (Unicode's EastAsianWidth.txt) and what is shown as an emoji by default. */
const WIDE = new RegExp(
  "^(?:\\p{Emoji_Presentation}|[\\u1100-\\u115F\\u2329\\u232A\\u2E80-\\u303E\\u3041-\\u4DBF\\u4E00-\\uA4CF\\uA960-\\uA97F\\uAC00-\\uD7A3" +
    "\\uF900-\\uFAFF\\uFE10-\\uFE19\\uFE30-\\uFE6F\\uFF01-\\uFF60\\uFFE0-\\uFFE6" +
    "\\u{16FE0}-\\u{18DFF}\\u{1AFF0}-\\u{1B2FF}\\u{1F200}-\\u{1F2FF}\\u{20000}-\\u{3FFFD}])",
  "u",
);

/**
 * Splits a text into what a terminal shows of it. Characters that would be obeyed or not seen are replaced: controls by
 * their picture (`␛`), others by their number (`<U+202E>`). What is returned is safe to print.
 */
export function* cellsOf(text: string): Generator<Cell> {
  if (PLAIN.test(text)) {
    for (const character of text) yield { text: character, width: 1 };
    return;
  }
  for (const { segment } of segmenter.segment(text)) {
    if (EMOJI_SEQUENCE.test(segment)) yield { text: segment, width: widthOfVisible(segment) };
    else yield* clusterCells(segment);
  }
}

function* clusterCells(cluster: string): Generator<Cell> {
  let visible = "";
  for (const character of cluster) {
    if (!HIDDEN.test(character)) {
      visible += character;
      continue;
    }
    if (visible !== "") yield visibleCell(visible);
    visible = "";
    const symbol = symbolOf(character.codePointAt(0) ?? 0);
    yield { text: symbol, width: symbol.length };
  }
  if (visible !== "") yield visibleCell(visible);
}

function visibleCell(cluster: string): Cell {
  // A mark without a base would sit on whatever was printed before; the dotted circle is Unicode's base for showing one.
  const text = COMBINING.test(cluster) ? `◌${cluster}` : cluster;
  return { text, width: widthOfVisible(text) };
}

function widthOfVisible(cluster: string): number {
  return WIDE.test(cluster) || cluster.includes("\uFE0F") ? 2 : 1;
}

function symbolOf(codePoint: number): string {
  if (codePoint < 0x20) return String.fromCharCode(0x2400 + codePoint);
  if (codePoint === 0x7f) return "␡";
  return `<U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}>`;
}

/** The text with everything that a terminal would obey or hide made visible; it stays on one line. */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text;
  let result = "";
  for (const cell of cellsOf(text)) result += cell.text;
  return result;
}

/** How many columns the text takes once it is made {@link visible}. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const cell of cellsOf(text)) width += cell.width;
  return width;
}

/** The {@link visible} text, cut with `…` at its end to at most `width` columns. */
export function fit(text: string, width: number): string {
  const kept: Cell[] = [];
  let total = 0;
  for (const cell of cellsOf(text)) {
    kept.push(cell);
    total += cell.width;
    if (total > width) return cut(kept, total, width);
  }
  return joinCells(kept);
}

function cut(cells: Cell[], total: number, width: number): string {
  let rest = total;
  while (rest > Math.max(0, width - 1)) rest -= cells.pop()?.width ?? rest;
  return width > 0 ? `${joinCells(cells)}…` : "";
}

/** The cells' text. */
export function joinCells(cells: readonly Cell[]): string {
  return cells.map((cell) => cell.text).join("");
}

/**
 * Breaks a {@link visible} text at spaces into lines of at most `width` columns, all but the first after `indent`. A word
 * that is longer than a line is left whole.
 */
export function wrap(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const word of text.split(" ")) {
    const wordWidth = displayWidth(word);
    if (line !== "" && used + 1 + wordWidth > width) {
      lines.push(line);
      line = `${indent}${word}`;
      used = indent.length + wordWidth;
    } else {
      line = line === "" ? word : `${line} ${word}`;
      used += (used === 0 ? 0 : 1) + wordWidth;
    }
  }
  lines.push(line);
  return lines.join("\n");
}

/** `text` with spaces before it up to `width` columns. */
export function padStart(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - displayWidth(text))) + text;
}

/** `text` with spaces after it up to `width` columns. */
export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}
