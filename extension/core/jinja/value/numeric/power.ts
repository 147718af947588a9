import { JinjaError, JinjaLimitError } from "../../errors";
import { decompose } from "./float";
import { bitLength, ratio } from "./integer";

/**
 * `x ** y` of floats with CPython's special cases.
 * @throws JinjaError ZeroDivisionError, OverflowError
 * @throws JinjaLimitError where Python's result is a complex number
 */
export function powerFloats(x: number, y: number): number {
  if (y === 0 || x === 1) return 1;
  if (Number.isNaN(x)) return x;
  if (Number.isNaN(y)) return y;
  const odd = Number.isInteger(y) && y % 2 !== 0;
  if (!Number.isFinite(y)) {
    if (x === -1) return 1;
    return y > 0 === Math.abs(x) > 1 ? Infinity : 0;
  }
  if (!Number.isFinite(x)) return powerOfInfinity(x, y, odd);
  if (x === 0) {
    if (y < 0) throw new JinjaError("ZeroDivisionError", "0.0 cannot be raised to a negative power");
    return odd ? x : 0;
  }
  const magnitude = powerOfPositive(Math.abs(x), y);
  if (x < 0 && !Number.isInteger(y)) throw complexResult(magnitude);
  if (magnitude === Infinity) throw new JinjaError("OverflowError", "(34, 'Numerical result out of range')");
  return x < 0 && odd ? -magnitude : magnitude;
}

function complexResult(magnitude: number): JinjaError {
  if (magnitude === Infinity) return new JinjaError("OverflowError", "complex exponentiation");
  return new JinjaLimitError("complex", "The result is a complex number, which this engine does not have.");
}

function powerOfInfinity(x: number, y: number, odd: boolean): number {
  const magnitude = y > 0 ? Infinity : 0;
  return odd && x < 0 ? -magnitude : magnitude;
}

/** Bits of the largest exact power that is worth working out; beyond it the logarithm is precise enough. */
const EXACT_BITS = 20_000;

/**
 * The correctly rounded power. `Math.pow` is not: it is up to one unit in the last place away from the C library's, which
 * is nearly always correctly rounded, and every digit shows.
 */
function powerOfPositive(x: number, y: number): number {
  if (x === 1) return 1;
  if (y === 0.5) return Math.sqrt(x);
  const estimate = y * Math.log(x);
  if (estimate > 720) return Infinity;
  if (estimate < -760) return 0;
  const { mantissa, exponent } = decompose(x);
  if (!Number.isInteger(y) || bitLength(mantissa) * Math.abs(y) > EXACT_BITS) return powerByLogarithm(x, y);
  const [power, shift] = [mantissa ** BigInt(Math.abs(y)), exponent * Math.abs(y)];
  const [numerator, denominator] = shift > 0 ? [power << BigInt(shift), 1n] : [power, 1n << BigInt(-shift)];
  return y > 0 ? ratio(numerator, denominator) : ratio(denominator, numerator);
}

/** e^(y ln x) in fixed point, with some 100 bits more than a double has. */
function powerByLogarithm(x: number, y: number): number {
  const base = decompose(x);
  const power = decompose(y);
  const precision = 180 + Math.max(0, bitLength(power.mantissa) + power.exponent);
  const one = 1n << BigInt(precision);
  const ln2 = logarithm(2n, 1n, one);
  const size = bitLength(base.mantissa) - 1;
  const lnX = logarithm(base.mantissa, 1n << BigInt(size), one) + BigInt(base.exponent + size) * ln2;
  const product = power.mantissa * lnX;
  const total = power.exponent < 0 ? product >> BigInt(-power.exponent) : product << BigInt(power.exponent);
  const doublings = Number(total / ln2);
  const shift = doublings - precision;
  const rest = exponential(total - BigInt(doublings) * ln2, one);
  return shift > 0 ? ratio(rest << BigInt(shift), 1n) : ratio(rest, 1n << BigInt(-shift));
}

/** ln(numerator / denominator), for a ratio between 1 and 2: twice the series of artanh((r - 1) / (r + 1)). */
function logarithm(numerator: bigint, denominator: bigint, one: bigint): bigint {
  const z = ((numerator - denominator) * one) / (numerator + denominator);
  const square = (z * z) / one;
  let sum = 0n;
  for (let term = z, n = 1n; term !== 0n; term = (term * square) / one, n += 2n) sum += term / n;
  return 2n * sum;
}

function exponential(value: bigint, one: bigint): bigint {
  let sum = 0n;
  for (let term = one, n = 1n; term !== 0n; term = (term * value) / one / n, n++) sum += term;
  return sum;
}
