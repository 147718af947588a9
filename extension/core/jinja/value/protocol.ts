import { JinjaError } from "../errors";
import { codePointLength, codePointToUnit, hasSurrogates, widthAt } from "../text/unicode";
import { countWork } from "./budget";
import type { SliceRange } from "./container/slicing";
import { sliceItems, sliceRange, toIndex } from "./container/slicing";
import { dictGet } from "./hash";
import type { Str } from "./text";
import { MAX_TRACED_STEPS, concatText, deriveText, isStr, sliceText, textOf, Traced } from "./text";
import type { Value } from "./types";
import { isList, Markup, PyDict, PyFloat, PyObject, PyTuple, typeName, Undefined } from "./types";
import { failUndefined } from "./undefined";

/** Python's `bool(value)`. */
export function truth(value: Value): boolean {
  switch (typeof value) {
    case "boolean":
      return value;
    case "string":
      return value !== "";
    case "number":
      return value !== 0;
    case "bigint":
      return true;
    default:
      break;
  }
  if (value === null || value instanceof Undefined) return false;
  if (value instanceof Traced) return value.text !== "";
  if (isList(value)) return value.length > 0;
  if (value instanceof PyDict) return value.entries.size > 0;
  if (value instanceof PyFloat) return value.value !== 0;
  if (value instanceof PyTuple) return value.items.length > 0;
  if (value instanceof Markup) return textOf(value.text) !== "";
  return value.truth();
}

/**
 * Python's `iter(value)`: elements, keys, or characters (code points).
 * @throws JinjaError TypeError `'int' object is not iterable`
 */
export function iterate(value: Value): Iterable<Value> {
  // A JavaScript string, too, gives its code points.
  if (typeof value === "string" || isList(value)) return value;
  if (value instanceof PyDict) return keysOf(value);
  if (value instanceof PyTuple) return value.items;
  if (value instanceof Traced) return charactersOf(value);
  if (value instanceof Undefined) return [];
  if (value instanceof Markup) return iterate(value.text);
  const iterator = value instanceof PyObject ? value.iterate() : undefined;
  if (iterator === undefined) throw new JinjaError("TypeError", `'${typeName(value)}' object is not iterable`);
  return new Iteration(iterator);
}

/** An iterator as an iterable. Without `return`: leaving a loop must not end a generator, whose rest Python still gives. */
class Iteration implements Iterable<Value> {
  readonly #iterator: Iterator<Value>;

  constructor(iterator: Iterator<Value>) {
    this.#iterator = iterator;
  }

