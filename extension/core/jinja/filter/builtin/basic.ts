import { JinjaError } from "../../errors";
import type { Filter } from "../../runtime/runtime";
import { asText } from "../../text/arguments";
import { dictHas, hashKey } from "../../value/hash";
import { jsonDumps } from "../../value/json";
import { methodOf } from "../../value/methods";
import { truth } from "../../value/protocol";
import { textOf } from "../../value/text";
import { PyDict, typeName, Undefined } from "../../value/types";
import { failUndefined } from "../../value/undefined";
import { defineFilter } from "../common";

/** What `undefined|attr("…")` finds without asking: Python's own attributes of every object. */
const DUNDER = /^__.*__$/s;

const attr = defineFilter("do_attr", "@environment obj name", (runtime, value, [name = null]) => {
  const text = asText(name);
  if (text === undefined) hashKey(name);
  if (text === undefined) throw new JinjaError("TypeError", `attribute name must be string, not '${typeName(name)}'`);
  const key = textOf(text);
  if (value instanceof Undefined) return DUNDER.test(key) ? new Undefined(name, value) : failUndefined(value);
  // The environment would go on to the items of a dict; this filter does not.
  const isItem = value instanceof PyDict && dictHas(value, key) && methodOf(value, key) === undefined;
  return isItem ? new Undefined(name, value) : runtime.getAttribute(value, key);
});

const fallback = defineFilter("do_default", "value default_value? boolean?", (_runtime, value, [otherwise = "", boolean = false]) =>
  value instanceof Undefined || (truth(boolean) && !truth(value)) ? otherwise : value,
);

/** As transformers replaces it: `json.dumps` with all characters as they are, and no escapes for HTML. */
const tojson = defineFilter(
  "_cached_compile_jinja_template.<locals>.tojson",
  "x ensure_ascii? indent? separators? sort_keys?",
  (runtime, value, [ensureAscii = false, indent = null, separators = null, sortKeys = false]) => {
    const json = jsonDumps(value, { ensureAscii: truth(ensureAscii), indent, separators, sortKeys: truth(sortKeys) });
    runtime.charge(textOf(json).length >> 4);
    return json;
  },
);

/** Filters on any value. */
export const BASIC_FILTERS: Readonly<Record<string, Filter>> = { attr, d: fallback, default: fallback, tojson };
