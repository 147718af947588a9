import { JinjaError } from "../../errors";
import type { Filter } from "../../runtime/runtime";
import { asText } from "../../text/arguments";
import { formatValue } from "../../text/format";
import { hashKey } from "../../value/hash";
import { truth } from "../../value/protocol";
import { binary, toInteger } from "../../value/number";
import { repr } from "../../value/repr";
import { textOf } from "../../value/text";
import type { Value } from "../../value/types";
import { PyFloat, typeName, Undefined } from "../../value/types";
import { failUndefined } from "../../value/undefined";
import { expectNone } from "../arguments";
import { defineFilter, toCount, toIndex } from "../common";
import { parseFloatText, parseInteger } from "../parseNumber";
import { floatToInteger, roundFloat, roundInteger } from "../rounding";

const abs: Filter = (_runtime, value, args) => {
  expectNone("abs", args);
  if (typeof value === "number") return Math.abs(value);
  if (typeof value === "bigint") return value < 0n ? -value : value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value instanceof PyFloat) return new PyFloat(Math.abs(value.value));
  throw new JinjaError("TypeError", `bad operand type for abs(): '${typeName(value)}'`);
};

/** `float(value)`; undefined where Python raises ValueError or TypeError. @throws JinjaError what else it raises. */
function asFloat(value: Value): number | undefined {
  const text = asText(value);
  if (text !== undefined) return parseFloatText(textOf(text));
  if (value instanceof PyFloat) return value.value;
  if (value instanceof Undefined) failUndefined(value);
  if (typeof value !== "number" && typeof value !== "bigint" && typeof value !== "boolean") return undefined;
  const number = Number(value);
  if (!Number.isFinite(number)) throw new JinjaError("OverflowError", "int too large to convert to float");
  return number;
}

const int = defineFilter("do_int", "value default? base?", (_runtime, value, [fallback = 0, base = 10]) => {
  const text = asText(value);
  if (text === undefined) {
    if (value instanceof PyFloat) return Number.isNaN(value.value) ? fallback : floatToInteger(value.value);
    if (typeof value === "boolean") return value ? 1 : 0;
    if (typeof value === "number" || typeof value === "bigint") return value;
    if (value instanceof Undefined) failUndefined(value);
    return fallback;
  }
  const radix = typeof base === "number" || typeof base === "bigint" || typeof base === "boolean" ? Number(base) : -1;
  const parsed = parseInteger(textOf(text), radix);
  if (parsed !== undefined) return toInteger(parsed);
  // "42.23" gives 42.
  const number = parseFloatText(textOf(text));
  return number === undefined || !Number.isFinite(number) ? fallback : floatToInteger(number);
});

const float = defineFilter("do_float", "value default?", (_runtime, value, [fallback = new PyFloat(0)]) => {
  const number = asFloat(value);
  return number === undefined ? fallback : new PyFloat(number);
});

const METHODS: ReadonlySet<string> = new Set(["common", "ceil", "floor"]);

const round = defineFilter("do_round", "value precision? method?", (_runtime, value, [precision = 0, method = "common"]) => {
  const name = asText(method);
  if (name === undefined) hashKey(method);
  const how = name === undefined ? "" : textOf(name);
  if (!METHODS.has(how)) throw new JinjaError("FilterArgumentError", "method must be common, ceil or floor");
  if (how === "common") return roundCommon(value, precision);
  const scale = binary("**", 10, precision);
  return binary("/", roundTo(binary("*", value, scale), how === "ceil" ? Math.ceil : Math.floor), scale);
});

/** `round(value, precision)` */
function roundCommon(value: Value, precision: Value): Value {
  if (value instanceof PyFloat) {
    return precision === null ? floatToInteger(roundFloat(value.value, 0)) : new PyFloat(roundFloat(value.value, toCount(precision)));
  }
  if (typeof value === "boolean" || typeof value === "number" || typeof value === "bigint") {
    const integer = typeof value === "boolean" ? Number(value) : value;
    return precision === null ? integer : roundInteger(integer, toIndex(precision));
  }
  throw new JinjaError("TypeError", `type ${typeName(value)} doesn't define __round__ method`);
}

/** `math.ceil` and `math.floor` */
function roundTo(value: Value, toward: (number: number) => number): Value {
  if (value instanceof PyFloat) return floatToInteger(toward(value.value));
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "number" || typeof value === "bigint") return value;
  throw new JinjaError("TypeError", `must be real number, not ${typeName(value)}`);
}

const PREFIXES = ["k", "M", "G", "T", "P", "E", "Z", "Y"];

const filesizeformat = defineFilter("do_filesizeformat", "value binary?", (_runtime, value, [useBinary = false]) => {
  const bytes = asFloat(value);
  if (bytes === undefined) throw floatError(value);
  const isBinary = truth(useBinary);
  const base = isBinary ? 1024 : 1000;
  if (bytes === 1) return "1 Byte";
  if (bytes < base) return `${floatToInteger(bytes).toString()} Bytes`;
  // A number and a bigint compare exactly, as Python's float and int do.
  const at = PREFIXES.findIndex((_, index) => bytes < BigInt(base) ** BigInt(index + 2));
  const index = at === -1 ? PREFIXES.length - 1 : at;
  const amount = (base * bytes) / Number(BigInt(base) ** BigInt(index + 2));
  const prefix = isBinary ? `${(PREFIXES[index] ?? "").toUpperCase()}i` : PREFIXES[index];
  return `${textOf(formatValue(new PyFloat(amount), ".1f"))} ${prefix ?? ""}B`;
});

function floatError(value: Value): JinjaError {
  if (asText(value) !== undefined) return new JinjaError("ValueError", `could not convert string to float: ${repr(value)}`);
  return new JinjaError("TypeError", `float() argument must be a string or a real number, not '${typeName(value)}'`);
}

/** Filters on numbers. */
export const NUMBER_FILTERS: Readonly<Record<string, Filter>> = { abs, filesizeformat, float, int, round };
