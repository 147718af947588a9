import { JinjaError } from "../errors";
import type { Runtime } from "../runtime/runtime";
import { dictFrom, dictGet, dictItems, dictSet } from "../value/hash";
import { rangeOf } from "../value/objects";
import { methodOf } from "../value/methods";
import { iterate } from "../value/protocol";
import { repr } from "../value/repr";
import type { CallArguments, Value } from "../value/types";
import { PyDict, PyFunction, PyObject, PyTuple, Undefined } from "../value/types";
import { failUndefined } from "../value/undefined";
import { bindArguments, signature } from "./arguments";
import { isIterable } from "./common";
import { lipsum } from "./lipsum";

/** A class that templates can call: `dict`, `cycler`, … */
class PyClass extends PyObject {
  readonly typeName = "type";
  override readonly callable = true;
  readonly #name: string;
  readonly #create: (args: CallArguments) => Value;
  readonly #attribute: (name: string) => Value | undefined;

  constructor(name: string, create: (args: CallArguments) => Value, attribute: (name: string) => Value | undefined = () => undefined) {
    super();
    this.#name = name;
    this.#create = create;
    this.#attribute = attribute;
  }

  override repr(): string {
    return `<class '${this.#name}'>`;
  }

  override attribute(name: string): Value | undefined {
    return this.#attribute(name);
  }

  override call(args: CallArguments): Value {
    return this.#create(args);
  }
}

// ── range, dict ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function range(args: CallArguments): Value {
  for (const name of args.named.keys()) throw new JinjaError("TypeError", `safe_range() got an unexpected keyword argument '${name}'`);
  return rangeOf(args.positional);
}

/** `dict(mapping or pairs, **named)` */
function makeDict(runtime: Runtime, args: CallArguments): PyDict {
  if (args.positional.length > 1) throw new JinjaError("TypeError", `dict expected at most 1 argument, got ${args.positional.length}`);
  const [source] = args.positional;
  const dict = source === undefined ? new PyDict() : dictFrom(pairsOf(runtime, source));
  runtime.charge(2 + 2 * args.named.size);
  for (const [name, value] of args.named) dictSet(dict, name, value);
  return dict;
}

function* pairsOf(runtime: Runtime, source: Value): Generator<readonly [Value, Value]> {
  // Python looks for a method `keys` first, which undefined values answer with their error.
  if (source instanceof Undefined) failUndefined(source);
  let index = 0;
  for (const pair of source instanceof PyDict ? dictItems(source) : iterate(source)) {
    runtime.charge(1);
    if (!isIterable(pair)) throw new JinjaError("TypeError", `cannot convert dictionary update sequence element #${index} to a sequence`);
    const items = pair instanceof PyTuple ? pair.items : [...iterate(pair)];
    const [key, value] = items;
    if (key === undefined || value === undefined || items.length > 2) {
      throw new JinjaError("ValueError", `dictionary update sequence element #${index} has length ${items.length}; 2 is required`);
    }
    index += 1;
    yield [key, value];
  }
}

// ── cycler, joiner ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** `jinja2.utils.Cycler` */
class Cycler extends PyObject {
  readonly typeName = "Cycler";
  readonly #items: readonly Value[];
  #position = 0;

  constructor(items: readonly Value[]) {
    super();
    if (items.length === 0) throw new JinjaError("RuntimeError", "at least one item has to be provided");
    this.#items = items;
  }

  override repr(): string {
    return "<jinja2.utils.Cycler object at 0x…>";
  }

  override attribute(name: string): Value | undefined {
    switch (name) {
      case "items":
        return new PyTuple(this.#items);
      case "pos":
        return this.#position;
      case "current":
        return this.#items[this.#position];
      case "next":
        return this.#method("next", () => this.#next());
      case "reset":
        return this.#method("reset", () => {
          this.#position = 0;
          return null;
        });
      default:
        return undefined;
    }
  }

  #next(): Value {
    const item = this.#items[this.#position] ?? null;
    this.#position = (this.#position + 1) % this.#items.length;
    return item;
  }

  #method(name: string, body: () => Value): PyFunction {
    const qualified = `Cycler.${name}`;
    return boundFunction(qualified, this, (args) => {
      bindArguments(qualified, SELF, withSelf(args));
      return body();
    });
  }
}

