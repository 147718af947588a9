import type { AssignBlock, Body, CallBlock, Expression, FilterBlock, For, If, Statement, Target, TemplateNode, With } from "../../jinja/syntax/ast";
import type { Span } from "../../../base/text";
import { targetNames } from "../../jinja/runtime/analyze";
import { evaluateCall } from "./calls";
import { evaluate, evaluateFilter, use } from "./expressions";
import { type Flow, NOTHING, PLAIN_FLOW, flowOf, union, unionAll } from "./flow";
import { type Frame, variableOf } from "./frames";
import { type MacroInfo, callMacro, fallbacksOf, macroOf, macroState } from "./macros";
import type { Scope, State, Trace } from "./trace";

/** Goes through the whole template once. */
export function runTemplate(trace: Trace): void {
  runOutermost(trace, trace.tree);
  for (const info of trace.macros.values()) runMacro(trace, info);
  for (const block of trace.blocks) runOutermost(trace, block);
}

function runOutermost(trace: Trace, node: TemplateNode | Extract<Statement, { kind: "block" }>): void {
  const frame = trace.frames.outermost(node);
  const scope: Scope = { frame, state: new Map(), macro: undefined, toplevel: node.kind === "template" };
  enter(trace, frame, scope.state);
  runBody(trace, node.body, scope);
}

function runMacro(trace: Trace, info: MacroInfo): void {
  const { frame, node } = info;
  const scope: Scope = { frame, state: macroState(trace, info), macro: info, toplevel: false };
  enter(trace, frame, scope.state);
  for (const { name, fallback } of fallbacksOf(info)) {
    if (fallback === undefined) continue;
    const variable = `${frame.id}:${name.name}`;
    scope.state.set(variable, union(scope.state.get(variable) ?? NOTHING, evaluate(trace, fallback, scope)));
  }
  runBody(trace, node.body, scope);
}

/** Gives the variables of a frame their first values. */
function enter(trace: Trace, frame: Frame, state: State): void {
  trace.charge(frame.symbols.loads.size);
  for (const [target, load] of frame.symbols.loads) {
    const name = target.slice(target.indexOf(":") + 1);
    const variable = `${frame.id}:${name}`;
    if (load.action === "resolve") state.set(variable, contextValue(trace, load.name, frame));
    else if (load.action === "alias") state.set(variable, state.get(variableOf(name, frame.parent) ?? "") ?? NOTHING);
    else if (load.action === "undefined") state.set(variable, NOTHING);
    else if (!state.has(variable)) state.set(variable, PLAIN_FLOW);
  }
}

/** What a name is in the context: the variable that the template is given, or in a block what the template assigned. */
function contextValue(trace: Trace, name: string, frame: Frame): Flow {
  const given = flowOf(trace.variable(name));
  let outermost = frame;
  while (outermost.parent !== undefined) outermost = outermost.parent;
  return outermost === trace.frames.outermost(trace.tree) ? given : union(given, trace.own.get(name) ?? NOTHING);
}

/** Runs statements. Returns whether their end is never reached, because the template raises an error or leaves the loop. */
function runBody(trace: Trace, body: Body, scope: Scope): boolean {
  let ends = false;
  for (const statement of body) ends = run(trace, statement, scope) || ends;
  return ends;
}

function run(trace: Trace, node: Statement, scope: Scope): boolean {
  trace.charge(1);
  if (node.kind === "if") return runIf(trace, node, scope);
  runSimple(trace, node, scope);
  return node.kind === "break" || node.kind === "continue" || (node.kind === "output" && raises(trace, node.expression, scope));
}

function raises(trace: Trace, node: Expression, scope: Scope): boolean {
  if (node.kind !== "call" || node.callee.kind !== "name" || node.callee.name !== "raise_exception") return false;
  return evaluate(trace, node.callee, scope).has(trace.variable("raise_exception"));
}

