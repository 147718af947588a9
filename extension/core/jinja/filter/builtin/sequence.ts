import { JinjaError } from "../../errors";
import type { Filter, Runtime } from "../../runtime/runtime";
import { asText } from "../../text/arguments";
import { joinTexts } from "../../text/join";
import { widthAt } from "../../text/unicode";
import { equals, lessThan } from "../../value/compare";
import { dictGet, dictItems } from "../../value/hash";
import { binary } from "../../value/number";
import { DictItems, DictKeys, DictValues, PyIterator, PyRange } from "../../value/objects";
import { escapeValue } from "../../value/markup";
import { iterate, lengthOf, subscript } from "../../value/protocol";
import { repr, str } from "../../value/repr";
import { sliceText, textOf } from "../../value/text";
import type { Value } from "../../value/types";
import { isList, Markup, PyDict, PyTuple, typeName, Undefined } from "../../value/types";
import { expectNone } from "../arguments";
import { attributeGetter } from "../attributes";
import { chargeText, checkListLength, collect, computed, defineFilter, generator, mapText, printed, toCount } from "../common";

function missing(which: string): Undefined {
  return new Undefined(null, null, `No ${which} item, sequence was empty.`);
}

const first = defineFilter("sync_do_first", "@environment seq", (_runtime, value) => {
  const text = asText(value);
  // The characters of a Markup are plain.
  if (text !== undefined && textOf(text) !== "") return sliceText(text, 0, widthAt(textOf(text), 0));
  // The iterator must stay as it is behind its first item, so no loop.
  const next = iterate(value)[Symbol.iterator]().next();
  return next.done === true ? missing("first") : next.value;
});

/** What `reversed(value)` goes through, and its type; undefined where it raises TypeError. */
function reversible(value: Value): { readonly items: readonly Value[]; readonly type: string } | undefined {
  if (isList(value)) return { items: value, type: "list_reverseiterator" };
  if (value instanceof PyTuple) return { items: value.items, type: "reversed" };
  if (value instanceof Undefined) return { items: [], type: "reversed" };
  if (value instanceof PyDict || value instanceof DictKeys) return { items: [...iterate(value)], type: "dict_reversekeyiterator" };
  if (value instanceof DictItems) return { items: value.list(), type: "dict_reverseitemiterator" };
  if (value instanceof DictValues) return { items: value.list(), type: "dict_reversevalueiterator" };
  if (value instanceof PyRange) return { items: [...iterate(value)], type: "range_iterator" };
  return undefined;
}

/** `self` has items but no length, which Python only finds out when it looks for the last one. */
function notReversible(value: Value): string {
  const type = typeName(value);
  return type === "TemplateReference" ? `object of type '${type}' has no len()` : `'${type}' object is not reversible`;
}

const last = defineFilter("do_last", "@environment seq", (runtime, value) => {
  const text = asText(value);
  if (text !== undefined) {
    const plain = textOf(text);
    if (plain === "") return missing("last");
    const start = plain.length > 1 && widthAt(plain, plain.length - 2) === 2 ? plain.length - 2 : plain.length - 1;
    return mapText(runtime, value, () => sliceText(text, start, plain.length));
  }
  if (value instanceof PyRange) return value.item(-1) ?? missing("last");
  const found = reversible(value);
  if (found === undefined) throw new JinjaError("TypeError", notReversible(value));
  runtime.charge(isList(value) ? 1 : found.items.length);
  // The last item may be None.
  return found.items.length === 0 ? missing("last") : (found.items.at(-1) as Value);
});

function* backwards(items: readonly Value[]): Generator<Value> {
  for (let i = items.length - 1; i >= 0; i -= 1) yield items[i] as Value;
}

const reverse = defineFilter("do_reverse", "value", (runtime, value) => {
  if (asText(value) !== undefined) {
    return mapText(runtime, value, (text) => {
      const plain = textOf(text);
      runtime.charge(plain.length);
      const characters = Array.from(plain);
      return computed(characters.reverse().join(""), text);
    });
  }
  const found = reversible(value);
  if (found !== undefined) {
    runtime.charge(found.items.length >> 2);
    return new PyIterator(found.type, backwards(found.items));
  }
  return collectOrRefuse(runtime, value).reverse();
});

function collectOrRefuse(runtime: Runtime, value: Value): Value[] {
  try {
    return collect(runtime, value);
  } catch (error) {
    if (error instanceof JinjaError && error.type === "TypeError") throw new JinjaError("FilterArgumentError", "argument must be iterable");
    throw error;
  }
}

/** Python picks at random; so that a render can be repeated, this picks the same each time, another for each use. */
const RANDOM_SEED = 0x2545f491;
const randomStates = new WeakMap<Runtime, number>();

