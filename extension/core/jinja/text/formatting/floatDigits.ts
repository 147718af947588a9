import { decompose } from "../../value/numeric/float";

/**
 * The decimal digits of floats, correctly rounded: half to even on the exact binary value, as CPython does. The number is
 * 0.DIGITS times ten to the `point`; a zero has the digit 0 and the point 1.
 */
export interface Digits {
  readonly digits: string;
  readonly point: number;
}

/** No float has more digits behind the point, or more significant ones; beyond these there are zeros. */
const MOST_DECIMALS = 1074;
const MOST_SIGNIFICANT = 767;

const ZERO: Digits = { digits: "0", point: 1 };

function withoutEndingZeros(digits: string, point: number): Digits {
  let end = digits.length;
  while (end > 1 && digits.charCodeAt(end - 1) === 48) end--;
  return digits === "" || digits === "0" ? ZERO : { digits: digits.slice(0, end), point };
}

/** `value * 10^power`, rounded half to even; `value` is finite and not negative. */
function scaled(value: number, power: number): bigint {
  const { mantissa, exponent } = decompose(value);
  let numerator = mantissa;
  let denominator = 1n;
  if (power >= 0) numerator *= 10n ** BigInt(power);
  else denominator *= 10n ** BigInt(-power);
  if (exponent >= 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  const quotient = numerator / denominator;
  const doubled = 2n * (numerator % denominator);
  return doubled > denominator || (doubled === denominator && (quotient & 1n) === 1n) ? quotient + 1n : quotient;
}

/** The digits rounded to so many decimals. */
export function fixedDigits(value: number, decimals: number): Digits {
  const places = Math.min(decimals, MOST_DECIMALS);
  const digits = scaled(value, places).toString();
  return withoutEndingZeros(digits, digits.length - places);
}

/** The digits rounded to so many significant ones (at least 1). */
export function significantDigits(value: number, count: number): Digits {
  if (value === 0) return ZERO;
  const wanted = Math.min(count, MOST_SIGNIFICANT);
  // Begins at the true point or below it, as rounding at a higher one could hide digits; a carry makes it one more.
  let point = Math.floor(Math.log10(value));
  let digits = scaled(value, wanted - point).toString();
  while (digits.length > wanted) digits = scaled(value, wanted - ++point).toString();
  return withoutEndingZeros(digits, point);
}

/** The shortest digits that read back as the number. */
export function shortestDigits(value: number): Digits {
  if (value === 0) return ZERO;
  const [mantissa = "", exponent = ""] = value.toExponential().split("e");
  return { digits: mantissa.replace(".", ""), point: Number(exponent) + 1 };
}
