import { JinjaError } from "../errors";
import { toInteger } from "../value/number";
import { decompose } from "../value/numeric/float";

/** Python's rounding, which is exact: half to even on the number that the float really is. */

/** `int(value)`: toward zero. @throws JinjaError */
export function floatToInteger(value: number): number | bigint {
  if (Number.isNaN(value)) throw new JinjaError("ValueError", "cannot convert float NaN to integer");
  if (!Number.isFinite(value)) throw new JinjaError("OverflowError", "cannot convert float infinity to integer");
  // Adding zero takes the sign off a negative zero.
  const whole = Math.trunc(value) + 0;
  return Number.isSafeInteger(whole) ? whole : (toInteger(BigInt(whole)) as bigint);
}

/** Beyond these no digit of a double is touched, or none is left (CPython's float_round). */
const MAX_DIGITS = 323;
const MIN_DIGITS = -308;

/** `round(value, digits)` for a float. @throws JinjaError OverflowError when the result is no float. */
export function roundFloat(value: number, digits: number): number {
  if (!Number.isFinite(value) || value === 0 || digits > MAX_DIGITS) return value;
  if (digits < MIN_DIGITS) return 0 * value;
  const { mantissa, exponent } = decompose(Math.abs(value));
  if (exponent >= 0 && digits >= 0) return value;
  let numerator = mantissa;
  let denominator = 1n;
  if (exponent >= 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  if (digits >= 0) numerator *= 10n ** BigInt(digits);
  else denominator *= 10n ** BigInt(-digits);
  const rounded = Number(`${divideHalfEven(numerator, denominator).toString()}e${-digits}`);
  if (!Number.isFinite(rounded)) throw new JinjaError("OverflowError", "rounded value too large to represent");
  return value < 0 ? -rounded : rounded;
}

/** The quotient of two integers that are not negative, rounded half to even. */
function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const up = twice > denominator || (twice === denominator && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}

/** `round(value, digits)` for an int. */
export function roundInteger(value: number | bigint, digits: number | bigint): number | bigint {
  if (digits >= 0) return value;
  const magnitude = BigInt(value < 0 ? -value : value);
  const places = -Number(digits);
  // Half of the power is already more than the number.
  if (places > magnitude.toString().length + 1) return 0;
  const unit = 10n ** BigInt(places);
  const rounded = divideHalfEven(magnitude, unit) * unit;
  return toInteger(value < 0 ? -rounded : rounded) as number | bigint;
}
