import { JinjaError } from "../../errors";
import type { Filter, Runtime } from "../../runtime/runtime";
import { asText } from "../../text/arguments";
import { hashKey } from "../../value/hash";
import { iterate, truth } from "../../value/protocol";
import { repr } from "../../value/repr";
import { textOf } from "../../value/text";
import type { CallArguments, Value } from "../../value/types";
import { Undefined } from "../../value/types";
import { undefinedMessage } from "../../value/undefined";
import { refuseNamed } from "../arguments";
import type { Getter } from "../attributes";
import { attributeGetter } from "../attributes";
import { generator } from "../common";

/** The name of a filter or test given as a value. @throws JinjaError TemplateRuntimeError when there is none of that name. */
function nameOf(kind: "filter" | "test", value: Value, exists: (name: string) => boolean): string {
  const text = asText(value);
  if (text !== undefined && exists(textOf(text))) return textOf(text);
  hashKey(value);
  // `map(upper)` where `map("upper")` was meant.
  const hint = value instanceof Undefined ? ` (${undefinedMessage(value)}; did you forget to quote the callable name?)` : "";
  throw new JinjaError("TemplateRuntimeError", `No ${kind} named ${repr(value)}.${hint}`);
}

function prepareMap(runtime: Runtime, args: CallArguments): Getter {
  const [first, ...positional] = args.positional;
  if (first === undefined && args.named.has("attribute")) {
    const unexpected = [...args.named.keys()].find((key) => key !== "attribute" && key !== "default");
    if (unexpected !== undefined) throw new JinjaError("FilterArgumentError", `Unexpected keyword argument ${repr(unexpected)}`);
    return attributeGetter(runtime, args.named.get("attribute"), { fallback: args.named.get("default") });
  }
  if (first === undefined) throw new JinjaError("FilterArgumentError", "map requires a filter argument");
  let name: string | undefined;
  const rest = { positional, named: args.named };
  return (item) => {
    name ??= nameOf("filter", first, (candidate) => runtime.hasFilter(candidate));
    return runtime.applyFilter(name, item, rest);
  };
}

function* mapItems(runtime: Runtime, value: Value, args: CallArguments): Generator<Value> {
  if (!truth(value)) return;
  const apply = prepareMap(runtime, args);
  for (const item of iterate(value)) {
    runtime.charge(1);
    yield apply(item);
  }
}

const map: Filter = (runtime, value, args) => {
  refuseNamed("sync_do_map", ["context", "value"], args);
  return generator("sync_do_map", mapItems(runtime, value, args));
};

/** What decides on an item: a test on it or on its attribute, or its truth where no test is named. */
function prepareTest(runtime: Runtime, args: CallArguments, byAttribute: boolean): (item: Value) => boolean {
  const [attribute] = args.positional;
  if (byAttribute && attribute === undefined) throw new JinjaError("FilterArgumentError", "Missing parameter for attribute name");
  const get: Getter = byAttribute ? attributeGetter(runtime, attribute) : (item) => item;
  const [first, ...positional] = byAttribute ? args.positional.slice(1) : args.positional;
  if (first === undefined) return (item) => truth(get(item));
  let name: string | undefined;
  const rest = { positional, named: args.named };
  return (item) => {
    const subject = get(item);
    name ??= nameOf("test", first, (candidate) => runtime.hasTest(candidate));
    return runtime.applyTest(name, subject, rest);
  };
}

function* selectItems(runtime: Runtime, value: Value, args: CallArguments, byAttribute: boolean, wanted: boolean): Generator<Value> {
  if (!truth(value)) return;
  const decide = prepareTest(runtime, args, byAttribute);
  for (const item of iterate(value)) {
    runtime.charge(1);
    if (decide(item) === wanted) yield item;
  }
}

function selector(name: string, byAttribute: boolean, wanted: boolean): Filter {
  return (runtime, value, args) => {
    refuseNamed(`sync_do_${name}`, ["context", "value"], args);
    return generator("select_or_reject", selectItems(runtime, value, args, byAttribute, wanted));
  };
}

/** Filters that apply others, or tests, to each item. All are lazy, as in Python. */
export const SELECT_FILTERS: Readonly<Record<string, Filter>> = {
  map,
  reject: selector("reject", false, false),
  rejectattr: selector("rejectattr", true, false),
  select: selector("select", false, true),
  selectattr: selector("selectattr", true, true),
};
