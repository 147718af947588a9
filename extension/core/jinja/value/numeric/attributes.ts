import { JinjaError } from "../../errors";
import { countWork } from "../budget";
import { simpleMethod } from "../objects";
import type { Value } from "../types";
import { PyFloat, PyTuple } from "../types";
import { decompose, floatHex } from "./float";
import type { Int } from "./integer";
import { bitLength, normalise } from "./integer";

/** The attributes of `int`, which `bool` inherits. */
export function integerAttribute(type: "int" | "bool", value: Int, name: string): Value | undefined {
  switch (name) {
    case "real":
    case "numerator":
      return value;
    case "imag":
      return 0;
    case "denominator":
      return 1;
    case "conjugate":
      return simpleMethod(type, name, () => value);
    case "bit_length":
      return simpleMethod(type, name, () => bitLength(value));
    case "bit_count":
      return simpleMethod(type, name, () => bitCount(value));
    case "as_integer_ratio":
      return simpleMethod(type, name, () => new PyTuple([value, 1]));
    default:
      return undefined;
  }
}

function bitCount(value: Int): number {
  const bits = BigInt(value).toString(2);
  countWork(bits.length);
  let count = 0;
  for (let at = 0; at < bits.length; at++) if (bits.charAt(at) === "1") count++;
  return count;
}

/** The attributes of `float`. */
export function floatAttribute(value: number, name: string): Value | undefined {
  switch (name) {
    case "real":
      return new PyFloat(value);
    case "imag":
      return new PyFloat(0);
    case "conjugate":
      return simpleMethod("float", name, () => new PyFloat(value));
    case "is_integer":
      return simpleMethod("float", name, () => Number.isInteger(value));
    case "hex":
      return simpleMethod("float", name, () => floatHex(value));
    case "as_integer_ratio":
      return simpleMethod("float", name, () => integerRatio(value));
    default:
      return undefined;
  }
}

function integerRatio(value: number): PyTuple {
  if (Number.isNaN(value)) throw new JinjaError("ValueError", "cannot convert NaN to integer ratio");
  if (!Number.isFinite(value)) throw new JinjaError("OverflowError", "cannot convert Infinity to integer ratio");
  const { mantissa, exponent } = decompose(value);
  const scale = 1n << BigInt(Math.abs(exponent));
  return new PyTuple(exponent > 0 ? [normalise(mantissa * scale), 1] : [normalise(mantissa), normalise(scale)]);
}
