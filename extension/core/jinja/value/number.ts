import { JinjaError, JinjaLimitError } from "../errors";

import { percentFormat } from "../text/percent";
import { addSequences, repeatSequence } from "./container/joining";
import { countWork } from "./budget";
import { hashKey } from "./hash";
import { escapeHtml, escapeValue, formatMarkup } from "./markup";
import { divideFloats, floorDivideFloats, moduloFloats } from "./numeric/float";
import type { Int } from "./numeric/integer";
import { add, floorDivide, modulo, multiply, normalise, raise, subtract, toFloat, trueDivide } from "./numeric/integer";
import { powerFloats } from "./numeric/power";
import { SetView } from "./objects";
import { iterate } from "./protocol";
import { concatText, isStr } from "./text";
import type { Value } from "./types";
import { isList, Markup, PyFloat, PyObject, PyTuple, typeName, Undefined } from "./types";
import { failUndefined } from "./undefined";

export type Operator = "+" | "-" | "*" | "/" | "//" | "%" | "**";

/**
 * Python's arithmetic on any two values.
 * @throws JinjaError TypeError, ZeroDivisionError, OverflowError, UndefinedError, as CPython
 * @throws JinjaLimitError for texts, lists and integers beyond the engine's bounds
 */
export function binary(operator: Operator, a: Value, b: Value): Value {
  const [x, y] = [integerOf(a), integerOf(b)];
  if (x !== undefined && y !== undefined) return integers(operator, x, y);
  const left = x ?? (a instanceof PyFloat ? a : undefined);
  const right = y ?? (b instanceof PyFloat ? b : undefined);
  if (left === undefined || right === undefined) return others(operator, a, b);
  return new PyFloat(floats(operator, floatOf(left), floatOf(right)));
}

/** The integer that an int or bool is. */
function integerOf(value: Value): Int | undefined {
  if (typeof value === "number" || typeof value === "bigint") return value;
  return typeof value === "boolean" ? Number(value) : undefined;
}

function floatOf(value: Int | PyFloat): number {
  return value instanceof PyFloat ? value.value : toFloat(value);
}

/** What an operation of integers beyond 2^53 counts, in steps, and of those that take a kilobyte and more. */
const BIGINT_WORK = 10;
const LARGE_BIGINT_WORK = 3000;
const LARGE_BIGINT = 1n << 8192n;

function countBigints(a: Int, b: Int): void {
  countWork(isLarge(a) || isLarge(b) ? LARGE_BIGINT_WORK : BIGINT_WORK);
}

function isLarge(n: Int): boolean {
  return typeof n === "bigint" && (n > LARGE_BIGINT || n < -LARGE_BIGINT);
}

function integers(operator: Operator, a: Int, b: Int): Value {
  if (typeof a === "bigint" || typeof b === "bigint") countBigints(a, b);
  switch (operator) {
    case "+":
      return add(a, b);
    case "-":
      return subtract(a, b);
    case "*":
      return multiply(a, b);
    case "/":
      return new PyFloat(trueDivide(a, b));
    case "//":
      return floorDivide(a, b);
    case "%":
      return modulo(a, b);
    case "**":
      return b < 0 ? new PyFloat(powerFloats(toFloat(a), toFloat(b))) : raise(a, b);
  }
}

function floats(operator: Operator, a: number, b: number): number {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return divideFloats(a, b);
    case "//":
      return floorDivideFloats(a, b);
    case "%":
      return moduloFloats(a, b);
    case "**":
      return powerFloats(a, b);
  }
}

