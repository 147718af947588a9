import type { PythonError } from "../errors";
import type { Str } from "./text";
import { Traced } from "./text";

/** Python's `float`. Plain numbers are `int`, so that 1 and 1.0 stay apart. */
export class PyFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** Python's `tuple`. Lists are plain arrays. */
export class PyTuple {
  readonly items: readonly Value[];
  /** The attribute names of the items, where it is a named tuple (the groups of `groupby`). */
  readonly fields: readonly string[] | undefined;

  constructor(items: readonly Value[], fields?: readonly string[]) {
    this.items = items;
    this.fields = fields;
  }
}

/** A key of a {@link PyDict}, normalised so that equal Python keys are the same JavaScript value; see hash.ts. */
export type HashKey = string | number | bigint | boolean | null | symbol | object;

/** Python's `dict`: insertion order, typed keys. Use `dictGet`/`dictSet` of hash.ts, which normalise keys. */
export class PyDict {
  readonly entries: Map<HashKey, { readonly key: Value; value: Value }>;

  constructor(entries = new Map<HashKey, { readonly key: Value; value: Value }>()) {
    this.entries = entries;
  }
}

/** A value that is not there. Its message is what using it raises. */
export class Undefined {
  /** The finished message, or undefined for the default wording from `owner` and `name`. */
  readonly hint: string | undefined;
  /** The value whose attribute or item is missing; `MISSING` for a variable. */
  readonly owner: Value | typeof MISSING;
  readonly key: Value;
  /** What using it raises: UndefinedError, or SecurityError where the sandbox hides something. */
  readonly error: PythonError;

  constructor(key: Value, owner: Value | typeof MISSING, hint?: string, error: PythonError = "UndefinedError") {
    this.key = key;
    this.owner = owner;
    this.hint = hint;
    this.error = error;
  }
}

export const MISSING: unique symbol = Symbol("missing");

/** `markupsafe.Markup`: text that needs no escaping. */
export class Markup {
  readonly text: Str;

  constructor(text: Str) {
    this.text = text;
  }
}

/** Arguments of a call, evaluated. */
export interface CallArguments {
  readonly positional: readonly Value[];
  /** In the order in which they were given. Empty map shared as NO_NAMED when there are none. */
  readonly named: ReadonlyMap<string, Value>;
}

export const NO_NAMED: ReadonlyMap<string, Value> = new Map();

/** Everything else that a template can hold: functions, methods, macros, ranges, views, generators, namespaces, loops. */
export abstract class PyObject {
  /** Python's type name, as in messages: `function`, `builtin_function_or_method`, `dict_items`, `generator`, `Macro`, … */
  abstract readonly typeName: string;
  /** `repr(value)`. Where Python prints a memory address, `0x…`. */
  abstract repr(): string;
  /** `str(value)` where it differs from the repr. */
  str(): Str {
    return this.repr();
  }
  /** An attribute, or undefined when there is none. */
  attribute(_name: string): Value | undefined {
    return undefined;
  }
  /** An item, or undefined when there is none. */
  item(_key: Value): Value | undefined {
    return undefined;
  }
  /** Iterates, where the object can; undefined where it cannot. */
  iterate(): Iterator<Value> | undefined {
    return undefined;
  }
  /** `len()`, or undefined where it has none. */
  length(): number | undefined {
    return undefined;
  }
  truth(): boolean {
    return (this.length() ?? 1) > 0;
  }
  equals(other: Value): boolean {
    return this === other;
  }
  /** `this operator other`, or undefined where the type leaves it to the other operand. */
  operate(_operator: string, _other: Value): Value | undefined {
    return undefined;
  }
  /** `this[start:stop:step]`, or undefined where the type has no slices; undefined stands for what is left out. */
  slice(_start: Value | undefined, _stop: Value | undefined, _step: Value | undefined): Value | undefined {
    return undefined;
  }
  readonly callable: boolean = false;
  call(_args: CallArguments): Value {
    throw new TypeError("not callable");
  }
}

/** A function that the engine offers: a bound method, a global, a filter as a value. */
export class PyFunction extends PyObject {
  override readonly callable = true;
  readonly typeName: string;
  readonly name: string;
  readonly #call: (args: CallArguments) => Value;
  readonly #repr: string;

  constructor(name: string, call: (args: CallArguments) => Value, options: { readonly typeName?: string; readonly repr?: string } = {}) {
    super();
    this.name = name;
    this.#call = call;
    this.typeName = options.typeName ?? "function";
    this.#repr = options.repr ?? `<function ${name} at 0x…>`;
  }

  override repr(): string {
    return this.#repr;
  }

  override call(args: CallArguments): Value {
    return this.#call(args);
  }
}

/** A Python value. `number` is a safe integer, `bigint` any other integer. */
export type Value = null | boolean | number | bigint | PyFloat | Str | Markup | readonly Value[] | PyTuple | PyDict | Undefined | PyObject;

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** Python's `type(value).__name__`. */
export function typeName(value: Value): string {
  if (value === null) return "NoneType";
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "number":
    case "bigint":
      return "int";
    case "string":
      return "str";
    default:
      break;
  }
  if (value instanceof Traced) return "str";
  if (value instanceof PyFloat) return "float";
  if (isList(value)) return "list";
  if (value instanceof PyDict) return "dict";
  if (value instanceof PyTuple) return value.fields === undefined ? "tuple" : "_GroupTuple";
  if (value instanceof Undefined) return "Undefined";
  if (value instanceof Markup) return "Markup";
  return (value).typeName;
}
