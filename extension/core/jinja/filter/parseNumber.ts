import { JinjaLimitError } from "../errors";
import { MAX_INTEGER_BITS } from "../runtime/limits";
import { countWork } from "../value/budget";

/** How Python reads numbers from texts: `int(text, base)` and `float(text)`. */

/** CPython's bound on the digits of a decimal that `int()` reads (sys.get_int_max_str_digits). */
const MAX_DIGITS = 4300;

const DECIMAL_DIGIT = /\p{Nd}/u;
const WIDE_SPACE = /\s|\x85/u;

/** Digits of all scripts become ASCII and white space beyond ASCII a blank, as CPython does before it parses. */
function toAsciiDigits(text: string): string {
  if (!/[^\0-\x7f]/.test(text)) return text;
  return Array.from(text, (character) => {
    if (character <= "\x7f") return character;
    if (DECIMAL_DIGIT.test(character)) return String(digitValue(character));
    return WIDE_SPACE.test(character) && character !== "\ufeff" ? " " : "?";
  }).join("");
}

/** Decimal digits stand in runs of whole tens that begin with a zero, so a digit's distance from the run's start tells its value. */
function digitValue(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  let first = code;
  while (DECIMAL_DIGIT.test(String.fromCodePoint(first - 1))) first -= 1;
  return (code - first) % 10;
}

/** Blanks that C's isspace knows: fewer than `str.strip` removes. */
function trimAscii(text: string): string {
  const isBlank = (at: number): boolean => /[\t-\r ]/.test(text.charAt(at));
  let start = 0;
  let end = text.length;
  countWork(end >> 1);
  while (start < end && isBlank(start)) start++;
  while (end > start && isBlank(end - 1)) end--;
  return text.slice(start, end);
}

const PREFIXES: Readonly<Record<string, number>> = { "0x": 16, "0o": 8, "0b": 2 };

/** `int(text, base)`; undefined where it raises ValueError. */
export function parseInteger(text: string, base: number): bigint | undefined {
  if (base !== 0 && (base < 2 || base > 36)) return undefined;
  let rest = trimAscii(toAsciiDigits(text)).toLowerCase();
  const negative = rest.startsWith("-");
  if (negative || rest.startsWith("+")) rest = rest.slice(1);
  const prefixed = PREFIXES[rest.slice(0, 2)];
  let radix = base;
  if (prefixed !== undefined && (base === 0 || base === prefixed)) {
    radix = prefixed;
    rest = rest.slice(2).replace(/^_/, "");
  } else if (base === 0) {
    radix = 10;
    // A leading zero is octal in other languages, so Python refuses it.
    if (/^0[0_]*[1-9]/.test(rest)) return undefined;
  }
  if (!/^[0-9a-z]+(?:_[0-9a-z]+)*$/.test(rest)) return undefined;
  const magnitude = digitsToInteger(rest.replaceAll("_", ""), radix);
  return magnitude !== undefined && negative ? -magnitude : magnitude;
}

function digitsToInteger(text: string, radix: number): bigint | undefined {
  const digits = text.replace(/^0+(?=.)/, "");
  // CPython's bound spares the bases that are powers of two; this engine's own does not.
  const powerOfTwo = (radix & (radix - 1)) === 0;
  if (text.length > MAX_DIGITS && !powerOfTwo) return undefined;
  if (powerOfTwo && digits.length * Math.log2(radix) > MAX_INTEGER_BITS) {
    throw new JinjaLimitError("integer-bits", `The template makes an integer of more than ${MAX_INTEGER_BITS} bits.`);
  }
  countWork(digits.length);
  if (radix === 10) return /^\d+$/.test(digits) ? BigInt(digits) : undefined;
  let value = 0n;
  const step = BigInt(radix);
  for (const character of digits) {
    const digit = Number.parseInt(character, 36);
    if (digit >= radix) return undefined;
    value = value * step + BigInt(digit);
  }
  return value;
}

const FLOAT = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?$/;
const SPECIAL = /^([+-]?)(inf|infinity|nan)$/;

/** `float(text)`; undefined where it raises ValueError. */
export function parseFloatText(text: string): number | undefined {
  const rest = trimAscii(toAsciiDigits(text)).toLowerCase();
  const special = SPECIAL.exec(rest);
  if (special !== null) {
    if (special[2] === "nan") return Number.NaN;
    return special[1] === "-" ? -Infinity : Infinity;
  }
  return FLOAT.test(rest) ? Number(rest.replaceAll("_", "")) : undefined;
}
