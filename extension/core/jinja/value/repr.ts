import { JinjaError } from "../errors";
import { isPrintable } from "../text/unicode";
import { countWork } from "./budget";
import { enterContainer, leaveContainer } from "./container/nesting";
import type { Str } from "./text";
import { checkTextLength, deriveText, Traced } from "./text";
import type { Value } from "./types";
import { isList, Markup, PyDict, PyFloat, PyObject, PyTuple, Undefined } from "./types";

/** The traced texts that went into the text being made by {@link str}, where it is made of more than one value. */
let sources: Traced[] | undefined;

/**
 * Python's `repr()`.
 * @throws JinjaError ValueError for an integer of more than 4,300 digits
 * @throws JinjaLimitError for values that nest too deep or print too long
 */
export function repr(value: Value): string {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "number":
      return String(value);
    case "boolean":
      return value ? "True" : "False";
    case "bigint":
      return formatInteger(value);
    default:
      return value === null ? "None" : objectRepr(value);
  }
}

function objectRepr(value: Exclude<Value, null | string | number | boolean | bigint>): string {
  if (isList(value)) return `[${reprAll(value)}]`;
  if (value instanceof PyDict) return dictRepr(value);
  if (value instanceof PyFloat) return formatFloat(value.value);
  if (value instanceof PyTuple) return value.items.length === 1 ? `(${reprAll(value.items)},)` : `(${reprAll(value.items)})`;
  if (value instanceof Undefined) return "Undefined";
  if (value instanceof Markup) return `Markup(${repr(value.text)})`;
  if (value instanceof Traced) {
    sources?.push(value);
    return quote(value.text);
  }
  enterContainer(0);
  try {
    return value.repr();
  } finally {
    leaveContainer();
  }
}

/**
 * Python's `str()`. A text is returned as it is; the text of a container derives from the texts in it.
 * @throws as {@link repr}
 */
export function str(value: Value): Str {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return String(value);
    default:
      break;
  }
  if (value instanceof Traced) return value;
  if (value instanceof Markup) return value.text;
  if (value instanceof Undefined) return "";
  if (value === null || typeof value !== "object" || value instanceof PyFloat) return repr(value);
  const outer = sources;
  sources = [];
  try {
    const text = value instanceof PyObject ? value.str() : repr(value);
    return typeof text === "string" && sources.length > 0 ? deriveText(text, sources) : text;
  } finally {
    sources = outer;
  }
}

function reprAll(items: readonly Value[]): string {
  enterContainer(items.length);
  try {
    let text = "";
    for (const item of items) {
      if (text !== "") text += ", ";
      text += repr(item);
      checkTextLength(text.length);
    }
    return text;
  } finally {
    leaveContainer();
  }
}

function dictRepr(dict: PyDict): string {
  enterContainer(dict.entries.size);
  try {
    let text = "{";
    for (const { key, value } of dict.entries.values()) {
      if (text !== "{") text += ", ";
      text += `${repr(key)}: ${repr(value)}`;
      checkTextLength(text.length);
    }
    return `${text}}`;
  } finally {
    leaveContainer();
  }
}

/** `sys.get_int_max_str_digits()`, a bound of CPython itself. */
const MAX_DIGITS = 4300;

/** `str()` of an integer. @throws JinjaError ValueError beyond 4,300 digits */
export function formatInteger(value: number | bigint): string {
  const text = String(value);
  // Printing takes time in the square of the digits.
  if (typeof value === "bigint") countWork(text.length);
  if (text.length - (text.startsWith("-") ? 1 : 0) > MAX_DIGITS) {
    throw new JinjaError(
      "ValueError",
      `Exceeds the limit (${MAX_DIGITS} digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit`,
    );
  }
  return text;
}

/** `repr()` of a float: the shortest digits that read back as the number, with an exponent below 1e-4 and from 1e16 on. */
export function formatFloat(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-4 && magnitude < 1e16) return Number.isInteger(value) ? `${value}.0` : String(value);
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  if (Number.isNaN(value)) return "nan";
  if (magnitude === Infinity) return value > 0 ? "inf" : "-inf";
  return value.toExponential().replace(/(?<=e[+-])\d$/, "0$&");
}

const NOT_ASCII_PRINTABLE = /[^\x20-\x7e]/;
const NAMED: ReadonlyMap<string, string> = new Map([
  ["\t", "\\t"],
  ["\n", "\\n"],
  ["\r", "\\r"],
]);

/** `repr()` of a text: in single quotes, or in double quotes where that saves escapes. */
function quote(text: string): string {
  countWork(text.length >> 6);
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  let body = text.includes("\\") ? text.replaceAll("\\", "\\\\") : text;
  if (mark === "'" && body.includes("'")) body = body.replaceAll("'", "\\'");
  if (NOT_ASCII_PRINTABLE.test(text)) {
    countWork(text.length >> 3);
    if (!isPrintable(text)) body = body.replace(/[^\x20-\x7e]/gu, escapeChar);
  }
  countWork(body.length - text.length);
  return mark + body + mark;
}

function escapeChar(char: string): string {
  countWork(1);
  const named = NAMED.get(char);
  if (named !== undefined) return named;
  const code = char.codePointAt(0) ?? 0;
  if (code >= 0x80 && isPrintable(char)) return char;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
