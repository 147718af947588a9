import type {
  Arguments, Binary, Compare, Conditional, DictNode, Expression, FilterNode, GetAttribute, GetItem, Name, Slice, TestNode,
} from "../../jinja/syntax/ast";
import { evaluateCall } from "./calls";
import { applyFilter, isTextFilter } from "./filters";
import { type Flow, NOTHING, PLAIN_FLOW, flowOf, union, unionAll } from "./flow";
import { variableOf } from "./frames";
import type { PassedArguments } from "./macros";
import type { Access } from "./recorder";
import { shapeOf } from "./shape";
import { DICT_METHODS, TEXT_METHODS } from "./methods";
import type { Scope, Trace } from "./trace";

/** What an expression may stand for. What it looks up is recorded; `access` is how, where it is itself a look-up. */
export function evaluate(trace: Trace, node: Expression, scope: Scope, access: Access = "value"): Flow {
  const flow = evaluateNode(trace, node, scope, access);
  trace.charge(1 + flow.size);
  return flow;
}

function evaluateNode(trace: Trace, node: Expression, scope: Scope, access: Access): Flow {
  switch (node.kind) {
    case "name":
      return evaluateName(trace, node, scope, access);
    case "string":
      return flowOf(trace.literal(node.value));
    case "tuple":
    case "list":
      return trace.tupleOf(node, node.items.map((item) => evaluate(trace, item, scope)));
    case "dict":
      return evaluateDict(trace, node, scope);
    case "conditional":
      evaluate(trace, node.test, scope);
      return branches(node).reduce((flow, part) => union(flow, evaluate(trace, part, scope)), NOTHING);
    case "filter":
      return evaluateFilter(trace, node, scope, undefined);
    case "test":
      return evaluateTest(trace, node, scope);
    case "call":
      return evaluateCall(trace, node, scope, undefined);
    case "getattr":
      return attributeFlow(trace, node, evaluate(trace, node.target, scope), access);
    case "getitem":
      return evaluateItem(trace, node, scope, access);
    case "concat":
      for (const item of node.items) use(trace, item, scope);
      return PLAIN_FLOW;
    case "compare":
      return evaluateCompare(trace, node, scope);
    case "binary":
      return evaluateBinary(trace, node, scope);
    case "unary":
      evaluate(trace, node.operand, scope);
      return PLAIN_FLOW;
    case "const":
      return PLAIN_FLOW;
    case "nsref":
    case "broken":
      return NOTHING;
  }
}

function branches({ then, otherwise }: Conditional): readonly Expression[] {
  return otherwise === undefined ? [then] : [then, otherwise];
}

/** Evaluates an expression that is printed or becomes part of a text: the values at its ends are used with all that is in them. */
export function use(trace: Trace, node: Expression, scope: Scope): void {
  if (node.kind === "conditional") {
    evaluate(trace, node.test, scope);
    for (const part of branches(node)) use(trace, part, scope);
  } else if (node.kind === "binary" && (node.operator === "+" || node.operator === "or")) {
    trace.charge(1);
    use(trace, node.left, scope);
    use(trace, node.right, scope);
  } else trace.consume(evaluate(trace, node, scope), node.span);
}

function evaluateName(trace: Trace, { name, span }: Name, scope: Scope, access: Access): Flow {
  const variable = variableOf(name, scope.frame);
  const flow = variable === undefined ? flowOf(trace.variable(name)) : scope.state.get(variable) ?? NOTHING;
  // Also where the name was assigned a part of what it stood for: `messages[1:]`.
  if (flow.has(trace.variable(name))) trace.recorder.variable(name, span, access === "presence");
  return flow;
}

function evaluateDict(trace: Trace, node: DictNode, scope: Scope): Flow {
  const bag = trace.bag(node, "dict", false);
  for (const { key, value } of node.items) {
    const keys = evaluate(trace, key, scope);
    const flow = evaluate(trace, value, scope);
    const names = literalsOf(keys);
    if (names === undefined) trace.dictOf(node, flow);
    else for (const name of names) trace.setField(bag, name, flow);
  }
  return flowOf(bag);
}

/** `input` is what a filter block or a filtered set gives the first filter. */
export function evaluateFilter(trace: Trace, node: FilterNode, scope: Scope, input: Flow | undefined): Flow {
  const { target } = node;
  // Whether a value is there is all that a default asks of it, unless it is then used.
  const access = node.name === "default" || node.name === "d" ? "presence" : "value";
  let flow = input ?? PLAIN_FLOW;
  if (target?.kind === "filter") flow = evaluateFilter(trace, target, scope, input);
  else if (target !== undefined) flow = evaluate(trace, target, scope, target.kind === "name" ? access : "value");
  return applyFilter(trace, node, flow, evaluateArguments(trace, node.args, scope));
}

