import { JinjaError } from "../errors";
import { toFloat } from "../value/numeric/integer";
import { formatInteger, repr, str } from "../value/repr";
import type { Str } from "../value/text";
import { countWork } from "../value/budget";
import { checkTextLength, concatText, deriveText, sliceText, textOf } from "../value/text";
import type { Value } from "../value/types";
import { PyFloat, PyTuple, typeName, Undefined } from "../value/types";
import { failUndefined } from "../value/undefined";
import { asIndex, asText, typeError } from "./arguments";
import { asciiRepr } from "./formatting/ascii";
import { firstCharacters } from "./format";
import { floatText } from "./formatting/float";
import { characterOfCode } from "./formatting/number";
import { valueError } from "./formatting/spec";
import { isMapping, mappingItem } from "./formatting/mapping";
import { padText } from "./padding";
import { codePointLength, unitToCodePoint, widthAt } from "./unicode";

/** A conversion, `%[(key)][flags][width][.precision]type`, read so far as needed. */
interface Conversion {
  readonly left: boolean;
  readonly plus: boolean;
  readonly blank: boolean;
  readonly alternate: boolean;
  readonly zero: boolean;
  readonly width: number;
  readonly precision: number | undefined;
}

/**
 * `format % args`. Literal characters and the texts that `%s` prints keep their origins.
 * @throws JinjaError TypeError, ValueError, KeyError, OverflowError; JinjaLimitError
 */
export function percentFormat(format: Str, args: Value): Str {
  return new PercentFormatter(format, args).format();
}

class PercentFormatter {
  readonly #format: Str;
  readonly #text: string;
  readonly #mapping: Value | undefined;
  /** The arguments that conversions take one by one. A mapping is replaced by the item of the last key. */
  #items: readonly Value[];
  #taken = 0;
  #at = 0;

  constructor(format: Str, args: Value) {
    this.#format = format;
    this.#text = textOf(format);
    this.#items = args instanceof PyTuple ? args.items : [args];
    this.#mapping = isMapping(args) ? args : undefined;
  }

