import { JinjaError } from "../errors";
import type { Runtime, Test } from "../runtime/runtime";
import { asText } from "../text/arguments";
import { isLower, isUpper } from "../text/unicode";
import type { Ordering } from "../value/compare";
import { contains, equals, lessThan } from "../value/compare";
import { hashKey } from "../value/hash";
import { binary } from "../value/number";
import { PyRange } from "../value/objects";
import { isStr, textOf } from "../value/text";
import type { Value } from "../value/types";
import { isList, Markup, PyDict, PyFloat, PyObject, Undefined } from "../value/types";
import { bindRest, expectNone, signature } from "./arguments";
import { chargeText, isIterable, printed } from "./common";

/** Makes a test of a body that gets the arguments behind the value, bound to the signature. */
function defineTest(name: string, parameters: string, body: (value: Value, other: Value, runtime: Runtime) => boolean): Test {
  const to = signature(name, parameters);
  return (runtime, value, args) => body(value, bindRest(to, value, args)[0] ?? null, runtime);
}

/** A comparison, which Python's `operator` module does. */
function compare(name: string, body: (a: Value, b: Value) => boolean): Test {
  return (runtime, value, args) => {
    if (args.named.size > 0) throw new JinjaError("TypeError", `_operator.${name}() takes no keyword arguments`);
    const [other] = args.positional;
    if (other === undefined || args.positional.length > 1) {
      throw new JinjaError("TypeError", `${name} expected 2 arguments, got ${args.positional.length + 1}`);
    }
    // Lists are compared item by item.
    if (isList(value) && isList(other)) runtime.charge(Math.min(value.length, other.length));
    return body(value, other);
  };
}

function ordering(name: string, operator: Ordering): Test {
  return compare(name, (a, b) => lessThan(a, b, operator));
}

const eq = compare("eq", equals);
const ne = compare("ne", (a, b) => !equals(a, b));
const gt = ordering("gt", ">");
const ge = ordering("ge", ">=");
const lt = ordering("lt", "<");
const le = ordering("le", "<=");

const callable: Test = (_runtime, value, args) => {
  expectNone("callable", args);
  // The type of undefined values has a `__call__`, which fails.
  return value instanceof Undefined || (value instanceof PyObject && value.callable);
};

function isInteger(value: Value): boolean {
  return typeof value === "number" || typeof value === "bigint";
}

/** Whether `value in names`, for a dict of names: only what can be hashed may be asked for. */
function isNamed(value: Value, exists: (name: string) => boolean): boolean {
  hashKey(value);
  const text = asText(value);
  return text !== undefined && exists(textOf(text));
}

/** Python's `is`. Texts and integers have no identity here: equal ones are the same, as small integers and short literals are in CPython. */
function isSame(a: Value, b: Value): boolean {
  return a === b || (isStr(a) && isStr(b) && textOf(a) === textOf(b));
}

/** Whether it has a length and takes indexes or keys. */
function isSequence(value: Value): boolean {
  return value instanceof PyObject ? value instanceof PyRange : isIterable(value);
}

function plainText(runtime: Runtime, value: Value): string {
  const text = printed(runtime, value);
  runtime.charge(textOf(text).length >> 4);
  return textOf(text);
}

function remainderIs(value: Value, divisor: Value, rest: number): boolean {
  return equals(binary("%", value, divisor), rest);
}

/** The tests of Jinja2 3.1.6 by name. */
export const TESTS: ReadonlyMap<string, Test> = new Map(
  Object.entries({
    "!=": ne,
    "<": lt,
    "<=": le,
    "==": eq,
    ">": gt,
    ">=": ge,
    boolean: defineTest("test_boolean", "value", (value) => typeof value === "boolean"),
    callable,
    defined: defineTest("test_defined", "value", (value) => !(value instanceof Undefined)),
    divisibleby: defineTest("test_divisibleby", "value num", (value, other) => remainderIs(value, other, 0)),
    eq,
    equalto: eq,
    escaped: defineTest("test_escaped", "value", (value) => value instanceof Markup),
    even: defineTest("test_even", "value", (value) => remainderIs(value, 2, 0)),
    false: defineTest("test_false", "value", (value) => value === false),
    filter: defineTest("test_filter", "@env value", (value, _, runtime) => isNamed(value, (name) => runtime.hasFilter(name))),
    float: defineTest("test_float", "value", (value) => value instanceof PyFloat),
    ge,
    greaterthan: gt,
    gt,
    in: defineTest("test_in", "value seq", (value, other, runtime) => {
      chargeText(runtime, other);
      if (isList(other)) runtime.charge(other.length >> 2);
      return contains(other, value);
    }),
    integer: defineTest("test_integer", "value", isInteger),
    iterable: defineTest("test_iterable", "value", isIterable),
    le,
    lessthan: lt,
    lower: defineTest("test_lower", "value", (value, _, runtime) => isLower(plainText(runtime, value))),
    lt,
    mapping: defineTest("test_mapping", "value", (value) => value instanceof PyDict),
    ne,
    none: defineTest("test_none", "value", (value) => value === null),
    number: defineTest("test_number", "value", (value) => isInteger(value) || typeof value === "boolean" || value instanceof PyFloat),
    odd: defineTest("test_odd", "value", (value) => remainderIs(value, 2, 1)),
    sameas: defineTest("test_sameas", "value other", isSame),
    sequence: defineTest("test_sequence", "value", isSequence),
    string: defineTest("test_string", "value", (value) => asText(value) !== undefined),
    test: defineTest("test_test", "@env value", (value, _, runtime) => isNamed(value, (name) => runtime.hasTest(name))),
    true: defineTest("test_true", "value", (value) => value === true),
    undefined: defineTest("test_undefined", "value", (value) => value instanceof Undefined),
    upper: defineTest("test_upper", "value", (value, _, runtime) => isUpper(plainText(runtime, value))),
  }),
);
