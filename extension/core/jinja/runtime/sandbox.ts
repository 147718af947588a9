import { JinjaError } from "../errors";
import { formatMethod, formatValue, strFormat, strFormatMap } from "../text/format";
import { type Str, isStr, textOf } from "../value/text";
import { dictGet } from "../value/hash";
import { escapeHtml } from "../value/markup";
import { methodOf } from "../value/methods";
import { subscript } from "../value/protocol";
import { failUndefined } from "../value/undefined";
import type { Runtime } from "./runtime";
import { Markup, PyDict, PyFunction, Undefined, type Value, isList, typeName } from "../value/types";

/** Methods that would change a value; the immutable sandbox hides them. */
const MUTATING = {
  dict: new Set(["clear", "pop", "popitem", "setdefault", "update"]),
  list: new Set(["append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove"]),
} as const;

/** Attributes of a dict that are found before its items. */
const DICT_ATTRIBUTES = new Set(["keys", "values", "items", "get", "copy", "fromkeys", ...MUTATING.dict]);

/** Attributes that every Python object has. Others that begin with an underscore are taken as absent, as they are on data. */
const DUNDER =
  /^__(?:class|delattr|dir|doc|eq|format|ge|getattribute|getstate|gt|hash|init|init_subclass|le|lt|ne|new|reduce|reduce_ex|repr|setattr|sizeof|str|subclasshook|len|getitem|contains|iter|add|mul|rmul|mod|rmod|getnewargs|or|ror|ior|reversed|setitem|delitem|class_getitem|iadd|imul|call|dict|module|weakref|annotations|closure|code|defaults|globals|kwdefaults|name|qualname|self|text_signature|abs|bool|ceil|divmod|float|floor|floordiv|index|int|invert|lshift|neg|pos|pow|radd|rand|rdivmod|rfloordiv|rlshift|round|rpow|rrshift|rshift|rsub|rtruediv|rxor|sub|truediv|trunc|and|xor)__$/;

/** `environment.getattr`: the attribute, else the item. */
export function getAttribute(runtime: Runtime, target: Value, name: string): Value {
  // Not `??`: None is null, and a value like any other.
  if (target instanceof PyDict && !DICT_ATTRIBUTES.has(name) && !name.startsWith("_")) {
    const item = dictGet(target, name);
    return item === undefined ? new Undefined(name, target) : item;
  }
  if (target instanceof Undefined) return DUNDER.test(name) ? unsafe(target, name) : failUndefined(target);
  const attribute = attributeOf(runtime, target, name);
  if (attribute !== undefined) return attribute;
  const item = subscript(target, name);
  return item === undefined ? new Undefined(name, target) : item;
}

/** `environment.getitem`: the item, else, for a string, the attribute. */
export function getItem(runtime: Runtime, target: Value, key: Value): Value {
  if (target instanceof Undefined) return failUndefined(target);
  const item = subscript(target, key);
  if (item !== undefined) return item;
  const attribute = isStr(key) ? attributeOf(runtime, target, textOf(key)) : undefined;
  return attribute === undefined ? new Undefined(key, target) : attribute;
}

/** A Python attribute, or undefined; what the sandbox hides is an undefined value that raises SecurityError when it is used. */
export function attributeOf(runtime: Runtime, target: Value, name: string): Value | undefined {
  if (name.startsWith("_")) return DUNDER.test(name) ? unsafe(target, name) : undefined;
  if (isMutating(target, name)) return unsafe(target, name);
  if (name === "format" || name === "format_map") return formatOf(runtime, target, name);
  const method = methodOf(target, name);
  // It is made for every use.
  if (method !== undefined) runtime.charge(1);
  return method;
}

/** `str.format` reaches attributes of its arguments, so the sandbox has its own. */
function formatOf(runtime: Runtime, target: Value, name: "format" | "format_map"): Value | undefined {
  if (isStr(target)) return formatMethod(target, name, runtime);
  if (!(target instanceof Markup)) return methodOf(target, name);
  const format = name === "format" ? strFormat : strFormatMap;
  return new PyFunction(name, (args) => new Markup(format(target.text, args, runtime, formatEscaped)));
}

/** How Markup formats a field: escaped, unless it is Markup itself. */
function formatEscaped(value: Value, spec: string): Str {
  if (!(value instanceof Markup)) return escapeHtml(formatValue(value, spec));
  if (spec !== "") throw new JinjaError("ValueError", `Format specifier ${spec} given, but ${typeName(value)} does not define __html_format__. A class that defines __html__ must define __html_format__ to work with format specifiers.`);
  return value.text;
}

function isMutating(target: Value, name: string): boolean {
  if (target instanceof PyDict) return MUTATING.dict.has(name);
  return isList(target) && MUTATING.list.has(name);
}

function unsafe(target: Value, name: string): Undefined {
  const message = `access to attribute '${name}' of '${typeName(target)}' object is unsafe.`;
  return new Undefined(name, target, message, "SecurityError");
}
