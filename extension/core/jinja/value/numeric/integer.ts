import { JinjaError, JinjaLimitError } from "../../errors";
import { countWork } from "../budget";
import { MAX_INTEGER_BITS } from "../../runtime/limits";

/** Python's `int`: a number where it is safe, a bigint everywhere else, and never -0. */
export type Int = number | bigint;

const LARGEST = 1n << BigInt(MAX_INTEGER_BITS);

/** The integer as a number where it is safe. @throws JinjaLimitError beyond {@link MAX_INTEGER_BITS}. */
export function normalise(n: bigint): Int {
  if (n >= -9007199254740991n && n <= 9007199254740991n) return Number(n);
  if (n > LARGEST || n < -LARGEST) throw tooLarge();
  return n;
}

function tooLarge(): JinjaLimitError {
  return new JinjaLimitError("integer-bits", `The template makes an integer of more than ${MAX_INTEGER_BITS} bits.`);
}

export function add(a: Int, b: Int): Int {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return normalise(BigInt(a) + BigInt(b));
}

export function subtract(a: Int, b: Int): Int {
  if (typeof a === "number" && typeof b === "number") {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return normalise(BigInt(a) - BigInt(b));
}

export function multiply(a: Int, b: Int): Int {
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return normalise(BigInt(a) * BigInt(b));
}

/** `a // b`, rounded down. @throws JinjaError ZeroDivisionError */
export function floorDivide(a: Int, b: Int): Int {
  if (b === 0) throw new JinjaError("ZeroDivisionError", "integer division or modulo by zero");
  if (typeof a === "number" && typeof b === "number") {
    const rest = a % b;
    const quotient = (a - rest) / b;
    return (rest !== 0 && rest < 0 !== b < 0 ? quotient - 1 : quotient) + 0;
  }
  const [left, right] = [BigInt(a), BigInt(b)];
  const rest = left % right;
  return normalise(rest !== 0n && rest < 0n !== right < 0n ? left / right - 1n : left / right);
}

/** `a % b`, with the sign of b. @throws JinjaError ZeroDivisionError */
export function modulo(a: Int, b: Int): Int {
  if (b === 0) throw new JinjaError("ZeroDivisionError", "integer modulo by zero");
  if (typeof a === "number" && typeof b === "number") {
    const rest = a % b;
    return (rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest) + 0;
  }
  const right = BigInt(b);
  const rest = BigInt(a) % right;
  return normalise(rest !== 0n && rest < 0n !== right < 0n ? rest + right : rest);
}

/** `a / b`, correctly rounded. @throws JinjaError ZeroDivisionError, OverflowError */
export function trueDivide(a: Int, b: Int): number {
  if (b === 0) throw new JinjaError("ZeroDivisionError", "division by zero");
  if (typeof a === "number" && typeof b === "number") return a / b;
  const quotient = ratio(BigInt(a), BigInt(b));
  if (!Number.isFinite(quotient)) throw new JinjaError("OverflowError", "integer division result too large for a float");
  return quotient;
}

/** `base ** exponent` for an exponent that is not negative. @throws JinjaLimitError */
export function raise(base: Int, exponent: Int): Int {
  if (base === 0) return exponent === 0 ? 1 : 0;
  if (base === 1) return 1;
  if (base === -1) return modulo(exponent, 2) === 0 ? 1 : -1;
  if (typeof exponent === "bigint" || (bitLength(base) - 1) * exponent > MAX_INTEGER_BITS) throw tooLarge();
  // In the square of the words that the result takes.
  const words = (bitLength(base) * exponent) >> 6;
  countWork((words * words) >> 5);
  return normalise(BigInt(base) ** BigInt(exponent));
}

/** As `int.bit_length()`. */
export function bitLength(value: Int): number {
  if (typeof value === "number" && Math.abs(value) <= 0x7fffffff) return 32 - Math.clz32(Math.abs(value));
  const magnitude = value < 0 ? -BigInt(value) : BigInt(value);
  const hex = magnitude.toString(16);
  return (hex.length - 1) * 4 + 32 - Math.clz32(Number.parseInt(hex.charAt(0), 16));
}

/** @throws JinjaError OverflowError */
export function toFloat(value: Int): number {
  const float = Number(value);
  if (!Number.isFinite(float)) throw new JinjaError("OverflowError", "int too large to convert to float");
  return float;
}

/** The exponent of the smallest subnormal number. */
const LOWEST_EXPONENT = -1074;

/**
 * The quotient of two integers, rounded half to even once; infinite where it is too large. `numerator` and `denominator`
 * may be of any size.
 */
export function ratio(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return denominator < 0n ? -0 : 0;
  const negative = numerator < 0n !== denominator < 0n;
  const [a, b] = [numerator < 0n ? -numerator : numerator, denominator < 0n ? -denominator : denominator];
  // 54 or 55 bits of quotient and a sticky bit; fewer where the result is subnormal, so that it is still rounded only once.
  const exponent = Math.max(bitLength(a) - bitLength(b) - 54, LOWEST_EXPONENT - 2);
  const [scaled, by] = exponent < 0 ? [a << BigInt(-exponent), b] : [a, b << BigInt(exponent)];
  const quotient = ((scaled / by) << 1n) | (scaled % by === 0n ? 0n : 1n);
  const magnitude = scale(roundTo(quotient, exponent - 1), exponent - 1);
  return negative ? -magnitude : magnitude;
}

/** Rounds away the bits of `quotient * 2^exponent` that a double does not have. */
function roundTo(quotient: bigint, exponent: number): number {
  const excess = BigInt(Math.max(bitLength(quotient) - 53, LOWEST_EXPONENT - exponent, 0));
  const half = excess === 0n ? 0n : 1n << (excess - 1n);
  const rest = quotient & ((1n << excess) - 1n);
  let kept = quotient >> excess;
  if (rest > half || (rest === half && half !== 0n && (kept & 1n) === 1n)) kept++;
  return Number(kept << excess);
}

/** `value * 2^exponent` in steps whose factors are all normal numbers; the result is exact, or infinite. */
function scale(value: number, exponent: number): number {
  let [result, left] = [value, exponent];
  for (; left > 1000; left -= 1000) {
    result *= 2 ** 1000;
    if (result === Infinity) return result;
  }
  for (; left < -1000; left += 1000) result *= 2 ** -1000;
  return result * 2 ** left;
}
