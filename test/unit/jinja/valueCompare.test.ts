import assert from "node:assert/strict";
import { test } from "node:test";
import { JinjaError, JinjaLimitError } from "../../../extension/core/jinja/errors";
import type { Ordering } from "../../../extension/core/jinja/value/compare";
import { contains, equals, lessThan } from "../../../extension/core/jinja/value/compare";
import { STEPS_PER_WORK } from "../../../extension/core/jinja/runtime/limits";
import { withBudget } from "../../../extension/core/jinja/value/budget";
import { sortedBy } from "../../../extension/core/jinja/value/container/sorting";
import { dictFrom, dictGet, dictHas, dictItems, dictKeys, dictSet, dictValues, hashKey } from "../../../extension/core/jinja/value/hash";
import { DictItems, DictKeys, DictValues, PyGenerator, PyRange } from "../../../extension/core/jinja/value/objects";
import { repr } from "../../../extension/core/jinja/value/repr";
import { traced } from "../../../extension/core/jinja/value/text";
import type { Value } from "../../../extension/core/jinja/value/types";
import { Markup, MISSING, PyDict, PyFloat, PyTuple, Undefined } from "../../../extension/core/jinja/value/types";
import { Random } from "../../support/random";

// The results are CPython 3.11's, with Undefined of jinja2 3.1.6 and Markup of markupsafe 3.0.

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

const EQUAL: readonly (readonly [Value, Value, boolean])[] = [
  [1, true, true],
  [1, f(1), true],
  [0, false, true],
  [f(0), f(-0), true],
  ["1", 1, false],
  [9007199254740993n, f(9007199254740992), false],
  [(2n ** 53n), f(9007199254740992), true],
  [(10n ** 25n), f(1e+25), false],
  [(10n ** 22n), f(1e+22), true],
  [(2n ** 1024n), f(Infinity), false],
  [f(NaN), f(NaN), false],
  [null, null, true],
  [null, false, false],
  [null, U, false],
  [U, U, true],
  [U, "", false],
  ["a", new Markup("a"), true],
  [new Markup("a"), "a", true],
  [[1, 2], [f(1), 2], true],
  [[1], t(1), false],
  [t(1, 2), t(f(1), true), false],
  [[1], [1, 2], false],
  [[U], [U], true],
  [[f(NaN)], [f(NaN)], false],
  [d([1, 2]), d([f(1), f(2)]), true],
  [d(["a", 1], ["b", 2]), d(["b", 2], ["a", 1]), true],
  [d(["a", 1]), d(["a", 2]), false],
  [d(["a", 1]), d(["b", 1]), false],
  [d(["a", 1]), d(["a", 1], ["b", 2]), false],
  [r(0, 3), [0, 1, 2], false],
  [r(0, 0), r(2, 1), true],
  [r(0, 3, 2), r(0, 4, 2), true],
  [r(0, 3), r(0, 4), false],
  [new DictKeys(d([1, 2])), new DictKeys(d([1, 3])), true],
  [new DictKeys(d([1, 2])), new DictKeys(d([2, 2])), false],
  [new DictItems(d(["a", []])), new DictItems(d(["a", []])), true],
  [new DictValues(d([1, 2])), new DictValues(d([1, 2])), false],
  [new DictKeys(d([1, 2])), [1], false],
  ["\ud83d", "😀", false],
];

