import type { Parameter, Statement } from "../../jinja/syntax/ast";
import { type Flow, NOTHING, union, widen } from "./flow";
import { type Frame, isWithin } from "./frames";
import type { Scope, State, Trace } from "./trace";

export type MacroNode = Extract<Statement, { kind: "macro" | "callblock" }>;

/**
 * A macro, or the body of a call block. Its body is gone through once for all calls together, with everything that any of
 * them passes; what it returns is a text of the template's own.
 */
export interface MacroInfo {
  readonly kind: "macro";
  readonly node: MacroNode;
  readonly frame: Frame;
  readonly arguments: Map<string, Flow>;
  /** The variables around it, as they are where it is called. */
  readonly around: State;
  readonly callees: Set<MacroInfo>;
  called: boolean;
}

/** What a call passes. */
export interface PassedArguments {
  readonly positional: readonly Flow[];
  readonly named: ReadonlyMap<string, Flow>;
  /** The elements of `*args`: they may be any of the positional ones. */
  readonly spread: Flow;
  /** The values of `**kwargs`. */
  readonly spreadNamed: Flow;
}

/** The macro that a node defines, seen in the scope that it is defined in. */
export function macroOf(trace: Trace, node: MacroNode, scope: Scope): MacroInfo {
  let info = trace.macros.get(node);
  if (info === undefined) {
    info = { kind: "macro", node, frame: trace.frames.macro(node, scope.frame), arguments: new Map(), around: new Map(), callees: new Set(), called: false };
    trace.macros.set(node, info);
  }
  // Until it is called, the variables are those of its definition; a call block is called from somewhere else.
  if (!info.called || node.kind === "callblock") seeAround(trace, info, scope);
  return info;
}

export function callMacro(trace: Trace, info: MacroInfo, passed: PassedArguments, scope: Scope): void {
  const { node } = info;
  if (!info.called) trace.changed = true;
  info.called = true;
  scope.macro?.callees.add(info);
  const recursive = scope.macro !== undefined && reaches(info, scope.macro);
  seeAround(trace, info, scope);
  const pass = (name: string, flow: Flow): void => {
    const known = info.arguments.get(name) ?? NOTHING;
    const joined = widen(known, flow, recursive ? 0 : Infinity);
    if (joined === known) return;
    info.arguments.set(name, joined);
    trace.changed = true;
  };
  const names = node.parameters.map(({ name }) => name.name);
  for (const name of names) pass(name, union(passed.spread, passed.spreadNamed));
  for (const [at, flow] of passed.positional.entries()) pass(names[at] ?? "varargs", flow);
  pass("varargs", passed.spread);
  pass("kwargs", passed.spreadNamed);
  for (const [name, flow] of passed.named) pass(names.includes(name) || name === "caller" ? name : "kwargs", flow);
}

/** The variables with which its body begins. */
export function macroState(trace: Trace, info: MacroInfo): State {
  const state = new Map(info.around);
  const own = (name: string, flow: Flow): void => {
    state.set(`${info.frame.id}:${name}`, flow);
  };
  for (const { name } of info.node.parameters) own(name.name, info.arguments.get(name.name) ?? NOTHING);
  own("caller", info.arguments.get("caller") ?? NOTHING);
  own("varargs", trace.listOf(info.node, info.arguments.get("varargs") ?? NOTHING));
  own("kwargs", trace.dictOf(info.node, info.arguments.get("kwargs") ?? NOTHING));
  return state;
}

/** The defaults of its parameters, which are evaluated where nothing is passed. */
export function fallbacksOf({ node }: MacroInfo): readonly Parameter[] {
  return node.parameters.filter(({ fallback }) => fallback !== undefined);
}

/** Takes over the variables around the macro, where the scope has them. */
function seeAround(trace: Trace, info: MacroInfo, scope: Scope): void {
  const { parent } = info.frame;
  if (parent === undefined || !isWithin(scope.frame, parent)) return;
  for (let frame: Frame | undefined = parent; frame !== undefined; frame = frame.parent) {
    for (const name of frame.symbols.loads.keys()) {
      const variable = `${frame.id}:${name.slice(name.indexOf(":") + 1)}`;
      const flow = scope.state.get(variable);
      if (flow === undefined) continue;
      const known = info.around.get(variable);
      const joined = known === undefined ? flow : union(known, flow);
      if (joined === known) continue;
      info.around.set(variable, joined);
      trace.changed = true;
    }
  }
}

function reaches(from: MacroInfo, to: MacroInfo, seen = new Set<MacroInfo>()): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return [...from.callees].some((callee) => reaches(callee, to, seen));
}
