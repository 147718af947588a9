import { JinjaError } from "../errors";
import type { Runtime } from "../runtime/runtime";
import { countWork } from "../value/budget";
import { repr, str } from "../value/repr";
import type { Str } from "../value/text";
import { concatText, deriveText, sliceText, textOf } from "../value/text";
import type { CallArguments, Value } from "../value/types";
import { PyFloat, PyFunction, typeName } from "../value/types";
import { asText, typeError } from "./arguments";
import { asciiRepr } from "./formatting/ascii";
import type { FormatPart } from "./formatting/fields";
import { formatParts, splitFieldName } from "./formatting/fields";
import { formatFloat, formatInt } from "./formatting/number";
import { parseSpec, unknownCode, valueError } from "./formatting/spec";
import { mappingItem } from "./formatting/mapping";
import { padText } from "./padding";
import { codePointLength, codePointToUnit, isDigit } from "./unicode";

/** Formats one value as `format(value, spec)`; Markup puts its own in place of it, which escapes. */
export type FieldFormatter = (value: Value, spec: string) => Str;

// ── str.format ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * `format.format(*args, **kwargs)` as the sandbox does it: fields reach attributes and items through the runtime, and the
 * messages are those of Python's string.Formatter, which are not always those of str.format.
 * @throws JinjaError ValueError, IndexError, KeyError, TypeError
 */
export function strFormat(format: Str, args: CallArguments, runtime: Runtime, formatField: FieldFormatter = formatValue): Str {
  return new Formatter(args.positional, (name) => namedArgument(args.named, name), runtime, formatField).format(format);
}

/** `format.format_map(mapping)` in the sandbox. */
export function strFormatMap(format: Str, args: CallArguments, runtime: Runtime, formatField: FieldFormatter = formatValue): Str {
  if (args.named.size > 0) throw typeError("format_map() takes no keyword arguments");
  const [mapping] = args.positional;
  if (mapping === undefined || args.positional.length > 1) {
    throw typeError(`format_map() takes exactly one argument (${args.positional.length} given)`);
  }
  return new Formatter([], (name) => mappingItem(mapping, name), runtime, formatField).format(format);
}

/** The methods `format` and `format_map` of a text, which the sandbox makes functions; undefined for other names. */
export function formatMethod(self: Str, name: string, runtime: Runtime): PyFunction | undefined {
  if (name !== "format" && name !== "format_map") return undefined;
  const body = name === "format" ? strFormat : strFormatMap;
  const call = (args: CallArguments): Str => {
    const text = body(self, args, runtime);
    countWork(textOf(text).length >> 6);
    return text;
  };
  return new PyFunction(name, call, { repr: `<function str.${name} at 0x…>` });
}

function namedArgument(named: ReadonlyMap<string, Value>, name: string): Value {
  const value = named.get(name);
  if (value === undefined) throw new JinjaError("KeyError", repr(name));
  return value;
}

/** Specifications may hold fields, and those again specifications, but no deeper. */
const MAX_NESTING = 2;

/** One call of format. Its state is the numbering of the fields `{}`. */
class Formatter {
  readonly #positional: readonly Value[];
  readonly #named: (name: string) => Value;
  readonly #runtime: Runtime;
  readonly #formatField: FieldFormatter;
  /** The number of the next `{}`, or false after a field with a number of its own. */
  #next: number | false = 0;

  constructor(positional: readonly Value[], named: (name: string) => Value, runtime: Runtime, formatField: FieldFormatter) {
    this.#positional = positional;
    this.#named = named;
    this.#runtime = runtime;
    this.#formatField = formatField;
  }

  format(format: Str, depth = MAX_NESTING): Str {
    if (depth < 0) throw valueError("Max string recursion exceeded");
    const parts: Str[] = [];
    for (const part of formatParts(textOf(format))) {
      this.#runtime.charge(5);
      parts.push(part.kind === "literal" ? sliceText(format, part.start, part.end) : this.#field(part, depth));
    }
    return concatText(parts);
  }

  #field(part: Extract<FormatPart, { kind: "field" }>, depth: number): Str {
    const value = convert(this.#value(this.#numbered(part.name)), part.conversion);
    const spec = textOf(this.format(part.spec, depth - 1));
    return this.#formatField(value, spec);
  }

  #numbered(name: string): string {
    const switched = "cannot switch from manual field specification to automatic field numbering";
    if (name === "") {
      if (this.#next === false) throw valueError(switched);
      return String(this.#next++);
    }
    if (isDigit(name)) {
      if (this.#next !== false && this.#next > 0) throw valueError(switched);
      this.#next = false;
    }
    return name;
  }

  #value(name: string): Value {
    const { first, rest } = splitFieldName(name);
    let value = typeof first === "number" ? this.#positional[first] : this.#named(first);
    if (value === undefined) throw new JinjaError("IndexError", "tuple index out of range");
    for (const access of rest) {
      value = access.kind === "attribute" ? this.#runtime.getAttribute(value, access.name) : this.#runtime.getItem(value, access.key);
    }
    return value;
  }
}

function convert(value: Value, conversion: string | undefined): Value {
  switch (conversion) {
    case undefined:
      return value;
    case "s":
      return str(value);
    case "r":
      return deriveText(repr(value), [value]);
    case "a":
      return deriveText(asciiRepr(value), [value]);
    default:
      throw valueError(`Unknown conversion specifier ${conversion}`);
  }
}

// ── format() ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Python's `format(value, spec)`. @throws JinjaError ValueError, TypeError, OverflowError; JinjaLimitError */
export function formatValue(value: Value, spec: string): Str {
  if (spec === "") return str(value);
  const text = asText(value);
  if (text !== undefined) return formatText(text, spec, typeName(value));
  if (typeof value === "boolean") return formatInt(Number(value), spec, "bool");
  if (typeof value === "number" || typeof value === "bigint") return formatInt(value, spec, "int");
  if (value instanceof PyFloat) return formatFloat(value.value, spec);
  throw typeError(`unsupported format string passed to ${typeName(value)}.__format__`);
}

function formatText(value: Str, text: string, of: string): Str {
  const spec = parseSpec(text, "<", "s", of);
  if (spec.type !== "s") throw unknownCode(spec.type, of);
  if (spec.sign === " ") throw valueError("Space not allowed in string format specifier");
  if (spec.sign !== "") throw valueError("Sign not allowed in string format specifier");
  if (spec.noNegativeZero) throw valueError("Negative zero coercion (z) not allowed in string format specifier");
  if (spec.alternate) throw valueError("Alternate form (#) not allowed in string format specifier");
  if (spec.align === "=") throw valueError("'=' alignment not allowed in string format specifier");
  const cut = spec.precision === undefined ? value : firstCharacters(value, spec.precision);
  const missing = spec.width - codePointLength(textOf(cut));
  if (missing <= 0) return cut;
  const left = spec.align === "<" ? 0 : spec.align === "^" ? Math.floor(missing / 2) : missing;
  return padText(cut, left, missing - left, spec.fill);
}

/** The first code points of a text. */
export function firstCharacters(value: Str, count: number): Str {
  return sliceText(value, 0, codePointToUnit(textOf(value), count));
}