const ORDER: readonly (readonly [Value, Ordering, Value, string])[] = [
  [1, "<", 2, "True"],
  [1, "<", f(1.5), "True"],
  [true, "<", 2, "True"],
  [9007199254740993n, ">", f(9007199254740992), "True"],
  [(2n ** 1024n), ">", f(1e+308), "True"],
  [(10n ** 400n), "<", f(Infinity), "True"],
  [f(NaN), "<", 1, "False"],
  [1, ">=", f(NaN), "False"],
  [f(NaN), "<=", f(NaN), "False"],
  ["a", "<", "b", "True"],
  ["a", "<", "ab", "True"],
  ["ab", "<=", "ab", "True"],
  ["B", "<", "a", "True"],
  ["\uffff", "<", "😀", "True"],
  ["\ud83d", "<", "😀", "True"],
  ["\ue000", "<", "😀", "True"],
  ["x\uffff", ">", "x😀", "False"],
  ["\ud83da", "<", "\ud83db", "True"],
  ["😀", "<", "\u{1f680}", "True"],
  [new Markup("a"), "<", "b", "True"],
  [[1, 2], "<", [1, 3], "True"],
  [[1, 2], "<", [1], "False"],
  [[1], "<=", [1], "True"],
  [[], "<", [1], "True"],
  [[1, "a"], "<", [1, 2], "TypeError: '<' not supported between instances of 'str' and 'int'"],
  [[1, "a"], "<=", [1, 2], "TypeError: '<=' not supported between instances of 'str' and 'int'"],
  [t(1, 2), ">", t(1), "True"],
  [t(1, "b"), ">", t(1, "a"), "True"],
  [[[1], 2], "<", [[1], 3], "True"],
  [1, "<", "a", "TypeError: '<' not supported between instances of 'int' and 'str'"],
  ["a", ">=", 1, "TypeError: '>=' not supported between instances of 'str' and 'int'"],
  [null, "<", null, "TypeError: '<' not supported between instances of 'NoneType' and 'NoneType'"],
  [[], "<", t(), "TypeError: '<' not supported between instances of 'list' and 'tuple'"],
  [d(), "<", d(), "TypeError: '<' not supported between instances of 'dict' and 'dict'"],
  [new Markup("a"), "<", 1, "TypeError: '<' not supported between instances of 'Markup' and 'int'"],
  [r(0, 2), "<", r(0, 3), "TypeError: '<' not supported between instances of 'range' and 'range'"],
  [U, "<", 1, "UndefinedError: 'x' is undefined"],
  [1, "<", U, "UndefinedError: 'x' is undefined"],
  ["a", ">", U, "UndefinedError: 'x' is undefined"],
  [[1], "<", [U], "UndefinedError: 'x' is undefined"],
  [[U], "<=", [U], "True"],
  [U, "<", U, "UndefinedError: 'x' is undefined"],
  [new DictKeys(d([1, 2])), "<=", new DictKeys(d([1, 3], [2, 3])), "True"],
  [new DictKeys(d([1, 2])), "<", new DictKeys(d([1, 2])), "False"],
  [new DictItems(d([1, 2])), ">=", new DictItems(d()), "True"],
  [new DictKeys(d([1, 2])), "<", [1], "TypeError: '<' not supported between instances of 'dict_keys' and 'list'"],
  [new DictValues(d([1, 2])), "<", new DictValues(d([1, 2])), "TypeError: '<' not supported between instances of 'dict_values' and 'dict_values'"],
];

const CONTAINS: readonly (readonly [Value, Value, string])[] = [
  ["abc", "bc", "True"],
  ["abc", "x", "False"],
  ["", "", "True"],
  ["abc", "", "True"],
  ["😀", "\ud83d", "False"],
  ["a\ud83db", "\ud83d", "True"],
  ["abc", new Markup("b"), "True"],
  [new Markup("abc"), "b", "True"],
  ["abc", 1, "TypeError: 'in <string>' requires string as left operand, not int"],
  ["abc", null, "TypeError: 'in <string>' requires string as left operand, not NoneType"],
  ["abc", U, "TypeError: 'in <string>' requires string as left operand, not Undefined"],
  [new Markup("abc"), 1, "TypeError: 'in <string>' requires string as left operand, not int"],
  [[1, 2], f(2), "True"],
  [[1, 2], true, "True"],
  [["a"], "a", "True"],
  [["a"], new Markup("a"), "True"],
  [[new Markup("a")], "a", "True"],
  [[1], "1", "False"],
  [[U], U, "True"],
  [[f(NaN)], f(NaN), "False"],
  [t(1, 2), 3, "False"],
  [[], null, "False"],
  [d(["a", 1]), "a", "True"],
  [d(["a", 1]), 1, "False"],
  [d([1, 1]), true, "True"],
  [d([1, 1]), f(1), "True"],
  [d(), [], "TypeError: unhashable type: 'list'"],
  [d(), t([]), "TypeError: unhashable type: 'list'"],
  [d(), t(), "False"],
  [d([U, 1]), U, "True"],
  [r(0, 3), 1, "True"],
  [r(0, 3), f(1), "True"],
  [r(0, 3), f(1.5), "False"],
  [r(0, 3), true, "True"],
  [r(0, 3), "a", "False"],
  [r(10, 0, -3), 7, "True"],
  [r(10, 0, -3), 8, "False"],
  [r((10n ** 20n), 100000000000000000005n), 100000000000000000002n, "True"],
  [new DictKeys(d([1, 2])), f(1), "True"],
  [new DictKeys(d([1, 2])), [], "TypeError: unhashable type: 'list'"],
  [new DictValues(d([1, 2])), f(2), "True"],
  [new DictItems(d([1, 2])), t(1, 2), "True"],
  [new DictItems(d([1, 2])), t(1, 3), "False"],
  [new DictItems(d([1, 2])), 1, "False"],
  [new DictItems(d([1, 2])), t([], 1), "TypeError: unhashable type: 'list'"],
  [5, 1, "TypeError: argument of type 'int' is not iterable"],
  [null, 1, "TypeError: argument of type 'NoneType' is not iterable"],
  [U, 1, "False"],
  [true, 1, "TypeError: argument of type 'bool' is not iterable"],
  [f(1.5), 1, "TypeError: argument of type 'float' is not iterable"],
];