function runSimple(trace: Trace, node: Exclude<Statement, If>, scope: Scope): void {
  switch (node.kind) {
    case "output":
      use(trace, node.expression, scope);
      return;
    case "for":
      runFor(trace, node, scope);
      return;
    case "macro":
      assign(trace, { kind: "name", name: node.name, span: node.nameSpan }, flowOf(macroOf(trace, node, scope)), scope, node.span);
      return;
    case "callblock":
      runCallBlock(trace, node, scope);
      return;
    case "filterblock":
      runFilterBlock(trace, node, scope);
      return;
    case "with":
      runWith(trace, node, scope);
      return;
    case "block":
      trace.blocks.add(node);
      return;
    case "assign":
      assign(trace, node.target, evaluate(trace, node.value, scope), scope, node.span);
      return;
    case "assignblock":
      runAssignBlock(trace, node, scope);
      return;
    case "generation":
      runInner(trace, node.body, trace.frames.macro(node, scope.frame), scope);
      return;
    case "scope":
      evaluate(trace, node.autoescape, scope);
      runInner(trace, node.body, trace.frames.inner(node, scope.frame), scope);
      return;
    case "include":
    case "extends":
      evaluate(trace, node.template, scope);
      return;
    case "import":
      assignName(trace, node.name, PLAIN_FLOW, scope);
      return;
    case "fromimport":
      for (const { alias } of node.names) assignName(trace, alias, PLAIN_FLOW, scope);
      return;
    case "text":
    case "break":
    case "continue":
      return;
  }
}

/** Runs a body in a frame inside the scope's. Its variables are its own, so that the state can be shared. */
function runInner(trace: Trace, body: Body, frame: Frame, scope: Scope): Scope {
  const inner: Scope = { ...scope, frame, toplevel: false };
  enter(trace, frame, scope.state);
  runBody(trace, body, inner);
  return inner;
}

// ── blocks ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

function runIf(trace: Trace, node: If, scope: Scope): boolean {
  evaluate(trace, node.test, scope);
  const branches: (() => boolean)[] = [() => runBody(trace, node.body, scope)];
  // Each `elif` is evaluated where the ones before it did not hold, and assigns nothing: the order of the tests is free.
  for (const { test, body } of node.elifs) {
    evaluate(trace, test, scope);
    branches.push(() => runBody(trace, body, scope));
  }
  branches.push(() => runBody(trace, node.otherwise, scope));
  const bodies = [node.body, ...node.elifs.map(({ body }) => body), node.otherwise];
  const assigned = new Set(bodies.flatMap((body) => [...assignedIn(body)]));
  if (assigned.size === 0) return branches.map((branch) => branch()).every((ends) => ends);
  return runBranches(trace, branches, [...assigned], scope);
}

/**
 * Runs each branch from the same values, and joins what those that come to their end leave. Returns whether none does. Only
 * the frame's own variables can differ: inner frames begin anew each time.
 */
function runBranches(trace: Trace, branches: readonly (() => boolean)[], names: readonly string[], { frame, state }: Scope): boolean {
  const variables = names.map((name) => variableOf(name, frame) ?? name);
  const before = variables.map((variable) => state.get(variable) ?? NOTHING);
  const after = variables.map(() => NOTHING);
  let ends = true;
  for (const branch of branches) {
    trace.charge(variables.length);
    for (const [at, variable] of variables.entries()) state.set(variable, before[at] ?? NOTHING);
    if (branch()) continue;
    for (const [at, variable] of variables.entries()) after[at] = union(after[at] ?? NOTHING, state.get(variable) ?? NOTHING);
    ends = false;
  }
  for (const [at, variable] of variables.entries()) state.set(variable, (ends ? before[at] : after[at]) ?? NOTHING);
  return ends;
}

const assignedNames = new WeakMap<Body, ReadonlySet<string>>();

/** The names that a body assigns in the frame that it is in. */
function assignedIn(body: Body): ReadonlySet<string> {
  let names = assignedNames.get(body);
  if (names === undefined) assignedNames.set(body, (names = new Set(body.flatMap((node) => [...assignedBy(node)]))));
  return names;
}

function assignedBy(node: Statement): Iterable<string> {
  switch (node.kind) {
    case "if":
      return [node.body, ...node.elifs.map(({ body }) => body), node.otherwise].flatMap((body) => [...assignedIn(body)]);
    case "assign":
    case "assignblock":
      return targetNames(node.target);
    case "macro":
    case "import":
      return [node.name];
    case "fromimport":
      return node.names.map(({ alias }) => alias);
    default:
      return [];
  }
}