export function evaluateArguments(trace: Trace, args: Arguments, scope: Scope): PassedArguments {
  const spread = args.spread === undefined ? NOTHING : trace.elements(evaluate(trace, args.spread, scope), args.spread.span);
  const spreadNamed = args.spreadNamed === undefined ? NOTHING : trace.everyField(evaluate(trace, args.spreadNamed, scope), args.spreadNamed.span);
  return {
    positional: args.positional.map((value) => evaluate(trace, value, scope)),
    named: new Map(args.named.map(({ name, value }) => [name, evaluate(trace, value, scope)])),
    spread,
    spreadNamed,
  };
}

/** All that a call passes, together. */
export function everyArgument({ positional, named, spread, spreadNamed }: PassedArguments): Flow {
  return unionAll([...positional, ...named.values(), spread, spreadNamed]);
}

const EQUALITY_TESTS: ReadonlySet<string> = new Set(["eq", "equalto", "==", "ne", "!=", "sameas"]);

function evaluateTest(trace: Trace, node: TestNode, scope: Scope): Flow {
  const presence = node.name === "defined" || node.name === "undefined";
  const target = evaluate(trace, node.target, scope, presence ? "presence" : "value");
  const [argument] = evaluateArguments(trace, node.args, scope).positional;
  if (argument === undefined) return PLAIN_FLOW;
  if (EQUALITY_TESTS.has(node.name)) compareEqual(trace, target, argument, node);
  else if (node.name === "in") compareIn(trace, target, argument, node);
  return PLAIN_FLOW;
}

// ── look-ups ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

export function attributeFlow(trace: Trace, { attribute, span }: GetAttribute, target: Flow, access: Access): Flow {
  // The methods of a dict hide its fields of the same name; those of texts are no fields either where they are asked for.
  if (DICT_METHODS.has(attribute)) return PLAIN_FLOW;
  if (TEXT_METHODS.has(attribute) && onlyTexts(target)) return PLAIN_FLOW;
  return trace.field(target, attribute, span, access);
}

function onlyTexts(flow: Flow): boolean {
  return [...flow].every((thing) => thing.kind !== "place" || shapeOf(thing) === "text") && flow.size > 0;
}

function evaluateItem(trace: Trace, node: GetItem, scope: Scope, access: Access): Flow {
  const target = evaluate(trace, node.target, scope);
  const { index, span } = node;
  if (index.kind === "slice") return evaluateSlice(trace, node, target, index, scope);
  const keys = evaluate(trace, index, scope);
  const roles = [...target].flatMap((thing) => (thing.kind === "bag" && !thing.list ? [...thing.fields.keys()] : []));
  if (roles.length > 0 && isRole(keys)) for (const role of roles) trace.recorder.role(role, span);
  if (isIndex(index)) return trace.element(target, index.kind === "const" ? Number(index.value) : undefined);
  const names = literalsOf(keys);
  if (names !== undefined) return unionAll(names.map((name) => trace.field(target, name, span, access)));
  return trace.anyItem(target, span);
}

/** The part of a text is text, and the part of a list has its elements. */
function evaluateSlice(trace: Trace, node: GetItem, target: Flow, { start, stop, step }: Slice, scope: Scope): Flow {
  for (const bound of [start, stop, step]) if (bound !== undefined) evaluate(trace, bound, scope);
  return rearranged(trace, node, target);
}

/** The elements of a list in another order, or a part of them; of texts another text. */
export function rearranged(trace: Trace, node: Expression, flow: Flow): Flow {
  return unionAll([...flow].map((thing) => {
    if (thing.kind === "literal") return PLAIN_FLOW;
    return thing.kind === "bag" && thing.list ? trace.listOf(node, trace.element(flowOf(thing), undefined), "rearranged") : flowOf(thing);
  }));
}

const LOOP_NUMBERS: ReadonlySet<string> = new Set(["index", "index0", "revindex", "revindex0", "length"]);

/** Whether it can only be a number. */
function isIndex(node: Expression): boolean {
  switch (node.kind) {
    case "const":
      return true;
    case "unary":
      return node.operator !== "not";
    case "binary":
      return node.operator !== "and" && node.operator !== "or" && (node.operator !== "+" || isIndex(node.left) || isIndex(node.right));
    case "getattr":
      return node.target.kind === "name" && node.target.name === "loop" && LOOP_NUMBERS.has(node.attribute);
    case "filter":
      return node.name === "length" || node.name === "count" || node.name === "int";
    default:
      return false;
  }
}

