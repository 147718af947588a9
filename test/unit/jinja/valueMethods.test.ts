import assert from "node:assert/strict";
import { test } from "node:test";
import { JinjaError } from "../../../extension/core/jinja/errors";
import { dictFrom } from "../../../extension/core/jinja/value/hash";
import { methodOf } from "../../../extension/core/jinja/value/methods";
import { DictItems, DictKeys, DictValues, PyRange, rangeOf } from "../../../extension/core/jinja/value/objects";
import { repr } from "../../../extension/core/jinja/value/repr";
import type { Value } from "../../../extension/core/jinja/value/types";
import { Markup, MISSING, NO_NAMED, PyDict, PyFloat, PyFunction, PyTuple, Undefined } from "../../../extension/core/jinja/value/types";

// The results are CPython 3.11's, with Markup of markupsafe 3.0 and range of the sandbox of jinja2 3.1.6.

const f = (value: number): PyFloat => new PyFloat(value);
const t = (...items: Value[]): PyTuple => new PyTuple(items);
const d = (...pairs: [Value, Value][]): PyDict => dictFrom(pairs);
const r = (start: number | bigint, stop: number | bigint, step: number | bigint = 1): PyRange => new PyRange(start, stop, step);
const U = new Undefined("x", MISSING);

/** What Python prints: the result, or the exception as class and message. */
function outcome(run: () => Value): string {
  try {
    return repr(run());
  } catch (error) {
    if (error instanceof JinjaError) return `${error.type}: ${error.message}`;
    throw error;
  }
}