  format(): Str {
    const parts: Str[] = [];
    let total = 0;
    for (;;) {
      const percent = this.#text.indexOf("%", this.#at);
      const end = percent < 0 ? this.#text.length : percent;
      if (end > this.#at) parts.push(sliceText(this.#format, this.#at, end));
      if (percent < 0) break;
      this.#at = percent + 1;
      countWork(8);
      const converted = this.#conversion();
      checkTextLength((total += textOf(converted).length));
      parts.push(converted);
    }
    if (this.#taken < this.#items.length && this.#mapping === undefined) throw typeError("not all arguments converted during string formatting");
    countWork(total >> 6);
    return concatText(parts);
  }

  #conversion(): Str {
    if (this.#text.charAt(this.#at) === "%") return sliceText(this.#format, this.#at, ++this.#at);
    if (this.#text.charAt(this.#at) === "(") this.#readKey();
    const conversion = this.#readConversion();
    const at = this.#at;
    if (at >= this.#text.length) throw valueError("incomplete format");
    this.#at += widthAt(this.#text, at);
    const type = this.#text.slice(at, this.#at);
    const value = this.#next();
    if (!"sradiuoxXeEfFgGc".includes(type)) throw valueError(unsupported(type, unitToCodePoint(this.#text, at)));
    return convert(value, type, conversion);
  }

  #next(): Value {
    const value = this.#items[this.#taken];
    if (value === undefined) throw typeError("not enough arguments for format string");
    this.#taken++;
    return value;
  }

  #readKey(): void {
    if (this.#mapping === undefined) throw typeError("format requires a mapping");
    const start = this.#at + 1;
    let depth = 1;
    let at = start;
    for (; at < this.#text.length && depth > 0; at++) {
      const char = this.#text.charAt(at);
      if (char === "(") depth++;
      else if (char === ")") depth--;
    }
    if (depth > 0) throw valueError("incomplete format key");
    this.#at = at;
    this.#items = [mappingItem(this.#mapping, this.#text.slice(start, at - 1))];
    this.#taken = 0;
  }

  #readConversion(): Conversion {
    const flags = /^[-+ #0]*/.exec(this.#text.slice(this.#at, this.#at + 64))?.[0] ?? "";
    this.#at += flags.length;
    const width = this.#readNumber("width too big") ?? 0;
    const precision = this.#readPrecision();
    if ("hlL".includes(this.#text.charAt(this.#at) || "-")) this.#at++;
    return {
      left: flags.includes("-") || width < 0,
      plus: flags.includes("+"),
      blank: flags.includes(" "),
      alternate: flags.includes("#"),
      zero: flags.includes("0"),
      width: Math.abs(width),
      precision,
    };
  }

  #readPrecision(): number | undefined {
    if (this.#text.charAt(this.#at) !== ".") return undefined;
    this.#at++;
    return Math.max(this.#readNumber("precision too big") ?? 0, 0);
  }

  /** Digits, or `*` for the next argument. */
  #readNumber(tooBig: string): number | undefined {
    if (this.#text.charAt(this.#at) === "*") {
      this.#at++;
      return starArgument(this.#next(), tooBig);
    }
    let digits = "";
    while (isAsciiDigit(this.#text.charAt(this.#at))) digits += this.#text.charAt(this.#at++);
    if (digits === "") return undefined;
    return checkedSize(BigInt(digits), tooBig);
  }
}

function isAsciiDigit(char: string): boolean {
  return char >= "0" && char <= "9";
}

function starArgument(value: Value, tooBig: string): number {
  const index = asIndex(value);
  if (index === undefined) throw typeError("* wants int");
  const bits = tooBig.startsWith("width") ? 64 : 32;
  if (BigInt.asIntN(bits, BigInt(index)) !== BigInt(index)) throw overflow(`Python int too large to convert to C ${bits === 64 ? "ssize_t" : "int"}`);
  return Number(index);
}

function checkedSize(size: bigint, tooBig: string): number {
  const most = tooBig.startsWith("width") ? 2n ** 63n - 1n : 2n ** 31n - 1n;
  if (size > most) throw valueError(tooBig);
  return Number(size);
}

function overflow(message: string): JinjaError {
  return new JinjaError("OverflowError", message);
}

function unsupported(type: string, index: number): string {
  const code = type.codePointAt(0) as number;
  const shown = code >= 31 && code <= 126 ? type : "?";
  return `unsupported format character '${shown}' (0x${code.toString(16)}) at index ${index}`;
}

// ── conversions ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function convert(value: Value, type: string, conversion: Conversion): Str {
  if ("sra".includes(type)) {
    const text = type === "s" ? str(value) : deriveText(type === "r" ? repr(value) : asciiRepr(value), [value]);
    return padded(conversion.precision === undefined ? text : firstCharacters(text, conversion.precision), conversion);
  }
  if (type === "c") return padded(character(value), conversion);
  if ("eEfFgG".includes(type)) return number(float(value, type, conversion), "", conversion);
  const integer = integerOf(value, type);
  const radix = type === "o" ? 8 : type === "x" || type === "X" ? 16 : 10;
  const magnitude = integer < 0 ? -integer : integer;
  const digits = (radix === 10 ? formatInteger(magnitude) : magnitude.toString(radix)).padStart(digitCount(conversion), "0");
  const prefix = conversion.alternate && radix !== 10 ? `0${type}` : "";
  return number((integer < 0 ? "-" : "") + (type === "X" ? digits.toUpperCase() : digits), prefix, conversion);
}

function digitCount({ precision = 0 }: Conversion): number {
  if (precision > 0x7fffffff - 3) throw overflow("precision too large");
  checkTextLength(precision);
  return precision;
}

function character(value: Value): Str {
  const text = asText(value);
  if (text !== undefined) {
    if (codePointLength(textOf(text)) !== 1) throw typeError("%c requires int or char");
    return text;
  }
  const code = asIndex(value);
  if (code === undefined) throw typeError("%c requires int or char");
  return characterOfCode(code);
}

function integerOf(value: Value, type: string): number | bigint {
  const index = asIndex(value);
  if (index !== undefined) return index;
  if ("oxX".includes(type)) throw typeError(`%${type} format: an integer is required, not ${typeName(value)}`);
  if (value instanceof Undefined) failUndefined(value);
  if (!(value instanceof PyFloat)) throw typeError(`%${type} format: a real number is required, not ${typeName(value)}`);
  if (Number.isNaN(value.value)) throw valueError("cannot convert float NaN to integer");
  if (!Number.isFinite(value.value)) throw overflow("cannot convert float infinity to integer");
  return BigInt(Math.trunc(value.value));
}

/** The written float with a minus where it is negative. */
function float(value: Value, type: string, { precision = 6, alternate }: Conversion): string {
  const index = asIndex(value);
  if (value instanceof Undefined) failUndefined(value);
  if (index === undefined && !(value instanceof PyFloat)) throw typeError(`must be real number, not ${typeName(value)}`);
  const real = value instanceof PyFloat ? value.value : toFloat(index as number | bigint);
  const text = floatText(real, { code: type.toLowerCase() as "e" | "f" | "g", precision, alternate });
  return (real < 0 || Object.is(real, -0) ? "-" : "") + (type < "a" ? text.toUpperCase() : text);
}

/** A written number with its sign as the flags want it, filled up to the width. */
function number(text: string, prefix: string, conversion: Conversion): Str {
  const minus = text.startsWith("-");
  const sign = minus ? "-" : conversion.plus ? "+" : conversion.blank ? " " : "";
  const body = minus ? text.slice(1) : text;
  const missing = conversion.width - sign.length - prefix.length - body.length;
  if (!conversion.zero || conversion.left || missing <= 0) return padded(sign + prefix + body, conversion);
  checkTextLength(conversion.width);
  return sign + prefix + "0".repeat(missing) + body;
}

function padded(text: Str, { width, left }: Conversion): Str {
  const missing = width - codePointLength(textOf(text));
  return padText(text, left ? 0 : missing, left ? missing : 0);
}
