/** The inside of a character class of what Python takes as white space, in `\s` and in `str.strip()`: U+001C, but not U+FEFF. */
const SPACE_CLASS = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

export const SPACES = `[${SPACE_CLASS}]*`;

const SPACE_ONLY = new RegExp(`^${SPACES}$`);
const OTHER_SPACE = new RegExp(`[${SPACE_CLASS}]`);

/** Whether the UTF-16 unit is white space to Python. */
export function isSpace(unit: number): boolean {
  if (unit < 0x80) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d) || (unit >= 0x1c && unit <= 0x1f);
  return OTHER_SPACE.test(String.fromCharCode(unit));
}

/** Whether the text is all white space; the empty text is. */
export function isBlank(text: string): boolean {
  return SPACE_ONLY.test(text);
}

/** Whether the unit ends a line: the source's CR and CRLF stand for LF. */
export function isNewline(unit: number): boolean {
  return unit === 0x0a || unit === 0x0d;
}

/** The text with LF for CRLF and CR, as Jinja reads it. */
export function normaliseNewlines(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}

const IDENTIFIER = /^[\p{XIDS}_]\p{XIDC}*$/u;

/** `str.isidentifier()` */
export function isIdentifier(name: string): boolean {
  return IDENTIFIER.test(name);
}

/** `repr()` of a text of one character. */
export function reprCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === "'") return `"'"`;
  if (character === "\\") return String.raw`'\\'`;
  if (character === " " || !/[\p{C}\p{Z}]/u.test(character)) return `'${character}'`;
  return `'${escapeCode(code)}'`;
}

/** The escape that Python's backslashreplace and repr write for a code point. */
export function escapeCode(code: number): string {
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
