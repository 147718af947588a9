import { JinjaError } from "../errors";
import type { Str } from "../value/text";
import { isStr } from "../value/text";
import type { CallArguments, Value } from "../value/types";
import { Markup, typeName } from "../value/types";

/** Arguments of the built-in methods, with the messages of CPython 3.11's argument parsers; `method` is `str.upper`. */

export function typeError(message: string): JinjaError {
  return new JinjaError("TypeError", message);
}

function bareName(method: string): string {
  return method.slice(method.indexOf(".") + 1);
}

function count(number: number): string {
  return number === 1 ? "1 argument" : `${number} arguments`;
}

function refuseNamed(method: string, args: CallArguments): void {
  if (args.named.size > 0) throw typeError(`${method}() takes no keyword arguments`);
}

export function noArguments(method: string, args: CallArguments): void {
  refuseNamed(method, args);
  if (args.positional.length > 0) throw typeError(`${method}() takes no arguments (${args.positional.length} given)`);
}

export function oneArgument(method: string, args: CallArguments): Value {
  refuseNamed(method, args);
  const [value] = args.positional;
  if (value === undefined || args.positional.length > 1) {
    throw typeError(`${method}() takes exactly one argument (${args.positional.length} given)`);
  }
  return value;
}

export function positionalArguments(method: string, args: CallArguments, least: number, most: number): readonly Value[] {
  refuseNamed(method, args);
  const given = args.positional.length;
  if (given < least) throw typeError(`${bareName(method)} expected at least ${count(least)}, got ${given}`);
  if (given > most) throw typeError(`${bareName(method)} expected at most ${count(most)}, got ${given}`);
  return args.positional;
}

/** The needle, start and end of find, count, startswith and their like. */
export function searchArguments(method: string, args: CallArguments): readonly Value[] {
  refuseNamed(bareName(method), args);
  const given = args.positional.length;
  if (given < 1) throw typeError(`${bareName(method)}() takes at least 1 argument (0 given)`);
  if (given > 3) throw typeError(`${bareName(method)}() takes at most 3 arguments (${given} given)`);
  return args.positional;
}

/** Arguments by position or name, all optional, in the order of `names`. */
export function namedArguments(method: string, args: CallArguments, names: readonly string[]): readonly (Value | undefined)[] {
  const name = bareName(method);
  const given = args.positional.length + args.named.size;
  if (given > names.length) {
    const kind = args.positional.length === 0 ? "keyword " : "";
    const noun = names.length === 1 ? "argument" : "arguments";
    throw typeError(`${name}() takes at most ${names.length} ${kind}${noun} (${given} given)`);
  }
  for (const key of args.named.keys()) {
    const at = names.indexOf(key);
    if (at < 0) throw typeError(`'${key}' is an invalid keyword argument for ${name}()`);
    if (at < args.positional.length) throw typeError(`argument for ${name}() given by name ('${key}') and position (${at + 1})`);
  }
  return names.map((key, at) => (at < args.positional.length ? args.positional[at] : args.named.get(key)));
}

/** Says that the argument of a method is no str: `name() argument 1 must be str, not int`. */
export function notText(argument: string, value: Value): JinjaError {
  return typeError(`${argument} must be str, not ${value === null ? "None" : typeName(value)}`);
}

/** A str or Markup as text; undefined for anything else. */
export function asText(value: Value | undefined): Str | undefined {
  if (value instanceof Markup) return value.text;
  return isStr(value) ? value : undefined;
}

/** @throws JinjaError TypeError, in the wording of the methods that take nothing but a str. */
export function textArgument(value: Value | undefined): Str {
  const text = asText(value);
  if (text === undefined) throw typeError(`must be str, not ${typeName(value as Value)}`);
  return text;
}

/** Python's `__index__`: integers and bools. */
export function asIndex(value: Value | undefined): number | bigint | undefined {
  if (typeof value === "number" || typeof value === "bigint") return value;
  return typeof value === "boolean" ? Number(value) : undefined;
}

/** An integer that CPython keeps in a C type of so many bits. @throws JinjaError TypeError, OverflowError */
export function integerArgument(value: Value, bits: 32 | 64 = 64): number {
  const index = asIndex(value);
  if (index === undefined) throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
  if (BigInt.asIntN(bits, BigInt(index)) !== BigInt(index)) {
    throw new JinjaError("OverflowError", `Python int too large to convert to C ${bits === 64 ? "ssize_t" : "int"}`);
  }
  return Number(index);
}

/** A slice bound: any integer or None. @throws JinjaError TypeError */
export function boundArgument(value: Value | undefined, fallback: number): number {
  if (value === undefined || value === null) return fallback;
  const index = asIndex(value);
  if (index === undefined) throw typeError("slice indices must be integers or None or have an __index__ method");
  return Number(index);
}
