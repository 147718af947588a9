import { JinjaError } from "../errors";
import type { Body, For } from "../syntax/ast";
import { iterate, truth } from "../value/protocol";
import { str } from "../value/repr";
import { type Value, isList } from "../value/types";
import { type Visited, analyzeLoop, eachNode, findUndeclared } from "./analyze";
import { type Eval, compileExpression, weighed } from "./expressions";
import { LoopContext } from "./loop";
import { Env } from "./render";
import { type Frame, frameEntry, functionFrame, innerFrame, writer } from "./scope";
import { BREAK, DONE, type Exec, type Unit, capture, compileBody, compileTarget, escapes, safeText, targetOf } from "./statements";
import type { Sink } from "./sink";

/** What running over an iterable needs: its elements in order, filtered lazily where the loop has a condition. */
type Elements = (env: Env, value: Value) => Iterable<Value>;

export function compileFor(node: For, frame: Frame, unit: Unit): Exec {
  const { run: iterable, steps } = weighed(() => compileExpression(node.iterable, frame));
  const { span } = node.iterable;
  if (node.recursive) return compileRecursive(node, frame, unit, { iterable, steps });
  const run = compileRun(node, frame, innerFrame(frame), innerFrame(frame), unit);
  return (env, sink) => {
    env.render.step(2 + steps);
    const value = iterable(env);
    env.render.at = span;
    return run(env, sink, value, 0, undefined);
  };
}

/** A recursive loop is a function of its own; what it writes is a value, to be used where the loop calls itself. */
function compileRecursive(node: For, frame: Frame, unit: Unit, { iterable, steps }: { readonly iterable: Eval; readonly steps: number }): Exec {
  const inner = functionFrame(frame);
  const other = { ...functionFrame(frame), scope: inner.scope };
  const run = compileRun(node, frame, inner, other, unit);
  const { span } = node.iterable;
  const again = (outer: Env) => {
    const call = (value: Value, depth: number): Value =>
      outer.render.enter(() => {
        outer.render.step(24 + (inner.scope.size >> 1));
        const env = new Env(inner.scope.size, outer, outer.render, outer.context);
        return safeText(capture(env, (_, sink) => run(env, sink, value, depth, call)).toStr(), escapes(inner, env));
      });
    return call;
  };
  return (env, sink) => {
    env.render.step(2 + steps);
    const value = iterable(env);
    env.render.at = span;
    const result = again(env)(value, 0);
    sink.write(str(result), span);
    return DONE;
  };
}

type Run = (env: Env, sink: Sink, value: Value, depth: number, again: ((value: Value, depth: number) => Value) | undefined) => typeof DONE;

function compileRun(node: For, outer: Frame, frame: Frame, otherwiseFrame: Frame, unit: Unit): Run {
  const extended = node.recursive || usesLoop(node.body, unit);
  if (extended) frame.symbols.declareParameter("loop");
  analyzeLoop(frame.symbols, node, "body");
  const enter = frameEntry(frame);
  const elements = compileElements(node, node.recursive ? { ...outer, scope: frame.scope } : outer);
  const assign = compileTarget(node.target, frame);
  const writeLoop = extended ? writer(frame.scope, targetOf("loop", frame)) : undefined;
  const body = compileBody(node.body, frame, unit);
  const otherwise = compileOtherwise(node, otherwiseFrame, unit);
  return (env, sink, value, depth, again) => {
    // Jinja notes at the end of the body that there was an element: one that is left early does not keep `else` from running.
    let completed = 0;
    const each = (item: Value): boolean => {
      env.render.step(1);
      assign(env, item);
      enter?.(env);
      try {
        const completion = body(env, sink);
        if (completion === DONE) completed++;
        return completion === BREAK;
      } catch (error) {
        if (error instanceof JinjaError) error.within.push(item);
        throw error;
      }
    };
    const source = elements(env, value);
    if (writeLoop === undefined) {
      for (const item of source) if (each(item)) break;
    } else {
      const loop = new LoopContext(source, depth, again);
      while (loop.next()) {
        env.render.step(3);
        writeLoop(env, loop);
        if (each(loop.current)) break;
      }
    }
    if (completed === 0) otherwise?.(env, sink);
    return DONE;
  };
}

function compileElements(node: For, frame: Frame): Elements {
  const { condition } = node;
  if (condition === undefined) return (_, value) => (isList(value) ? value : iterate(value));
  const inner = functionFrame(frame);
  analyzeLoop(inner.symbols, node, "condition");
  const enter = frameEntry(inner);
  const assign = compileTarget(node.target, inner);
  const { run: test, steps } = weighed(() => compileExpression(condition, inner));
  return (outer, value) => {
    const items = iterate(value);
    const env = new Env(inner.scope.size, outer, outer.render, outer.context);
    return filtered(items, (item) => {
      outer.render.step(1 + steps);
      assign(env, item);
      enter?.(env);
      return truth(test(env));
    });
  };
}

/** What a condition lets through is found as the loop goes on: the body may change what the condition sees. */
function* filtered(items: Iterable<Value>, test: (item: Value) => boolean): Generator<Value, void, void> {
  for (const item of items) if (test(item)) yield item;
}

function compileOtherwise(node: For, frame: Frame, unit: Unit): ((env: Env, sink: Sink) => void) | undefined {
  if (node.otherwise.length === 0) return undefined;
  analyzeLoop(frame.symbols, node, "otherwise");
  const enter = frameEntry(frame);
  const body = compileBody(node.otherwise, frame, unit);
  return (env, sink) => {
    enter?.(env);
    body(env, sink);
  };
}

/** Most loops do not look at themselves, and nothing has to be kept for those. */
function usesLoop(body: Body, unit: Unit): boolean {
  if (unit.mentions("loop") && findUndeclared(body, ["loop"]).size > 0) return true;
  return unit.mentions("scoped") && hasScopedBlock(body);
}

function hasScopedBlock(body: Body): boolean {
  let found = false;
  const visit = (node: Visited): void => {
    found ||= node.kind === "block" && node.scoped;
    if (!found) eachNode(node, visit);
  };
  for (const statement of body) visit(statement);
  return found;
}
