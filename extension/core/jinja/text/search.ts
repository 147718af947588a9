import { JinjaError } from "../errors";
import { countWork } from "../value/budget";
import type { Str } from "../value/text";
import { MAX_TRACED_STEPS, checkTextLength, concatText, deriveText, sliceText, textOf } from "../value/text";
import type { CallArguments, Value } from "../value/types";
import { isList, PyTuple, typeName } from "../value/types";
import { asText, boundArgument, integerArgument, notText, positionalArguments, searchArguments, textArgument, typeError } from "./arguments";
import { indexOfNeedle, lastIndexOfNeedle } from "./needle";
import { codePointLength, codePointToUnit, unitToCodePoint, widthAt } from "./unicode";

/** Finding texts in texts: find, count, startswith, replace, partition. Indices of templates are code points, ours units. */

// ── matches ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** A lone surrogate of the needle must not match one half of a character. */
function splitsCharacter(text: string, at: number): boolean {
  return isLow(text.charCodeAt(at)) && isHigh(text.charCodeAt(at - 1));
}

function isWhole(text: string, start: number, end: number): boolean {
  return !splitsCharacter(text, start) && !splitsCharacter(text, end);
}

/** The first place at or behind `from` (units) where the needle, which is not empty, stands; -1 where it does not. */
export function indexOfText(text: string, needle: string, from: number): number {
  let at = indexOfNeedle(text, needle, from);
  while (at >= 0 && !isWhole(text, at, at + needle.length)) {
    countWork(1);
    at = indexOfNeedle(text, needle, at + 1);
  }
  return at;
}

/** The last place where the needle, which is not empty, stands and ends at or before `to`. */
export function lastIndexOfText(text: string, needle: string, to: number): number {
  let last = to - needle.length;
  while (last >= 0) {
    const at = lastIndexOfNeedle(text, needle, last);
    if (at < 0 || isWhole(text, at, at + needle.length)) return at;
    countWork(1);
    last = at - 1;
  }
  return -1;
}

/** The stretch of a text, in units, that optional start and end arguments (code points) name; undefined where it is none. */
function searchRange(text: string, start: Value | undefined, end: Value | undefined): readonly [number, number] | undefined {
  if (start === undefined) return [0, text.length];
  const length = codePointLength(text);
  let from = boundArgument(start, 0);
  let to = Math.min(boundArgument(end, length), length);
  if (from < 0) from = Math.max(from + length, 0);
  if (to < 0) to = Math.max(to + length, 0);
  return from > to ? undefined : [codePointToUnit(text, from), codePointToUnit(text, to)];
}

// ── find, index, count ───────────────────────────────────────────────────────────────────────────────────────────────────

/** Where the needle stands, as a code point; -1 where it does not. `method` is `str.find`, `str.rindex`, … */
export function findText(self: Str, method: string, args: CallArguments, last: boolean): number {
  const [sub, start, end] = searchArguments(method, args);
  const text = textOf(self);
  const range = searchRange(text, start, end);
  const needle = textOf(textArgument(sub));
  if (range === undefined) return -1;
  const [from, to] = range;
  if (needle === "") return unitToCodePoint(text, last ? to : from);
  const within = to < text.length ? text.slice(0, to) : text;
  const at = last ? lastIndexOfText(within, needle, to) : indexOfText(within, needle, from);
  return at < from ? -1 : unitToCodePoint(text, at);
}

export function indexText(self: Str, method: string, args: CallArguments, last: boolean): number {
  const at = findText(self, method, args, last);
  if (at < 0) throw new JinjaError("ValueError", "substring not found");
  return at;
}

export function countText(self: Str, args: CallArguments): number {
  const [sub, start, end] = searchArguments("str.count", args);
  const text = textOf(self);
  const range = searchRange(text, start, end);
  const needle = textOf(textArgument(sub));
  if (range === undefined) return 0;
  const within = text.slice(...range);
  return needle === "" ? codePointLength(within) + 1 : countMatches(within, needle);
}

function countMatches(text: string, needle: string, most = Infinity): number {
  let found = 0;
  let at = indexOfText(text, needle, 0);
  while (at >= 0 && found < most) {
    found++;
    countWork(1);
    at = indexOfText(text, needle, at + needle.length);
  }
  return found;
}

// ── startswith, endswith ─────────────────────────────────────────────────────────────────────────────────────────────────

export function hasAffix(self: Str, name: "startswith" | "endswith", args: CallArguments): boolean {
  const [affix, start, end] = searchArguments(`str.${name}`, args);
  const text = textOf(self);
  const range = searchRange(text, start, end);
  const affixes = affix instanceof PyTuple ? affix.items : [affix as Value];
  for (const each of affixes) {
    const wanted = asText(each);
    if (wanted === undefined) throw typeError(affixMessage(name, affix as Value, each));
    countWork(textOf(wanted).length >> 5);
    if (range !== undefined && hasAffixIn(text, textOf(wanted), name === "endswith", range)) return true;
  }
  return false;
}

