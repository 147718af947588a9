import { countWork } from "../value/budget";

/*
 * Native search takes time in the product of both lengths for needles that nearly match everywhere, such as `xxyxx` among
 * many x. It serves where that product is a matter of microseconds; elsewhere it only finds where a match may begin.
 */
const NATIVE_PRODUCT = 1 << 13;

/** As `text.indexOf(needle, from)`, in linear time whatever the texts are. The needle is not empty. */
export function indexOfNeedle(text: string, needle: string, from: number): number {
  if (!isQuick(text.length - from, needle)) return scan(text, needle, from, 1);
  const at = text.indexOf(needle, from);
  countWork(((at < 0 ? text.length : at) - from) >> 8);
  return at;
}

/** As `text.lastIndexOf(needle, last)`. */
export function lastIndexOfNeedle(text: string, needle: string, last: number): number {
  if (!isQuick(last, needle)) return scan(text, needle, Math.min(last + needle.length, text.length) - 1, -1);
  const at = text.lastIndexOf(needle, last);
  countWork((last - at) >> 6);
  return at;
}

function isQuick(length: number, needle: string): boolean {
  return needle.length === 1 || length * needle.length <= NATIVE_PRODUCT;
}

/** Knuth, Morris and Pratt, in either direction, with leaps to where the needle's first character stands. */
function scan(text: string, needle: string, from: number, step: 1 | -1): number {
  const { length } = needle;
  const codes = codesOf(needle, step);
  const first = String.fromCharCode(codes[0] as number);
  const to = step === 1 ? text.length : -1;
  let borders: Uint32Array | undefined;
  let matched = 0;
  let leapt = 0;
  let unit = from;
  for (; unit !== to; unit += step) {
    if (matched === 0) {
      const next = step === 1 ? text.indexOf(first, unit) : text.lastIndexOf(first, unit);
      leapt += Math.abs((next < 0 ? to : next) - unit);
      if (next < 0) break;
      unit = next;
    }
    const code = text.charCodeAt(unit);
    while (matched > 0 && code !== codes[matched]) matched = matched === 1 ? 0 : ((borders ??= bordersOf(codes))[matched - 1] as number);
    if (code === codes[matched]) matched++;
    if (matched === length) break;
  }
  countWork((leapt >> (step === 1 ? 8 : 6)) + (Math.max(0, Math.abs(unit - from) - leapt) >> 3));
  if (matched < length) return -1;
  return step === 1 ? unit - length + 1 : unit;
}

/** The needle's UTF-16 units in the order in which they are met. */
function codesOf(needle: string, step: 1 | -1): Uint16Array {
  const { length } = needle;
  countWork(length >> 4);
  const codes = new Uint16Array(length);
  for (let i = 0; i < length; i++) codes[i] = needle.charCodeAt(step === 1 ? i : length - 1 - i);
  return codes;
}

/** For every beginning of the needle how much of it is at its end as well. */
function bordersOf(codes: Uint16Array): Uint32Array {
  countWork(codes.length >> 4);
  const borders = new Uint32Array(codes.length);
  for (let i = 1, border = 0; i < codes.length; i++) {
    while (border > 0 && codes[i] !== codes[border]) border = borders[border - 1] as number;
    if (codes[i] === codes[border]) border++;
    borders[i] = border;
  }
  return borders;
}
