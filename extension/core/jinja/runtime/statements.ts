import { Namespace } from "../filter/globals";
import { JinjaError, JinjaLimitError } from "../errors";
import type { Assign, AssignBlock, Block, Body, FilterBlock, Generation, If, NamespaceRef, Output, ScopedBody, Statement, Target, TextNode as Text, With } from "../syntax/ast";
import { codePointLength } from "../text/unicode";
import { truth } from "../value/protocol";
import { escapeValue } from "../value/markup";
import { str } from "../value/repr";
import { type Piece, type Str, isStr, textOf } from "../value/text";
import { MISSING, Markup, NO_NAMED, type Value, typeName } from "../value/types";
import { analyzeBody, analyzeExpression, storeTarget } from "./analyze";
import { type Eval, compileExpression, compileFilter, compileOutput, unpack, weighed } from "./expressions";
import { compileFor } from "./forLoop";
import { compileCallBlock, compileMacro, compileMacroBody } from "./macroStatements";
import type { Context, Env, Render } from "./render";
import { type Frame, frameEntry, innerFrame, reader, writer } from "./scope";
import { Sink } from "./sink";

/** How a statement ended: it went through, or a `break` or `continue` leaves the loop around it. */
export const DONE = 0;
export const BREAK = 1;
export const CONTINUE = 2;
export type Completion = typeof DONE | typeof BREAK | typeof CONTINUE;

/** Runs a statement: writes to the sink, changes variables. */
export type Exec = (env: Env, sink: Sink) => Completion;

/** What a template's statements share while they are compiled. */
export interface Unit {
  /** Whether the source has this word anywhere, so that there is a reason to look for it. */
  readonly mentions: (word: string) => boolean;
  /** The blocks of the template by name, filled while it is compiled. */
  readonly blocks: Map<string, (render: Render, context: Context, sink: Sink) => void>;
  readonly compileBlock: (block: Block) => void;
}

export function compileBody(body: Body, frame: Frame, unit: Unit): Exec {
  let before: Written | undefined;
  const statements = body.map((statement) => {
    if (statement.kind !== "text" && statement.kind !== "output") {
      before = undefined;
      return compileStatement(statement, frame, unit);
    }
    const written: Written = { constant: true };
    const exec = statement.kind === "text" ? compileText(statement, before) : compileOutputStatement(statement, frame, before, written);
    before = written;
    return exec;
  });
  if (statements.length === 1) return statements[0] as Exec;
  return (env, sink) => {
    for (const statement of statements) {
      const completion = statement(env, sink);
      if (completion !== DONE) return completion;
    }
    return DONE;
  };
}

function compileStatement(node: Exclude<Statement, Text | Output>, frame: Frame, unit: Unit): Exec {
  switch (node.kind) {
    case "if":
      return compileIf(node, frame, unit);
    case "for":
      return compileFor(node, frame, unit);
    case "macro":
      return compileMacro(node, frame, unit);
    case "callblock":
      return compileCallBlock(node, frame, unit);
    case "filterblock":
      return compileFilterBlock(node, frame, unit);
    case "with":
      return compileWith(node, frame, unit);
    case "block":
      return compileBlockCall(node, frame, unit);
    case "assign":
      return compileAssign(node, frame);
    case "assignblock":
      return compileAssignBlock(node, frame, unit);
    // The check of the template has refused what stands outside of a loop.
    case "break":
      return () => BREAK;
    case "continue":
      return () => CONTINUE;
    case "generation":
      return compileGeneration(node, frame, unit);
    case "scope":
      return compileAutoescape(node, frame, unit);
    case "include":
    case "import":
    case "fromimport":
    case "extends": {
      const template = compileExpression(node.template, frame);
      return (env) => {
        template(env);
        env.render.at = node.span;
        throw new JinjaError("TypeError", "no loader for this environment specified");
      };
    }
  }
}

/** Whether what a text or an output wrote was known when Jinja compiled; neighbours of that kind are written as one. */
interface Written {
  constant: boolean;
}

function compileText({ text, span }: Text, before: Written | undefined): Exec {
  const verbatim = span.end - span.start === text.length;
  const piece: Piece = { length: text.length, origin: { kind: "template", start: span.start, end: span.end, verbatim }, from: 0 };
  return (env, sink) => {
    env.render.step(2);
    sink.literal(text, piece);
    if (before?.constant === true) sink.writes--;
    return DONE;
  };
}

function compileOutputStatement(node: Output, frame: Frame, before: Written | undefined, written: Written): Exec {
  const { run, steps } = weighed(() => compileOutput(node.expression, frame));
  const { value, constant } = run;
  written.constant = constant !== undefined;
  const { span } = node.expression;
  return (env, sink) => {
    env.render.step(4 + steps);
    const result = written.constant ? constantOr(value, constant as Eval, env, written) : value(env);
    env.render.at = span;
    // A constant is escaped while Jinja compiles, or not at all.
    if (escapes(frame, env) && !(written.constant && frame.autoescape === "runtime")) {
      sink.write(escapeValue(result).text, span);
      return DONE;
    }
    sink.write(typeof result === "string" ? result : str(result), span);
    if (written.constant && before?.constant === true) sink.writes--;
    return DONE;
  };
}

