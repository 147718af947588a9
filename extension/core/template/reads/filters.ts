import type { FilterNode } from "../../jinja/syntax/ast";
import { pairsOf } from "./calls";
import { everyArgument, isRole, literalsOf, rearranged } from "./expressions";
import { type Flow, NOTHING, PLAIN_FLOW, flowOf, union, unionAll } from "./flow";
import type { PassedArguments } from "./macros";
import { type Trace, derivedFrom } from "./trace";

/** Filters that print their value and change the text. */
const TEXT: ReadonlySet<string> = new Set([
  "capitalize", "center", "e", "escape", "filesizeformat", "forceescape", "format", "indent", "join", "lower", "pprint", "replace",
  "string", "striptags", "title", "tojson", "trim", "truncate", "upper", "urlencode", "urlize", "wordwrap", "xmlattr",
]);

/** Filters whose text is another one than that of their value, also where that is a text. */
const WRITTEN: ReadonlySet<string> = new Set(["filesizeformat", "format", "join", "pprint", "tojson", "xmlattr"]);

export function isTextFilter(name: string): boolean {
  return TEXT.has(name);
}

/** What a filter gives for a value. Filters that are not known do not compile, and so give nothing. */
export function applyFilter(trace: Trace, node: FilterNode, flow: Flow, passed: PassedArguments): Flow {
  return applyNamed(trace, node, node.name, flow, passed);
}

function applyNamed(trace: Trace, node: FilterNode, name: string, flow: Flow, passed: PassedArguments): Flow {
  const { span } = node;
  if (TEXT.has(name)) return applyText(trace, node, name, flow, passed);
  switch (name) {
    case "safe":
      return flow;
    case "reverse":
      return rearranged(trace, node, flow);
    case "default":
    case "d":
      return union(flow, union(passed.positional[0] ?? NOTHING, passed.named.get("default_value") ?? NOTHING));
    case "list":
    case "select":
    case "reject":
      return trace.listOf(node, trace.elements(flow, span), name);
    case "selectattr":
    case "rejectattr":
      return selectByAttribute(trace, node, flow, passed);
    case "sort":
    case "unique": {
      const attribute = passed.named.get("attribute") ?? passed.positional[name === "sort" ? 2 : 1];
      return compareBy(trace, node, flow, attribute);
    }
    case "first":
    case "last":
    case "random":
      return trace.elements(flow, span);
    case "min":
    case "max":
      return trace.elements(compareBy(trace, node, flow, passed.named.get("attribute") ?? passed.positional[1]), span);
    case "sum":
      return attributeOf(trace, trace.elements(flow, span), passed.named.get("attribute") ?? passed.positional[0], node);
    case "batch":
    case "slice":
      return trace.listOf(node, trace.listOf(node, union(trace.elements(flow, span), passed.positional[1] ?? NOTHING), "part"), name);
    case "map":
      return mapElements(trace, node, flow, passed);
    case "items":
    case "dictsort":
      return pairsOf(trace, node, flow);
    case "groupby":
      return group(trace, node, flow, passed);
    default:
      return PLAIN_FLOW;
  }
}

function applyText(trace: Trace, node: FilterNode, name: string, flow: Flow, passed: PassedArguments): Flow {
  const attribute = name === "join" ? passed.named.get("attribute") ?? passed.positional[1] : undefined;
  if (attribute === undefined) trace.consume(flow, node.span);
  else trace.consume(attributeOf(trace, trace.elements(flow, node.span), attribute, node), node.span);
  trace.consume(everyArgument(passed), node.span);
  return WRITTEN.has(name) ? PLAIN_FLOW : derivedFrom(flow);
}

/** The attribute whose path is given as `a.b.0`; the value itself without one. */
function attributeOf(trace: Trace, flow: Flow, attribute: Flow | undefined, node: FilterNode): Flow {
  if (attribute === undefined) return flow;
  const paths = literalsOf(attribute);
  if (paths === undefined) return union(flow, trace.anyItem(flow, node.span));
  // A list of paths is separated by commas.
  return unionAll(paths.flatMap((path) => path.split(",")).map((path) => path.split(".").reduce((value, name) => step(trace, value, name, node), flow)));
}

function step(trace: Trace, flow: Flow, name: string, node: FilterNode): Flow {
  return /^\d+$/.test(name) ? trace.element(flow, Number(name)) : trace.field(flow, name, node.span);
}

/** What is compared is used with all that is in it. */
function compareBy(trace: Trace, node: FilterNode, flow: Flow, attribute: Flow | undefined): Flow {
  const elements = trace.elements(flow, node.span);
  trace.consume(attributeOf(trace, elements, attribute, node), node.span);
  return trace.listOf(node, elements, "sorted");
}

const EQUAL: ReadonlySet<string> = new Set(["equalto", "eq", "==", "ne", "!=", "in", "sameas"]);

function selectByAttribute(trace: Trace, node: FilterNode, flow: Flow, passed: PassedArguments): Flow {
  const elements = trace.elements(flow, node.span);
  const [attribute, test, argument] = passed.positional;
  const value = attributeOf(trace, elements, attribute, node);
  const tests = test === undefined ? undefined : literalsOf(test);
  if (argument !== undefined && isRole(value) && tests?.some((name) => EQUAL.has(name)) === true) {
    const roles = tests.includes("in") ? trace.elements(argument, node.span) : argument;
    for (const role of roles) if (role.kind === "literal") trace.recorder.role(role.value, node.span);
  }
  if (argument !== undefined && [...argument].some((thing) => thing.kind === "place")) trace.consume(union(value, argument), node.span);
  return trace.listOf(node, elements, "selected");
}

/** `map(attribute='a')`, or `map('filter', …)`. */
function mapElements(trace: Trace, node: FilterNode, flow: Flow, passed: PassedArguments): Flow {
  const elements = trace.elements(flow, node.span);
  const attribute = passed.named.get("attribute");
  if (attribute !== undefined) {
    const mapped = union(attributeOf(trace, elements, attribute, node), passed.named.get("default") ?? NOTHING);
    return trace.listOf(node, mapped, "mapped");
  }
  const [filter, ...rest] = passed.positional;
  const names = filter === undefined ? undefined : literalsOf(filter);
  if (names === undefined) {
    trace.consume(elements, node.span, "unknown");
    return PLAIN_FLOW;
  }
  // A filter that would come here again is not gone into.
  const results = names.map((name) => (name === "map" ? NOTHING : applyNamed(trace, node, name, elements, { ...passed, positional: rest })));
  return trace.listOf(node, unionAll(results), "mapped");
}

function group(trace: Trace, node: FilterNode, flow: Flow, passed: PassedArguments): Flow {
  const elements = trace.elements(flow, node.span);
  const key = attributeOf(trace, elements, passed.named.get("attribute") ?? passed.positional[0], node);
  trace.consume(key, node.span);
  const list = trace.listOf(node, elements, "group");
  const pair = trace.bag(node, "pair", true);
  trace.tupleOf(node, [key, list], "pair");
  trace.setField(pair, "grouper", key);
  trace.setField(pair, "list", list);
  return trace.listOf(node, flowOf(pair), "groups");
}
