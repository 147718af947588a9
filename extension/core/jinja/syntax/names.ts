import type { Arguments, Body, Expression, Name, Slice, Statement, Target } from "./ast";

/** Visits the expressions directly below one, in the order in which Jinja's nodes have them. Makes no lists: it runs for every node of every template. */
export function eachChild(node: Expression | Slice, visit: (child: Expression | Slice) => void): void {
  switch (node.kind) {
    case "tuple":
    case "list":
    case "concat":
      for (const item of node.items) visit(item);
      return;
    case "dict":
      for (const { key, value } of node.items) {
        visit(key);
        visit(value);
      }
      return;
    case "conditional":
      visit(node.test);
      visit(node.then);
      if (node.otherwise !== undefined) visit(node.otherwise);
      return;
    case "filter":
    case "test":
      if (node.target !== undefined) visit(node.target);
      eachArgument(node.args, visit);
      return;
    case "call":
      visit(node.callee);
      eachArgument(node.args, visit);
      return;
    case "getattr":
      visit(node.target);
      return;
    case "getitem":
      visit(node.target);
      visit(node.index);
      return;
    case "slice":
      if (node.start !== undefined) visit(node.start);
      if (node.stop !== undefined) visit(node.stop);
      if (node.step !== undefined) visit(node.step);
      return;
    case "compare":
      visit(node.first);
      for (const { value } of node.rest) visit(value);
      return;
    case "binary":
      visit(node.left);
      visit(node.right);
      return;
    case "unary":
      visit(node.operand);
      return;
    default:
      return;
  }
}

/** Visits the argument expressions of a call, in order. */
export function eachArgument({ positional, named, spread, spreadNamed }: Arguments, visit: (argument: Expression) => void): void {
  for (const value of positional) visit(value);
  for (const { value } of named) visit(value);
  if (spread !== undefined) visit(spread);
  if (spreadNamed !== undefined) visit(spreadNamed);
}

/** Whether all expressions directly below one pass a test. */
export function everyChild(node: Expression | Slice, test: (child: Expression | Slice) => boolean): boolean {
  let all = true;
  eachChild(node, (child) => {
    all &&= test(child);
  });
  return all;
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
    eachChild(node, (child) => {
      this.#load(child);
    });
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
