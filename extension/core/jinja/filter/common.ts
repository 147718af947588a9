import { JinjaError, JinjaLimitError } from "../errors";
import { MAX_LIST_LENGTH } from "../runtime/limits";
import type { Filter, Runtime } from "../runtime/runtime";
import { PyGenerator } from "../value/objects";
import { iterate } from "../value/protocol";
import { str } from "../value/repr";
import type { Str } from "../value/text";
import { deriveText, isStr, textOf, Traced } from "../value/text";
import type { Value } from "../value/types";
import { isList, Markup, PyDict, PyObject, PyTuple, typeName, Undefined } from "../value/types";
import type { Signature } from "./arguments";
import { bindRest, signature } from "./arguments";

/** Makes a filter of a body that gets the arguments behind the value, bound to the signature (see {@link signature}). */
export function defineFilter(
  name: string,
  parameters: string,
  body: (runtime: Runtime, value: Value, rest: readonly (Value | undefined)[]) => Value,
): Filter {
  const to: Signature = signature(name, parameters);
  return (runtime, value, args) => {
    const rest = bindRest(to, value, args);
    chargeText(runtime, value);
    const result = body(runtime, value, rest);
    chargeText(runtime, result);
    return result;
  };
}

/** Counts going through a text, 256 characters a step: what slow filters do beyond that they count themselves. */
export function chargeText(runtime: Runtime, value: Value): void {
  const text = value instanceof Markup ? value.text : value;
  if (typeof text === "string") runtime.charge(text.length >> 8);
  else if (text instanceof Traced) runtime.charge(text.text.length >> 8);
}

/** `str(value)`; printing a container counts as work. */
export function printed(runtime: Runtime, value: Value): Str {
  if (isStr(value)) return value;
  const text = str(value);
  runtime.charge(textOf(text).length >> 2);
  return text;
}

/** An index, a count, a width: what Python's `__index__` gives. @throws JinjaError TypeError */
export function toIndex(value: Value): number | bigint {
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  throw new JinjaError("TypeError", `'${typeName(value)}' object cannot be interpreted as an integer`);
}

/** As {@link toIndex}, brought into the range of safe integers: for counts, where more is as good as endless. */
export function toCount(value: Value): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(toIndex(value))));
}

/** Applies a function to `str(value)`; the result of a Markup is a Markup, as with its methods in Python. */
export function mapText(runtime: Runtime, value: Value, change: (text: Str) => Str): Value {
  if (isStr(value)) return change(value);
  return value instanceof Markup ? new Markup(change(value.text)) : change(printed(runtime, value));
}

/** A computed text: derived from `source`, or `source` itself where nothing changed. */
export function computed(text: string, source: Str): Str {
  if (typeof source === "string") return text;
  return text === source.text ? source : deriveText(text, [source]);
}

/** `list(value)`. @throws JinjaError TypeError when it cannot be iterated, JinjaLimitError when it is too long. */
export function collect(runtime: Runtime, value: Value): Value[] {
  const known = isList(value) ? value : value instanceof PyTuple ? value.items : undefined;
  if (known !== undefined) {
    runtime.charge(known.length);
    return [...known];
  }
  const items: Value[] = [];
  for (const item of iterate(value)) {
    runtime.charge(2);
    items.push(item);
    checkListLength(items.length);
  }
  return items;
}

/** @throws JinjaLimitError when a list would be longer than {@link MAX_LIST_LENGTH}. */
export function checkListLength(length: number): void {
  if (length > MAX_LIST_LENGTH) throw new JinjaLimitError("list-length", `The template makes a list of more than ${MAX_LIST_LENGTH} elements.`);
}

/** What a generator function of Python's returns: it runs once, and as far as it is asked for. */
export function generator(name: string, source: Iterator<Value>): PyGenerator {
  return new PyGenerator(name, source);
}

/** Python's `AttributeError` for a method that a value's type lacks. */
export function noAttribute(value: Value, name: string): JinjaError {
  // A namespace looks attributes up itself, and says less.
  if (typeName(value) === "Namespace") return new JinjaError("AttributeError", name);
  return new JinjaError("AttributeError", `'${typeName(value)}' object has no attribute '${name}'`);
}

/** Whether Python's `iter(value)` works: for texts and containers, and objects that say so. */
export function isIterable(value: Value): boolean {
  if (value instanceof PyObject) return value.iterate !== PyObject.prototype.iterate;
  return isStr(value) || isList(value) || value instanceof PyTuple || value instanceof PyDict || value instanceof Markup || value instanceof Undefined;
}