/** An integer in [0, bound), by xorshift. */
function nextRandom(runtime: Runtime, bound: number): number {
  let state = randomStates.get(runtime) ?? RANDOM_SEED;
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  randomStates.set(runtime, state);
  return (state >>> 0) % bound;
}

const random = defineFilter("do_random", "@context seq", (runtime, value) => {
  const length = lengthOf(value);
  if (length === 0) return missing("random");
  const index = nextRandom(runtime, length);
  if (value instanceof PyDict) {
    const found = dictGet(value, index);
    if (found === undefined) throw new JinjaError("KeyError", repr(index));
    return found;
  }
  const found = subscript(value, index);
  if (found === undefined) throw new JinjaError("TypeError", `'${typeName(value)}' object is not subscriptable`);
  return found;
});

const length: Filter = (runtime, value, args) => {
  expectNone("len", args);
  chargeText(runtime, value);
  return lengthOf(value);
};

const list = defineFilter("sync_do_list", "value", (runtime, value) => collect(runtime, value));

function* pairs(value: Value): Generator<Value> {
  if (value instanceof Undefined) return;
  if (!(value instanceof PyDict)) throw new JinjaError("TypeError", "Can only get item pairs from a mapping.");
  yield* dictItems(value);
}

const items = defineFilter("do_items", "value", (_runtime, value) => generator("do_items", pairs(value)));

function* batches(runtime: Runtime, value: Value, size: Value, fill: Value): Generator<Value> {
  let row: Value[] = [];
  for (const item of iterate(value)) {
    runtime.charge(1);
    if (equals(row.length, size)) {
      yield row;
      row = [];
    }
    row.push(item);
  }
  if (row.length === 0) return;
  if (fill !== null && lessThan(row.length, size, "<")) {
    const filled = binary("*", [fill], binary("-", size, row.length)) as readonly Value[];
    runtime.charge(filled.length);
    row = row.concat(filled);
  }
  yield row;
}

const batch = defineFilter("do_batch", "value linecount fill_with?", (runtime, value, [size = null, fill = null]) =>
  generator("do_batch", batches(runtime, value, size, fill)),
);

function* slices(runtime: Runtime, value: Value, count: Value, fill: Value): Generator<Value> {
  const all = collect(runtime, value);
  // Both raise what Python raises for a count that is none, or zero.
  binary("//", all.length, count);
  binary("%", all.length, count);
  const columns = toCount(count);
  const size = Math.floor(all.length / columns);
  const larger = all.length - size * columns;
  for (let column = 0, start = 0; column < columns; column += 1) {
    runtime.charge(1);
    const end = start + size + (column < larger ? 1 : 0);
    const items = all.slice(start, end);
    if (fill !== null && column >= larger) items.push(fill);
    start = end;
    yield items;
  }
}

const slice = defineFilter("sync_do_slice", "value slices fill_with?", (runtime, value, [count = null, fill = null]) =>
  generator("sync_do_slice", slices(runtime, value, count, fill)),
);

/** What `join` gives while texts are escaped: as soon as one of them is safe already, the others are escaped. */
function joinEscaped(separator: Value, texts: readonly Value[]): Value {
  if (!(separator instanceof Markup) && !texts.some((text) => text instanceof Markup)) return joinTexts(str(separator), texts);
  const escaped = texts.map((text) => escapeValue(text).text);
  return new Markup(joinTexts(escapeValue(separator).text, escaped));
}

const join = defineFilter("sync_do_join", "@eval_ctx value d? attribute?", (runtime, value, [separator = "", attribute = null]) => {
  const get = attribute === null ? undefined : attributeGetter(runtime, attribute);
  const texts: Value[] = [];
  for (const item of iterate(value)) {
    runtime.charge(1);
    const part = get === undefined ? item : get(item);
    texts.push(runtime.autoescape && part instanceof Markup ? part : printed(runtime, part));
    checkListLength(texts.length);
  }
  if (!runtime.autoescape) return joinTexts(str(separator), texts);
  return joinEscaped(separator, texts);
});

const sum = defineFilter("sync_do_sum", "@environment iterable attribute? start?", (runtime, value, [attribute = null, start = 0]) => {
  const get = attribute === null ? undefined : attributeGetter(runtime, attribute);
  const source = iterate(value);
  if (asText(start) !== undefined) throw new JinjaError("TypeError", "sum() can't sum strings [use ''.join(seq) instead]");
  let total: Value = start;
  for (const item of source) {
    // Adding lists copies what was added before.
    runtime.charge(isList(total) ? total.length + 1 : 1);
    total = binary("+", total, get === undefined ? item : get(item));
  }
  return total;
});

/** Filters on lists and what else can be iterated. */
export const SEQUENCE_FILTERS: Readonly<Record<string, Filter>> = {
  batch,
  count: length,
  first,
  items,
  join,
  last,
  length,
  list,
  random,
  reverse,
  slice,
  sum,
};
