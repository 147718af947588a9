import { JinjaError, JinjaLimitError } from "../errors";
import { MAX_LIST_LENGTH } from "../runtime/limits";
import type { Str } from "../value/text";
import { sliceText, textOf } from "../value/text";
import type { CallArguments, Value } from "../value/types";
import { typeName } from "../value/types";
import { asText, integerArgument, namedArguments, typeError } from "./arguments";
import { pythonSplitLines } from "./lines";
import { indexOfText, lastIndexOfText } from "./search";
import { isSpaceUnit } from "./unicode";

/** Stretches of a text in UTF-16 units. */
type Stretches = (readonly [start: number, end: number])[];

/** split and rsplit */
export function splitText(self: Str, name: "split" | "rsplit", args: CallArguments): readonly Value[] {
  const [separator = null, limit = -1] = namedArguments(`str.${name}`, args, ["sep", "maxsplit"]);
  const most = integerArgument(limit);
  const needle = asText(separator);
  if (needle === undefined && separator !== null) throw typeError(`must be str or None, not ${typeName(separator)}`);
  const text = textOf(self);
  const splits = most < 0 ? Infinity : most;
  if (needle === undefined) return cut(self, name === "split" ? splitSpaces(text, splits) : splitSpacesRight(text, splits));
  const wanted = textOf(needle);
  if (wanted === "") throw new JinjaError("ValueError", "empty separator");
  return cut(self, name === "split" ? splitAt(text, wanted, splits) : splitAtRight(text, wanted, splits));
}

export function splitLines(self: Str, args: CallArguments): readonly Value[] {
  const [keep = false] = namedArguments("str.splitlines", args, ["keepends"]);
  const keepEnds = integerArgument(keep, 32) !== 0;
  return cut(self, pythonSplitLines(textOf(self)).map(([start, end, next]) => [start, keepEnds ? next : end]));
}

function cut(self: Str, stretches: Stretches): readonly Str[] {
  if (stretches.length > MAX_LIST_LENGTH) {
    throw new JinjaLimitError("list-length", `The template makes a list of more than ${MAX_LIST_LENGTH} elements.`);
  }
  return stretches.map(([start, end]) => sliceText(self, start, end));
}

function splitAt(text: string, separator: string, most: number): Stretches {
  const result: Stretches = [];
  let start = 0;
  while (result.length < most) {
    const at = indexOfText(text, separator, start);
    if (at < 0) break;
    result.push([start, at]);
    start = at + separator.length;
  }
  result.push([start, text.length]);
  return result;
}

function splitAtRight(text: string, separator: string, most: number): Stretches {
  const result: Stretches = [];
  let end = text.length;
  while (result.length < most) {
    const at = lastIndexOfText(text, separator, end);
    if (at < 0) break;
    result.push([at + separator.length, end]);
    end = at;
  }
  result.push([0, end]);
  return result.reverse();
}

/** Words between white space. What is left when the splits are used up keeps the white space at its end. */
function splitSpaces(text: string, most: number): Stretches {
  const result: Stretches = [];
  let at = 0;
  for (;;) {
    while (at < text.length && isSpaceUnit(text.charCodeAt(at))) at++;
    if (at >= text.length) return result;
    const start = at;
    if (result.length >= most) {
      result.push([start, text.length]);
      return result;
    }
    while (at < text.length && !isSpaceUnit(text.charCodeAt(at))) at++;
    result.push([start, at]);
  }
}

function splitSpacesRight(text: string, most: number): Stretches {
  const result: Stretches = [];
  let at = text.length;
  for (;;) {
    while (at > 0 && isSpaceUnit(text.charCodeAt(at - 1))) at--;
    if (at <= 0) return result.reverse();
    const end = at;
    if (result.length >= most) {
      result.push([0, end]);
      return result.reverse();
    }
    while (at > 0 && !isSpaceUnit(text.charCodeAt(at - 1))) at--;
    result.push([at, end]);
  }
}
