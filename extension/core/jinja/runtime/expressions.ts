import { JinjaError, JinjaLimitError } from "../errors";
import { isIterable } from "../filter/common";
import type { Arguments, Binary, Compare, Expression, GetItem, Name, Slice } from "../syntax/ast";
import { unresolved } from "../syntax/checkExpressions";
import { contains, equals, lessThan } from "../value/compare";
import { dictFrom } from "../value/hash";
import { joinMarkup } from "../value/markup";
import { binary, negate, positive, toInteger } from "../value/number";
import { iterate, slice, truth } from "../value/protocol";
import { str } from "../value/repr";
import { type Str, concatText, isStr, textOf, traced } from "../value/text";
import { type CallArguments, MISSING, NO_NAMED, PyDict, PyFloat, PyTuple, Undefined, type Value, typeName } from "../value/types";
import { failUndefined } from "../value/undefined";
import type { Env } from "./render";
import { canBeWritten, constantFrame, isFoldedSlice, isLeftForLater, mayBeConstant, notConstant } from "./constants";
import { type Frame, reader } from "./scope";
import { getAttribute, getItem } from "./sandbox";

export type Eval = (env: Env) => Value;

/** Expressions that were compiled so far; what makes an object counts as several. */
let compiled = 0;

/** Compiles what a statement evaluates, and tells what that counts, in steps: two expressions take about as long as one. */
export function weighed<T>(compile: () => T): { readonly run: T; readonly steps: number } {
  const before = compiled;
  const run = compile();
  return { run, steps: (compiled - before) >> 1 };
}

const NO_ARGUMENTS: CallArguments = { positional: [], named: NO_NAMED };

/** Turns an expression into a function that evaluates it. */
export function compileExpression(node: Expression, frame: Frame): Eval {
  if (frame.slicesConstants !== true || !isFoldedSlice(node)) return compileNode(node, frame);
  const constant = compileNode(node, constantFrame(frame));
  const value = compileNode(node, frame);
  return (env) => foldedValue(constant, env) ?? value(env);
}

/** The constant as Jinja's optimizer keeps it; undefined where there is none. None needs no keeping: it is the value, too. */
function foldedValue(constant: Eval, env: Env): Value | undefined {
  try {
    const value = constant(env);
    return value !== null && canBeWritten(value) ? value : undefined;
  } catch (error) {
    if (error instanceof JinjaError && !(error instanceof JinjaLimitError)) return undefined;
    throw error;
  }
}

function compileNode(node: Expression, frame: Frame): Eval {
  compiled++;
  switch (node.kind) {
    case "name":
      return compileName(node, frame);
    case "const":
      return constant(constantValue(node.value, node.isFloat));
    case "string":
      return compileString(node);
    case "tuple": {
      compiled += 8 + 2 * node.items.length;
      const items = compileAll(node.items, frame);
      return (env) => new PyTuple(items.map((item) => item(env)));
    }
    case "list": {
      compiled += 8 + 2 * node.items.length;
      const items = compileAll(node.items, frame);
      return (env) => items.map((item) => item(env));
    }
    case "dict": {
      compiled += 16 + 12 * node.items.length;
      const items = node.items.map(({ key, value }) => [compileExpression(key, frame), compileExpression(value, frame)] as const);
      return (env) => dictFrom(items.map(([key, value]) => [key(env), value(env)] as const));
    }
    case "conditional":
      return compileConditional(node, frame);
    case "filter":
      return compileFilter(node, frame, undefined);
    case "test": {
      if (isLeftForLater(node, frame)) return notConstant;
      const target = compileExpression(node.target, frame);
      const args = compileArguments(node.args, frame);
      const { name, span } = node;
      return (env) => {
        const value = target(env);
        const evaluated = args(env);
        env.render.at = span;
        if (evaluated.named.size > 0 && !env.render.hasTest(name)) refuseNamed("test", name, evaluated, frame);
        return env.render.applyTest(name, value, evaluated);
      };
    }
    case "call":
      return compileCall(node, frame);
    case "getattr": {
      const target = compileExpression(node.target, frame);
      const { attribute, span } = node;
      return (env) => {
        const value = target(env);
        env.render.at = span;
        return getAttribute(env.render, value, attribute);
      };
    }
    case "getitem":
      return compileGetItem(node, frame);
    case "concat": {
      compiled += 4 * node.items.length;
      const items = compileAll(node.items, frame);
      // While it is only known at run time whether texts are escaped, Jinja joins them as if they were not.
      if (frame.autoescape === true) return (env) => joinMarkup(items.map((item) => item(env)));
      return (env) => concatText(items.map((item) => str(item(env))));
    }
    case "compare":
      return compileCompare(node, frame);
    case "binary":
      return compileBinary(node, frame);
    case "unary":
      return compileUnary(node, frame);
    case "nsref":
    case "broken":
      throw new JinjaError("TemplateSyntaxError", "this is no expression", node.span);
  }
}

