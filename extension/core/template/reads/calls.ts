import type { Call, GetAttribute } from "../../jinja/syntax/ast";
import { attributeFlow, evaluate, evaluateArguments, everyArgument, literalsOf } from "./expressions";
import { type Flow, NOTHING, PLAIN_FLOW, type Thing, flowOf, union, unionAll } from "./flow";
import { type MacroInfo, type PassedArguments, callMacro } from "./macros";
import { DICT_METHODS, TEXT_METHODS, TEXT_RESULT_METHODS } from "./methods";
import { HELPERS } from "./recorder";
import { shapeOf } from "./shape";
import { type Scope, type Trace, derivedFrom } from "./trace";

/** What a call gives. `caller` is the body of the call block that the call belongs to. */
export function evaluateCall(trace: Trace, node: Call, scope: Scope, caller: MacroInfo | undefined): Flow {
  const { callee } = node;
  const target = evaluate(trace, callee.kind === "getattr" ? callee.target : callee, scope);
  const given = evaluateArguments(trace, node.args, scope);
  const passed = caller === undefined ? given : { ...given, named: new Map([...given.named, ["caller", flowOf(caller)] as const]) };
  if (callee.kind !== "getattr") return callAll(trace, node, target, passed, scope);
  if (DICT_METHODS.has(callee.attribute) || TEXT_METHODS.has(callee.attribute)) return callMethod(trace, node, callee, target, passed);
  const [objects, others] = ownObjects(target, callee.attribute);
  const results = objects.map((thing) => (thing.kind === "bag" ? thing.fields.get(callee.attribute) ?? NOTHING : everyArgument(passed)));
  return unionAll([...results, callAll(trace, node, attributeFlow(trace, callee, others, "value"), passed, scope)]);
}

function callAll(trace: Trace, node: Call, callees: Flow, passed: PassedArguments, scope: Scope): Flow {
  return unionAll([...callees].map((thing) => callThing(trace, node, thing, passed, scope)));
}

/** The loops and cyclers among the things, where it is their method that is called: they give one of their elements. */
function ownObjects(target: Flow, method: string): readonly [readonly Thing[], Flow] {
  const own = [...target].filter(({ kind }) => (kind === "loop" && (method === "cycle" || method === "changed")) || (kind === "bag" && method === "next"));
  return [own, flowOf(...[...target].filter((thing) => !own.includes(thing)))];
}

function callThing(trace: Trace, node: Call, thing: Thing, passed: PassedArguments, scope: Scope): Flow {
  switch (thing.kind) {
    case "macro":
      callMacro(trace, thing, passed, scope);
      return PLAIN_FLOW;
    case "loop":
      return callLoop(trace, node, thing, passed);
    case "bag":
    case "literal":
      return NOTHING;
    case "place":
      if (thing.parent === undefined && HELPERS.has(thing.root)) return callHelper(trace, node, thing.root, passed);
      break;
    default:
      break;
  }
  // A function that the caller gives, or an attribute of the template's own objects.
  const all = everyArgument(passed);
  trace.consume(all, node.span, "unknown");
  return PLAIN_FLOW;
}

/** `loop(elements)`, which gives text. */
function callLoop(trace: Trace, node: Call, loop: Extract<Thing, { kind: "loop" }>, passed: PassedArguments): Flow {
  for (const flow of passed.positional) trace.recurse(loop, trace.elements(flow, node.span));
  return PLAIN_FLOW;
}

function callHelper(trace: Trace, node: Call, name: string, passed: PassedArguments): Flow {
  switch (name) {
    case "namespace":
    case "dict": {
      const bag = trace.bag(node, name, false);
      for (const [field, flow] of passed.named) trace.setField(bag, field, flow);
      for (const flow of passed.positional) {
        trace.everyField(flow, node.span);
        trace.setBase(bag, flow);
        // Or a list of pairs.
        const lists = flowOf(...[...flow].filter((thing) => thing.kind === "bag" || (thing.kind === "place" && shapeOf(thing) !== "mapping")));
        trace.dictOf(node, trace.element(trace.element(lists, undefined), 1), name);
      }
      trace.dictOf(node, passed.spreadNamed, name);
      return flowOf(bag);
    }
    case "cycler": {
      const bag = trace.bag(node, name, false);
      const items = everyArgument(passed);
      for (const field of ["current", "next"]) trace.setField(bag, field, items);
      return flowOf(bag);
    }
    case "raise_exception":
      trace.consume(everyArgument(passed), node.span);
      return NOTHING;
    default:
      return PLAIN_FLOW;
  }
}

// ── methods ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

function callMethod(trace: Trace, node: Call, callee: GetAttribute, target: Flow, passed: PassedArguments): Flow {
  const { attribute: name } = callee;
  const { span } = node;
  switch (name) {
    case "get":
      return callGet(trace, node, target, passed);
    case "items":
      return pairsOf(trace, node, target);
    case "values":
      return trace.listOf(node, trace.everyField(target, span));
    case "keys":
      trace.names(target, span);
      return trace.listOf(node, trace.elements(target, span));
    case "copy":
      return target;
    default:
      break;
  }
  if (DICT_METHODS.has(name)) return NOTHING;
  for (const flow of passed.positional) trace.consume(flow, span);
  for (const flow of passed.named.values()) trace.consume(flow, span);
  return TEXT_RESULT_METHODS.has(name) ? derivedFrom(target) : PLAIN_FLOW;
}

function callGet(trace: Trace, node: Call, target: Flow, passed: PassedArguments): Flow {
  const [keys = NOTHING, fallback = PLAIN_FLOW] = passed.positional;
  const names = literalsOf(keys);
  const found = names === undefined ? trace.anyItem(target, node.span) : unionAll(names.map((name) => trace.field(target, name, node.span)));
  return union(found, fallback);
}

/** The pairs of name and value of a mapping: `value.items()`, `value|items`. */
export function pairsOf(trace: Trace, node: Parameters<Trace["tupleOf"]>[0] & { readonly span: Call["span"] }, target: Flow): Flow {
  const values = trace.everyField(target, node.span);
  const names = union(derivedFrom(target), trace.elements(unionAll([...target].map((thing) => (thing.kind === "bag" ? flowOf(thing) : NOTHING))), node.span));
  return trace.listOf(node, trace.tupleOf(node, [names, values], "pair"), "pairs");
}
