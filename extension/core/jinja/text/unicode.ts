import { foldOf, lowerAt, titleOf, upperOf } from "./caseMapping";
import { countWork } from "../value/budget";
import { OUTSIDE, SOME } from "./unicodeTables";

/**
 * Python's view of a text: code points, character classes, white space and case, as of Python 3.11 whatever Unicode version
 * the host has. Most texts are ASCII, or at least free of surrogates, so each function looks for that first.
 */

// ── code points ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const SURROGATE = /[\ud800-\udfff]/;
const NOT_ASCII = /[^\0-\x7f]/;

/** Whether code points and UTF-16 units may count differently. */
export function hasSurrogates(text: string): boolean {
  return SURROGATE.test(text);
}

/** Units of the code point that begins at `unit`: 1 or 2. */
export function widthAt(text: string, unit: number): number {
  return (text.codePointAt(unit) as number) > 0xffff ? 2 : 1;
}

/** `len(text)` in Python. */
export function codePointLength(text: string): number {
  return hasSurrogates(text) ? countCodePoints(text, text.length) : text.length;
}

/** The unit at which code point `index` begins; the text's length where it has no so many. */
export function codePointToUnit(text: string, index: number): number {
  if (!hasSurrogates(text)) return Math.min(index, text.length);
  countWork(Math.min(index, text.length) >> 4);
  let unit = 0;
  for (let seen = 0; seen < index && unit < text.length; seen++) unit += widthAt(text, unit);
  return unit;
}

/** How many code points begin before `unit`. */
export function unitToCodePoint(text: string, unit: number): number {
  return hasSurrogates(text) ? countCodePoints(text, unit) : Math.min(unit, text.length);
}

function countCodePoints(text: string, end: number): number {
  countWork(end >> 4);
  let count = 0;
  for (let unit = 0; unit < end && unit < text.length; unit += widthAt(text, unit)) count++;
  return count;
}

// ── classes ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `str.isascii`: also for the empty text, as `isPrintable`; the others want a character. */
export function isAscii(text: string): boolean {
  return !NOT_ASCII.test(text);
}

export function isAlpha(text: string): boolean {
  return text !== "" && !OUTSIDE.alpha.test(text);
}

export function isDecimal(text: string): boolean {
  return text !== "" && !OUTSIDE.decimal.test(text);
}

export function isDigit(text: string): boolean {
  return text !== "" && !OUTSIDE.digit.test(text);
}

export function isNumeric(text: string): boolean {
  return text !== "" && !OUTSIDE.numeric.test(text);
}

/** Letters and numbers; ideographic numerals are letters. */
export function isAlnum(text: string): boolean {
  return text !== "" && !OUTSIDE.alnum.test(text);
}

export function isSpace(text: string): boolean {
  return text !== "" && !OUTSIDE.space.test(text);
}

export function isPrintable(text: string): boolean {
  return !OUTSIDE.printable.test(text);
}

export function isIdentifier(text: string): boolean {
  const first = text.slice(0, text === "" ? 0 : widthAt(text, 0));
  return first !== "" && !OUTSIDE.identifierStart.test(first) && !OUTSIDE.identifierPart.test(text);
}

/** Some character is upper case, none is lower or title case. */
export function isUpper(text: string): boolean {
  return SOME.upper.test(text) && !SOME.lower.test(text) && !SOME.title.test(text);
}

export function isLower(text: string): boolean {
  return SOME.lower.test(text) && !SOME.upper.test(text) && !SOME.title.test(text);
}

/** Capitals stand behind uncased characters only, small letters behind cased ones only, and there is one. */
export function isTitle(text: string): boolean {
  let afterCased = false;
  let found = false;
  for (const character of text) {
    const capital = SOME.upper.test(character) || SOME.title.test(character);
    const small = !capital && SOME.lower.test(character);
    if ((capital && afterCased) || (small && !afterCased)) return false;
    afterCased = capital || small;
    found ||= afterCased;
  }
  return found;
}