function compileAll(nodes: readonly Expression[], frame: Frame): readonly Eval[] {
  return nodes.map((node) => compileExpression(node, frame));
}

function constant(value: Value): Eval {
  return () => value;
}

function constantValue(value: null | boolean | number | bigint, isFloat: boolean): Value {
  if (isFloat) return new PyFloat(Number(value));
  return typeof value === "bigint" ? toInteger(value) : value;
}

function compileString({ value, verbatim, span }: Extract<Expression, { kind: "string" }>): Eval {
  // Between the quotes a verbatim literal stands as it is; any other is known as a whole.
  const start = verbatim ? span.start + 1 : span.start;
  const end = verbatim ? span.end - 1 : span.end;
  const known: Str = traced(value, { kind: "template", start, end, verbatim });
  return (env) => (env.render.provenance ? known : value);
}

function compileName(node: Name, frame: Frame): Eval {
  if (frame.constant === true) return notConstant;
  const { name } = node;
  const target = frame.symbols.find(name);
  if (target === undefined) return compileUnresolved(node, frame);
  const read = reader(frame.scope, target);
  return (env) => {
    const value = read(env);
    return value === MISSING ? new Undefined(name, MISSING) : value;
  };
}

/** A name in the filters of a set block that is nowhere else around it. Where Jinja compiles it, the check of the template has refused it. */
function compileUnresolved(node: Name, frame: Frame): Eval {
  frame.unresolved?.add(node);
  return () => {
    throw unresolved(node);
  };
}

function compileConditional(node: Extract<Expression, { kind: "conditional" }>, frame: Frame): Eval {
  const test = compileExpression(node.test, frame);
  const then = compileExpression(node.then, frame);
  const otherwise = node.otherwise === undefined ? undefined : compileExpression(node.otherwise, frame);
  if (frame.constant === true && otherwise === undefined) return (env) => (truth(test(env)) ? then(env) : notConstant());
  const missing = new Undefined(null, MISSING, inlineIfMessage(frame.lineOf(node.span.start)));
  return (env) => (truth(test(env)) ? then(env) : otherwise === undefined ? missing : otherwise(env));
}

function inlineIfMessage(line: number): string {
  return `the inline if-expression on line ${line} evaluated to false and no else section was defined.`;
}

/** `input` is what a filter block or a filtered set gives as the target of its first filter. */
export function compileFilter(node: Extract<Expression, { kind: "filter" }>, frame: Frame, input: Eval | undefined): Eval {
  const { target: targetNode, name, span } = node;
  if (isLeftForLater(node, frame)) return notConstant;
  const target = targetNode === undefined ? input : targetNode.kind === "filter" ? compileFilter(targetNode, frame, input) : compileExpression(targetNode, frame);
  const args = compileArguments(node.args, frame);
  return (env) => {
    const value = target === undefined ? "" : target(env);
    const evaluated = args(env);
    env.render.at = span;
    if (evaluated.named.size > 0 && !env.render.hasFilter(name)) refuseNamed("filter", name, evaluated, frame);
    return env.render.applyFilter(name, value, evaluated);
  };
}

/** What stands for a filter or test that there is not takes no keyword arguments. @throws JinjaError always */
function refuseNamed(kind: "filter" | "test", name: string, { named }: CallArguments, { python }: Frame): never {
  const [first = ""] = named.keys();
  throw new JinjaError("TypeError", `${python?.name ?? ""}.<locals>.${python?.temporaryOf(kind, name) ?? ""}() got an unexpected keyword argument '${first}'`);
}

/** `extra` is evaluated and added as a keyword argument: the `caller` of a call block. */
export function compileCall(node: Extract<Expression, { kind: "call" }>, frame: Frame, extra?: { readonly name: string; readonly value: Eval }): Eval {
  if (frame.constant === true) return notConstant;
  const callee = compileExpression(node.callee, frame);
  const args = compileArguments(node.args, frame);
  const { span } = node;
  return (env) => {
    const target = callee(env);
    let evaluated = args(env);
    if (extra !== undefined) evaluated = { ...evaluated, named: new Map([...evaluated.named, [extra.name, extra.value(env)]]) };
    env.render.at = span;
    return env.render.call(target, evaluated);
  };
}

export function compileArguments(args: Arguments, frame: Frame): (env: Env) => CallArguments {
  const positional = compileAll(args.positional, frame);
  const named = args.named.map(({ name, value }) => [name, compileExpression(value, frame)] as const);
  const spread = args.spread === undefined ? undefined : compileExpression(args.spread, frame);
  const spreadNamed = args.spreadNamed === undefined ? undefined : compileExpression(args.spreadNamed, frame);
  if (positional.length === 0 && named.length === 0 && spread === undefined && spreadNamed === undefined) return () => NO_ARGUMENTS;
  return (env) => {
    const values = positional.map((value) => value(env));
    if (spread !== undefined) for (const value of iterate(spread(env))) values.push(value);
    if (named.length === 0 && spreadNamed === undefined) return { positional: values, named: NO_NAMED };
    const names = new Map<string, Value>();
    for (const [name, value] of named) names.set(name, value(env));
    if (spreadNamed !== undefined) addNamed(spreadNamed(env), names);
    return { positional: values, named: names };
  };
}

