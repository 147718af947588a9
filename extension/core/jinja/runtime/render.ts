import type { Span } from "../../../base/text";
import { FILTERS } from "../filter/filters";
import { GLOBALS } from "../filter/globals";
import { TESTS } from "../filter/tests";
import { JinjaError } from "../errors";
import { type Budget, countWork, spend, withBudget } from "../value/budget";
import { failUndefined } from "../value/undefined";
import { type CallArguments, MISSING, PyObject, Undefined, type Value, typeName } from "../value/types";
import { MAX_DEPTH, MAX_STEPS, STEPS_PER_WORK } from "./limits";
import type { Runtime } from "./runtime";
import { getAttribute, getItem } from "./sandbox";
import { Sink } from "./sink";

/** The variables that a template, or a block of it, looks up by name. */
export class Context {
  /** What the template assigned at its top level. */
  readonly own = new Map<string, Value>();
  readonly #given: ReadonlyMap<string, Value>;
  readonly #globalOf: (name: string) => Value | undefined;

  /** @param globalOf what the environment has under a name that is not given */
  constructor(given: ReadonlyMap<string, Value>, globalOf: (name: string) => Value | undefined) {
    this.#given = given;
    this.#globalOf = globalOf;
  }

  resolve(name: string): Value | typeof MISSING {
    // None is null, and a value like any other.
    let found = this.own.get(name);
    if (found === undefined) found = this.#given.get(name);
    if (found === undefined) found = this.#globalOf(name);
    return found === undefined ? MISSING : found;
  }

  /** A context that also has `locals`. */
  derive(locals: ReadonlyMap<string, Value>): Context {
    countWork(this.#given.size + this.own.size + locals.size);
    const given = new Map(this.#given);
    for (const part of [this.own, locals]) for (const [name, value] of part) given.set(name, value);
    return new Context(given, this.#globalOf);
  }
}

export interface RenderOptions {
  readonly variables: ReadonlyMap<string, Value> | Readonly<Record<string, Value>>;
  /** What the environment has beside Jinja's own globals. Variables of the same names win. */
  readonly globals?: ReadonlyMap<string, Value>;
  /** Traces every character of the output to where it comes from. Slower; the text is the same. */
  readonly provenance?: boolean;
  /** Milliseconds since the epoch. */
  readonly now?: number;
  readonly maxSteps?: number;
}

/** What a generation block wrote, and where it stood in the template's output, in UTF-16 units. */
export interface GeneratedSpan {
  readonly start: number;
  /** UTF-16 units where it went to the template's output, code points where it went into something that is captured. */
  readonly length: number;
  readonly direct: boolean;
}

/** The state of one render. */
export class Render implements Runtime {
  readonly provenance: boolean;
  autoescape = false;
  readonly now: number;
  readonly context: Context;
  /** The template's own output. Generation spans are counted from what it holds, as the reference counts them. */
  readonly root: Sink;
  /** In the order in which they ended. */
  readonly generation: GeneratedSpan[] = [];
  /** What is being evaluated, for the place of an error. */
  at: Span = { start: 0, end: 0 };
  readonly #budget: Budget;
  #depth = 0;
  #globals: Map<string, Value> | undefined;

  constructor(options: RenderOptions) {
    this.provenance = options.provenance ?? false;
    this.now = options.now ?? 0;
    this.#budget = { left: options.maxSteps ?? MAX_STEPS };
    this.root = new Sink(this.provenance);
    const { variables, globals } = options;
    const given: ReadonlyMap<string, Value> = variables instanceof Map ? variables : new Map(Object.entries(variables));
    this.context = new Context(given, (name) => globals?.get(name) ?? this.#global(name));
  }

  /** One of Jinja's own globals: the same value each time within a render. */
  #global(name: string): Value | undefined {
    const create = GLOBALS.get(name);
    if (create === undefined) return undefined;
    this.#globals ??= new Map();
    let value = this.#globals.get(name);
    if (value === undefined) this.#globals.set(name, (value = create(this)));
    return value;
  }

  charge(work: number): void {
    spend(this.#budget, work * STEPS_PER_WORK);
  }

  /** Counts parts of the template that are run. @throws JinjaLimitError */
  step(steps: number): void {
    spend(this.#budget, steps);
  }

  /** Does a part of the render: what values do in it is counted, too. */
  run<T>(work: () => T): T {
    return withBudget(this.#budget, work);
  }

  /** Runs a macro, a recursive loop or the like. @throws JinjaError RecursionError */
  enter<T>(work: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new JinjaError("RecursionError", "maximum recursion depth exceeded");
    try {
      return work();
    } finally {
      this.#depth--;
    }
  }

  call(callee: Value, args: CallArguments): Value {
    this.charge(3 + args.positional.length);
    if (callee instanceof PyObject && callee.callable) return callee.call(args);
    if (callee instanceof Undefined) return failUndefined(callee);
    throw new JinjaError("TypeError", `'${typeName(callee)}' object is not callable`);
  }

  getAttribute(target: Value, name: string): Value {
    return getAttribute(this, target, name);
  }

  getItem(target: Value, key: Value): Value {
    return getItem(this, target, key);
  }

  applyFilter(name: string, value: Value, args: CallArguments): Value {
    const filter = FILTERS.get(name);
    if (filter === undefined) throw new JinjaError("TemplateRuntimeError", `No filter named '${name}' found.`);
    this.charge(2);
    return filter(this, value, args);
  }

  applyTest(name: string, value: Value, args: CallArguments): boolean {
    const test = TESTS.get(name);
    if (test === undefined) throw new JinjaError("TemplateRuntimeError", `No test named '${name}' found.`);
    this.charge(1);
    return test(this, value, args);
  }

  hasFilter(name: string): boolean {
    return FILTERS.has(name);
  }

  hasTest(name: string): boolean {
    return TESTS.has(name);
  }
}

/** The variables of one call of a function (the template, a macro, a block); inner functions see those of outer ones. */
export class Env {
  readonly slots: (Value | typeof MISSING)[];
  readonly outer: Env | undefined;
  readonly render: Render;
  readonly context: Context;

  constructor(size: number, outer: Env | undefined, render: Render, context: Context) {
    this.slots = new Array<Value | typeof MISSING>(size).fill(MISSING);
    this.outer = outer;
    this.render = render;
    this.context = context;
  }
}
