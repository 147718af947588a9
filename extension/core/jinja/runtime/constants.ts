import { JinjaError } from "../errors";
import type { Expression, FilterNode, Slice, TestNode } from "../syntax/ast";
import { everyChild } from "../syntax/names";
import { PyRange } from "../value/objects";
import { Traced } from "../value/text";
import { isList, Markup, PyDict, PyFloat, PyTuple, type Value } from "../value/types";
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

/** Whether a filter or test is never computed in a frame that compiles constants. */
export function isLeftForLater({ kind, name }: FilterNode | TestNode, { constant, autoescape }: Frame): boolean {
  return constant === true && (autoescape === "runtime" || (kind === "filter" && CONTEXT_FILTERS.has(name)));
}

/**
 * A frame that compiles constants: names and calls are {@link notConstant} in it, and slices fail softly. Inside of
 * `{% autoescape x %}` filters and tests are none either: what they give may depend on it.
 */
export function constantFrame({ lineOf, autoescape }: Pick<Frame, "lineOf" | "autoescape">): Frame {
  return { symbols: new Symbols(undefined), scope: new FunctionScope(undefined), toplevel: false, constant: true, lineOf, ...(autoescape === "runtime" ? { autoescape } : {}) };
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
      // A filter block's first filter has no target: it gets what the block wrote.
      return node.target !== undefined && !CONTEXT_FILTERS.has(node.name) && everyChild(node, mayBeConstant);
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

/** The kinds of expressions that Jinja's code generator hands to its optimizer. */
const COMPUTED: ReadonlySet<Expression["kind"]> = new Set(["binary", "unary", "concat", "compare", "getattr", "getitem", "filter", "test", "conditional", "call"]);

/** Whether Jinja's optimizer looks at an expression before code is written for it. */
export function isOptimized(node: Expression | Slice): node is Expression {
  return node.kind !== "slice" && COMPUTED.has(node.kind);
}

/** Whether an expression slices constants, and is one that Jinja's optimizer looks at. */
export function isFoldedSlice(node: Expression): boolean {
  return isOptimized(node) && hasSlice(node) && mayBeConstant(node);
}

function hasSlice(node: Expression | Slice): boolean {
  return node.kind === "slice" || !everyChild(node, (child) => !hasSlice(child));
}

/** Whether Jinja can write a constant into the Python that it makes of the template (`has_safe_repr`). */
export function canBeWritten(value: Value): boolean {
  if (value === null || typeof value !== "object") return true;
  if (isList(value)) return value.every(canBeWritten);
  if (value instanceof PyTuple) return value.fields === undefined && value.items.every(canBeWritten);
  if (value instanceof PyDict) return Array.from(value.entries.values()).every((entry) => canBeWritten(entry.key) && canBeWritten(entry.value));
  return value instanceof PyFloat || value instanceof Traced || value instanceof Markup || value instanceof PyRange;
}
