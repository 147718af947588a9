import { checkTextLength } from "../../value/text";
import type { Digits } from "./floatDigits";
import { fixedDigits, shortestDigits, significantDigits } from "./floatDigits";

/** How a float is written: `r` is as in its repr, the others as in C. */
export type FloatCode = "e" | "f" | "g" | "r";

export interface FloatStyle {
  readonly code: FloatCode;
  readonly precision: number;
  /** `#`: keep the decimal point and, for `g`, the zeros at the end. */
  readonly alternate?: boolean;
  /** Make it look like a float: `.0` behind whole numbers. */
  readonly pointZero?: boolean;
}

/** The magnitude of a float in a style, without sign: `inf` and `nan` for those. @throws JinjaLimitError */
export function floatText(value: number, style: FloatStyle): string {
  if (Number.isNaN(value)) return "nan";
  const magnitude = Math.abs(value);
  if (magnitude === Infinity) return "inf";
  checkTextLength(style.precision);
  const digits = digitsOf(magnitude, style);
  const exponent = exponentOf(digits, style);
  return exponent === undefined ? placed(digits, style) : placed({ digits: digits.digits, point: 1 }, style, true) + exponentText(exponent);
}

function digitsOf(magnitude: number, { code, precision }: FloatStyle): Digits {
  if (code === "r") return shortestDigits(magnitude);
  if (code === "f") return fixedDigits(magnitude, precision);
  return significantDigits(magnitude, code === "e" ? precision + 1 : Math.max(precision, 1));
}

/** The exponent to write, or undefined for none. */
function exponentOf({ point }: Digits, { code, precision, pointZero }: FloatStyle): number | undefined {
  if (code === "f") return undefined;
  if (code === "e") return point - 1;
  const most = code === "r" ? 16 : Math.max(precision, 1) - (pointZero === true ? 1 : 0);
  return point <= -4 || point > most ? point - 1 : undefined;
}

function exponentText(exponent: number): string {
  return `e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** The digits with the decimal point where it belongs, filled up with zeros as far as the style wants decimals. */
function placed({ digits, point }: Digits, style: FloatStyle, exponential = false): string {
  let decimals = Math.max(digits.length - point, 0);
  if (style.code === "f" || style.code === "e") decimals = style.precision;
  else if (style.code === "g" && style.alternate === true) decimals = Math.max(style.precision, 1) - point;
  if (style.pointZero === true && !exponential) decimals = Math.max(decimals, 1);
  decimals = Math.max(decimals, 0);
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, "0") : "0";
  const fraction = (point > 0 ? digits.slice(point) : "0".repeat(-point) + digits).slice(0, decimals).padEnd(decimals, "0");
  return fraction === "" && style.alternate !== true ? whole : `${whole}.${fraction}`;
}

/** Whether a written magnitude is zero. */
export function isZeroText(text: string): boolean {
  return !/[1-9a-z]/i.test(text.replace(/e.*/i, ""));
}
