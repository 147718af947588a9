/** A token of Python source. Offsets are UTF-16 units of the text. */
export interface PythonToken {
  /** `text`: a string whose value is known. `opaque`: an f-string or bytes. `op`: anything else, a character at a time. */
  readonly kind: "name" | "number" | "text" | "opaque" | "op";
  /** The name, the number or the sign as written; a string's value. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
  /** Whether it is the first of its line. */
  readonly startsLine: boolean;
}

/** Files of more tokens than this are no training script that somebody wrote. */
const MAX_TOKENS = 200_000;

const SPACE = /[ \t\f\r\n]*(?:\\\r?\n[ \t]*)*/y;
const COMMENT = /#[^\n]*/y;
const STRING_HEAD = /([rRbBuUfF]{0,2})("""|'''|"|')/y;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const NUMBER = /\d[\w.]*(?:(?<=[eE])[+-]\d+)?/y;

/** Splits Python source into tokens, as far as it goes; what is no Python is a sign of its own. Time grows with the length. */
export function pythonTokens(source: string): PythonToken[] {
  const tokens: PythonToken[] = [];
  let at = 0;
  let startsLine = true;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(source);
  };
  while (tokens.length < MAX_TOKENS) {
    const space = match(SPACE)?.[0] ?? "";
    if (space.includes("\n")) startsLine = true;
    at += space.length;
    const comment = match(COMMENT)?.[0];
    if (comment !== undefined) {
      at += comment.length;
      continue;
    }
    if (at >= source.length) break;
    const token = { ...tokenAt(source, at, match), startsLine };
    tokens.push(token);
    at = token.end;
    startsLine = false;
  }
  return tokens;
}

function tokenAt(source: string, start: number, match: (pattern: RegExp) => RegExpExecArray | null): Omit<PythonToken, "startsLine"> {
  const head = match(STRING_HEAD);
  if (head !== null) return stringAt(source, start, (head[1] ?? "").toLowerCase(), head[2] ?? '"');
  const name = match(NAME)?.[0];
  if (name !== undefined) return { kind: "name", value: name, start, end: start + name.length };
  const number = match(NUMBER)?.[0];
  if (number !== undefined) return { kind: "number", value: number, start, end: start + number.length };
  return { kind: "op", value: source.charAt(start), start, end: start + 1 };
}

function stringAt(source: string, start: number, prefix: string, quote: string): Omit<PythonToken, "startsLine"> {
  const from = start + prefix.length + quote.length;
  const end = stringEnd(source, from, quote);
  const closed = source.startsWith(quote, end);
  const inside = source.slice(from, end);
  const kind = prefix.includes("f") || prefix.includes("b") ? "opaque" : "text";
  return { kind, value: prefix.includes("r") ? inside : unescaped(inside), start, end: closed ? end + quote.length : end };
}

/** Where the closing quote stands, or where the string ends without one: at the end of the line, if it has one quote. */
function stringEnd(source: string, from: number, quote: string): number {
  let at = from;
  while (at < source.length && !source.startsWith(quote, at)) {
    if (quote.length === 1 && source[at] === "\n") return at;
    at += source[at] === "\\" ? 2 : 1;
  }
  return Math.min(at, source.length);
}

/** The escapes that names of modules and models could have; others stay as they are written. */
function unescaped(text: string): string {
  return text.includes("\\") ? text.replace(/\\([\\'"\n])/g, (_, sign: string) => (sign === "\n" ? "" : sign)) : text;
}
