import { JinjaError } from "../errors";
import { countWork } from "../value/budget";
import { dictFrom, dictGet } from "../value/hash";
import type { Str } from "../value/text";
import { concatText, sliceText, textOf } from "../value/text";
import type { CallArguments, Value } from "../value/types";
import { PyDict, PyObject, typeName, Undefined } from "../value/types";
import { asIndex, asText, notText, oneArgument, positionalArguments, typeError } from "./arguments";
import { sequenceItems } from "./search";
import { codePointLength, widthAt } from "./unicode";

/** `str.translate`: the table gives for a character's number a number, a text, or None to drop it. */
export function translateText(self: Str, args: CallArguments): Str {
  const table = oneArgument("str.translate", args);
  const text = textOf(self);
  // The table of an empty text is never looked at.
  if (text === "") return self;
  countWork(text.length);
  const lookup = tableLookup(table);
  const parts: Str[] = [];
  let kept = 0;
  for (let at = 0; at < text.length; at += widthAt(text, at)) {
    const entry = lookup(text.codePointAt(at) as number);
    if (entry === undefined) continue;
    countWork(2);
    parts.push(sliceText(self, kept, at), replacement(entry));
    kept = at + widthAt(text, at);
  }
  parts.push(sliceText(self, kept, text.length));
  return kept === 0 ? self : concatText(parts);
}

/** What the table says of a character; undefined where it raises LookupError, which leaves the character as it is. */
function tableLookup(table: Value): (code: number) => Value | undefined {
  if (table instanceof PyDict) return (code) => dictGet(table, code);
  const items = sequenceItems(table);
  if (items !== undefined) return (code) => items[code];
  const text = asText(table);
  if (text !== undefined) {
    countWork(textOf(text).length);
    const characters = Array.from(textOf(text));
    return (code) => characters[code];
  }
  if (table instanceof PyObject && table.item !== PyObject.prototype.item) return (code) => table.item(code);
  if (table instanceof Undefined) return () => undefined;
  throw typeError(`'${typeName(table)}' object is not subscriptable`);
}

function replacement(entry: Value): Str {
  if (entry === null) return "";
  const text = asText(entry);
  if (text !== undefined) return text;
  const code = asIndex(entry);
  if (code === undefined) throw typeError("character mapping must return integer, None or str");
  if (code < 0 || code > 0x10ffff) throw new JinjaError("ValueError", "character mapping must be in range(0x110000)");
  return String.fromCodePoint(Number(code));
}

/** `str.maketrans` */
export function makeTable(args: CallArguments): PyDict {
  const [from, to, dropped] = positionalArguments("str.maketrans", args, 1, 3);
  if (to === undefined) return tableFromDict(from as Value);
  const target = maketransText(to, 2);
  const drop = dropped === undefined ? "" : maketransText(dropped, 3);
  const source = asText(from);
  if (source === undefined) throw typeError("first maketrans argument must be a string if there is a second argument");
  const keys = codes(textOf(source));
  const values = codes(target);
  if (keys.length !== values.length) throw new JinjaError("ValueError", "the first two maketrans arguments must have equal length");
  const pairs = keys.map((key, at): readonly [Value, Value] => [key, values[at] as number]);
  return dictFrom([...pairs, ...codes(drop).map((key): readonly [Value, Value] => [key, null])]);
}

function maketransText(value: Value, position: 2 | 3): string {
  const text = asText(value);
  if (text === undefined) throw notText(`maketrans() argument ${position}`, value);
  return textOf(text);
}

function codes(text: string): number[] {
  countWork(3 * text.length);
  return Array.from(text, (character) => character.codePointAt(0) as number);
}

function tableFromDict(table: Value): PyDict {
  if (!(table instanceof PyDict)) throw typeError("if you give only one argument to maketrans it must be a dict");
  const pairs = [...table.entries.values()].map(({ key, value }): readonly [Value, Value] => [tableKey(key), value]);
  return dictFrom(pairs);
}

function tableKey(key: Value): Value {
  const text = asText(key);
  if (text === undefined) {
    if (asIndex(key) === undefined) throw typeError("keys in translate table must be strings or integers");
    return key;
  }
  if (codePointLength(textOf(text)) !== 1) throw new JinjaError("ValueError", "string keys in translate table must be of length 1");
  return textOf(text).codePointAt(0) as number;
}