function affixMessage(name: string, affix: Value, each: Value): string {
  return affix instanceof PyTuple
    ? `tuple for ${name} must only contain str, not ${typeName(each)}`
    : `${name} first arg must be str or a tuple of str, not ${typeName(each)}`;
}

function hasAffixIn(text: string, affix: string, atEnd: boolean, [from, to]: readonly [number, number]): boolean {
  const start = atEnd ? to - affix.length : from;
  if (start < from || start + affix.length > to) return false;
  return text.startsWith(affix, start) && isWhole(text, start, start + affix.length);
}

/** removeprefix and removesuffix */
export function removeAffix(self: Str, name: "removeprefix" | "removesuffix", value: Value): Str {
  const affix = asText(value);
  if (affix === undefined) throw notText(`${name}() argument`, value);
  const text = textOf(self);
  const wanted = textOf(affix);
  if (wanted === "" || !hasAffixIn(text, wanted, name === "removesuffix", [0, text.length])) return self;
  return name === "removeprefix" ? sliceText(self, wanted.length, text.length) : sliceText(self, 0, text.length - wanted.length);
}

// ── partition ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export function partitionText(self: Str, separator: Value, last: boolean): PyTuple {
  const needle = textArgument(separator);
  const wanted = textOf(needle);
  if (wanted === "") throw new JinjaError("ValueError", "empty separator");
  const text = textOf(self);
  const at = last ? lastIndexOfText(text, wanted, text.length) : indexOfText(text, wanted, 0);
  if (at < 0) return new PyTuple(last ? ["", "", self] : [self, "", ""]);
  return new PyTuple([sliceText(self, 0, at), needle, sliceText(self, at + wanted.length, text.length)]);
}

// ── replace ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

export function replaceText(self: Str, args: CallArguments): Str {
  const [first, second, limit] = positionalArguments("str.replace", args, 2, 3);
  const old = replaceArgument(first as Value, 1);
  const by = replaceArgument(second as Value, 2);
  const most = limit === undefined ? -1 : integerArgument(limit);
  return replaceMatches(self, textOf(old), by, most < 0 ? Infinity : most);
}

function replaceArgument(value: Value, position: 1 | 2): Str {
  const text = asText(value);
  if (text === undefined) throw notText(`replace() argument ${position}`, value);
  return text;
}

function replaceMatches(self: Str, old: string, by: Str, most: number): Str {
  const text = textOf(self);
  const places = old === "" ? Math.min(codePointLength(text) + 1, most) : countMatches(text, old, most);
  if (places === 0) return self;
  checkTextLength(text.length + places * (textOf(by).length - old.length));
  // Parts that are put together, and the characters that they have.
  countWork((old === "" ? 4 : 2) * places + ((places * textOf(by).length + text.length) >> 6));
  if (typeof self === "string" && typeof by === "string") return replacePlain(text, old, by, places);
  if (places > MAX_TRACED_STEPS) return deriveText(replacePlain(text, old, textOf(by), places), [self, by]);
  if (old === "") return interleave(self, by, places);
  const parts: Str[] = [];
  let start = 0;
  for (let done = 0; done < places; done++) {
    const at = indexOfText(text, old, start);
    parts.push(sliceText(self, start, at), by);
    start = at + old.length;
  }
  parts.push(sliceText(self, start, text.length));
  return concatText(parts);
}

function replacePlain(text: string, old: string, by: string, places: number): string {
  if (old === "") return textOf(interleave(text, by, places));
  const parts: string[] = [];
  let start = 0;
  for (let done = 0; done < places; done++) {
    const at = indexOfText(text, old, start);
    parts.push(text.slice(start, at));
    start = at + old.length;
  }
  parts.push(text.slice(start));
  return parts.join(by);
}

/** `by` before each of the first characters; behind the last one too where `times` counts so far. */
function interleave(self: Str, by: Str, times: number): Str {
  const text = textOf(self);
  const parts: Str[] = [];
  let unit = 0;
  for (let done = 0; done < times; done++) {
    parts.push(by);
    if (unit >= text.length) break;
    const width = done === times - 1 ? text.length - unit : widthAt(text, unit);
    parts.push(sliceText(self, unit, unit + width));
    unit += width;
  }
  return concatText(parts);
}

/** The items of a list or tuple; undefined for other values. */
export function sequenceItems(value: Value): readonly Value[] | undefined {
  if (isList(value)) return value;
  return value instanceof PyTuple ? value.items : undefined;
}
