import type { Arguments, Body, Expression, Name, Slice, Statement, Target } from "./ast";

/** The expressions directly below one, in the order in which Jinja's nodes have them. */
export function childrenOf(node: Expression | Slice): readonly (Expression | Slice)[] {
  switch (node.kind) {
    case "tuple":
    case "list":
    case "concat":
      return node.items;
    case "dict":
      return node.items.flatMap(({ key, value }) => [key, value]);
    case "conditional":
      return present([node.test, node.then, node.otherwise]);
    case "filter":
    case "test":
      return present([node.target, ...argumentsOf(node.args)]);
    case "call":
      return [node.callee, ...argumentsOf(node.args)];
    case "getattr":
      return [node.target];
    case "getitem":
      return [node.target, node.index];
    case "slice":
      return present([node.start, node.stop, node.step]);
    case "compare":
      return [node.first, ...node.rest.map(({ value }) => value)];
    case "binary":
      return [node.left, node.right];
    case "unary":
      return [node.operand];
    default:
      return [];
  }
}

/** The argument expressions of a call, in order. */
export function argumentsOf(args: Arguments): readonly Expression[] {
  return present([...args.positional, ...args.named.map(({ value }) => value), args.spread, args.spreadNamed]);
}

function present<T>(items: readonly (T | undefined)[]): T[] {
  return items.filter((item) => item !== undefined);
}

/** The names that a target assigns to, in order; attributes of namespaces are none. */
export function targetNames(target: Target | Expression): readonly Name[] {
  if (target.kind === "name") return [target];
  return target.kind === "tuple" ? target.items.flatMap(targetNames) : [];
}

/**
 * Which of `names` the statements use before they assign to them, in Jinja's order of looking: the assigned name before the
 * assigned value, and nothing inside blocks.
 */
export function undeclaredNames(body: Body, names: readonly string[]): ReadonlySet<string> {
  const search = new NameSearch(names);
  search.body(body);
  return search.undeclared;
}

class NameSearch {
  readonly undeclared = new Set<string>();
  readonly #names: Set<string>;

  constructor(names: readonly string[]) {
    this.#names = new Set(names);
  }

  body(body: Body): void {
    for (const statement of body) if (this.#names.size > 0) this.#statement(statement);
  }

  #store(target: Target): void {
    for (const { name } of targetNames(target)) this.#names.delete(name);
  }

  #load(node: Expression | Slice | undefined): void {
    if (node === undefined) return;
    if (node.kind === "name" && this.#names.has(node.name)) this.undeclared.add(node.name);
    for (const child of childrenOf(node)) this.#load(child);
  }

  #statement(node: Statement): void {
    switch (node.kind) {
      case "output":
        { this.#load(node.expression); return; }
      case "if":
        this.#load(node.test);
        this.body(node.body);
        for (const elif of node.elifs) {
          this.#load(elif.test);
          this.body(elif.body);
        }
        { this.body(node.otherwise); return; }
      case "for":
        this.#store(node.target);
        this.#load(node.iterable);
        this.body(node.body);
        this.body(node.otherwise);
        { this.#load(node.condition); return; }
      case "macro":
      case "callblock":
        if (node.kind === "callblock") this.#load(node.call);
        for (const { name } of node.parameters) this.#store(name);
        for (const { fallback } of node.parameters) this.#load(fallback);
        { this.body(node.body); return; }
      case "filterblock":
        this.body(node.body);
        { this.#load(node.filter); return; }
      case "with":
        for (const { target } of node.assignments) this.#store(target);
        for (const { value } of node.assignments) this.#load(value);
        { this.body(node.body); return; }
      case "assign":
        this.#store(node.target);
        { this.#load(node.value); return; }
      case "assignblock":
        this.#store(node.target);
        this.#load(node.filter);
        { this.body(node.body); return; }
      case "generation":
        { this.body(node.body); return; }
      case "scope":
        this.#load(node.autoescape);
        { this.body(node.body); return; }
      case "include":
      case "import":
      case "fromimport":
      case "extends":
        { this.#load(node.template); return; }
      default:
        return undefined;
    }
  }
}
