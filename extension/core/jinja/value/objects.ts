import { JinjaError } from "../errors";
import { noArguments, oneArgument } from "../text/arguments";
import { MAX_RANGE } from "../runtime/limits";
import { equals } from "./compare";
import { sliceRange } from "./container/slicing";
import { dictGet, dictHas, dictItems, dictKeys, dictValues } from "./hash";
import { iterate } from "./protocol";
import type { Int } from "./numeric/integer";
import { add, floorDivide, modulo, multiply, subtract } from "./numeric/integer";
import { repr } from "./repr";
import type { CallArguments, PyDict, Value } from "./types";
import { PyFunction, PyObject, PyTuple, typeName } from "./types";

/** A method of one of Python's own types, bound to `self`; `name` is `dict.items`. */
export function boundMethod(name: string, call: (args: CallArguments) => Value): PyFunction {
  const [type = "", method = ""] = name.split(".");
  const options = { typeName: "builtin_function_or_method", repr: `<built-in method ${method} of ${type} object at 0x…>` };
  return new PyFunction(method, call, options);
}

/** A method without arguments. */
export function simpleMethod(type: string, method: string, result: () => Value): PyFunction {
  const name = `${type}.${method}`;
  return boundMethod(name, (args) => {
    noArguments(name, args);
    return result();
  });
}

function asInt(value: Value): Int | undefined {
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "number" || typeof value === "bigint" ? value : undefined;
}

/** Python's `range`. Its integers may be of any size; how many there are is a number. */
export class PyRange extends PyObject {
  readonly typeName = "range";
  readonly start: Int;
  readonly stop: Int;
  readonly step: Int;
  readonly size: number;

  /** @throws JinjaError ValueError when the step is zero. */
  constructor(start: Int, stop: Int, step: Int = 1) {
    super();
    if (step === 0) throw new JinjaError("ValueError", "range() arg 3 must not be zero");
    this.start = start;
    this.stop = stop;
    this.step = step;
    // The distance, rounded up to whole steps.
    this.size = Math.max(0, Number(floorDivide(add(subtract(stop, start), subtract(step, step > 0 ? 1 : -1)), step)));
  }

  at(index: number): Int {
    return add(this.start, multiply(this.step, index));
  }

  /** The slice, whose step, unlike that of a list's, shows however large it is. */
  override slice(start: Value | undefined, stop: Value | undefined, step: Value | undefined): PyRange {
    const range = sliceRange(start, stop, step, this.size);
    return new PyRange(this.at(range.start), this.at(range.stop), multiply(this.step, asInt(step ?? null) ?? 1));
  }

  /** The index of a value, or -1. Anything that is no integer is compared with each. */
  indexOf(value: Value): number {
    const wanted = asInt(value);
    if (wanted === undefined) {
      for (let index = 0; index < this.size; index++) if (equals(this.at(index), value)) return index;
      return -1;
    }
    const distance = subtract(wanted, this.start);
    if (modulo(distance, this.step) !== 0) return -1;
    const index = Number(floorDivide(distance, this.step));
    return index >= 0 && index < this.size ? index : -1;
  }

  /** What makes a range equal to another: the integers in it. */
  identity(): readonly Int[] {
    if (this.size === 0) return [0];
    return this.size === 1 ? [1, this.start] : [this.size, this.start, this.step];
  }

  override repr(): string {
    return `range(${this.start}, ${this.stop}${this.step === 1 ? "" : `, ${this.step}`})`;
  }

  override length(): number {
    return this.size;
  }

  override item(key: Value): Value | undefined {
    const index = asInt(key);
    if (typeof index !== "number") return undefined;
    const from = index < 0 ? index + this.size : index;
    return from >= 0 && from < this.size ? this.at(from) : undefined;
  }

  override iterate(): Iterator<Value> {
    let index = 0;
    return { next: () => (index < this.size ? { done: false, value: this.at(index++) } : { done: true, value: undefined }) };
  }

  override equals(other: Value): boolean {
    if (!(other instanceof PyRange)) return false;
    const [mine, theirs] = [this.identity(), other.identity()];
    return mine.length === theirs.length && mine.every((part, at) => part === theirs[at]);
  }

