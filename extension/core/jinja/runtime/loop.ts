import { JinjaError } from "../errors";
import { equals } from "../value/compare";
import { type CallArguments, PyFunction, PyObject, PyTuple, Undefined, type Value } from "../value/types";

/** The `loop` of a `for`. It looks one element ahead, and only counts the elements when it is asked for their number. */
export class LoopContext extends PyObject {
  readonly typeName = "LoopContext";
  override readonly callable = true;
  readonly #depth: number;
  readonly #again: ((value: Value, depth: number) => Value) | undefined;
  /** The elements, as far as they are known. */
  #items: readonly Value[];
  #rest: Iterator<Value> | undefined;
  #index = -1;
  #lastChanged: readonly Value[] | undefined;

  constructor(iterable: Iterable<Value>, depth: number, again: ((value: Value, depth: number) => Value) | undefined) {
    super();
    this.#depth = depth;
    this.#again = again;
    if (Array.isArray(iterable)) this.#items = iterable as readonly Value[];
    else {
      this.#items = [];
      this.#rest = iterable[Symbol.iterator]();
    }
  }

  /** Goes to the next element. */
  next(): boolean {
    if (!this.#has(this.#index + 1)) return false;
    this.#index++;
    return true;
  }

  get current(): Value {
    return this.#items[this.#index] as Value;
  }

  override repr(): string {
    return `<LoopContext ${this.#index + 1}/${this.#length()}>`;
  }

  override length(): number {
    return this.#length();
  }

  /** Going through the loop variable goes on with the loop itself. */
  override iterate(): Iterator<Value> {
    return { next: () => (this.next() ? { done: false, value: new PyTuple([this.current, this]) } : { done: true, value: undefined }) };
  }

  override attribute(name: string): Value | undefined {
    const index = this.#index;
    switch (name) {
      case "index":
        return index + 1;
      case "index0":
        return index;
      case "first":
        return index === 0;
      case "last":
        return !this.#has(index + 1);
      case "length":
        return this.#length();
      case "revindex":
        return this.#length() - index;
      case "revindex0":
        return this.#length() - index - 1;
      case "previtem":
        return index === 0 ? new Undefined("previtem", this, "there is no previous item") : this.#items[index - 1];
      case "nextitem":
        return this.#has(index + 1) ? this.#items[index + 1] : new Undefined("nextitem", this, "there is no next item");
      case "depth":
        return this.#depth + 1;
      case "depth0":
        return this.#depth;
      case "cycle":
        return new PyFunction("cycle", (args) => this.#cycle(args), { typeName: "method", repr: "<bound method LoopContext.cycle of …>" });
      case "changed":
        return new PyFunction("changed", (args) => this.#changed(args), { typeName: "method", repr: "<bound method LoopContext.changed of …>" });
      default:
        return undefined;
    }
  }

  override call({ positional }: CallArguments): Value {
    if (positional.length > 1) throw new JinjaError("TypeError", `LoopContext.__call__() takes 2 positional arguments but ${positional.length + 1} were given`);
    const [value] = positional;
    if (value === undefined) throw new JinjaError("TypeError", "LoopContext.__call__() missing 1 required positional argument: 'iterable'");
    if (this.#again === undefined) throw new JinjaError("TypeError", "The loop must have the 'recursive' marker to be called recursively.");
    return this.#again(value, this.#depth + 1);
  }

  #cycle({ positional }: CallArguments): Value {
    if (positional.length === 0) throw new JinjaError("TypeError", "no items for cycling given");
    return positional[this.#index % positional.length] as Value;
  }

  #changed({ positional }: CallArguments): boolean {
    if (this.#lastChanged !== undefined && equals(new PyTuple(this.#lastChanged), new PyTuple(positional))) return false;
    this.#lastChanged = positional;
    return true;
  }

  /** Whether there is an element at `index`; reads on until it is known. */
  #has(index: number): boolean {
    while (this.#rest !== undefined && this.#items.length <= index) this.#readOne();
    return index < this.#items.length;
  }

  #length(): number {
    while (this.#rest !== undefined) this.#readOne();
    return this.#items.length;
  }

  #readOne(): void {
    const next = this.#rest?.next();
    if (next === undefined || next.done === true) this.#rest = undefined;
    else (this.#items as Value[]).push(next.value);
  }
}
