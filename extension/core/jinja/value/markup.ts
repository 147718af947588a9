import { isMapping, mappingItem } from "../text/formatting/mapping";
import { percentFormat } from "../text/percent";
import { countWork } from "./budget";
import { repr, str } from "./repr";
import type { Str } from "./text";
import { concatText, deriveText, sliceText, textOf } from "./text";
import type { Value } from "./types";
import { Markup, PyFloat, PyObject, PyTuple, Undefined } from "./types";

const SPECIAL = /[&<>'"]/;
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ["'", "&#39;"],
  ['"', "&#34;"],
]);

/** The text with `& < > ' "` as entities, as markupsafe writes them. */
export function escapeHtml(value: Str): Str {
  if (typeof value === "string") return SPECIAL.test(value) ? value.replace(/[&<>'"]/g, entityOf) : value;
  const parts: Str[] = [];
  let done = 0;
  for (const { 0: char, index } of value.text.matchAll(/[&<>'"]/g)) {
    parts.push(sliceText(value, done, index), deriveText(entityOf(char), [sliceText(value, index, index + 1)]));
    done = index + 1;
  }
  return done === 0 ? value : concatText([...parts, sliceText(value, done, value.text.length)]);
}

function entityOf(char: string): string {
  countWork(4);
  return ENTITIES.get(char) ?? char;
}

/** As `markupsafe.escape`: text that is safe already stays, anything else becomes its escaped `str()`. */
export function escapeValue(value: Value): Markup {
  return value instanceof Markup ? value : new Markup(escapeHtml(str(value)));
}

/** The texts of values one behind the other; where one is a Markup, those behind and before it are escaped (`markup_join`). */
export function joinMarkup(values: readonly Value[]): Value {
  if (!values.some((value) => value instanceof Markup)) return concatText(values.map(str));
  return new Markup(concatText(values.map((value) => escapeValue(value).text)));
}

/** An argument of `Markup % …`, which escapes itself when it is printed. */
class EscapedArgument extends PyObject {
  readonly typeName = "_MarkupEscapeHelper";
  readonly #value: Value;

  constructor(value: Value) {
    super();
    this.#value = value;
  }

  override repr(): string {
    return escapeHtml(repr(this.#value)) as string;
  }

  override str(): Str {
    return escapeValue(this.#value).text;
  }

  override item(key: Value): Value {
    return escapedArgument(mappingItem(this.#value, textOf(key as Str)));
  }
}

function escapedArgument(value: Value): Value {
  const harmless = value === null || typeof value === "boolean" || typeof value === "number" || typeof value === "bigint";
  return harmless || value instanceof PyFloat || value instanceof Undefined ? value : new EscapedArgument(value);
}

/** `Markup % arguments`: what the arguments print is escaped. */
export function formatMarkup(format: Markup, args: Value): Markup {
  if (args instanceof PyTuple) return new Markup(percentFormat(format.text, new PyTuple(args.items.map(escapedArgument))));
  const escaped = isMapping(args) ? new EscapedArgument(args) : new PyTuple([escapedArgument(args)]);
  return new Markup(percentFormat(format.text, escaped));
}
