import { CANONICAL, COMPATIBILITY } from "./characterData";
import { type CodePointTable, unpackRanges } from "./ranges";

/**
 * A character of a normalized text and how many characters of the text before it takes: `1 - change` of them; one
 * that comes from the same character as the one before it takes none and has 1. The Rust library's way to keep the alignment.
 */
export interface Changed {
  readonly code: number;
  readonly change: number;
}

const S_BASE = 0xac00;
const L_BASE = 0x1100;
const V_BASE = 0x1161;
const T_BASE = 0x11a7;
const L_COUNT = 19;
const V_COUNT = 21;
const T_COUNT = 28;
const S_COUNT = L_COUNT * V_COUNT * T_COUNT;

export function isHangulSyllable(code: number): boolean {
  return code >= S_BASE && code < S_BASE + S_COUNT;
}

/** Decomposes each character wholly and sorts marks by combining class (Unicode Standard, section 3.11, D108-D109). */
export function decompose(codes: readonly number[], compatibility: boolean, classes: CodePointTable): Changed[] {
  const items: Changed[] = [];
  let marks = 0;
  const sortMarks = (): void => {
    if (items.length - marks < 2) return;
    const sorted = items.splice(marks).sort((a, b) => classes.get(a.code) - classes.get(b.code));
    for (const item of sorted) items.push(item);
  };
  for (const code of codes) {
    const parts = partsOf(code, compatibility);
    for (const [index, part] of parts.entries()) {
      const item = { code: part, change: index === 0 ? 0 : 1 };
      if (classes.has(part)) items.push(item);
      else {
        sortMarks();
        marks = items.push(item);
      }
    }
  }
  sortMarks();
  return items;
}

/** Composes what {@link decompose} returns (section 3.11, D117). */
export function compose(items: readonly Changed[], classes: CodePointTable): Changed[] {
  const result: Changed[] = [];
  let starter = -1;
  // The class of the last mark behind the starter that stayed; 0 = there is none.
  let lastClass = 0;
  for (const item of items) {
    const combining = classes.get(item.code);
    const before = result[starter];
    if (before !== undefined && (lastClass === 0 || lastClass < combining)) {
      const composite = compositeOf(before.code, item.code);
      if (composite !== undefined) {
        result[starter] = { code: composite, change: before.change + item.change - 1 };
        continue;
      }
    }
    const at = result.push(item) - 1;
    if (combining === 0) starter = at;
    lastClass = combining;
  }
  return result;
}

// ── single characters ────────────────────────────────────────────────────────────────────────────────────────────────────

let canonical: ReadonlyMap<number, readonly number[]> | undefined;
let compatible: ReadonlyMap<number, readonly number[]> | undefined;
let composites: ReadonlyMap<number, number> | undefined;

/** The tables say what was there in the library's version of Unicode; what became of those characters never changes. */
function decompositions(packed: string, form: "NFD" | "NFKD"): ReadonlyMap<number, readonly number[]> {
  const map = new Map<number, readonly number[]>();
  for (const { first, last } of unpackRanges(packed)) {
    for (let code = first; code <= last; code++) {
      map.set(code, Array.from(String.fromCodePoint(code).normalize(form), (part) => part.codePointAt(0) as number));
    }
  }
  return map;
}

function partsOf(code: number, compatibility: boolean): readonly number[] {
  if (code < 0xa0) return [code];
  if (isHangulSyllable(code)) return syllableParts(code - S_BASE);
  if (compatibility) {
    const parts = (compatible ??= decompositions(COMPATIBILITY, "NFKD")).get(code);
    if (parts !== undefined) return parts;
  }
  return (canonical ??= decompositions(CANONICAL, "NFD")).get(code) ?? [code];
}

function syllableParts(index: number): readonly number[] {
  const leading = L_BASE + Math.floor(index / (V_COUNT * T_COUNT));
  const vowel = V_BASE + (Math.floor(index / T_COUNT) % V_COUNT);
  return index % T_COUNT === 0 ? [leading, vowel] : [leading, vowel, T_BASE + (index % T_COUNT)];
}

function compositeOf(first: number, second: number): number | undefined {
  if (first >= L_BASE && first < L_BASE + L_COUNT && second >= V_BASE && second < V_BASE + V_COUNT) {
    return S_BASE + ((first - L_BASE) * V_COUNT + second - V_BASE) * T_COUNT;
  }
  if (isHangulSyllable(first) && (first - S_BASE) % T_COUNT === 0 && second > T_BASE && second < T_BASE + T_COUNT) return first + second - T_BASE;
  return (composites ??= primaryComposites()).get(pairKey(first, second));
}

/** The last step of each composite's decomposition: the rest of it composed, and its last mark. */
function primaryComposites(): ReadonlyMap<number, number> {
  canonical ??= decompositions(CANONICAL, "NFD");
  const pairs = new Map<number, number>();
  for (const [code, parts] of canonical) {
    const text = String.fromCodePoint(code);
    const last = parts.at(-1);
    if (parts.length < 2 || last === undefined || text.normalize("NFC") !== text) continue;
    const rest = String.fromCodePoint(...parts.slice(0, -1)).normalize("NFC");
    pairs.set(pairKey(rest.codePointAt(0) as number, last), code);
  }
  return pairs;
}

function pairKey(first: number, second: number): number {
  return first * 0x110000 + second;
}
