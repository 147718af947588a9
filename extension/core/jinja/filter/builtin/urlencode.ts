import { JinjaError } from "../../errors";
import type { Filter } from "../../runtime/runtime";
import { asText } from "../../text/arguments";
import { encodeText } from "../../text/bytes/codecs";
import { countWork } from "../../value/budget";
import { iterate } from "../../value/protocol";
import { str } from "../../value/repr";
import type { Str } from "../../value/text";
import { concatText, textOf } from "../../value/text";
import type { Value } from "../../value/types";
import { PyDict, typeName } from "../../value/types";
import { computed, defineFilter, isIterable } from "../common";
import { itemsOf } from "./order";

const RESERVED = /[^A-Za-z0-9_.~-]/gu;
const LONE_SURROGATE = /\p{Cs}/u;

/** `urllib.parse.quote`: UTF-8 bytes as `%XX`. A query takes slashes, too, and `+` for blanks. */
function quote(value: Value, inQuery: boolean): Str {
  const text = asText(value) ?? str(value);
  const plain = textOf(text);
  // Raises Python's own error.
  if (LONE_SURROGATE.test(plain)) encodeText(plain, "utf-8", "strict");
  const quoted = plain.replace(RESERVED, (character) => {
    countWork(5);
    if (character === "/" && !inQuery) return character;
    if (character === " " && inQuery) return "+";
    const code = character.charCodeAt(0);
    return code < 0x80 ? `%${code.toString(16).toUpperCase().padStart(2, "0")}` : encodeURIComponent(character);
  });
  return computed(quoted, text);
}

/** `key, value = item` */
function unpackPair(item: Value): readonly [Value, Value] {
  if (!isIterable(item)) throw new JinjaError("TypeError", `cannot unpack non-iterable ${typeName(item)} object`);
  const items: Value[] = [];
  for (const part of iterate(item)) {
    if (items.length === 2) throw new JinjaError("ValueError", "too many values to unpack (expected 2)");
    items.push(part);
  }
  const [key, value] = items;
  if (key === undefined || value === undefined) throw new JinjaError("ValueError", `not enough values to unpack (expected 2, got ${items.length})`);
  return [key, value];
}

/** A text is quoted; a dict or the like becomes a query of its pairs. */
export const urlencode: Filter = defineFilter("do_urlencode", "value", (runtime, value) => {
  const text = asText(value);
  if (text !== undefined) runtime.charge(textOf(text).length >> 5);
  // `self` has items, but is no `Iterable`.
  if (text !== undefined || !isIterable(value) || typeName(value) === "TemplateReference") return quote(value, false);
  const parts: Str[] = [];
  for (const item of value instanceof PyDict ? itemsOf(value) : iterate(value)) {
    runtime.charge(1);
    const [key, content] = unpackPair(item);
    if (parts.length > 0) parts.push("&");
    parts.push(quote(key, true), "=", quote(content, true));
  }
  return concatText(parts);
});