  override attribute(name: string): Value | undefined {
    switch (name) {
      case "start":
        return this.start;
      case "stop":
        return this.stop;
      case "step":
        return this.step;
      case "index":
        return boundMethod("range.index", (args) => this.#index(oneArgument("range.index", args)));
      case "count":
        return boundMethod("range.count", (args) => (this.indexOf(oneArgument("range.count", args)) < 0 ? 0 : 1));
      default:
        return undefined;
    }
  }

  #index(value: Value): number {
    const index = this.indexOf(value);
    if (index >= 0) return index;
    throw new JinjaError("ValueError", asInt(value) === undefined ? "sequence.index(x): x not in sequence" : `${repr(value)} is not in range`);
  }
}

/**
 * The sandbox's `range(…)`.
 * @throws JinjaError TypeError, ValueError, and OverflowError for a range of more than {@link MAX_RANGE} elements
 */
export function rangeOf(args: readonly Value[]): PyRange {
  if (args.length === 0) throw new JinjaError("TypeError", "range expected at least 1 argument, got 0");
  if (args.length > 3) throw new JinjaError("TypeError", `range expected at most 3 arguments, got ${args.length}`);
  const [first = 0, second, step = 1] = args.map((value) => {
    const int = asInt(value);
    if (int === undefined) throw new JinjaError("TypeError", `'${typeName(value)}' object cannot be interpreted as an integer`);
    return int;
  });
  const range = second === undefined ? new PyRange(0, first) : new PyRange(first, second, step);
  if (range.size >= 2 ** 63) throw new JinjaError("OverflowError", "Python int too large to convert to C ssize_t");
  if (range.size > MAX_RANGE) {
    throw new JinjaError("OverflowError", `Range too big. The sandbox blocks ranges larger than MAX_RANGE (${MAX_RANGE}).`);
  }
  return range;
}

/** `dict.keys()`, `.values()` and `.items()`. */
abstract class DictView extends PyObject {
  readonly dict: PyDict;

  constructor(dict: PyDict) {
    super();
    this.dict = dict;
  }

  abstract list(): readonly Value[];

  override repr(): string {
    return `${this.typeName}(${repr(this.list())})`;
  }

  override length(): number {
    return this.dict.entries.size;
  }

  override iterate(): Iterator<Value> {
    return this.list()[Symbol.iterator]();
  }
}

/** The views that are sets in their own right. */
export abstract class SetView extends DictView {
  abstract has(value: Value): boolean;

  /** Whether every element is in the other view. */
  within(other: SetView): boolean {
    return this.length() <= other.length() && this.list().every((value) => other.has(value));
  }

  override equals(other: Value): boolean {
    return other instanceof SetView && this.length() === other.length() && this.within(other);
  }

  override attribute(name: string): Value | undefined {
    if (name !== "isdisjoint") return undefined;
    const method = `${this.typeName}.isdisjoint`;
    return boundMethod(method, (args) => {
      for (const value of iterate(oneArgument(method, args))) if (this.has(value)) return false;
      return true;
    });
  }
}

export class DictKeys extends SetView {
  readonly typeName = "dict_keys";

  override list(): readonly Value[] {
    return dictKeys(this.dict);
  }

  override has(value: Value): boolean {
    return dictHas(this.dict, value);
  }
}

export class DictItems extends SetView {
  readonly typeName = "dict_items";

  override list(): readonly Value[] {
    return dictItems(this.dict);
  }

  override has(value: Value): boolean {
    if (!(value instanceof PyTuple) || value.items.length !== 2) return false;
    const [key = null, wanted = null] = value.items;
    const found = dictGet(this.dict, key);
    return found !== undefined && (found === wanted || equals(found, wanted));
  }
}

export class DictValues extends DictView {
  readonly typeName = "dict_values";

  override list(): readonly Value[] {
    return dictValues(this.dict);
  }
}

/** An iterator, which gives each element once: `<list_reverseiterator object at 0x…>`. */
export class PyIterator extends PyObject {
  readonly typeName: string;
  readonly #iterator: Iterator<Value>;

  constructor(typeName: string, iterator: Iterator<Value>) {
    super();
    this.typeName = typeName;
    this.#iterator = iterator;
  }

  override repr(): string {
    return `<${this.typeName} object at 0x…>`;
  }

  override iterate(): Iterator<Value> {
    return this.#iterator;
  }
}

/** What a generator function of that name returns. */
export class PyGenerator extends PyIterator {
  readonly #name: string;

  constructor(name: string, iterator: Iterator<Value>) {
    super("generator", iterator);
    this.#name = name;
  }

  override repr(): string {
    return `<generator object ${this.#name} at 0x…>`;
  }
}
