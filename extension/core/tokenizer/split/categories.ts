import { unpackRanges } from "../normalize/ranges";
import { ALTERNATING, CATEGORY_NAMES, GENERAL_CATEGORIES, HAN } from "./categoryData";
import { type CodePointSet, complementOf, unionOf } from "./codePointSet";

/** White space as `\s` has it. */
export const SPACES: CodePointSet = unionOf([
  [9, 14, 0x20, 0x21, 0x85, 0x86, 0xa0, 0xa1, 0x1680, 0x1681],
  [0x2000, 0x200b, 0x2028, 0x202a, 0x202f, 0x2030, 0x205f, 0x2060, 0x3000, 0x3001],
]);

/** Numbers that Rust's own library has and its expressions, which are of an older Unicode, have not. */
const NEWER_NUMBERS: CodePointSet = [0x11de0, 0x11dea, 0x16ff4, 0x16ff7];

let categories: ReadonlyMap<string, CodePointSet> | undefined;

/**
 * The code points of a property as `\p{…}` names it: a general category ("Lu"), a group of them ("L"), or the script Han. Undefined
 * for any other.
 */
export function propertySet(name: string): CodePointSet | undefined {
  if (name === "Han") return unpackRanges(HAN).flatMap(({ first, last }) => [first, last + 1]);
  categories ??= readCategories();
  const one = categories.get(name);
  if (one !== undefined) return one;
  const group = Array.from(categories).filter(([category]) => name.length === 1 && category.startsWith(name));
  return group.length === 0 ? undefined : unionOf(group.map(([, set]) => set));
}

/** What the pre-tokenizer `Digits` takes for a digit. */
export function numberSet(): CodePointSet {
  return unionOf([propertySet("N") ?? [], NEWER_NUMBERS]);
}

/** Letters in circles and squares, which count as alphabetic, and the two joiners. */
const OTHER_WORD_CHARACTERS: CodePointSet = [0x200c, 0x200e, 0x24b6, 0x24ea, 0x1f130, 0x1f14a, 0x1f150, 0x1f16a, 0x1f170, 0x1f18a];

/** What added tokens that are single words must not touch: Rust's own idea of a word, which is not that of the expressions. */
export function wordSet(): CodePointSet {
  return unionOf([...["L", "M", "Nd", "Nl", "Pc"].map((name) => propertySet(name) ?? []), OTHER_WORD_CHARACTERS]);
}

function readCategories(): ReadonlyMap<string, CodePointSet> {
  const sets = CATEGORY_NAMES.map((): number[] => []);
  const [capitals = [], small = []] = sets;
  let at = 0;
  for (const item of GENERAL_CATEGORIES.split(" ")) {
    const [, gap = "", letter = "", length = ""] = /^([0-9a-z]*)(.)([0-9a-z]*)$/.exec(item) ?? [];
    if (gap !== "") at += parseInt(gap, 36);
    const end = at + (length === "" ? 1 : parseInt(length, 36));
    if (letter === ALTERNATING) {
      for (; at < end; at += 2) {
        extend(capitals, at, at + 1);
        extend(small, at + 1, at + 2);
      }
    } else {
      extend(sets[LETTERS.indexOf(letter)] ?? [], at, end);
      at = end;
    }
  }
  const assigned = new Map<string, CodePointSet>(CATEGORY_NAMES.map((name, i) => [name, sets[i] ?? []]));
  return assigned.set("Cn", complementOf(unionOf([...sets, SURROGATES])));
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ+-";

const SURROGATES: CodePointSet = [0xd800, 0xe000];

function extend(set: number[], from: number, to: number): void {
  if (set.at(-1) === from) set[set.length - 1] = to;
  else set.push(from, to);
}