  [Symbol.iterator](): Iterator<Value> {
    return { next: () => this.#iterator.next() };
  }
}

function* keysOf(dict: PyDict): Generator<Value> {
  for (const { key } of dict.entries.values()) yield key;
}

/** The characters of a traced text, each with its origin. Goes along the pieces instead of looking for each character. */
function* charactersOf(traced: Traced): Generator<Value> {
  const { text, pieces } = traced;
  if (text.length > MAX_TRACED_STEPS) {
    yield* derivedCharacters(traced);
    return;
  }
  let [index, from] = [0, 0];
  for (let unit = 0; unit < text.length; ) {
    const width = widthAt(text, unit);
    while (unit >= from + (pieces[index]?.length ?? Infinity)) from += pieces[index++]?.length ?? 0;
    const piece = pieces[index];
    const inside = piece !== undefined && unit + width <= from + piece.length;
    const char = text.slice(unit, unit + width);
    if (inside) yield Traced.ofPieces(char, [{ length: width, origin: piece.origin, from: piece.from + unit - from }]);
    else yield sliceText(Traced.ofPieces(text, pieces), unit, unit + width);
    unit += width;
  }
}

function* derivedCharacters(traced: Traced): Generator<Value> {
  const known = new Map<string, Str>();
  for (const char of traced.text) {
    let derived = known.get(char);
    if (derived === undefined) known.set(char, (derived = deriveText(char, [traced])));
    yield derived;
  }
}

/** Python's `len(value)`. @throws JinjaError TypeError `object of type 'int' has no len()` */
export function lengthOf(value: Value): number {
  if (typeof value === "string") return countedLength(value);
  const length = containerLength(value);
  if (length === undefined) throw new JinjaError("TypeError", `object of type '${typeName(value)}' has no len()`);
  return length;
}

/** Counts the characters, which for a long text is work. */
function countedLength(text: string): number {
  countWork(text.length >> 10);
  return codePointLength(text);
}

function containerLength(value: Value): number | undefined {
  if (isList(value)) return value.length;
  if (value instanceof PyDict) return value.entries.size;
  if (value instanceof PyTuple) return value.items.length;
  if (value instanceof Traced) return countedLength(value.text);
  if (value instanceof Undefined) return 0;
  if (value instanceof Markup) return codePointLength(textOf(value.text));
  return value instanceof PyObject ? value.length() : undefined;
}

/**
 * Python's `value[key]`; undefined where that raises a LookupError, TypeError or AttributeError.
 * @throws JinjaError UndefinedError for an item of an undefined value
 */
export function subscript(value: Value, key: Value): Value | undefined {
  if (value instanceof PyDict) return itemOf(value, key);
  if (value instanceof Undefined) failUndefined(value);
  if (value instanceof PyObject) return value.item(key);
  const index = toIndex(key);
  if (index === undefined) return undefined;
  if (isList(value)) return value[index < 0 ? index + value.length : index];
  if (value instanceof PyTuple) return value.items[index < 0 ? index + value.items.length : index];
  if (isStr(value)) return characterAt(value, index);
  if (!(value instanceof Markup)) return undefined;
  const character = characterAt(value.text, index);
  return character === undefined ? undefined : new Markup(character);
}

function itemOf(dict: PyDict, key: Value): Value | undefined {
  if (typeof key === "string") return dictGet(dict, key);
  try {
    return dictGet(dict, key);
  } catch (error) {
    if (error instanceof JinjaError && error.type === "TypeError") return undefined;
    throw error;
  }
}

function characterAt(value: Str, index: number): Str | undefined {
  const text = textOf(value);
  const length = countedLength(text);
  const at = index < 0 ? index + length : index;
  if (at < 0 || at >= length) return undefined;
  const unit = codePointToUnit(text, at);
  return sliceText(value, unit, unit + (length === text.length ? 1 : widthAt(text, unit)));
}

/**
 * Python's `value[start:stop:step]`; undefined and None stand for what is left out.
 * @throws JinjaError TypeError, ValueError, UndefinedError
 */
export function slice(value: Value, start: Value | undefined, stop: Value | undefined, step: Value | undefined): Value {
  if (isStr(value)) return sliceCharacters(value, start, stop, step);
  if (isList(value)) return sliceItems(value, sliceRange(start, stop, step, value.length));
  if (value instanceof PyTuple) return new PyTuple(sliceItems(value.items, sliceRange(start, stop, step, value.items.length)));
  if (value instanceof Markup) return new Markup(sliceCharacters(value.text, start, stop, step));
  if (value instanceof Undefined) failUndefined(value);
  const part = value instanceof PyObject ? value.slice(start, stop, step) : undefined;
  if (part !== undefined) return part;
  const message = value instanceof PyDict ? "unhashable type: 'slice'" : `'${typeName(value)}' object is not subscriptable`;
  throw new JinjaError("TypeError", message);
}

function sliceCharacters(value: Str, start: Value | undefined, stop: Value | undefined, step: Value | undefined): Str {
  const text = textOf(value);
  const range = sliceRange(start, stop, step, countedLength(text));
  if (range.count === 0) return "";
  // Steps other than 1 go through the characters one by one.
  countWork(range.step === 1 ? range.count >> 8 : text.length);
  if (range.step === 1) return sliceStretch(value, range);
  if (typeof value !== "string" && text.length > MAX_TRACED_STEPS) return deriveText(sliceItems(Array.from(text), range).join(""), [value]);
  return concatText(sliceItems([...iterateText(value)], range));
}

function sliceStretch(value: Str, { start, stop }: SliceRange): Str {
  const text = textOf(value);
  return hasSurrogates(text) ? sliceText(value, codePointToUnit(text, start), codePointToUnit(text, stop)) : sliceText(value, start, stop);
}

function iterateText(value: Str): Iterable<Str> {
  return iterate(value) as Iterable<Str>;
}
