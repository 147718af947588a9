/**
 * Native search takes time in the product of both lengths for needles that nearly match everywhere, such as `xxyxx` among
 * many x. Below this product that is a matter of a millisecond.
 */
const NATIVE_PRODUCT = 1 << 20;

/** As `text.indexOf(needle, from)`, in linear time whatever the texts are. The needle is not empty. */
export function indexOfNeedle(text: string, needle: string, from: number): number {
  if ((text.length - from) * needle.length <= NATIVE_PRODUCT || needle.length < SHORT) return text.indexOf(needle, from);
  return scan(text, needle, from, text.length, 1);
}

/** As `text.lastIndexOf(needle, last)`. */
export function lastIndexOfNeedle(text: string, needle: string, last: number): number {
  if (last * needle.length <= NATIVE_PRODUCT || needle.length < SHORT) return text.lastIndexOf(needle, last);
  return scan(text, needle, Math.min(last + needle.length, text.length) - 1, -1, -1);
}

/** Needles that are compared in a few steps, wherever they nearly match. */
const SHORT = 8;

/** Knuth, Morris and Pratt, in either direction. */
function scan(text: string, needle: string, from: number, to: number, step: 1 | -1): number {
  const { length } = needle;
  const at = (index: number): number => needle.charCodeAt(step === 1 ? index : length - 1 - index);
  const borders = new Uint32Array(length);
  for (let i = 1, border = 0; i < length; i++) {
    while (border > 0 && at(i) !== at(border)) border = borders[border - 1] as number;
    if (at(i) === at(border)) border++;
    borders[i] = border;
  }
  let matched = 0;
  for (let unit = from; unit !== to; unit += step) {
    const code = text.charCodeAt(unit);
    while (matched > 0 && code !== at(matched)) matched = borders[matched - 1] as number;
    if (code === at(matched)) matched++;
    if (matched === length) return step === 1 ? unit - length + 1 : unit;
  }
  return -1;
}
