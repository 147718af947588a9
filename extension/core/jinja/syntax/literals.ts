import { escapeCode, normaliseNewlines } from "./characters";

/** A string literal's value, or what Python finds wrong with its escapes. */
export type DecodedString = { readonly value: string; readonly error?: never } | { readonly value?: never; readonly error: string };

const SIMPLE: Readonly<Record<string, string>> = {
  "\n": "", "\\": "\\", "'": "'", '"': '"', a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v",
};

/** The digits that an escape takes, and what Python says when there are fewer. */
const HEX: Readonly<Record<string, { readonly digits: number; readonly error: string }>> = {
  x: { digits: 2, error: String.raw`truncated \xXX escape` },
  u: { digits: 4, error: String.raw`truncated \uXXXX escape` },
  U: { digits: 8, error: String.raw`truncated \UXXXXXXXX escape` },
};

const ESCAPE = /\\(?:[0-7]{1,3}|[^])/gu;

/**
 * What Jinja makes of the characters between a literal's quotes: Python's `unicode_escape` of the text as ASCII, in which
 * every other character has been replaced by its escape beforehand.
 */
export function decodeString(raw: string): DecodedString {
  const text = normaliseNewlines(raw);
  if (!text.includes("\\")) return { value: text };
  let value = "";
  let at = 0;
  ESCAPE.lastIndex = 0;
  for (let match = ESCAPE.exec(text); match !== null; match = ESCAPE.exec(text)) {
    value += text.slice(at, match.index);
    const escape = match[0].slice(1);
    const piece = decodeEscape(text, match.index, escape);
    if (typeof piece === "string") return { error: piece };
    value += piece.value;
    at = piece.end;
    ESCAPE.lastIndex = at;
  }
  return { value: value + text.slice(at) };
}

function decodeEscape(text: string, start: number, escape: string): { readonly value: string; readonly end: number } | string {
  const end = start + 1 + escape.length;
  const simple = SIMPLE[escape];
  if (simple !== undefined) return { value: simple, end };
  const hex = HEX[escape];
  if (hex !== undefined) {
    const digits = text.slice(end, end + hex.digits);
    if (digits.length < hex.digits || /[^0-9a-fA-F]/.test(digits)) return hex.error;
    const code = Number.parseInt(digits, 16);
    return code > 0x10ffff ? "illegal Unicode character" : { value: String.fromCodePoint(code), end: end + hex.digits };
  }
  // There is no table of character names here: a name in the right form counts as unknown.
  if (escape === "N") return /^\{[^}]+\}/.test(text.slice(end)) ? "unknown Unicode character name" : String.raw`malformed \N character escape`;
  if (/^[0-7]/.test(escape)) return { value: String.fromCodePoint(Number.parseInt(escape, 8)), end };
  const code = escape.codePointAt(0) ?? 0;
  // The backslash before a non-ASCII character escapes the backslash of that character's replacement.
  return { value: code < 0x80 ? `\\${escape}` : escapeCode(code), end };
}

/** CPython's bound on converting decimal digits (sys.int_info.default_max_str_digits). */
const MAX_DIGITS = 4300;

const TOO_LONG = `Exceeds the limit (${MAX_DIGITS} digits) for integer string conversion`;
const LIFT_IT = "; use sys.set_int_max_str_digits() to increase the limit";

/** What Python says of an integer literal that is too long to be read, or to be written in decimal digits; or undefined. */
export function integerProblem(literal: string): string | undefined {
  if (literal.length * 4 < MAX_DIGITS) return undefined;
  const digits = literal.replaceAll("_", "");
  const bits = { x: 4, o: 3, b: 1 }[digits.charAt(1).toLowerCase()];
  if (bits !== undefined) return (digits.length - 2) * bits > MAX_DIGITS * Math.log2(10) ? TOO_LONG + LIFT_IT : undefined;
  return digits.length > MAX_DIGITS ? `${TOO_LONG}: value has ${digits.length} digits${LIFT_IT}` : undefined;
}

/** The value of an integer literal: a number when that is safe. */
export function integerValue(literal: string): number | bigint {
  const digits = literal.replaceAll("_", "");
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits);
}

export function floatValue(literal: string): number {
  return Number(literal.replaceAll("_", ""));
}