function addNamed(value: Value, into: Map<string, Value>): void {
  if (!(value instanceof PyDict)) throw new JinjaError("TypeError", `argument after ** must be a mapping, not ${typeName(value)}`);
  for (const { key, value: given } of value.entries.values()) {
    if (!isStr(key)) throw new JinjaError("TypeError", "keywords must be strings");
    into.set(textOf(key), given);
  }
}

function compileGetItem(node: GetItem, frame: Frame): Eval {
  const target = compileExpression(node.target, frame);
  const { index, span } = node;
  if (index.kind === "slice") return compileSlice(target, index, frame, span);
  const key = compileExpression(index, frame);
  return (env) => {
    const value = target(env);
    const evaluated = key(env);
    env.render.at = span;
    return getItem(env.render, value, evaluated);
  };
}

function compileSlice(target: Eval, node: Slice, frame: Frame, span: GetItem["span"]): Eval {
  const [start, stop, step] = [node.start, node.stop, node.step].map((part) => (part === undefined ? undefined : compileExpression(part, frame)));
  return (env) => {
    const value = target(env);
    const from = start?.(env);
    const to = stop?.(env);
    const by = step?.(env);
    env.render.at = span;
    return frame.constant === true ? softSlice(value, from, to, by) : slice(value, from, to, by);
  };
}

/** A slice among constants goes through the sandbox, which takes one that fails for a missing item. */
function softSlice(value: Value, from: Value | undefined, to: Value | undefined, by: Value | undefined): Value {
  try {
    return slice(value, from, to, by);
  } catch (error) {
    if (error instanceof JinjaError && error.type === "TypeError") return new Undefined(null, value);
    throw error;
  }
}

function compileCompare(node: Compare, frame: Frame): Eval {
  const first = compileExpression(node.first, frame);
  const rest = node.rest.map(({ operator, value }) => ({ operator, value: compileExpression(value, frame) }));
  const { span } = node;
  return (env) => {
    let left = first(env);
    for (const { operator, value } of rest) {
      const right = value(env);
      env.render.at = span;
      if (!holds(operator, left, right)) return false;
      left = right;
    }
    return true;
  };
}

function holds(operator: Compare["rest"][number]["operator"], left: Value, right: Value): boolean {
  switch (operator) {
    case "==":
      return equals(left, right);
    case "!=":
      return !equals(left, right);
    case "in":
      return contains(right, left);
    case "not in":
      return !contains(right, left);
    default:
      return lessThan(left, right, operator);
  }
}

function compileBinary(node: Binary, frame: Frame): Eval {
  const left = compileExpression(node.left, frame);
  const right = compileExpression(node.right, frame);
  const { operator, span } = node;
  if (operator === "and") {
    return (env) => {
      const value = left(env);
      return truth(value) ? right(env) : value;
    };
  }
  if (operator === "or") {
    return (env) => {
      const value = left(env);
      return truth(value) ? value : right(env);
    };
  }
  return (env) => {
    const a = left(env);
    const b = right(env);
    env.render.at = span;
    return binary(operator, a, b);
  };
}

function compileUnary({ operator, operand, span }: Extract<Expression, { kind: "unary" }>, frame: Frame): Eval {
  const value = compileExpression(operand, frame);
  if (operator === "not") return (env) => !truth(value(env));
  return (env) => {
    const given = value(env);
    env.render.at = span;
    return operator === "-" ? negate(given) : positive(given);
  };
}

/**
 * What an output prints. `constant` is the same as Jinja computes it while it compiles, where it may be able to; it throws
 * where it is not.
 */
export function compileOutput(node: Expression, frame: Frame): { readonly value: Eval; readonly constant: Eval | undefined } {
  const value = compileExpression(node, frame);
  if (node.kind === "string" || node.kind === "const") return { value, constant: value };
  return { value, constant: mayBeConstant(node) ? compileExpression(node, constantFrame(frame)) : undefined };
}

/** Spreads a value over the targets of an unpacking assignment. @throws JinjaError with Python's messages */
export function unpack(value: Value, count: number): readonly Value[] {
  if (value instanceof Undefined && value.error !== "UndefinedError") failUndefined(value);
  let items: Value[];
  try {
    items = [...iterate(value)];
  } catch (error) {
    // What iterates may raise errors of its own, as a filter's generator does.
    if (error instanceof JinjaError && error.type === "TypeError" && !isIterable(value)) throw new JinjaError("TypeError", `cannot unpack non-iterable ${typeName(value)} object`);
    throw error;
  }
  if (items.length < count) throw new JinjaError("ValueError", `not enough values to unpack (expected ${count}, got ${items.length})`);
  if (items.length > count) throw new JinjaError("ValueError", `too many values to unpack (expected ${count})`);
  return items;
}