const SELF = [{ name: "self" }];

/** Python counts the object itself among the arguments of a method. */
function withSelf(args: CallArguments): CallArguments {
  return { positional: [null, ...args.positional], named: args.named };
}

function boundFunction(qualified: string, self: PyObject, call: (args: CallArguments) => Value): PyFunction {
  return new PyFunction(qualified, call, { typeName: "method", repr: `<bound method ${qualified} of ${self.repr()}>` });
}

const JOINER = signature("Joiner.__init__", "self sep?");

/** `jinja2.utils.Joiner`: nothing on the first call, then the separator. */
class Joiner extends PyObject {
  readonly typeName = "Joiner";
  override readonly callable = true;
  readonly #separator: Value;
  #used = false;

  constructor(args: CallArguments) {
    super();
    const [, separator = ", "] = bindArguments(JOINER.name, JOINER.parameters, withSelf(args));
    this.#separator = separator;
  }

  override repr(): string {
    return "<jinja2.utils.Joiner object at 0x…>";
  }

  override attribute(name: string): Value | undefined {
    if (name === "sep") return this.#separator;
    return name === "used" ? this.#used : undefined;
  }

  override call(args: CallArguments): Value {
    bindArguments("Joiner.__call__", SELF, withSelf(args));
    if (this.#used) return this.#separator;
    this.#used = true;
    return "";
  }
}

// ── namespace ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `jinja2.utils.Namespace`: what `{% set ns.name = value %}` writes to. */
export class Namespace extends PyObject {
  readonly typeName = "Namespace";
  readonly #attributes: PyDict;
  #printing = false;

  constructor(attributes: PyDict) {
    super();
    this.#attributes = attributes;
  }

  override repr(): string {
    // A namespace may hold itself.
    if (this.#printing) return "<Namespace {...}>";
    this.#printing = true;
    try {
      return `<Namespace ${repr(this.#attributes)}>`;
    } finally {
      this.#printing = false;
    }
  }

  override attribute(name: string): Value | undefined {
    return dictGet(this.#attributes, name);
  }

  set(name: string, value: Value): void {
    dictSet(this.#attributes, name, value);
  }
}

/** `{% set target.name = value %}` @throws JinjaError TemplateRuntimeError when the target is no namespace */
export function assignNamespace(target: Value, name: string, value: Value): void {
  if (!(target instanceof Namespace)) throw new JinjaError("TemplateRuntimeError", "cannot assign attribute on non-namespace object");
  target.set(name, value);
}

function createCycler({ positional, named }: CallArguments): Value {
  for (const name of named.keys()) throw new JinjaError("TypeError", `Cycler.__init__() got an unexpected keyword argument '${name}'`);
  return new Cycler(positional);
}

/** The class shares the methods that need no instance. */
function dictAttribute(name: string): Value | undefined {
  return name === "fromkeys" ? methodOf(new PyDict(), name) : undefined;
}

/** The variables that every template sees, but for those of transformers; made where a render asks for them. */
export const GLOBALS: ReadonlyMap<string, (runtime: Runtime) => Value> = new Map<string, (runtime: Runtime) => Value>([
  ["range", () => new PyFunction("safe_range", range)],
  ["dict", (runtime) => new PyClass("dict", (args) => makeDict(runtime, args), dictAttribute)],
  ["lipsum", (runtime) => new PyFunction("generate_lorem_ipsum", (args) => lipsum(runtime, args))],
  ["cycler", () => new PyClass("jinja2.utils.Cycler", createCycler)],
  ["joiner", () => new PyClass("jinja2.utils.Joiner", (args) => new Joiner(args))],
  ["namespace", (runtime) => new PyClass("jinja2.utils.Namespace", (args) => new Namespace(makeDict(runtime, args)))],
]);