/** The texts that it may be, where it can be nothing else. */
export function literalsOf(flow: Flow): readonly string[] | undefined {
  const texts: string[] = [];
  for (const thing of flow) {
    if (thing.kind !== "literal") return undefined;
    texts.push(thing.value);
  }
  return texts.length === 0 ? undefined : texts;
}

// ── operators ────────────────────────────────────────────────────────────────────────────────────────────────────────────

function evaluateBinary(trace: Trace, node: Binary, scope: Scope): Flow {
  const { operator, left, right } = node;
  if (operator === "+" && (isText(left) || isText(right))) {
    use(trace, left, scope);
    use(trace, right, scope);
    return PLAIN_FLOW;
  }
  const a = evaluate(trace, left, scope);
  const b = evaluate(trace, right, scope);
  if (operator === "and" || operator === "or") return union(a, b);
  if (operator === "+" || operator === "*") return rearranged(trace, node, union(a, b));
  // `'%s' % message.content` prints.
  if (operator === "%") trace.consume(b, right.span);
  return PLAIN_FLOW;
}

/** Whether it can only be a text, so that adding it makes one. */
function isText(node: Expression): boolean {
  switch (node.kind) {
    case "string":
    case "concat":
      return true;
    case "binary":
      return node.operator === "+" && (isText(node.left) || isText(node.right));
    case "conditional":
      return isText(node.then);
    case "filter":
      return isTextFilter(node.name);
    case "call":
      return node.callee.kind === "getattr" && node.callee.attribute !== "split" && TEXT_METHODS.has(node.callee.attribute);
    default:
      return false;
  }
}

function evaluateCompare(trace: Trace, node: Compare, scope: Scope): Flow {
  let left = evaluate(trace, node.first, scope);
  for (const { operator, value } of node.rest) {
    const right = evaluate(trace, value, scope);
    if (operator === "==" || operator === "!=") compareEqual(trace, left, right, node);
    else if (operator === "in" || operator === "not in") compareIn(trace, left, right, node);
    left = right;
  }
  return PLAIN_FLOW;
}

function compareEqual(trace: Trace, a: Flow, b: Flow, node: Expression): void {
  noteRoles(trace, a, b, node);
  noteRoles(trace, b, a, node);
  if (holdsMore(a) && holdsMore(b)) for (const flow of [a, b]) trace.consume(flow, node.span);
}

const WORD = /^[\p{L}_][\p{L}\p{N}_.-]*$/u;

/** `value in container`: an element of a list, a field of a mapping, or a part of a text. */
function compareIn(trace: Trace, value: Flow, container: Flow, node: Expression): void {
  const { span } = node;
  const names = literalsOf(value);
  for (const thing of container) {
    if (thing.kind === "place") {
      const shape = shapeOf(thing);
      const certain = shape === "mapping";
      if (!certain && shape !== "unknown") continue;
      // What is no word is looked for in a text.
      if (names === undefined || (!certain && !names.every((name) => WORD.test(name)))) trace.recorder.field(thing, "names", span, certain);
      else for (const name of names) trace.recorder.field(thing.child({ kind: "field", name }), "presence", span, certain);
    } else if (thing.kind === "bag") {
      if (thing.list) compareEqual(trace, value, trace.element(flowOf(thing), undefined), node);
      else noteRoles(trace, value, trace.elements(flowOf(thing), span), node);
      for (const base of thing.base) if (base.kind === "place") trace.names(flowOf(base), span);
    }
  }
  if (holdsMore(value) && [...container].some((thing) => thing.kind === "place")) trace.consume(union(value, container), span);
}

/** Whether comparing it looks into it. */
function holdsMore(flow: Flow): boolean {
  return [...flow].some((thing) => thing.kind === "bag" || (thing.kind === "place" && shapeOf(thing) !== "text"));
}

function noteRoles(trace: Trace, role: Flow, texts: Flow, node: Expression): void {
  if (!isRole(role)) return;
  for (const thing of texts) if (thing.kind === "literal") trace.recorder.role(thing.value, node.span);
}

/** Whether it may be the role of a message. */
export function isRole(flow: Flow): boolean {
  return [...flow].some((thing) => (thing.kind === "derived" ? thing.place : thing.kind === "place" ? thing : undefined)?.text === "messages[].role");
}