function runFor(trace: Trace, node: For, scope: Scope): void {
  const iterable = evaluate(trace, node.iterable, scope);
  const loop = trace.loop(node, trace.elements(iterable, node.iterable.span));
  const elements = union(loop.elements, loop.deeper);
  const { frames } = trace;
  if (node.condition !== undefined) {
    const frame = frames.loop(node, "condition", scope.frame);
    const inner: Scope = { ...scope, frame, toplevel: false };
    assign(trace, node.target, elements, inner, node.target.span);
    enter(trace, frame, scope.state);
    evaluate(trace, node.condition, inner);
  }
  const frame = frames.loop(node, "body", scope.frame);
  scope.state.set(`${frame.id}:loop`, flowOf(loop));
  assign(trace, node.target, elements, { ...scope, frame, toplevel: false }, node.target.span);
  runInner(trace, node.body, frame, scope);
  if (node.otherwise.length > 0) runInner(trace, node.otherwise, frames.loop(node, "otherwise", scope.frame), scope);
}

function runCallBlock(trace: Trace, node: CallBlock, scope: Scope): void {
  trace.consume(evaluateCall(trace, node.call, scope, macroOf(trace, node, scope)), node.call.span);
}

function runFilterBlock(trace: Trace, node: FilterBlock, scope: Scope): void {
  const inner = runInner(trace, node.body, trace.frames.inner(node, scope.frame), scope);
  trace.consume(evaluateFilter(trace, node.filter, inner, PLAIN_FLOW), node.filter.span);
}

function runAssignBlock(trace: Trace, node: AssignBlock, scope: Scope): void {
  const inner = runInner(trace, node.body, trace.frames.inner(node, scope.frame), scope);
  assign(trace, node.target, node.filter === undefined ? PLAIN_FLOW : evaluateFilter(trace, node.filter, inner, PLAIN_FLOW), scope, node.span);
}

function runWith(trace: Trace, node: With, scope: Scope): void {
  const frame = trace.frames.inner(node, scope.frame);
  const inner: Scope = { ...scope, frame, toplevel: false };
  const values = node.assignments.map(({ target, value }) => ({ target, flow: evaluate(trace, value, scope) }));
  enter(trace, frame, scope.state);
  for (const { target, flow } of values) assign(trace, target, flow, inner, target.span);
  runBody(trace, node.body, inner);
}

// ── assignments ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function assign(trace: Trace, target: Target, flow: Flow, scope: Scope, span: Span): void {
  if (target.kind === "name") assignName(trace, target.name, flow, scope);
  else if (target.kind === "tuple") {
    const elements = trace.elements(flow, span);
    for (const [at, item] of target.items.entries()) {
      const known = unionAll([...flow].map((thing) => (thing.kind === "bag" ? trace.element(flowOf(thing), at) : NOTHING)));
      const listed = [...flow].every((thing) => thing.kind === "bag" && thing.list);
      assign(trace, item as Target, listed ? known : elements, scope, span);
    }
  } else {
    const namespaces = evaluate(trace, { kind: "name", name: target.name, span: target.span }, scope);
    for (const thing of namespaces) if (thing.kind === "bag") trace.setField(thing, target.attribute, flow);
  }
}

function assignName(trace: Trace, name: string, flow: Flow, scope: Scope): void {
  const variable = variableOf(name, scope.frame);
  if (variable !== undefined) scope.state.set(variable, flow);
  if (scope.toplevel) trace.assignOwn(name, flow);
}

/** Macros that nothing calls are gone through all the same, with nothing for their parameters. */
export function callUncalled(trace: Trace): void {
  const passed = { positional: [], named: new Map(), spread: NOTHING, spreadNamed: NOTHING };
  for (const info of trace.macros.values()) {
    const scope: Scope = { frame: info.frame.parent ?? info.frame, state: info.around, macro: undefined, toplevel: false };
    if (!info.called) callMacro(trace, info, passed, scope);
  }
}
