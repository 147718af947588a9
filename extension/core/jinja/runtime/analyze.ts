import type { Body, Expression, For, Parameter, Slice, Statement, Target } from "../syntax/ast";
import { eachChild } from "../syntax/names";
import type { Symbols } from "./symbols";

/** Any node of the tree. */
export type Visited = Statement | Expression | Slice;
type Elifs = readonly { readonly test: Expression; readonly body: Body }[];

/** Finds the variables of the frame of a body whose own parts are visited first by the caller. */
export function analyzeBody(symbols: Symbols, body: Body): void {
  for (const statement of body) new Visitor(symbols).statement(statement);
}

export function analyzeExpression(symbols: Symbols, expression: Expression): void {
  new Visitor(symbols).expression(expression);
}

/** The names of a target as parameters of the frame, as a loop's target is. */
export function declareTarget(symbols: Symbols, target: Target): void {
  if (target.kind === "name") symbols.declareParameter(target.name);
  else if (target.kind === "tuple") for (const item of target.items) declareTarget(symbols, item as Target);
  else symbols.load(target.name);
}

export function storeTarget(symbols: Symbols, target: Target): void {
  if (target.kind === "name") symbols.store(target.name);
  else if (target.kind === "tuple") for (const item of target.items) storeTarget(symbols, item as Target);
  else symbols.load(target.name);
}

export function analyzeParameters(symbols: Symbols, parameters: readonly Parameter[]): void {
  for (const { name } of parameters) symbols.declareParameter(name.name);
  for (const { fallback } of parameters) if (fallback !== undefined) analyzeExpression(symbols, fallback);
}

/** The frame of one part of a loop. */
export function analyzeLoop(symbols: Symbols, loop: For, part: "body" | "otherwise" | "condition"): void {
  if (part !== "otherwise") declareTarget(symbols, loop.target);
  if (part === "condition") {
    if (loop.condition !== undefined) analyzeExpression(symbols, loop.condition);
  } else analyzeBody(symbols, loop[part]);
}

/** Visits what belongs to one frame; parts with a frame of their own are left to it. */
class Visitor {
  #symbols: Symbols;
  readonly #visit = (node: Expression | Slice): void => {
    this.expression(node);
  };

  constructor(symbols: Symbols) {
    this.#symbols = symbols;
  }

  statement(node: Statement): void {
    switch (node.kind) {
      case "if":
        this.expression(node.test);
        this.#branches(node.body, node.elifs, node.otherwise);
        return;
      case "for":
        this.expression(node.iterable);
        return;
      case "macro":
        this.#symbols.store(node.name);
        return;
      case "callblock":
        this.expression(node.call);
        return;
      case "filterblock":
        this.expression(node.filter);
        return;
      case "with":
        for (const { value } of node.assignments) this.expression(value);
        return;
      case "assign":
        this.expression(node.value);
        storeTarget(this.#symbols, node.target);
        return;
      case "assignblock":
        storeTarget(this.#symbols, node.target);
        return;
      case "import":
        this.expression(node.template);
        this.#symbols.store(node.name);
        return;
      case "fromimport":
        this.expression(node.template);
        for (const { alias } of node.names) this.#symbols.store(alias);
        return;
      case "include":
      case "extends":
        this.expression(node.template);
        return;
      case "output":
        this.expression(node.expression);
        return;
      default:
        return;
    }
  }

  #branches(body: Body, elifs: Elifs, otherwise: Body): void {
    const branches: Symbols[] = [];
    const visit = (action: (visitor: Visitor) => void): void => {
      const branch = this.#symbols.branch();
      action(new Visitor(branch));
      branches.push(branch);
    };
    const visitBody = (part: Body) => (visitor: Visitor): void => {
      for (const statement of part) visitor.statement(statement);
    };
    if (body.length > 0) visit(visitBody(body));
    if (elifs.length > 0) visit((visitor) => visitor.#elifs(elifs));
    if (otherwise.length > 0) visit(visitBody(otherwise));
    this.#symbols.join(branches);
  }

  /** Each `elif` is an `if` of its own inside the one branch that all of them make. */
  #elifs(elifs: Elifs): void {
    for (const { test, body } of elifs) {
      this.expression(test);
      this.#branches(body, [], []);
    }
  }

  expression(node: Expression | Slice): void {
    if (node.kind === "name") this.#symbols.load(node.name);
    else if (node.kind === "nsref") this.#symbols.load(node.name);
    else eachChild(node, this.#visit);
  }
}

/** Which of `names` a body reads without having assigned them first. Blocks inside are not looked into. */
export function findUndeclared(nodes: readonly Visited[], names: readonly string[]): ReadonlySet<string> {
  const wanted = new Set(names);
  const found = new Set<string>();
  if (names.length === 0) return found;
  const visit = (node: Visited): void => {
    if (node.kind === "name") {
      if (wanted.has(node.name)) found.add(node.name);
      return;
    }
    if (node.kind === "block") return;
    for (const target of assignedTargets(node)) for (const name of targetNames(target)) wanted.delete(name);
    if (wanted.size > 0) eachNode(node, visit);
  };
  for (const node of nodes) visit(node);
  return found;
}

function assignedTargets(node: Visited): readonly Target[] {
  if (node.kind === "assign" || node.kind === "assignblock" || node.kind === "for") return [node.target];
  if (node.kind === "with") return node.assignments.map(({ target }) => target);
  if (node.kind === "macro" || node.kind === "callblock") return node.parameters.map(({ name }) => name);
  return [];
}

export function targetNames(target: Target): readonly string[] {
  if (target.kind === "tuple") return target.items.flatMap((item) => targetNames(item as Target));
  return target.kind === "name" ? [target.name] : [];
}

/** The expressions right inside an expression, as a list. */
export function expressionChildren(node: Expression | Slice): readonly (Expression | Slice)[] {
  const children: (Expression | Slice)[] = [];
  eachChild(node, (child) => children.push(child));
  return children;
}

/** The statements and expressions right inside a node, as a list. */
export function childNodes(node: Visited): readonly Visited[] {
  const nodes: Visited[] = [];
  eachNode(node, (inner) => nodes.push(inner));
  return nodes;
}

/** Visits the statements and expressions right inside a node. */
export function eachNode(node: Visited, visit: (inner: Visited) => void): void {
  const all = (body: Body): void => {
    for (const statement of body) visit(statement);
  };
  switch (node.kind) {
    case "output":
      visit(node.expression);
      return;
    case "if":
      visit(node.test);
      all(node.body);
      for (const { test, body } of node.elifs) {
        visit(test);
        all(body);
      }
      all(node.otherwise);
      return;
    case "for":
      visit(node.iterable);
      all(node.body);
      all(node.otherwise);
      if (node.condition !== undefined) visit(node.condition);
      return;
    case "macro":
    case "callblock":
      if (node.kind === "callblock") visit(node.call);
      for (const { fallback } of node.parameters) if (fallback !== undefined) visit(fallback);
      all(node.body);
      return;
    case "filterblock":
      all(node.body);
      visit(node.filter);
      return;
    case "with":
      for (const { value } of node.assignments) visit(value);
      all(node.body);
      return;
    case "assign":
      visit(node.value);
      return;
    case "assignblock":
      if (node.filter !== undefined) visit(node.filter);
      all(node.body);
      return;
    case "block":
    case "generation":
    case "scope":
      all(node.body);
      return;
    case "include":
    case "import":
    case "fromimport":
    case "extends":
      visit(node.template);
      return;
    case "text":
    case "break":
    case "continue":
      return;
    default:
      eachChild(node, visit);
  }
}
