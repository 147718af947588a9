import { JinjaError } from "../../errors";
import { dictGet } from "../../value/hash";
import { repr } from "../../value/repr";
import type { Value } from "../../value/types";
import { isList, PyDict, PyObject, PyTuple, typeName, Undefined } from "../../value/types";
import { failUndefined } from "../../value/undefined";
import { asText, typeError } from "../arguments";

/** What `%` takes for a mapping: whatever has subscripts and is neither a str nor a tuple, lists included. */
export function isMapping(value: Value): boolean {
  if (value instanceof PyObject) return value.item !== PyObject.prototype.item;
  return value instanceof PyDict || isList(value) || value instanceof Undefined;
}

/** `mapping[key]` with a str as key. @throws JinjaError KeyError with the key's repr; TypeError; UndefinedError */
export function mappingItem(mapping: Value, key: string): Value {
  if (mapping instanceof Undefined) failUndefined(mapping);
  if (mapping instanceof PyDict || mapping instanceof PyObject) {
    const item = mapping instanceof PyDict ? dictGet(mapping, key) : mapping.item(key);
    if (item !== undefined) return item;
    if (mapping instanceof PyDict) throw new JinjaError("KeyError", repr(key));
    throw typeError(isMapping(mapping) ? `${typeName(mapping)} indices must be integers or slices, not str` : notSubscriptable(mapping));
  }
  if (asText(mapping) !== undefined) throw typeError("string indices must be integers, not 'str'");
  if (isList(mapping) || mapping instanceof PyTuple) throw typeError(`${typeName(mapping)} indices must be integers or slices, not str`);
  throw typeError(notSubscriptable(mapping));
}

function notSubscriptable(value: Value): string {
  return `'${typeName(value)}' object is not subscriptable`;
}