// ── white space ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Whether a UTF-16 unit is white space to Python: what `SPACE` has. */
export function isSpaceUnit(unit: number): boolean {
  if (unit < 0x80) return unit === 32 || (unit >= 9 && unit <= 13) || (unit >= 0x1c && unit <= 0x1f);
  if (unit < 0x2000) return unit === 0x85 || unit === 0xa0 || unit === 0x1680;
  return unit <= 0x200a || unit === 0x2028 || unit === 0x2029 || unit === 0x202f || unit === 0x205f || unit === 0x3000;
}

/** What `text.strip(chars)` keeps, as units `[start, end)`. White space is stripped where `chars` is undefined. */
export function stripRange(text: string, chars: string | undefined, side: "left" | "right" | "both"): readonly [number, number] {
  if (chars !== undefined && hasSurrogates(chars)) return stripCodePoints(text, new Set(chars), side);
  const stripped = chars === undefined ? isSpaceUnit : unitTest(chars);
  let start = 0;
  let end = text.length;
  if (side !== "right") while (start < end && stripped(text.charCodeAt(start))) start++;
  if (side !== "left") while (end > start && stripped(text.charCodeAt(end - 1))) end--;
  countWork((start + text.length - end) >> 3);
  return [start, end];
}

/** Whether a UTF-16 unit is one of `chars`. */
function unitTest(chars: string): (unit: number) => boolean {
  if (chars.length <= 8) return (unit) => chars.includes(String.fromCharCode(unit));
  countWork(chars.length);
  const units = new Set<number>();
  for (let i = 0; i < chars.length; i++) units.add(chars.charCodeAt(i));
  return (unit) => units.has(unit);
}

function stripCodePoints(text: string, chars: ReadonlySet<string>, side: "left" | "right" | "both"): readonly [number, number] {
  countWork(text.length + chars.size);
  const characters = Array.from(text);
  let from = 0;
  let to = characters.length;
  let start = 0;
  let end = text.length;
  if (side !== "right") while (from < to && chars.has(characters[from] as string)) start += (characters[from++] as string).length;
  if (side !== "left") while (to > from && chars.has(characters[to - 1] as string)) end -= (characters[--to] as string).length;
  return [start, end];
}

// ── case ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Characters that are looked up one by one: that takes some tenths of a microsecond each. */
function charactersOf(text: string): string[] {
  countWork(3 * text.length);
  return Array.from(text);
}

export function upper(text: string): string {
  if (isAscii(text) || !SOME.otherCase.test(text)) return text.toUpperCase();
  return charactersOf(text).map(upperOf).join("");
}

export function lower(text: string): string {
  if (isAscii(text) || !(SOME.otherCase.test(text) || text.includes("Σ"))) return text.toLowerCase();
  const characters = charactersOf(text);
  return characters.map((_, index) => lowerAt(characters, index)).join("");
}

/** `str.casefold` */
export function casefold(text: string): string {
  return isAscii(text) ? text.toLowerCase() : charactersOf(text).map(foldOf).join("");
}

/** The first character in title case, all others in lower case. */
export function capitalize(text: string): string {
  if (isAscii(text)) return text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase();
  const characters = charactersOf(text);
  return characters.map((character, index) => (index === 0 ? titleOf(character) : lowerAt(characters, index))).join("");
}

/** Each cased character behind an uncased one in title case, all others in lower case: `it's` becomes `It'S`. */
export function title(text: string): string {
  if (isAscii(text)) return text.replace(/[a-z]+/gi, (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase());
  const characters = charactersOf(text);
  let afterCased = false;
  let result = "";
  for (const [index, character] of characters.entries()) {
    result += afterCased ? lowerAt(characters, index) : titleOf(character);
    afterCased = SOME.cased.test(character);
  }
  return result;
}

export function swapcase(text: string): string {
  if (isAscii(text)) return text.replace(/[a-z]+|[A-Z]+/g, (run) => (run < "a" ? run.toLowerCase() : run.toUpperCase()));
  const characters = charactersOf(text);
  return characters.map((character, index) => swapAt(characters, character, index)).join("");
}

function swapAt(characters: readonly string[], character: string, index: number): string {
  if (SOME.upper.test(character)) return lowerAt(characters, index);
  return SOME.lower.test(character) ? upperOf(character) : character;
}