/** The constant; where there turns out to be none, the value, from now on. */
function constantOr(value: Eval, constant: Eval, env: Env, written: Written): Value {
  try {
    return constant(env);
  } catch (error) {
    if (!(error instanceof JinjaError) || error instanceof JinjaLimitError) throw error;
    written.constant = false;
    return value(env);
  }
}

function compileIf(node: If, frame: Frame, unit: Unit): Exec {
  const branches = [{ test: node.test, body: node.body }, ...node.elifs].map(({ test, body }) => ({
    test: weighed(() => compileExpression(test, frame)),
    body: compileBody(body, frame, unit),
  }));
  const otherwise = compileBody(node.otherwise, frame, unit);
  return (env, sink) => {
    for (const { test, body } of branches) {
      env.render.step(1 + test.steps);
      if (truth(test.run(env))) return body(env, sink);
    }
    return otherwise(env, sink);
  };
}

/** Assigns to the variables of a target. */
export function compileTarget(target: Target, frame: Frame): (env: Env, value: Value) => void {
  if (target.kind === "tuple") {
    const items = target.items.map((item) => compileTarget(item as Target, frame));
    return (env, value) => {
      env.render.step(items.length);
      const values = unpack(value, items.length);
      for (const [i, item] of items.entries()) item(env, values[i] as Value);
    };
  }
  if (target.kind === "nsref") return compileNamespaceTarget(target, frame);
  const write = writer(frame.scope, targetOf(target.name, frame));
  if (!frame.toplevel) return write;
  const { name } = target;
  return (env, value) => {
    write(env, value);
    env.context.own.set(name, value);
  };
}

function compileNamespaceTarget({ name, attribute, span }: NamespaceRef, frame: Frame): (env: Env, value: Value) => void {
  const read = reader(frame.scope, targetOf(name, frame));
  return (env, value) => {
    const namespace = namespaceOf(read(env), env, span);
    namespace.set(attribute, value);
  };
}

function namespaceOf(value: Value | typeof MISSING, env: Env, span: NamespaceRef["span"]): Namespace {
  if (value instanceof Namespace) return value;
  env.render.at = span;
  throw new JinjaError("TemplateRuntimeError", "cannot assign attribute on non-namespace object");
}

export function targetOf(name: string, frame: Frame): string {
  const target = frame.symbols.find(name);
  if (target === undefined) throw new RangeError(`The frame does not know ${name}.`);
  return target;
}

function compileAssign(node: Assign, frame: Frame): Exec {
  const { run: value, steps } = weighed(() => compileExpression(node.value, frame));
  const assign = compileTarget(node.target, frame);
  const { target, span } = node;
  // Python looks whether the target is a namespace before it evaluates the value.
  const namespace = target.kind === "nsref" ? reader(frame.scope, targetOf(target.name, frame)) : undefined;
  return (env) => {
    env.render.step(1 + steps);
    if (namespace !== undefined) namespaceOf(namespace(env), env, target.span);
    const result = value(env);
    env.render.at = span;
    assign(env, result);
    return DONE;
  };
}

/** Whether what a frame prints is escaped. */
export function escapes({ autoescape }: Frame, { render }: Env): boolean {
  return autoescape === "runtime" ? render.autoescape : autoescape === true;
}

/** What was printed while it was escaped needs no escaping any more. */
export function safeText(text: Str, isSafe: boolean): Value {
  return isSafe ? new Markup(text) : text;
}

/** `{% autoescape %}`: a scope of its own. Filters and macros ask the render whether it is on, outputs know it from their frame. */
function compileAutoescape(node: ScopedBody, frame: Frame, unit: Unit): Exec {
  const inner = { ...innerFrame(frame), autoescape: node.autoescape.kind === "const" ? Boolean(node.autoescape.value) : ("runtime" as const) };
  analyzeExpression(inner.symbols, node.autoescape);
  analyzeBody(inner.symbols, node.body);
  const enter = frameEntry(inner);
  const { run: option, steps } = weighed(() => compileExpression(node.autoescape, inner));
  const body = compileBody(node.body, inner, unit);
  return (env, sink) => {
    env.render.step(1 + steps);
    enter?.(env);
    const before = env.render.autoescape;
    env.render.autoescape = truth(option(env));
    try {
      return body(env, sink);
    } finally {
      env.render.autoescape = before;
    }
  };
}

/** Runs a body into a sink of its own. */
export function capture(env: Env, body: Exec): Sink {
  const sink = new Sink(env.render.provenance);
  body(env, sink);
  return sink;
}

