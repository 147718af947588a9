import { JinjaError } from "../../errors";
import { toFloat } from "../../value/numeric/integer";
import { formatInteger } from "../../value/repr";
import { checkTextLength, textOf } from "../../value/text";
import type { FloatStyle } from "./float";
import { floatText, isZeroText } from "./float";
import type { FormatSpec } from "./spec";
import { parseSpec, unknownCode, valueError } from "./spec";
import { padText } from "../padding";
import { codePointLength } from "../unicode";

const RADIX: ReadonlyMap<string, number> = new Map([
  ["b", 2],
  ["o", 8],
  ["x", 16],
  ["X", 16],
]);

/** `format(value, spec)` of an int or bool (`of` is the type's name in messages). @throws JinjaError ValueError, OverflowError */
export function formatInt(value: number | bigint, text: string, of: string): string {
  const spec = parseSpec(text, ">", "d", of);
  if ("eEfFgG%".includes(spec.type)) return formatDouble(toFloat(value), spec);
  if (!"bcdoxXn".includes(spec.type)) throw unknownCode(spec.type, of);
  if (spec.precision !== undefined) throw valueError("Precision not allowed in integer format specifier");
  if (spec.noNegativeZero) throw valueError("Negative zero coercion (z) not allowed in integer format specifier");
  if (spec.type === "c") return finish("", "", characterOf(value, spec), "", { ...spec, grouping: "" });
  const radix = RADIX.get(spec.type);
  const magnitude = value < 0 ? -value : value;
  const digits = radix === undefined ? formatInteger(magnitude) : magnitude.toString(radix);
  const prefix = spec.alternate && radix !== undefined ? `0${spec.type}` : "";
  return finish(signOf(value < 0, spec), prefix, spec.type === "X" ? digits.toUpperCase() : digits, "", spec);
}

function characterOf(value: number | bigint, { sign, alternate }: FormatSpec): string {
  if (sign !== "") throw valueError("Sign not allowed with integer format specifier 'c'");
  if (alternate) throw valueError("Alternate form (#) not allowed with integer format specifier 'c'");
  if (BigInt.asIntN(64, BigInt(value)) !== BigInt(value)) throw new JinjaError("OverflowError", "Python int too large to convert to C long");
  return characterOfCode(value);
}

/** `chr(code)`, in the words of `%c`. @throws JinjaError OverflowError */
export function characterOfCode(code: number | bigint): string {
  if (code < 0 || code > 0x10ffff) throw new JinjaError("OverflowError", "%c arg not in range(0x110000)");
  return String.fromCodePoint(Number(code));
}

/** `format(value, spec)` of a float. @throws JinjaError ValueError */
export function formatFloat(value: number, text: string): string {
  const spec = parseSpec(text, ">", "", "float");
  if (spec.type !== "" && !"eEfFgGn%".includes(spec.type)) throw unknownCode(spec.type, "float");
  return formatDouble(value, spec);
}

function formatDouble(value: number, spec: FormatSpec): string {
  const percent = spec.type === "%";
  const number = percent ? value * 100 : value;
  let text = floatText(number, floatStyle(spec));
  if (spec.type >= "A" && spec.type <= "Z") text = text.toUpperCase();
  const minus = (number < 0 || Object.is(number, -0)) && !(spec.noNegativeZero && isZeroText(text));
  const digits = /^\d*/.exec(text)?.[0] ?? "";
  return finish(signOf(minus, spec), "", digits, text.slice(digits.length) + (percent ? "%" : ""), spec);
}

function floatStyle({ type, precision, alternate }: FormatSpec): FloatStyle {
  if (precision !== undefined && precision > 0x7fffffff) throw valueError("precision too big");
  if (type === "") return { code: precision === undefined ? "r" : "g", precision: precision ?? 0, alternate, pointZero: true };
  const code = type === "%" ? "f" : type === "n" ? "g" : (type.toLowerCase() as "e" | "f" | "g");
  return { code, precision: precision ?? 6, alternate };
}

function signOf(minus: boolean, { sign }: FormatSpec): string {
  if (minus) return "-";
  return sign === "-" ? "" : sign;
}

/** Groups the digits, and fills up to the width where the alignment says: `=` between sign and digits. */
function finish(sign: string, prefix: string, digits: string, rest: string, spec: FormatSpec): string {
  checkTextLength(spec.width);
  const front = sign + prefix;
  const padded = spec.fill === "0" && spec.align === "=";
  const least = padded ? spec.width - front.length - codePointLength(rest) : 0;
  const body = (spec.grouping === "" || digits === "" ? digits : grouped(digits, spec, least)) + rest;
  const missing = spec.width - front.length - codePointLength(body);
  if (missing <= 0) return front + body;
  if (spec.align === "=") return front + spec.fill.repeat(missing) + body;
  return aligned(front + body, missing, spec);
}

/** The text with the missing characters on the sides that the alignment leaves. */
function aligned(text: string, missing: number, { align, fill }: FormatSpec): string {
  const left = align === "<" ? 0 : align === "^" ? Math.floor(missing / 2) : missing;
  return textOf(padText(text, left, missing - left, fill));
}

function grouped(digits: string, { grouping, type }: FormatSpec, least: number): string {
  const size = RADIX.has(type) ? 4 : 3;
  // Zeros fill up with separators between them; a separator never stands in front, so that the result may be one wider.
  let count = digits.length;
  while (count + Math.floor((count - 1) / size) < least) count++;
  const filled = digits.padStart(count, "0");
  const first = filled.length % size || size;
  const groups = [filled.slice(0, first)];
  for (let at = first; at < filled.length; at += size) groups.push(filled.slice(at, at + size));
  return groups.join(grouping);
}
