import { JinjaError, JinjaLimitError } from "../errors";
import { MAX_LIST_LENGTH } from "../runtime/limits";
import { countWork } from "../value/budget";
import type { Str } from "../value/text";
import { sliceText, textOf } from "../value/text";
import type { CallArguments, Value } from "../value/types";
import { typeName } from "../value/types";
import { asText, integerArgument, namedArguments, typeError } from "./arguments";
import { pythonSplitLines } from "./lines";
import { indexOfText, lastIndexOfText } from "./search";
import { isSpaceUnit } from "./unicode";

/** The parts of a text that a split finds. */
class Parts {
  readonly list: Str[] = [];
  readonly #text: Str;

  constructor(text: Str) {
    this.#text = text;
  }

  /** Adds the characters `[start, end)`, in UTF-16 units. @throws JinjaLimitError */
  add(start: number, end: number): void {
    countWork(4);
    if (this.list.length >= MAX_LIST_LENGTH) {
      throw new JinjaLimitError("list-length", `The template makes a list of more than ${MAX_LIST_LENGTH} elements.`);
    }
    this.list.push(sliceText(this.#text, start, end));
  }
}

/** split and rsplit */
export function splitText(self: Str, name: "split" | "rsplit", args: CallArguments): readonly Value[] {
  const [separator = null, limit = -1] = namedArguments(`str.${name}`, args, ["sep", "maxsplit"]);
  const most = integerArgument(limit);
  const needle = asText(separator);
  if (needle === undefined && separator !== null) throw typeError(`must be str or None, not ${typeName(separator)}`);
  const text = textOf(self);
  const splits = most < 0 ? Infinity : most;
  const parts = new Parts(self);
  if (needle === undefined) {
    // Character by character.
    countWork(text.length >> 4);
    (name === "split" ? splitSpaces : splitSpacesRight)(text, splits, parts);
    return parts.list;
  }
  const wanted = textOf(needle);
  if (wanted === "") throw new JinjaError("ValueError", "empty separator");
  (name === "split" ? splitAt : splitAtRight)(text, wanted, splits, parts);
  return parts.list;
}

export function splitLines(self: Str, args: CallArguments): readonly Value[] {
  const [keep = false] = namedArguments("str.splitlines", args, ["keepends"]);
  const keepEnds = integerArgument(keep, 32) !== 0;
  const parts = new Parts(self);
  for (const [start, end, next] of pythonSplitLines(textOf(self))) parts.add(start, keepEnds ? next : end);
  return parts.list;
}

function splitAt(text: string, separator: string, most: number, parts: Parts): void {
  let start = 0;
  while (parts.list.length < most) {
    const at = indexOfText(text, separator, start);
    if (at < 0) break;
    parts.add(start, at);
    start = at + separator.length;
  }
  parts.add(start, text.length);
}

function splitAtRight(text: string, separator: string, most: number, parts: Parts): void {
  let end = text.length;
  while (parts.list.length < most) {
    const at = lastIndexOfText(text, separator, end);
    if (at < 0) break;
    parts.add(at + separator.length, end);
    end = at;
  }
  parts.add(0, end);
  parts.list.reverse();
}

/** Words between white space. What is left when the splits are used up keeps the white space at its end. */
function splitSpaces(text: string, most: number, parts: Parts): void {
  let at = 0;
  for (;;) {
    while (at < text.length && isSpaceUnit(text.charCodeAt(at))) at++;
    if (at >= text.length) return;
    const start = at;
    if (parts.list.length >= most) {
      parts.add(start, text.length);
      return;
    }
    while (at < text.length && !isSpaceUnit(text.charCodeAt(at))) at++;
    parts.add(start, at);
  }
}

function splitSpacesRight(text: string, most: number, parts: Parts): void {
  let at = text.length;
  for (;;) {
    while (at > 0 && isSpaceUnit(text.charCodeAt(at - 1))) at--;
    if (at <= 0) break;
    const end = at;
    if (parts.list.length >= most) {
      parts.add(0, end);
      break;
    }
    while (at > 0 && !isSpaceUnit(text.charCodeAt(at - 1))) at--;
    parts.add(at, end);
  }
  parts.list.reverse();
}
