import type { Body, CallBlock, Macro as MacroNode, Parameter } from "../syntax/ast";
import { MISSING, Undefined, type Value } from "../value/types";
import { analyzeBody, analyzeParameters, findUndeclared } from "./analyze";
import { type Eval, compileCall, compileExpression, weighed } from "./expressions";
import { Macro, type MacroShape } from "./macro";
import { Env } from "./render";
import { type Frame, frameEntry, functionFrame, writer } from "./scope";
import { DONE, type Exec, type Unit, capture, escapes, safeText, compileBody, targetOf, textOnly } from "./statements";

/** A macro, or the body of a call block. */
export interface MacroSource {
  readonly name: string | undefined;
  readonly parameters: readonly Parameter[];
  readonly body: Body;
}

export function compileMacro(node: MacroNode, frame: Frame, unit: Unit): Exec {
  const make = compileMacroBody(node, frame, unit);
  const write = writer(frame.scope, targetOf(node.name, frame));
  const { name } = node;
  return (env) => {
    env.render.step(8);
    const macro = make(env);
    write(env, macro);
    if (frame.toplevel) env.context.own.set(name, macro);
    return DONE;
  };
}

export function compileCallBlock(node: CallBlock, frame: Frame, unit: Unit): Exec {
  const make = compileMacroBody({ name: undefined, parameters: node.parameters, body: node.body }, frame, unit);
  const { run: call, steps } = weighed(() => compileCall(node.call, frame, { name: "caller", value: make }));
  const { span } = node.call;
  return (env, sink) => {
    env.render.step(3 + steps);
    sink.write(textOnly(call(env), sink), span);
    return DONE;
  };
}

const SPECIAL = ["caller", "kwargs", "varargs"] as const;

/** Compiles what makes the macro from the variables around it. */
export function compileMacroBody(source: MacroSource, frame: Frame, unit: Unit): (env: Env) => Macro {
  const inner = functionFrame(frame);
  const { symbols, scope } = inner;
  analyzeParameters(symbols, source.parameters);
  analyzeBody(symbols, source.body);
  const shape = shapeOf(source, unit);
  const names = [...shape.parameters];
  if (shape.takesCaller && !shape.explicitCaller) names.push("caller");
  if (shape.takesNamed) names.push("kwargs");
  if (shape.takesMore) names.push("varargs");
  for (const name of names.slice(shape.parameters.length)) symbols.declareParameter(name);
  const enter = frameEntry(inner);
  const writes = names.map((name) => writer(scope, targetOf(name, inner)));
  const { run: fallbacks, steps } = weighed(() => source.parameters.map((parameter) => compileFallback(parameter, inner)));
  const body = compileBody(source.body, inner, unit);
  return (outer) =>
    new Macro(shape, (values) =>
      outer.render.enter(() => {
        outer.render.step(24 + 4 * names.length + steps + (scope.size >> 1));
        const env = new Env(scope.size, outer, outer.render, outer.context);
        enter?.(env);
        for (const [i, write] of writes.entries()) write(env, values[i] as Value | typeof MISSING);
        for (const [i, fallback] of fallbacks.entries()) if (values[i] === MISSING) writes[i]?.(env, fallback(env));
        const text = capture(env, body).toStr();
        return safeText(text, env.render.autoescape || escapes(inner, env));
      }),
    );
}

function compileFallback({ name, fallback }: Parameter, frame: Frame): Eval {
  if (fallback !== undefined) return compileExpression(fallback, frame);
  const missing: Value = new Undefined(name.name, MISSING, `parameter '${name.name}' was not provided`);
  return () => missing;
}

/** Which of the special names the body uses decides what the macro takes. */
function shapeOf({ name, parameters, body }: MacroSource, unit: Unit): MacroShape {
  const names = parameters.map((parameter) => parameter.name.name);
  const used = findUndeclared(body, SPECIAL.filter(unit.mentions));
  const explicit = parameters.find((parameter) => parameter.name.name === "caller");
  return {
    name,
    parameters: names,
    takesCaller: used.has("caller"),
    explicitCaller: explicit !== undefined,
    takesNamed: used.has("kwargs") && !names.includes("kwargs"),
    takesMore: used.has("varargs") && !names.includes("varargs"),
  };
}
