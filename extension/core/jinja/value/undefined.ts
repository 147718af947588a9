import { JinjaError } from "../errors";
import { repr } from "./repr";
import type { Undefined, Value } from "./types";
import { MISSING, typeName } from "./types";

/** The modules of the types that are not Python's own, which messages name. */
const MODULES: ReadonlyMap<string, string> = new Map([
  ["Undefined", "jinja2.runtime"],
  ["Macro", "jinja2.runtime"],
  ["LoopContext", "jinja2.runtime"],
  ["TemplateReference", "jinja2.runtime"],
  ["BlockReference", "jinja2.runtime"],
  ["Context", "jinja2.runtime"],
  ["Namespace", "jinja2.utils"],
  ["Cycler", "jinja2.utils"],
  ["Joiner", "jinja2.utils"],
  ["_GroupTuple", "jinja2.filters"],
  ["Markup", "markupsafe"],
]);

/** As `jinja2.utils.object_type_repr`: `dict object`, `jinja2.utils.Namespace object`, `None`. */
export function objectTypeRepr(value: Value): string {
  if (value === null) return "None";
  const name = typeName(value);
  const module = MODULES.get(name);
  return `${module === undefined ? "" : `${module}.`}${name} object`;
}

/** What using the value says. The wording is that of `jinja2.Undefined`. */
export function undefinedMessage(value: Undefined): string {
  if (value.hint !== undefined && value.hint !== "") return value.hint;
  const key = repr(value.key);
  if (value.owner === MISSING) return `${key} is undefined`;
  const owner = objectTypeRepr(value.owner);
  return typeName(value.key) === "str" || typeName(value.key) === "Markup"
    ? `${repr(owner)} has no attribute ${key}`
    : `${owner} has no element ${key}`;
}

/** Says that a value is used which is not there. @throws JinjaError UndefinedError, always */
export function failUndefined(value: Undefined): never {
  throw new JinjaError(value.error, undefinedMessage(value));
}