/** Operands of which at least one is no number. Who is asked first decides which error it is. */
function others(operator: Operator, a: Value, b: Value): Value {
  if (operator === "%" && isStr(a)) return percentFormat(a, b);
  if (a instanceof Markup) {
    const result = markupFirst(operator, a, b);
    if (result !== undefined) return result;
  }
  if (a instanceof PyObject) {
    const result = a.operate(operator, b);
    if (result !== undefined) return result;
  }
  if (a instanceof Undefined) failUndefined(a);
  // An undefined value is as good as any empty one to take away from a set.
  if (operator === "-" && a instanceof SetView) return subtractSets(a, b);
  if (b instanceof Undefined) failUndefined(b);
  if (b instanceof Markup) {
    const result = markupSecond(operator, a, b);
    if (result !== undefined) return result;
  }
  if (operator === "+" && (isStr(a) || isList(a) || a instanceof PyTuple)) return addSequences(a, b);
  if (operator === "*") {
    const product = multiplySequence(a, b);
    if (product !== undefined) return product;
  }
  if (operator === "-" && b instanceof SetView) return subtractSets(a, b);
  const name = operator === "**" ? "** or pow()" : operator;
  throw new JinjaError("TypeError", `unsupported operand type(s) for ${name}: '${typeName(a)}' and '${typeName(b)}'`);
}

/** @throws JinjaError TypeError for what no set can be made of, JinjaLimitError for the rest: the result would be a set. */
function subtractSets(a: Value, b: Value): never {
  for (const operand of [a, b]) for (const element of iterate(operand)) hashKey(element);
  throw new JinjaLimitError("set", "The result is a set, which this engine does not have.");
}

/** `markup operator b`, or undefined where Markup leaves it to the other operand. */
function markupFirst(operator: Operator, a: Markup, b: Value): Value | undefined {
  switch (operator) {
    case "+":
      return isStr(b) || b instanceof Markup ? new Markup(concatText([a.text, escapeValue(b).text])) : undefined;
    case "*":
      return new Markup(repeatSequence(a.text, markupFactor(b)));
    case "%":
      return formatMarkup(a, b);
    default:
      return undefined;
  }
}

function markupSecond(operator: Operator, a: Value, b: Markup): Value | undefined {
  if (operator === "+" && isStr(a)) return new Markup(concatText([escapeHtml(a), b.text]));
  return operator === "*" ? new Markup(repeatSequence(b.text, markupFactor(a))) : undefined;
}

function markupFactor(value: Value): Int {
  const factor = integerOf(value);
  if (factor === undefined) throw new JinjaError("TypeError", `'${typeName(value)}' object cannot be interpreted as an integer`);
  return factor;
}

/** `a * b` where one of them is a sequence; undefined where neither is. */
function multiplySequence(a: Value, b: Value): Value | undefined {
  const [sequence, factor] = isSequence(a) ? [a, b] : [b, a];
  if (!isSequence(sequence)) return undefined;
  const times = integerOf(factor);
  if (times === undefined) throw new JinjaError("TypeError", `can't multiply sequence by non-int of type '${typeName(factor)}'`);
  return repeatSequence(sequence, times);
}

function isSequence(value: Value): value is Extract<Value, string | readonly Value[] | PyTuple> {
  return isStr(value) || isList(value) || value instanceof PyTuple;
}

/** `-value`. @throws JinjaError TypeError, UndefinedError */
export function negate(value: Value): Value {
  const integer = integerOf(value);
  if (integer !== undefined) return subtract(0, integer);
  return value instanceof PyFloat ? new PyFloat(-value.value) : failUnary("-", value);
}

/** `+value`. @throws JinjaError TypeError, UndefinedError */
export function positive(value: Value): Value {
  return integerOf(value) ?? (value instanceof PyFloat ? value : failUnary("+", value));
}

function failUnary(operator: "-" | "+", value: Value): never {
  if (value instanceof Undefined) failUndefined(value);
  throw new JinjaError("TypeError", `bad operand type for unary ${operator}: '${typeName(value)}'`);
}

/** Python's `int` of that size. @throws JinjaLimitError beyond MAX_INTEGER_BITS */
export function toInteger(n: bigint): Value {
  return normalise(n);
}