const KEYS: readonly (readonly [readonly Value[], string])[] = [
  [[true, 1, f(1)], "{True: 2}"],
  [[f(1), true], "{1.0: 1}"],
  [["a", new Markup("a")], "{'a': 1}"],
  [[0, f(-0), false], "{0: 2}"],
  [[t(1, 2), t(f(1), 2), t(1, f(2))], "{(1, 2): 2}"],
  [[t("a", "bc"), t("ab", "c")], "{('a', 'bc'): 0, ('ab', 'c'): 1}"],
  [[t(1), 1], "{(1,): 0, 1: 1}"],
  [["\u0000", "\u0000\u0000", "\u0000tuple:n1;"], "{'\\x00': 0, '\\x00\\x00': 1, '\\x00tuple:n1;': 2}"],
  [[t("\u0000"), "\u0000"], "{('\\x00',): 0, '\\x00': 1}"],
  [[(2n ** 53n), f(9007199254740992)], "{9007199254740992: 1}"],
  [[(10n ** 25n), f(1e+25)], "{10000000000000000000000000: 0, 1e+25: 1}"],
  [[null, false, ""], "{None: 0, False: 1, '': 2}"],
  [[U, U], "{Undefined: 1}"],
  [[r(0, 3), r(0, 3), r(0, 3, 5)], "{range(0, 3): 1, range(0, 3, 5): 2}"],
  [[r(0, 0), r(2, 2)], "{range(0, 0): 1}"],
  [[t(t(1), 2), t(1, t(2))], "{((1,), 2): 0, (1, (2,)): 1}"],
  [[t(), t(t())], "{(): 0, ((),): 1}"],
  [[f(Infinity), f(1e+308), f(-Infinity)], "{inf: 0, 1e+308: 1, -inf: 2}"],
  [["1", 1], "{'1': 0, 1: 1}"],
];

test("== and !=", () => {
  for (const [a, b, expected] of EQUAL) {
    assert.equal(equals(a, b), expected, `${repr(a)} == ${repr(b)}`.slice(0, 80));
    assert.equal(equals(b, a), expected, `${repr(b)} == ${repr(a)}`.slice(0, 80));
  }
});

test("views of dicts ask the right operand for the elements of the left", () => {
  const [keys, items] = [new DictKeys(d([1, 2])), new DictItems(d([1, []]))];
  assert.equal(outcome(() => equals(keys, items)), "False");
  assert.equal(outcome(() => equals(items, keys)), "TypeError: unhashable type: 'list'");
});

test("<, <=, > and >=", () => {
  for (const [a, operator, b, expected] of ORDER) {
    assert.equal(outcome(() => lessThan(a, b, operator)), expected, `${operator} ${expected}`);
  }
});

test("in", () => {
  for (const [container, item, expected] of CONTAINS) {
    assert.equal(outcome(() => contains(container, item)), expected, `${repr(item)} in ${repr(container)}`);
  }
  const generator = new PyGenerator("numbers", [1, 2, 3].values());
  assert.equal(contains(generator, f(2)), true);
  assert.equal(contains(generator, 1), false, "what was looked at is gone");
});

