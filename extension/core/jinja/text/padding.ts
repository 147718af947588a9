import { countWork } from "../value/budget";
import type { Str } from "../value/text";
import { checkTextLength, concatText, deriveText, sliceText, textOf } from "../value/text";
import type { CallArguments } from "../value/types";
import { typeName } from "../value/types";
import { asText, integerArgument, namedArguments, oneArgument, positionalArguments, typeError } from "./arguments";
import { codePointLength } from "./unicode";

/** A text with so many fill characters on its sides. Its own characters keep their origins. @throws JinjaLimitError */
export function padText(self: Str, left: number, right: number, fill: Str = " "): Str {
  if (left <= 0 && right <= 0) return self;
  return concatText([repeatFill(fill, left), self, repeatFill(fill, right)]);
}

function repeatFill(fill: Str, times: number): Str {
  if (times <= 0) return "";
  const text = textOf(fill);
  checkTextLength(text.length * times);
  return deriveText(text.repeat(times), [fill]);
}

/** center, ljust and rjust */
export function justify(self: Str, name: "center" | "ljust" | "rjust", args: CallArguments): Str {
  const [width = null, filler = " "] = positionalArguments(`str.${name}`, args, 1, 2);
  const wanted = integerArgument(width);
  const fill = asText(filler);
  if (fill === undefined) throw typeError(`The fill character must be a unicode character, not ${typeName(filler)}`);
  if (codePointLength(textOf(fill)) !== 1) throw typeError("The fill character must be exactly one character long");
  const missing = wanted - codePointLength(textOf(self));
  if (missing <= 0) return self;
  if (name !== "center") return padText(self, name === "rjust" ? missing : 0, name === "ljust" ? missing : 0, fill);
  // CPython's choice: the odd blank goes to the left when the width is odd, else to the right.
  const left = Math.floor(missing / 2) + (missing % 2 === 1 && wanted % 2 === 1 ? 1 : 0);
  return padText(self, left, missing - left, fill);
}

export function zeroFill(self: Str, args: CallArguments): Str {
  const wanted = integerArgument(oneArgument("str.zfill", args));
  const text = textOf(self);
  const missing = wanted - codePointLength(text);
  if (missing <= 0) return self;
  const sign = text.startsWith("+") || text.startsWith("-") ? 1 : 0;
  return concatText([sliceText(self, 0, sign), padText(sliceText(self, sign, text.length), missing, 0, "0")]);
}

export function expandTabs(self: Str, args: CallArguments): Str {
  const [size = 8] = namedArguments("str.expandtabs", args, ["tabsize"]);
  const tabSize = Math.max(integerArgument(size, 32), 0);
  const text = textOf(self);
  if (!text.includes("\t")) return self;
  const parts: Str[] = [];
  let start = 0;
  let column = 0;
  let total = 0;
  countWork(text.length);
  for (const run of text.split("\t")) {
    countWork(5);
    if (start > 0) {
      const blanks = tabSize === 0 ? 0 : tabSize - (column % tabSize);
      checkTextLength((total += blanks));
      column += blanks;
      parts.push(deriveText(" ".repeat(blanks), [self]));
    }
    parts.push(sliceText(self, start, start + run.length));
    column = columnBehind(run, column);
    total += run.length;
    start += run.length + 1;
  }
  return concatText(parts);
}

function columnBehind(run: string, column: number): number {
  const lineStart = Math.max(run.lastIndexOf("\n"), run.lastIndexOf("\r")) + 1;
  return lineStart > 0 ? codePointLength(run.slice(lineStart)) : column + codePointLength(run);
}
