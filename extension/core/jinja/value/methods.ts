import { JinjaError } from "../errors";
import { oneArgument, positionalArguments } from "../text/arguments";
import { strMethod } from "../text/methods";
import { same } from "./compare";
import { countWork } from "./budget";
import { toIndex } from "./container/slicing";
import { dictGet, dictSet } from "./hash";
import { escapeValue } from "./markup";
import { floatAttribute, integerAttribute } from "./numeric/attributes";
import { boundMethod, DictItems, DictKeys, DictValues, simpleMethod } from "./objects";
import { iterate } from "./protocol";
import { repr } from "./repr";
import { isStr } from "./text";
import type { CallArguments, Value } from "./types";
import { isList, Markup, PyDict, PyFloat, PyFunction, PyObject, PyTuple } from "./types";

/**
 * An attribute of a value that Python's own type gives it, methods bound; undefined where there is none. Methods that
 * would change the value are not here, as the sandbox refuses them by name.
 */
export function methodOf(value: Value, name: string): Value | undefined {
  if (isStr(value)) return strMethod(value, name);
  if (value instanceof PyDict) return dictMethod(value, name);
  if (isList(value)) return listMethod("list", value, name);
  if (value instanceof PyObject) return value.attribute(name);
  if (value instanceof PyTuple) return tupleAttribute(value, name);
  if (value instanceof Markup) return markupMethod(value, name);
  if (value instanceof PyFloat) return floatAttribute(value.value, name);
  if (typeof value === "number" || typeof value === "bigint") return integerAttribute("int", value, name);
  return typeof value === "boolean" ? integerAttribute("bool", Number(value), name) : undefined;
}

/** A named field, or a method. */
function tupleAttribute({ items, fields }: PyTuple, name: string): Value | undefined {
  const field = fields?.indexOf(name) ?? -1;
  if (field !== -1) return items[field];
  return name === "copy" ? undefined : listMethod("tuple", items, name);
}

function dictMethod(dict: PyDict, name: string): PyFunction | undefined {
  switch (name) {
    case "keys":
      return simpleMethod("dict", name, () => new DictKeys(dict));
    case "values":
      return simpleMethod("dict", name, () => new DictValues(dict));
    case "items":
      return simpleMethod("dict", name, () => new DictItems(dict));
    case "copy":
      return simpleMethod("dict", name, () => copyDict(dict));
    case "get":
      return boundMethod("dict.get", (args) => {
        const [key = null, fallback = null] = positionalArguments("dict.get", args, 1, 2);
        const found = dictGet(dict, key);
        return found === undefined ? fallback : found;
      });
    case "fromkeys":
      return boundMethod("type.fromkeys", fromKeys);
    default:
      return undefined;
  }
}

function copyDict(dict: PyDict): PyDict {
  countWork(dict.entries.size);
  const copy = new PyDict();
  for (const [hash, { key, value }] of dict.entries) copy.entries.set(hash, { key, value });
  return copy;
}

function fromKeys(args: CallArguments): PyDict {
  const [keys = null, value = null] = positionalArguments("dict.fromkeys", args, 1, 2);
  const dict = new PyDict();
  for (const key of iterate(keys)) dictSet(dict, key, value);
  return dict;
}

function listMethod(type: "list" | "tuple", items: readonly Value[], name: string): PyFunction | undefined {
  countWork(items.length >> 2);
  switch (name) {
    case "copy":
      return simpleMethod(type, name, () => [...items]);
    case "count":
      return boundMethod(`${type}.count`, (args) => {
        const wanted = oneArgument(`${type}.count`, args);
        return items.filter((item) => same(item, wanted)).length;
      });
    case "index":
      return boundMethod(`${type}.index`, (args) => indexIn(type, items, args));
    default:
      return undefined;
  }
}

function indexIn(type: "list" | "tuple", items: readonly Value[], args: CallArguments): number {
  const [wanted = null, start = 0, stop = Number.MAX_SAFE_INTEGER] = positionalArguments(`${type}.index`, args, 1, 3);
  const [from, to] = [start, stop].map((bound) => {
    const index = toIndex(bound);
    if (index === undefined) throw new JinjaError("TypeError", "slice indices must be integers or have an __index__ method");
    return index < 0 ? Math.max(0, index + items.length) : index;
  });
  for (let at = from ?? 0; at < items.length && at < (to ?? 0); at++) if (same(items[at] as Value, wanted)) return at;
  throw new JinjaError("ValueError", type === "tuple" ? "tuple.index(x): x not in tuple" : `${repr(wanted)} is not in list`);
}

/** The methods of `str` that Markup makes its own; what the others return is plain. */
const MARKUP_METHODS = new Set(
  (
    "capitalize title lower upper swapcase casefold replace ljust rjust center zfill lstrip rstrip strip translate expandtabs " +
    "removeprefix removesuffix partition rpartition split rsplit splitlines join format format_map"
  ).split(" "),
);

/** Which argument of a Markup method is escaped before it becomes part of the text. */
const ESCAPED_ARGUMENT: ReadonlyMap<string, number> = new Map([
  ["replace", 1],
  ["ljust", 1],
  ["rjust", 1],
  ["center", 1],
]);

/** As markupsafe: the method of `str`, with what it puts in escaped and what it returns marked as safe. */
function markupMethod(markup: Markup, name: string): PyFunction | undefined {
  const method = strMethod(markup.text, name);
  if (method === undefined) return undefined;
  if (!MARKUP_METHODS.has(name)) {
    const options = { typeName: method.typeName, repr: `<built-in method ${name} of Markup object at 0x…>` };
    return new PyFunction(name, (args) => method.call(args), options);
  }
  const options = { typeName: "method", repr: `<bound method Markup.${name} of ${repr(markup)}>` };
  return new PyFunction(name, (args) => asMarkup(method.call(escapeArguments(name, args))), options);
}

function escapeArguments(name: string, args: CallArguments): CallArguments {
  const [first] = args.positional;
  if (name === "join" && first !== undefined) return { ...args, positional: [Array.from(iterate(first), (item) => escapeValue(item).text)] };
  const escaped = ESCAPED_ARGUMENT.get(name);
  const positional = args.positional.map((value, at) => (at === escaped ? escapeValue(value).text : value));
  return { ...args, positional };
}

function asMarkup(value: Value): Value {
  if (isStr(value)) return new Markup(value);
  if (isList(value)) return value.map(asMarkup);
  return value instanceof PyTuple ? new PyTuple(value.items.map(asMarkup)) : value;
}