function compileAssignBlock(node: AssignBlock, frame: Frame, unit: Unit): Exec {
  const inner = innerFrame(frame);
  analyzeBody(inner.symbols, node.body);
  const enter = frameEntry(inner);
  const body = compileBody(node.body, inner, unit);
  const assign = compileTarget(node.target, frame);
  let captured: Value = "";
  const { run: filter, steps } = weighed(() => (node.filter === undefined ? undefined : compileFilter(node.filter, inner, () => captured)));
  return (env) => {
    env.render.step(20 + steps);
    enter?.(env);
    const inside = new Sink(env.render.provenance);
    const completion = body(env, inside);
    // Whatever leaves the loop around it leaves the text behind, too.
    if (completion !== DONE) return completion;
    captured = safeText(inside.toStr(), escapes(inner, env));
    const result = filter === undefined ? captured : filter(env);
    assign(env, env.render.autoescape ? safeText(str(result), true) : result);
    captured = "";
    return DONE;
  };
}

function compileFilterBlock(node: FilterBlock, frame: Frame, unit: Unit): Exec {
  const inner = innerFrame(frame);
  analyzeBody(inner.symbols, node.body);
  analyzeExpression(inner.symbols, node.filter);
  const enter = frameEntry(inner);
  const body = compileBody(node.body, inner, unit);
  let captured: Value = "";
  const { run: filter, steps } = weighed(() => compileFilter(node.filter, inner, () => captured));
  const { span } = node.filter;
  return (env, sink) => {
    env.render.step(20 + steps);
    enter?.(env);
    const inside = new Sink(env.render.provenance);
    const completion = body(env, inside);
    if (completion !== DONE) return completion;
    captured = safeText(inside.toStr(), escapes(inner, env));
    sink.write(textOnly(filter(env), sink), span);
    captured = "";
    return DONE;
  };
}

/** Filter and call blocks write what they get as it is, and Python joins texts only: it finds out at the end. */
export function textOnly(value: Value, sink: Sink): Str {
  if (isStr(value)) return value;
  if (value instanceof Markup) return value.text;
  sink.failure ??= new JinjaError("TypeError", `sequence item ${sink.writes}: expected str instance, ${typeName(value)} found`);
  return str(value);
}

function compileWith(node: With, frame: Frame, unit: Unit): Exec {
  const inner = innerFrame(frame);
  for (const { target } of node.assignments) storeTarget(inner.symbols, target);
  analyzeBody(inner.symbols, node.body);
  const enter = frameEntry(inner);
  const { run: assignments, steps } = weighed(() => node.assignments.map(({ target, value }) => ({ assign: compileTarget(target, inner), value: compileExpression(value, frame) })));
  const body = compileBody(node.body, inner, unit);
  return (env, sink) => {
    env.render.step(2 + steps);
    enter?.(env);
    for (const { assign, value } of assignments) assign(env, value(env));
    return body(env, sink);
  };
}

/** A block runs where it stands; a scoped one sees the variables around it. */
function compileBlockCall(node: Block, frame: Frame, unit: Unit): Exec {
  unit.compileBlock(node);
  const { name, required, scoped, span } = node;
  return (env, sink) => {
    env.render.step(8);
    env.render.at = span;
    if (required) throw new JinjaError("TemplateRuntimeError", `Required block '${name}' not found`);
    const context = scoped ? env.context.derive(localsAround(frame, env)) : env.context;
    unit.blocks.get(name)?.(env.render, context, sink);
    return DONE;
  };
}

/** What is assigned around a place. Found anew each time: kept for every block, the names around a thousand blocks would be a million. */
function localsAround(frame: Frame, env: Env): ReadonlyMap<string, Value> {
  const locals = new Map<string, Value>();
  for (let symbols: Frame["symbols"] | undefined = frame.symbols; symbols !== undefined; symbols = symbols.parent) {
    env.render.step(12 * symbols.stores.size);
    for (const name of symbols.stores) {
      const value = reader(frame.scope, targetOf(name, frame))(env);
      if (value !== MISSING) locals.set(name, value);
    }
  }
  return locals;
}

/**
 * The reference runs the body of `{% generation %}` as a call block, and notes where it stands in what the template has
 * written so far, counted in code points: inside a captured text that is not where it ends up (its own bug, kept here).
 */
function compileGeneration(node: Generation, frame: Frame, unit: Unit): Exec {
  const body = compileMacroBody({ name: undefined, parameters: [], body: node.body }, frame, unit);
  const { span } = node;
  return (env, sink) => {
    env.render.step(20);
    const { render } = env;
    const result = str(body(env).call({ positional: [], named: NO_NAMED }));
    // To count, the reference joins what was written so far.
    if (render.root.failure !== undefined) throw render.root.failure;
    const direct = sink === render.root;
    const text = textOf(result);
    // Where the span of a captured text ends is counted character by character.
    if (!direct) render.charge(text.length >> 4);
    render.generation.push({ start: render.root.length, length: direct ? text.length : codePointLength(text), direct });
    sink.write(result, span);
    return DONE;
  };
}

