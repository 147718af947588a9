import { JinjaError } from "../errors";
import { countWork } from "./budget";
import { enterContainer, leaveContainer } from "./container/nesting";
import { PyRange } from "./objects";
import { checkTextLength, textOf, Traced } from "./text";
import type { HashKey, Value } from "./types";
import { isList, Markup, PyDict, PyFloat, PyTuple, typeName, Undefined } from "./types";

/** All undefined values are equal. */
const UNDEFINED_KEY = Symbol("Undefined");

/** Marks the keys that are no plain text; a text that begins with it gets it twice. */
const MARK = "\0";

/**
 * The key of a value in a dict: the same JavaScript value for values that are equal in Python.
 * @throws JinjaError TypeError `unhashable type: 'list'`
 */
export function hashKey(value: Value): HashKey {
  if (typeof value === "string") return textKey(value);
  if (typeof value === "number" || typeof value === "bigint" || value === null) return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value instanceof Traced) return textKey(value.text);
  if (value instanceof PyFloat) return floatKey(value);
  if (value instanceof PyTuple) return tupleKey(value.items);
  if (value instanceof Markup) return textKey(textOf(value.text));
  if (value instanceof Undefined) return UNDEFINED_KEY;
  if (value instanceof PyRange) return `${MARK}range:${tupleText(value.identity())}`;
  const name = typeName(value);
  if (isList(value) || value instanceof PyDict || name === "dict_keys" || name === "dict_items") {
    throw new JinjaError("TypeError", `unhashable type: '${name}'`);
  }
  return value;
}

function textKey(text: string): string {
  countWork(text.length >> 5);
  return text.charCodeAt(0) === 0 ? MARK + text : text;
}

/** An integral float equals an integer; NaN equals only itself, the object. */
function floatKey(float: PyFloat): HashKey {
  const { value } = float;
  if (Number.isNaN(value)) return float;
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value) : value;
}

function tupleKey(items: readonly Value[]): string {
  return `${MARK}tuple:${tupleText(items)}`;
}

/** The keys of the items, written so that different items give different texts. */
function tupleText(items: readonly Value[]): string {
  enterContainer(items.length);
  try {
    let text = "";
    for (const item of items) {
      text += keyText(hashKey(item));
      checkTextLength(text.length);
    }
    return text;
  } finally {
    leaveContainer();
  }
}

function keyText(key: HashKey): string {
  switch (typeof key) {
    case "string":
      return `s${key.length}:${key}`;
    case "number":
    case "bigint":
      return `n${key};`;
    case "symbol":
      return "U";
    case "object":
      return key === null ? "N" : `o${identityOf(key)};`;
    default:
      return `b${String(key)};`;
  }
}

const identities = new WeakMap<object, number>();
let lastIdentity = 0;

function identityOf(object: object): number {
  let identity = identities.get(object);
  if (identity === undefined) {
    identity = ++lastIdentity;
    identities.set(object, identity);
  }
  return identity;
}

/** `dict[key]`, or undefined. @throws JinjaError TypeError when the key is not hashable. */
export function dictGet(dict: PyDict, key: Value): Value | undefined {
  return dict.entries.get(hashKey(key))?.value;
}

/** `dict[key] = value`; of equal keys the first one given stays. @throws JinjaError TypeError */
export function dictSet(dict: PyDict, key: Value, value: Value): void {
  countWork(3);
  const hash = hashKey(key);
  const entry = dict.entries.get(hash);
  if (entry === undefined) dict.entries.set(hash, { key, value });
  else entry.value = value;
}

/** `key in dict`. @throws JinjaError TypeError */
export function dictHas(dict: PyDict, key: Value): boolean {
  return dict.entries.has(hashKey(key));
}

export function dictKeys(dict: PyDict): Value[] {
  countWork(dict.entries.size >> 1);
  return Array.from(dict.entries.values(), (entry) => entry.key);
}

export function dictValues(dict: PyDict): Value[] {
  countWork(dict.entries.size >> 1);
  return Array.from(dict.entries.values(), (entry) => entry.value);
}

export function dictItems(dict: PyDict): PyTuple[] {
  countWork(dict.entries.size >> 1);
  return Array.from(dict.entries.values(), (entry) => new PyTuple([entry.key, entry.value]));
}

/** `dict(pairs)`. @throws JinjaError TypeError */
export function dictFrom(pairs: Iterable<readonly [Value, Value]>): PyDict {
  const dict = new PyDict();
  for (const [key, value] of pairs) dictSet(dict, key, value);
  return dict;
}