test("keys of a dict", () => {
  for (const [keys, expected] of KEYS) {
    assert.equal(repr(dictFrom(keys.map((key, at) => [key, at]))), expected);
  }
});

test("NaN is itself in containers, and nowhere else", () => {
  const nan = f(NaN);
  assert.equal(equals(nan, nan), false);
  assert.equal(equals([nan], [nan]), true);
  assert.equal(contains([nan], nan), true);
  assert.equal(repr(dictFrom([[nan, 1], [nan, 2], [f(NaN), 3]])), "{nan: 2, nan: 3}");
  assert.equal(repr(dictFrom([[t(nan), 1], [t(nan), 2], [t(f(NaN)), 3]])), "{(nan,): 2, (nan,): 3}");
});

test("what has no hash", () => {
  const cases: readonly (readonly [Value, string])[] = [
    [[], "list"],
    [d(), "dict"],
    [t([]), "list"],
    [t(1, t(d())), "dict"],
    [new DictKeys(d()), "dict_keys"],
    [new DictItems(d()), "dict_items"],
  ];
  for (const [value, name] of cases) {
    assert.throws(() => hashKey(value), (error) => error instanceof JinjaError && error.message === `unhashable type: '${name}'`);
  }
  assert.doesNotThrow(() => hashKey(new DictValues(d())));
});

test("a dict is read and filled by equal keys, traced or not", () => {
  const dict = new PyDict();
  dictSet(dict, "a", 1);
  dictSet(dict, traced("a", { kind: "data", pointer: "/a" }), 2);
  dictSet(dict, "__proto__", 3);
  assert.equal(dictGet(dict, "a"), 2);
  assert.equal(dictGet(dict, "b"), undefined);
  assert.equal(dictHas(dict, new Markup("__proto__")), true);
  assert.deepEqual([repr(dictKeys(dict)), repr(dictValues(dict)), repr(dictItems(dict))], ["['a', '__proto__']", "[2, 3]", "[('a', 2), ('__proto__', 3)]"]);
});

test("sorting is stable, and compares as CPython does", () => {
  const random = new Random(7);
  for (const length of [0, 1, 2, 10, 63, 64, 200, 1000]) {
    const items = Array.from({ length }, (_, at) => ({ key: random.int(Math.max(1, length >> 1)), at }));
    const expected = [...items].sort((a, b) => a.key - b.key || a.at - b.at);
    assert.deepEqual(sortedBy(items, (a, b) => a.key < b.key), expected);
  }
  // The pairs that sorted() of CPython 3.11 asks about.
  const asked: string[] = [];
  sortedBy([5, 2, 1, 4, 3], (a, b) => {
    asked.push(`${a}<${b}`);
    return a < b;
  });
  assert.equal(asked.join(" "), "2<5 1<2 4<1 4<2 4<5 3<4 3<2");
});

test("values that are endless to walk end in a limit", () => {
  let deep: Value = [];
  for (let level = 0; level < 1000; level++) deep = [deep];
  let wide: Value = [1];
  let twin: Value = [1];
  for (let level = 0; level < 40; level++) [wide, twin] = [[wide, wide], [twin, twin]];
  let key: Value = t(1);
  for (let level = 0; level < 40; level++) key = t(key, key);
  const limits: readonly (readonly [string, () => unknown])[] = [
    ["value-depth", () => repr(deep)],
    ["value-depth", () => equals(deep, [deep])],
    ["elements-visited", () => equals(wide, twin)],
    ["elements-visited", () => lessThan(wide, twin, "<")],
    ["elements-visited", () => hashKey(key)],
  ];
  for (const [limit, run] of limits) {
    assert.throws(run, (error) => error instanceof JinjaLimitError && (error.limit === limit || error.limit === "text-length"), limit);
  }
  assert.equal(repr([[1]]), "[[1]]", "the next walk starts afresh");
  const compare = (): boolean => equals([1, 2, 3], [1, 2, 4]);
  assert.equal(withBudget({ left: 4 * STEPS_PER_WORK }, compare), false);
  assert.throws(() => withBudget({ left: 3 * STEPS_PER_WORK }, compare), JinjaLimitError);
});
