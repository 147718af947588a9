import { JinjaError } from "../../errors";

/** `a / b`. @throws JinjaError ZeroDivisionError */
export function divideFloats(a: number, b: number): number {
  if (b === 0) throw new JinjaError("ZeroDivisionError", "float division by zero");
  return a / b;
}

/** `a % b`, with the sign of b, also of a zero. @throws JinjaError ZeroDivisionError */
export function moduloFloats(a: number, b: number): number {
  if (b === 0) throw new JinjaError("ZeroDivisionError", "float modulo");
  const rest = a % b;
  if (rest === 0) return b < 0 ? -0 : 0;
  return rest < 0 !== b < 0 ? rest + b : rest;
}

/** `a // b`. @throws JinjaError ZeroDivisionError */
export function floorDivideFloats(a: number, b: number): number {
  if (b === 0) throw new JinjaError("ZeroDivisionError", "float floor division by zero");
  const rest = a % b;
  // The division is of a multiple of b, so that it is nearly exact; what is left is rounded to the nearest integer.
  const quotient = (a - rest) / b - (rest !== 0 && rest < 0 !== b < 0 ? 1 : 0);
  if (quotient === 0) return a / b < 0 || Object.is(a / b, -0) ? -0 : 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

/** A finite number as `mantissa * 2^exponent`, the mantissa odd or zero. */
export function decompose(value: number): { readonly mantissa: bigint; readonly exponent: number } {
  if (value === 0) return { mantissa: 0n, exponent: 0 };
  let exponent = 0;
  let mantissa = value;
  // A subnormal number first gets the bits below the point that a normal one has.
  while (Math.abs(mantissa) < 1) {
    mantissa *= 2 ** 60;
    exponent -= 60;
  }
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent--;
  }
  let odd = BigInt(mantissa);
  while ((odd & 0xffffffffn) === 0n) {
    odd >>= 32n;
    exponent += 32;
  }
  while ((odd & 1n) === 0n) {
    odd >>= 1n;
    exponent++;
  }
  return { mantissa: odd, exponent };
}

/** `float.hex()` */
export function floatHex(value: number): string {
  if (Number.isNaN(value)) return "nan";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (!Number.isFinite(value)) return `${sign}inf`;
  if (value === 0) return `${sign}0x0.0p+0`;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const digits = (bits & 0xfffffffffffffn).toString(16).padStart(13, "0");
  const exponent = biased === 0 ? -1022 : biased - 1023;
  return `${sign}0x${biased === 0 ? 0 : 1}.${digits}p${exponent < 0 ? "" : "+"}${exponent}`;
}
