import { JinjaError } from "../errors";
import type { Body, DictNode, Expression, Slice } from "../syntax/ast";
import { everyChild } from "../syntax/names";
import { hashKey } from "../value/hash";
import { PyRange } from "../value/objects";
import { Traced } from "../value/text";
import { isList, Markup, PyDict, PyFloat, PyTuple, type Value } from "../value/types";
import { type Visited, eachNode } from "./analyze";
import { compileExpression } from "./expressions";
import { Env, Render } from "./render";
import { type Frame, FunctionScope } from "./scope";
import { Symbols } from "./symbols";

/*
 * Jinja computes what it can while it compiles (`as_const` and the optimizer). Mostly that shows in nothing but speed; here
 * is where it shows.
 */

/** What Jinja raises where an expression is no constant; it never leaves this engine. */
class Impossible extends JinjaError {
  constructor() {
    super("RuntimeError", "not constant");
  }
}

const impossible = new Impossible();

/** Stands in a constant for what is only known when the template runs. */
export function notConstant(): never {
  throw impossible;
}

/** The filters that get the context, and so never run while Jinja compiles. */
const CONTEXT_FILTERS = new Set(["map", "random", "reject", "rejectattr", "select", "selectattr"]);

export function isContextFilter(name: string): boolean {
  return CONTEXT_FILTERS.has(name);
}

/** Whether a frame compiles constants: names and calls are {@link notConstant} in them, and slices fail softly. */
export function constantFrame(lineOf: Frame["lineOf"]): Frame {
  return { symbols: new Symbols(undefined), scope: new FunctionScope(undefined), toplevel: false, inLoop: false, constant: true, lineOf };
}

/** Whether an expression can be a constant, as far as can be told without computing it. Whatever is none is told so. */
export function mayBeConstant(node: Expression | Slice): boolean {
  switch (node.kind) {
    case "name":
    case "call":
    case "nsref":
    case "broken":
      return false;
    case "filter":
      return !isContextFilter(node.name) && everyChild(node, mayBeConstant);
    // What is not needed for the result is not looked at.
    case "conditional":
      return mayBeConstant(node.test);
    case "binary":
      return mayBeConstant(node.left) && (node.operator === "and" || node.operator === "or" || mayBeConstant(node.right));
    case "compare":
      return mayBeConstant(node.first);
    default:
      return everyChild(node, mayBeConstant);
  }
}

/** Whether an expression slices constants, and is one that Jinja's optimizer looks at. */
export function isFoldedSlice(node: Expression): boolean {
  return COMPUTED.has(node.kind) && hasKind(node, ["slice"]) && mayBeConstant(node);
}

/** Whether an expression is of one of these kinds, or has one of them in it. */
export function hasKind(node: Expression | Slice, kinds: readonly (Expression | Slice)["kind"][]): boolean {
  return kinds.includes(node.kind) || !everyChild(node, (child) => !hasKind(child, kinds));
}

/** Whether Jinja can write a constant into the Python that it makes of the template (`has_safe_repr`). */
export function canBeWritten(value: Value): boolean {
  if (value === null || typeof value !== "object") return true;
  if (isList(value)) return value.every(canBeWritten);
  if (value instanceof PyTuple) return value.fields === undefined && value.items.every(canBeWritten);
  if (value instanceof PyDict) return Array.from(value.entries.values()).every((entry) => canBeWritten(entry.key) && canBeWritten(entry.value));
  return value instanceof PyFloat || value instanceof Traced || value instanceof Markup || value instanceof PyRange;
}

/** Steps that computing the constants of a template may take; what takes more is left to the render, which has its own bound. */
const MAX_CONSTANT_STEPS = 100_000;

/**
 * Refuses a dict with a constant key that cannot be hashed, where Jinja makes it while it compiles: inside of an operation,
 * whether that would ever run or not. A dict that stands by itself fails when it is made.
 * @throws JinjaError TypeError
 */
export function refuseUnhashableKeys(body: Body, lineOf: Frame["lineOf"]): void {
  const frame = constantFrame(lineOf);
  const render = new Render({ variables: {}, maxSteps: MAX_CONSTANT_STEPS });
  const env = new Env(0, undefined, render, render.context);
  const check = (node: Visited, computed: boolean): void => {
    if (node.kind === "dict" && computed) checkKeys(node, (part) => compileExpression(part, frame)(env));
    const inside = computed || COMPUTED.has(node.kind);
    eachNode(node, (child) => {
      check(child, inside);
    });
  };
  for (const statement of body) check(statement, false);
}

/** The kinds of expressions that Jinja's code generator hands to its optimizer. */
const COMPUTED: ReadonlySet<Visited["kind"]> = new Set(["binary", "unary", "concat", "compare", "getattr", "getitem", "filter", "test", "conditional", "call"]);

function checkKeys({ items }: DictNode, valueOf: (node: Expression) => Value): void {
  for (const { key, value } of items) {
    let constant: Value;
    try {
      constant = valueOf(key);
      valueOf(value);
    } catch (error) {
      if (error instanceof JinjaError) return;
      throw error;
    }
    try {
      hashKey(constant);
    } catch (error) {
      if (error instanceof JinjaError) error.span ??= key.span;
      throw error;
    }
  }
}
