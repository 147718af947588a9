import { JinjaError } from "../errors";
import type { Runtime } from "../runtime/runtime";
import { asText } from "../text/arguments";
import { isDigit, lower } from "../text/unicode";
import { toInteger } from "../value/number";
import { repr } from "../value/repr";
import { textOf } from "../value/text";
import type { Value } from "../value/types";
import { Undefined } from "../value/types";
import { computed, mapText } from "./common";
import { parseInteger } from "./parseNumber";

/** Takes the sort or group key from an item. */
export type Getter = (item: Value) => Value;

interface GetterOptions {
  /** Texts count in lower case. */
  readonly ignoreCase?: boolean;
  /** Stands in for what is undefined, at every step of the path; not when it is none. */
  readonly fallback?: Value | undefined;
}

/** A text in lower case; anything else as it is. */
export function ignoreCase(runtime: Runtime, value: Value): Value {
  if (asText(value) === undefined) return value;
  return mapText(runtime, value, (text) => {
    runtime.charge(textOf(text).length >> 2);
    return computed(lower(textOf(text)), text);
  });
}

/**
 * Looks up a path such as `a.b.0` with the rules of the environment: dots separate, digits are integers. No attribute gives
 * the item itself.
 */
export function attributeGetter(runtime: Runtime, attribute: Value | undefined, options: GetterOptions = {}): Getter {
  const parts = attributeParts(attribute);
  const { fallback } = options;
  return (item) => {
    let value = item;
    for (const part of parts) {
      value = runtime.getItem(value, part);
      if (fallback !== undefined && fallback !== null && value instanceof Undefined) value = fallback;
    }
    return options.ignoreCase === true ? ignoreCase(runtime, value) : value;
  };
}

/** As {@link attributeGetter} for several paths separated by commas; always a list of keys. */
export function multiAttributeGetter(runtime: Runtime, attribute: Value | undefined, options: GetterOptions): (item: Value) => readonly Value[] {
  const text = asText(attribute);
  const paths: readonly (Value | undefined)[] = text === undefined ? [attribute] : textOf(text).split(",");
  const getters = paths.map((path) => attributeGetter(runtime, path, options));
  return (item) => getters.map((get) => get(item));
}

function attributeParts(attribute: Value | undefined): readonly Value[] {
  if (attribute === undefined || attribute === null) return [];
  const text = asText(attribute);
  if (text === undefined) return [attribute];
  return textOf(text)
    .split(".")
    .map((part) => (isDigit(part) ? integerPart(part) : part));
}

function integerPart(part: string): Value {
  const value = parseInteger(part, 10);
  // Superscript digits are digits, but no number.
  if (value === undefined) throw new JinjaError("ValueError", `invalid literal for int() with base 10: ${repr(part)}`);
  return toInteger(value);
}
