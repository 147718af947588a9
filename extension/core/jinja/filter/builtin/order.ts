import { JinjaError } from "../../errors";
import type { Filter, Runtime } from "../../runtime/runtime";
import { asText } from "../../text/arguments";
import { lessThan, same } from "../../value/compare";
import { dictItems, hashKey } from "../../value/hash";
import { iterate, truth } from "../../value/protocol";
import { textOf } from "../../value/text";
import type { HashKey, Value } from "../../value/types";
import { PyDict, PyTuple, Undefined, typeName } from "../../value/types";
import { failUndefined } from "../../value/undefined";
import type { Getter } from "../attributes";
import { attributeGetter, ignoreCase, multiAttributeGetter } from "../attributes";
import { chargeText, collect, defineFilter, generator, noAttribute, toIndex } from "../common";
import { keyLess, keysLess, sortBy } from "../sorting";

const sort = defineFilter(
  "do_sort",
  "@environment value reverse? case_sensitive? attribute?",
  (runtime, value, [reverse = false, caseSensitive = false, attribute]) => {
    const keysOf = multiAttributeGetter(runtime, attribute, { ignoreCase: !truth(caseSensitive) });
    const items = collect(runtime, value);
    return sortBy(runtime, items, keysOf, keysLess, toIndex(reverse) !== 0);
  },
);

const dictsort = defineFilter(
  "do_dictsort",
  "value case_sensitive? by? reverse?",
  (runtime, value, [caseSensitive = false, by = "key", reverse = false]) => {
    const name = asText(by);
    const position = name === undefined ? -1 : ["key", "value"].indexOf(textOf(name));
    if (position === -1) throw new JinjaError("FilterArgumentError", 'You can only sort by either "key" or "value"');
    const exact = truth(caseSensitive);
    const keyOf: Getter = (pair) => {
      const key = (pair as PyTuple).items[position] as Value;
      return exact ? key : ignoreCase(runtime, key);
    };
    return sortBy(runtime, itemsOf(value), keyOf, keyLess, toIndex(reverse) !== 0);
  },
);

/** `value.items()` of a dict. @throws JinjaError as Python for anything else */
export function itemsOf(value: Value): readonly PyTuple[] {
  // A cycler has something else under that name: the tuple of what it goes through.
  if (typeName(value) === "Cycler") throw new JinjaError("TypeError", "'tuple' object is not callable");
  if (value instanceof PyDict) return dictItems(value);
  if (value instanceof Undefined) failUndefined(value);
  throw noAttribute(value, "items");
}

function extreme(name: "min" | "max"): Filter {
  const operator = name === "min" ? "<" : ">";
  return defineFilter(`do_${name}`, "@environment value case_sensitive? attribute?", (runtime, value, [caseSensitive = false, attribute]) => {
    const keyOf = attributeGetter(runtime, attribute, { ignoreCase: !truth(caseSensitive) });
    let best: { readonly item: Value; readonly key: Value } | undefined;
    for (const item of iterate(value)) {
      const key = keyOf(item);
      runtime.charge(1);
      chargeText(runtime, key);
      if (best === undefined || lessThan(key, best.key, operator)) best = { item, key };
    }
    return best === undefined ? new Undefined(null, null, "No aggregated item, sequence was empty.") : best.item;
  });
}

const GROUP_FIELDS = ["grouper", "list"];

const groupby = defineFilter(
  "sync_do_groupby",
  "@environment value attribute default? case_sensitive?",
  (runtime, value, [attribute, fallback, caseSensitive = false]) => {
    const exact = truth(caseSensitive);
    const keyOf = attributeGetter(runtime, attribute, { ignoreCase: !exact, fallback });
    // The group shows the first item's own spelling.
    const labelOf = exact ? keyOf : attributeGetter(runtime, attribute, { fallback });
    const groups: { readonly key: Value; readonly label: Value; readonly items: Value[] }[] = [];
    for (const item of sortBy(runtime, collect(runtime, value), keyOf, keyLess, false)) {
      const key = keyOf(item);
      const last = groups.at(-1);
      if (last !== undefined && same(last.key, key)) last.items.push(item);
      else groups.push({ key, label: labelOf(item), items: [item] });
    }
    return groups.map(({ label, items }) => new PyTuple([label, items], GROUP_FIELDS));
  },
);

function* uniqueItems(runtime: Runtime, value: Value, keyOf: Getter): Generator<Value> {
  const seen = new Set<HashKey>();
  for (const item of iterate(value)) {
    runtime.charge(1);
    const key = hashKey(keyOf(item));
    if (seen.has(key)) continue;
    seen.add(key);
    yield item;
  }
}

const unique = defineFilter(
  "sync_do_unique",
  "@environment value case_sensitive? attribute?",
  (runtime, value, [caseSensitive = false, attribute]) => {
    const keyOf = (item: Value): Value => attributeGetter(runtime, attribute, { ignoreCase: !truth(caseSensitive) })(item);
    return generator("sync_do_unique", uniqueItems(runtime, value, keyOf));
  },
);

/** Filters that compare items. */
export const ORDER_FILTERS: Readonly<Record<string, Filter>> = {
  dictsort,
  groupby,
  max: extreme("max"),
  min: extreme("min"),
  sort,
  unique,
};