const CALLS: readonly (readonly [Value, string, readonly Value[], string])[] = [
  [d(["a", 1]), "keys", [], "dict_keys(['a'])"],
  [d(["a", 1]), "values", [], "dict_values([1])"],
  [d(["a", 1]), "items", [], "dict_items([('a', 1)])"],
  [d(["a", 1]), "get", ["a"], "1"],
  [d(["a", 1]), "get", ["b"], "None"],
  [d(["a", 1]), "get", ["b", 5], "5"],
  [d([f(1), "a"]), "get", [true], "'a'"],
  [d(["a", null]), "get", ["a", 5], "None"],
  [d(["a", [1]]), "copy", [], "{'a': [1]}"],
  [d(), "fromkeys", [[1, "a"]], "{1: None, 'a': None}"],
  [d(), "fromkeys", ["ab", 0], "{'a': 0, 'b': 0}"],
  [d(), "fromkeys", [1], "TypeError: 'int' object is not iterable"],
  [d(), "fromkeys", [[[]]], "TypeError: unhashable type: 'list'"],
  [d(), "get", [], "TypeError: get expected at least 1 argument, got 0"],
  [d(), "get", [1, 2, 3], "TypeError: get expected at most 2 arguments, got 3"],
  [d(), "get", [[]], "TypeError: unhashable type: 'list'"],
  [d(), "keys", [1], "TypeError: dict.keys() takes no arguments (1 given)"],
  [d(), "items", [1], "TypeError: dict.items() takes no arguments (1 given)"],
  [d(), "copy", [1], "TypeError: dict.copy() takes no arguments (1 given)"],
  [d(), "fromkeys", [], "TypeError: fromkeys expected at least 1 argument, got 0"],
  [[1, 2, 1], "count", [true], "2"],
  [[1, 2, 1], "index", [1, 1], "2"],
  [[1, 2, 1], "index", [1, -1], "2"],
  [[1, 2, 1], "index", [1, 5], "ValueError: 1 is not in list"],
  [[1, 2, 1], "index", [2, (2n ** 80n)], "ValueError: 2 is not in list"],
  [[1, 2, 1], "index", [1, 1, 2], "ValueError: 1 is not in list"],
  [["a"], "index", ["b"], "ValueError: 'b' is not in list"],
  [[1], "index", [1, "a"], "TypeError: slice indices must be integers or have an __index__ method"],
  [[1], "index", [1, null], "TypeError: slice indices must be integers or have an __index__ method"],
  [[], "index", [], "TypeError: index expected at least 1 argument, got 0"],
  [[], "index", [1, 2, 3, 4], "TypeError: index expected at most 3 arguments, got 4"],
  [[], "count", [], "TypeError: list.count() takes exactly one argument (0 given)"],
  [[], "count", [1, 2], "TypeError: list.count() takes exactly one argument (2 given)"],
  [[[1]], "copy", [], "[[1]]"],
  [[], "copy", [1], "TypeError: list.copy() takes no arguments (1 given)"],
  [t(1, 2), "index", [2], "1"],
  [t(1, 2), "index", [3], "ValueError: tuple.index(x): x not in tuple"],
  [t(1, 1), "count", [f(1)], "2"],
  [t(), "count", [], "TypeError: tuple.count() takes exactly one argument (0 given)"],
  [t(), "index", [], "TypeError: index expected at least 1 argument, got 0"],
  [r(0, 3), "index", [2], "2"],
  [r(0, 3), "index", [5], "ValueError: 5 is not in range"],
  [r(0, 3), "index", ["a"], "ValueError: sequence.index(x): x not in sequence"],
  [r(0, 3), "index", [f(1)], "1"],
  [r(0, 3), "index", [], "TypeError: range.index() takes exactly one argument (0 given)"],
  [r(0, 3), "count", [f(1)], "1"],
  [r(0, 3), "count", ["a"], "0"],
  [r(0, 3), "count", [], "TypeError: range.count() takes exactly one argument (0 given)"],
  [new DictKeys(d([1, 2])), "isdisjoint", [[2]], "True"],
  [new DictKeys(d([1, 2])), "isdisjoint", [d([1, 1])], "False"],
  [new DictItems(d([1, 2])), "isdisjoint", [[t(1, 2)]], "False"],
  [new DictKeys(d([1, 2])), "isdisjoint", [], "TypeError: dict_keys.isdisjoint() takes exactly one argument (0 given)"],
  [new DictKeys(d([1, 2])), "isdisjoint", [5], "TypeError: 'int' object is not iterable"],
  [5, "bit_length", [], "3"],
  [-5, "bit_length", [], "3"],
  [(2n ** 70n), "bit_length", [], "71"],
  [0, "bit_length", [], "0"],
  [-5, "bit_count", [], "2"],
  [5, "as_integer_ratio", [], "(5, 1)"],
  [true, "conjugate", [], "1"],
  [true, "bit_length", [], "1"],
  [5, "bit_length", [1], "TypeError: int.bit_length() takes no arguments (1 given)"],
  [true, "as_integer_ratio", [1], "TypeError: bool.as_integer_ratio() takes no arguments (1 given)"],
  [f(1.5), "as_integer_ratio", [], "(3, 2)"],
  [f(-0.1), "as_integer_ratio", [], "(-3602879701896397, 36028797018963968)"],
  [f(0), "as_integer_ratio", [], "(0, 1)"],
  [f(1e+22), "as_integer_ratio", [], "(10000000000000000000000, 1)"],
  [f(Infinity), "as_integer_ratio", [], "OverflowError: cannot convert Infinity to integer ratio"],
  [f(NaN), "as_integer_ratio", [], "ValueError: cannot convert NaN to integer ratio"],
  [f(1e+22), "is_integer", [], "True"],
  [f(Infinity), "is_integer", [], "False"],
  [f(1.5), "is_integer", [], "False"],
  [f(0.1), "hex", [], "'0x1.999999999999ap-4'"],
  [f(-0), "hex", [], "'-0x0.0p+0'"],
  [f(1e-320), "hex", [], "'0x0.00000000007e8p-1022'"],
  [f(Infinity), "hex", [], "'inf'"],
  [f(1.5), "conjugate", [], "1.5"],
  [f(1.5), "hex", [1], "TypeError: float.hex() takes no arguments (1 given)"],
  ["a,b", "split", [","], "['a', 'b']"],
  ["abc", "upper", [], "'ABC'"],
  [new Markup("<b>"), "upper", [], "Markup('<B>')"],
  [new Markup("a,b"), "split", [","], "[Markup('a'), Markup('b')]"],
  [new Markup("a,b"), "partition", [","], "(Markup('a'), Markup(','), Markup('b'))"],
  [new Markup("a"), "replace", ["a", "<"], "Markup('&lt;')"],
  [new Markup("-"), "join", [["<", new Markup("<"), 1]], "Markup('&lt;-<-1')"],
  [new Markup("<b>"), "find", ["b"], "1"],
  [new Markup("<b>"), "startswith", ["<"], "True"],
  [new Markup("<b>"), "center", [7, "*"], "Markup('**<b>**')"],
  [new Markup("<b>"), "strip", ["<"], "Markup('b>')"],
];

