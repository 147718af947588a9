import { SOME } from "./unicodeTables";

/**
 * Case mappings of single characters as Python 3.11 has them (Unicode 14's full mappings), for texts on which the host's
 * own toUpperCase and toLowerCase cannot be used: title case, case folding, and characters that are newer than Python's tables.
 */

/** Title case of the digraphs, which is not their upper case. */
const DIGRAPHS: readonly (readonly [number, number, number])[] = [
  [0x1c4, 0x1c6, 0x1c5],
  [0x1c7, 0x1c9, 0x1c8],
  [0x1ca, 0x1cc, 0x1cb],
  [0x1f1, 0x1f3, 0x1f2],
];

/** Greek letters with an iota below whose title case is one character; the others get a combining iota (U+0345). */
const IOTA_TITLE: ReadonlyMap<number, number> = new Map([
  [0x1fb3, 0x1fbc],
  [0x1fc3, 0x1fcc],
  [0x1ff3, 0x1ffc],
]);

export function upperOf(character: string): string {
  return SOME.otherCase.test(character) ? character : character.toUpperCase();
}

/** The lower case of one character by itself: a capital sigma becomes σ. */
export function lowerOf(character: string): string {
  return SOME.otherCase.test(character) ? character : character.toLowerCase();
}

/** The lower case of `characters[index]` where it stands: a capital sigma at the end of a word becomes ς. */
export function lowerAt(characters: readonly string[], index: number): string {
  const character = characters[index] as string;
  if (character !== "Σ") return lowerOf(character);
  return nextIsCased(characters, index, -1) && !nextIsCased(characters, index, 1) ? "ς" : "σ";
}

function nextIsCased(characters: readonly string[], index: number, step: 1 | -1): boolean {
  let at = index + step;
  while (at >= 0 && at < characters.length && SOME.caseIgnorable.test(characters[at] as string)) at += step;
  return at >= 0 && at < characters.length && SOME.cased.test(characters[at] as string);
}

export function titleOf(character: string): string {
  if (character < "\x80") return character.toUpperCase();
  const code = character.codePointAt(0) as number;
  for (const [first, last, title] of DIGRAPHS) if (code >= first && code <= last) return String.fromCharCode(title);
  // Georgian has capitals, but no title case.
  if (code >= 0x10d0 && code <= 0x10ff) return character;
  if (code >= 0x1f80 && code <= 0x1fff) return greekTitleOf(character, code);
  const [first = "", ...rest] = upperOf(character);
  // ŉ becomes ʼN; ß and the ligatures become one capital and small letters.
  return code === 0x149 ? first + rest.join("") : first + rest.join("").toLowerCase();
}

function greekTitleOf(character: string, code: number): string {
  if (code <= 0x1faf) return String.fromCharCode(code | 8);
  if (code === 0x1fbc || code === 0x1fcc || code === 0x1ffc) return character;
  const single = IOTA_TITLE.get(code);
  if (single !== undefined) return String.fromCharCode(single);
  const upper = character.toUpperCase();
  return upper.length > 1 && upper.endsWith("\u0399") ? `${upper.slice(0, -1)}\u0345` : upper;
}

/** Full case folding: for most characters the lower case of their upper case. */
export function foldOf(character: string): string {
  const code = character.codePointAt(0) as number;
  if (code === 0x131) return character;
  if (code === 0x1e9e) return "ss";
  // Cherokee folds to its capitals, which are older than its small letters.
  if (code >= 0x13a0 && code <= 0x13f5) return character;
  if (code >= 0x13f8 && code <= 0x13fd) return String.fromCharCode(code - 8);
  if (code >= 0xab70 && code <= 0xabbf) return String.fromCharCode(code - 0xab70 + 0x13a0);
  let folded = "";
  for (const upper of upperOf(character)) folded += lowerOf(upper);
  return folded;
}
