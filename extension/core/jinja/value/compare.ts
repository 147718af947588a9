import { JinjaError } from "../errors";
import { asText } from "../text/arguments";
import { indexOfText } from "../text/search";
import { countWork } from "./budget";
import { enterContainer, leaveContainer } from "./container/nesting";
import { dictHas } from "./hash";
import { PyRange, SetView } from "./objects";
import { iterate } from "./protocol";
import { textOf } from "./text";
import type { Value } from "./types";
import { isList, PyDict, PyFloat, PyObject, PyTuple, typeName, Undefined } from "./types";
import { failUndefined } from "./undefined";

export type Ordering = "<" | "<=" | ">" | ">=";

/** The number that an int, float or bool is. */
function numeric(value: Value): number | bigint | undefined {
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  return value instanceof PyFloat ? value.value : undefined;
}

/**
 * Python's `a == b`.
 * @throws JinjaLimitError for values without end
 * @throws JinjaError TypeError, for views of dicts alone, when one has elements that the other cannot look up
 */
export function equals(a: Value, b: Value): boolean {
  if (typeof a === "string" && typeof b === "string") return textsEqual(a, b);
  const x = numeric(a);
  if (x !== undefined) {
    const y = numeric(b);
    // Integers and floats compare by their exact values, in JavaScript as in Python.
    return y === undefined ? reflected(a, b) : typeof x === typeof y ? x === y : x >= y && x <= y;
  }
  const text = asText(a);
  if (text !== undefined) {
    const other = asText(b);
    return other === undefined ? reflected(a, b) : textsEqual(textOf(text), textOf(other));
  }
  if (a === null) return b === null || reflected(a, b);
  if (isList(a)) return isList(b) ? listsEqual(a, b) : reflected(a, b);
  if (a instanceof PyTuple) return b instanceof PyTuple ? listsEqual(a.items, b.items) : reflected(a, b);
  if (a instanceof PyDict) return b instanceof PyDict ? dictsEqual(a, b) : reflected(a, b);
  if (a instanceof Undefined) return b instanceof Undefined;
  const object = a as PyObject;
  return object.equals(b) || (object.equals === PyObject.prototype.equals && reflected(a, b));
}

function textsEqual(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  countWork(a.length >> 6);
  return a === b;
}

/** What the right operand says where the left one does not know. */
function reflected(a: Value, b: Value): boolean {
  return b instanceof PyObject && b.equals(a);
}

/** How containers compare their elements: the same object is equal to itself, even where it is not (NaN). */
export function same(a: Value, b: Value): boolean {
  return typeof a === "string" ? equals(a, b) : a === b || equals(a, b);
}

function listsEqual(a: readonly Value[], b: readonly Value[]): boolean {
  if (a.length !== b.length) return false;
  if (a === b) return true;
  enterContainer(a.length);
  try {
    return a.every((item, at) => same(item, b[at] as Value));
  } finally {
    leaveContainer();
  }
}

function dictsEqual(a: PyDict, b: PyDict): boolean {
  if (a.entries.size !== b.entries.size) return false;
  if (a === b) return true;
  enterContainer(a.entries.size);
  try {
    for (const [hash, { value }] of a.entries) {
      const other = b.entries.get(hash);
      if (other === undefined || !same(value, other.value)) return false;
    }
    return true;
  } finally {
    leaveContainer();
  }
}

function ordered(order: number, operator: Ordering): boolean {
  switch (operator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

/**
 * Python's ordering of two values.
 * @throws JinjaError TypeError `'<' not supported between instances of 'int' and 'str'`, UndefinedError
 */
export function lessThan(a: Value, b: Value, operator: Ordering): boolean {
  const [x, y] = [numeric(a), numeric(b)];
  if (x !== undefined && y !== undefined) {
    // NaN is in no order at all.
    return x < y ? ordered(-1, operator) : x > y ? ordered(1, operator) : x >= y && ordered(0, operator);
  }
  const [text, other] = [asText(a), asText(b)];
  if (text !== undefined && other !== undefined) return ordered(compareTexts(textOf(text), textOf(other)), operator);
  if (isList(a) && isList(b)) return itemsOrdered(a, b, operator);
  if (a instanceof PyTuple && b instanceof PyTuple) return itemsOrdered(a.items, b.items, operator);
  if (a instanceof Undefined) failUndefined(a);
  if (b instanceof Undefined) failUndefined(b);
  if (a instanceof SetView && b instanceof SetView) return setsOrdered(a, b, operator);
  throw new JinjaError("TypeError", `'${operator}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`);
}

function itemsOrdered(a: readonly Value[], b: readonly Value[], operator: Ordering): boolean {
  enterContainer(Math.min(a.length, b.length));
  try {
    for (let at = 0; at < a.length && at < b.length; at++) {
      const [left, right] = [a[at] as Value, b[at] as Value];
      if (!same(left, right)) return lessThan(left, right, operator);
    }
    return ordered(a.length - b.length, operator);
  } finally {
    leaveContainer();
  }
}

/** Of sets, `<` means "is a subset of". */
function setsOrdered(a: SetView, b: SetView, operator: Ordering): boolean {
  if (operator === ">" || operator === ">=") return setsOrdered(b, a, operator === ">" ? "<" : "<=");
  return (operator === "<=" || a.length() < b.length()) && a.within(b);
}

/** The order of two texts by code points: negative, zero or positive. UTF-16 units order surrogates below U+E000. */
export function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  countWork(at >> 4);
  if (at === length) return a.length - b.length;
  // The second halves of pairs that begin alike belong to the character before.
  const from = at > 0 && isHighSurrogate(a.charCodeAt(at - 1)) ? at - 1 : at;
  return (a.codePointAt(from) ?? 0) - (b.codePointAt(from) ?? 0) || a.charCodeAt(at) - b.charCodeAt(at);
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

/**
 * Python's `item in container`.
 * @throws JinjaError TypeError where the container is none, or cannot hold such an item
 */
export function contains(container: Value, item: Value): boolean {
  if (isList(container)) return holds(container, item);
  if (container instanceof PyDict) return dictHas(container, item);
  if (container instanceof PyTuple) return holds(container.items, item);
  if (container instanceof Undefined) return false;
  const text = asText(container);
  if (text !== undefined) return textHolds(textOf(text), item);
  if (container instanceof PyRange) return container.indexOf(item) >= 0;
  if (container instanceof SetView) return container.has(item);
  if (!(container instanceof PyObject) || container.iterate === PyObject.prototype.iterate) throw notIterable(container);
  for (const value of iterate(container)) if (same(value, item)) return true;
  return false;
}

function notIterable(value: Value): JinjaError {
  return new JinjaError("TypeError", `argument of type '${typeName(value)}' is not iterable`);
}

function holds(items: readonly Value[], item: Value): boolean {
  countWork(items.length >> 2);
  if (typeof item === "string") {
    for (const other of items) if (typeof other === "string" ? textsEqual(other, item) : equals(other, item)) return true;
    return false;
  }
  return items.some((other) => same(other, item));
}

function textHolds(text: string, item: Value): boolean {
  const needle = asText(item);
  if (needle === undefined) {
    throw new JinjaError("TypeError", `'in <string>' requires string as left operand, not ${typeName(item)}`);
  }
  return indexOfText(text, textOf(needle), 0) >= 0;
}