const ATTRIBUTES: readonly (readonly [Value, string, string | undefined])[] = [
  [d(), "get", "<built-in method get of dict object at 0x…>"],
  [[], "index", "<built-in method index of list object at 0x…>"],
  [t(), "count", "<built-in method count of tuple object at 0x…>"],
  [5, "bit_length", "<built-in method bit_length of int object at 0x…>"],
  [true, "bit_length", "<built-in method bit_length of bool object at 0x…>"],
  [f(1.5), "hex", "<built-in method hex of float object at 0x…>"],
  [r(0, 3), "index", "<built-in method index of range object at 0x…>"],
  [new DictKeys(d()), "isdisjoint", "<built-in method isdisjoint of dict_keys object at 0x…>"],
  [d(), "fromkeys", "<built-in method fromkeys of type object at 0x…>"],
  ["a", "upper", "<built-in method upper of str object at 0x…>"],
  [new Markup("<b>"), "find", "<built-in method find of Markup object at 0x…>"],
  [new Markup("<b>"), "upper", "<bound method Markup.upper of Markup('<b>')>"],
  [5, "real", "5"],
  [5, "imag", "0"],
  [true, "numerator", "1"],
  [5, "denominator", "1"],
  [f(1.5), "real", "1.5"],
  [f(1.5), "imag", "0.0"],
  [r(1, 7, 2), "start", "1"],
  [r(1, 7, 2), "stop", "7"],
  [r(1, 7, 2), "step", "2"],
  [d(["a", 1]), "a", undefined],
  [t(), "copy", undefined],
  [null, "a", undefined],
  [new DictValues(d([1, 1])), "isdisjoint", undefined],
  [5, "nope", undefined],
  [f(1.5), "numerator", undefined],
  [[], "items", undefined],
];

const RANGES: readonly (readonly [readonly Value[], string])[] = [
  [[3], "range(0, 3)"],
  [[1, 3], "range(1, 3)"],
  [[1, 10, 3], "range(1, 10, 3)"],
  [[5, 0, -2], "range(5, 0, -2)"],
  [[true], "range(0, 1)"],
  [[], "TypeError: range expected at least 1 argument, got 0"],
  [[1, 2, 3, 4], "TypeError: range expected at most 3 arguments, got 4"],
  [[f(1.5)], "TypeError: 'float' object cannot be interpreted as an integer"],
  [["a"], "TypeError: 'str' object cannot be interpreted as an integer"],
  [[null], "TypeError: 'NoneType' object cannot be interpreted as an integer"],
  [[1, 2, 0], "ValueError: range() arg 3 must not be zero"],
  [[100000], "range(0, 100000)"],
  [[100001], "OverflowError: Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000)."],
  [[(10n ** 30n)], "OverflowError: Python int too large to convert to C ssize_t"],
  [[(10n ** 20n), 100000000000000000002n], "range(100000000000000000000, 100000000000000000002)"],
  [[U], "TypeError: 'Undefined' object cannot be interpreted as an integer"],
];

function call(value: Value, name: string, positional: readonly Value[], named: ReadonlyMap<string, Value> = NO_NAMED): Value {
  const method = methodOf(value, name);
  assert.ok(method instanceof PyFunction, name);
  return method.call({ positional, named });
}

test("methods", () => {
  for (const [value, name, args, expected] of CALLS) {
    assert.equal(outcome(() => call(value, name, args)), expected, `${repr(value)}.${name}(${args.map(repr).join(", ")})`);
  }
  const named = new Map([["key", 1]]);
  assert.equal(outcome(() => call(d(), "get", [], named)), "TypeError: dict.get() takes no keyword arguments");
  assert.equal(outcome(() => call([], "index", [], named)), "TypeError: list.index() takes no keyword arguments");
});

test("attributes", () => {
  for (const [value, name, expected] of ATTRIBUTES) {
    const attribute = methodOf(value, name);
    assert.equal(attribute === undefined ? undefined : repr(attribute), expected, `${repr(value)}.${name}`);
  }
});

test("a copy is another dict", () => {
  const dict = d(["a", 1]);
  const copy = call(dict, "copy", []);
  assert.ok(copy instanceof PyDict && copy !== dict && copy.entries.get("a") !== dict.entries.get("a"));
});

test("range of the sandbox", () => {
  for (const [args, expected] of RANGES) assert.equal(outcome(() => rangeOf(args)), expected, repr(args));
});
