import { JinjaError } from "../../errors";
import type { Filter } from "../../runtime/runtime";
import { asText } from "../../text/arguments";
import { pythonSplitLines } from "../../text/lines";
import { binary } from "../../value/number";
import { escapeHtml } from "../../value/markup";
import { truth } from "../../value/protocol";
import type { Str } from "../../value/text";
import { checkTextLength, concatText, sliceText, textOf } from "../../value/text";
import type { Value } from "../../value/types";
import { isList, Markup, PyTuple, typeName, Undefined } from "../../value/types";
import { defineFilter, noAttribute } from "../common";

/** The text of the value, or what `value += "\n"` and `.splitlines()` would raise. */
function textToIndent(value: Value): Str {
  const text = asText(value);
  if (text !== undefined) return text;
  if (value instanceof Undefined || value instanceof PyTuple) binary("+", value, "\n");
  if (isList(value)) throw noAttribute(value, "splitlines");
  throw new JinjaError("TypeError", `unsupported operand type(s) for +=: '${typeName(value)}' and 'str'`);
}

/** Lines of the text with one line break more, as Jinja splits it: a break at its end stays. */
function linesOf(text: Str): Str[] {
  const plain = textOf(text);
  const lines = pythonSplitLines(plain).map(([start, end]) => sliceText(text, start, end));
  // Two characters make one break, so CR at the end takes the line feed that Jinja adds.
  if (plain === "" || /[\n\v\f\x1c-\x1e\x85\u2028\u2029]$/.test(plain)) lines.push("");
  return lines;
}

/** Lines behind each other, `indention` before those after the first, and before blank ones if asked for. */
function indentLines(lines: readonly Str[], indention: Str, blank: boolean): Str {
  const parts: Str[] = [];
  for (const [index, line] of lines.entries()) {
    if (index > 0) parts.push("\n");
    if (index > 0 && (blank || textOf(line) !== "")) parts.push(indention);
    parts.push(line);
  }
  return concatText(parts);
}

/** A plain text with an indention that is Markup: what they are added to is escaped, as Markup does. */
function indentWithMarkup(lines: readonly Str[], indention: Str, blank: boolean, first: boolean): Value {
  const escaped = lines.map((line, index) => (index === 0 && !blank ? line : escapeHtml(line)));
  const result = indentLines(escaped, indention, blank);
  if (first) return new Markup(concatText([indention, blank ? result : escapeHtml(result)]));
  return blank ? new Markup(result) : result;
}

/** Every line but the first and the blank ones is indented, unless these are asked for too. */
export const indent: Filter = defineFilter("do_indent", "s width? first? blank?", (runtime, value, [width = 4, first = false, blank = false]) => {
  const indention = asText(width) ?? asText(binary("*", " ", width)) ?? "";
  const text = textToIndent(value);
  const lines = linesOf(text);
  runtime.charge(8 * lines.length + (textOf(text).length >> 6));
  checkTextLength(textOf(text).length + lines.length * textOf(indention).length);
  const withFirst = truth(first);
  if (width instanceof Markup && !(value instanceof Markup)) return indentWithMarkup(lines, indention, truth(blank), withFirst);
  const rest = indentLines(lines, indention, truth(blank));
  const result = withFirst ? concatText([indention, rest]) : rest;
  return value instanceof Markup ? new Markup(result) : result;
});
