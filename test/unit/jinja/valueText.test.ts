import assert from "node:assert/strict";
import { test } from "node:test";
import { JinjaError, JinjaLimitError } from "../../../extension/core/jinja/errors";
import { dictFrom } from "../../../extension/core/jinja/value/hash";
import { escapeHtml, escapeValue } from "../../../extension/core/jinja/value/markup";
import { DictItems, DictKeys, DictValues, PyGenerator, PyIterator, PyRange } from "../../../extension/core/jinja/value/objects";
import { iterate, lengthOf, slice, subscript, truth } from "../../../extension/core/jinja/value/protocol";
import { repr, str } from "../../../extension/core/jinja/value/repr";
import { concatText, textOf, traced, Traced } from "../../../extension/core/jinja/value/text";
import type { PyDict, Value } from "../../../extension/core/jinja/value/types";
import { Markup, MISSING, PyFloat, PyFunction, PyTuple, Undefined } from "../../../extension/core/jinja/value/types";
import { failUndefined, undefinedMessage } from "../../../extension/core/jinja/value/undefined";

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

const REPRS: readonly (readonly [Value, string])[] = [
  [null, "None"],
  [true, "True"],
  [1, "1"],
  [-1, "-1"],
  [(2n ** 63n), "9223372036854775808"],
  [f(1), "1.0"],
  [f(-0), "-0.0"],
  [f(1e-7), "1e-07"],
  [f(1e-5), "1e-05"],
  [f(0.0001), "0.0001"],
  [f(123.456), "123.456"],
  [f(1000000000000000), "1000000000000000.0"],
  [f(1e+16), "1e+16"],
  [f(1e+22), "1e+22"],
  [f(1.2345678901234568e+17), "1.2345678901234568e+17"],
  [f(9007199254740992), "9007199254740992.0"],
  [f(5e-324), "5e-324"],
  [f(1.7976931348623157e+308), "1.7976931348623157e+308"],
  [f(Infinity), "inf"],
  [f(-Infinity), "-inf"],
  [f(NaN), "nan"],
  ["", "''"],
  ["a", "'a'"],
  ["it's", "\"it's\""],
  ["\"", "'\"'"],
  ["'\"", "'\\'\"'"],
  ["a\\b", "'a\\\\b'"],
  ["\n\r\t", "'\\n\\r\\t'"],
  ["\u0000\u0007\u001b\u007f", "'\\x00\\x07\\x1b\\x7f'"],
  ["\u0080\u00a0\u00ad", "'\\x80\\xa0\\xad'"],
  ["é\u0301", "'é\u0301'"],
  ["\u0378\u200b\u2028\u3000\ufeff\ue000", "'\\u0378\\u200b\\u2028\\u3000\\ufeff\\ue000'"],
  ["\ud800", "'\\ud800'"],
  ["😀", "'😀'"],
  ["\u{e0001}\u{10ffff}", "'\\U000e0001\\U0010ffff'"],
  [[], "[]"],
  [[1, "a", null, true], "[1, 'a', None, True]"],
  [t(), "()"],
  [t(1), "(1,)"],
  [t(1, 2), "(1, 2)"],
  [d(), "{}"],
  [d(["a", 1], [2, [3]]), "{'a': 1, 2: [3]}"],
  [[U], "[Undefined]"],
  [new Markup("it's"), "Markup(\"it's\")"],
  [r(0, 3), "range(0, 3)"],
  [r(1, 3), "range(1, 3)"],
  [r(0, 10, 2), "range(0, 10, 2)"],
  [r(5, 0, -1), "range(5, 0, -1)"],
  [new DictKeys(d(["a", 1])), "dict_keys(['a'])"],
  [new DictValues(d(["a", 1])), "dict_values([1])"],
  [new DictItems(d(["a", 1])), "dict_items([('a', 1)])"],
  [new DictItems(d()), "dict_items([])"],
];

const STRS: readonly (readonly [Value, string])[] = [
  [null, "None"],
  [false, "False"],
  [5, "5"],
  [f(1.5), "1.5"],
  [(10n ** 20n), "100000000000000000000"],
  ["a\n", "a\n"],
  [new Markup("<b>"), "<b>"],
  [U, ""],
  [[U, "a"], "[Undefined, 'a']"],
  [t("x"), "('x',)"],
  [d(["k", "v'"]), "{'k': \"v'\"}"],
  [r(0, 2), "range(0, 2)"],
];

const ITEMS: readonly (readonly [Value, Value, string | undefined])[] = [
  [[1, 2, 3], 0, "1"],
  [[1, 2, 3], -1, "3"],
  [[1, 2, 3], 3, undefined],
  [[1, 2, 3], -4, undefined],
  [[1, 2], true, "2"],
  [[1], "a", undefined],
  [[1], f(1), undefined],
  [[1], (2n ** 70n), undefined],
  [t(1, 2), -2, "1"],
  ["abc", 1, "'b'"],
  ["abc", -1, "'c'"],
  ["abc", 3, undefined],
  ["a😀b", 1, "'😀'"],
  ["a😀b", -1, "'b'"],
  ["a😀b", -2, "'😀'"],
  ["a😀b", 3, undefined],
  [new Markup("<a>"), 0, "Markup('<')"],
  [d(["a", 1]), "a", "1"],
  [d(["a", 1]), "b", undefined],
  [d([1, "x"]), true, "'x'"],
  [d([1, "x"]), f(1), "'x'"],
  [d(), [], undefined],
  [r(0, 10), -3, "7"],
  [r(0, 10), 10, undefined],
  [r(5, 0, -2), 1, "3"],
  [5, 0, undefined],
  [null, "a", undefined],
  [f(1.5), 0, undefined],
  [new DictKeys(d([1, 2])), 0, undefined],
  ["abc", U, undefined],
];

const SLICES: readonly (readonly [Value, Value, Value, Value, string])[] = [
  [[0, 1, 2, 3, 4], 1, 3, null, "[1, 2]"],
  [[0, 1, 2, 3, 4], null, null, -1, "[4, 3, 2, 1, 0]"],
  [[0, 1, 2, 3, 4], -2, null, -2, "[3, 1]"],
  [[0, 1, 2, 3, 4], 10, 0, -3, "[4, 1]"],
  [[0, 1, 2, 3, 4], 1, 100, 2, "[1, 3]"],
  [[0, 1, 2, 3, 4], true, null, null, "[1, 2, 3, 4]"],
  [[0, 1, 2, 3, 4], 3, 1, null, "[]"],
  [[0, 1, 2, 3, 4], -100, -3, null, "[0, 1]"],
  [t(0, 1, 2), null, null, -1, "(2, 1, 0)"],
  [t(0, 1, 2), 5, null, null, "()"],
  ["abcde", 1, -1, null, "'bcd'"],
  ["abcde", -2, 0, -1, "'dcb'"],
  ["abcde", null, null, 2, "'ace'"],
  ["abc", -(2n ** 80n), (2n ** 80n), null, "'abc'"],
  ["abc", null, null, (2n ** 80n), "'a'"],
  ["a😀b😀c", 1, 4, null, "'😀b😀'"],
  ["a😀b😀c", null, null, -1, "'c😀b😀a'"],
  ["a😀b😀c", -2, null, null, "'😀c'"],
  ["a😀b😀c", null, null, 2, "'abc'"],
  ["", 0, 5, null, "''"],
  [new Markup("<b>"), 1, null, null, "Markup('b>')"],
  [new Markup("<b>"), null, null, -1, "Markup('>b<')"],
  [r(0, 10), 2, 8, 3, "range(2, 8, 3)"],
  [r(0, 10), null, null, -3, "range(9, -1, -3)"],
  [r(0, 10), 8, 2, -1, "range(8, 2, -1)"],
  [r(0, 0), null, null, -1, "range(-1, -1, -1)"],
  [r(10, 0, -3), null, null, 2, "range(10, -2, -6)"],
  [r(0, 5), 1, (2n ** 80n), null, "range(1, 5)"],
  [r(0, 5), null, null, (2n ** 70n), "range(0, 5, 1180591620717411303424)"],
  ["abc", null, null, 0, "ValueError: slice step cannot be zero"],
  ["abc", "a", null, null, "TypeError: slice indices must be integers or None or have an __index__ method"],
  ["abc", f(1), null, null, "TypeError: slice indices must be integers or None or have an __index__ method"],
  [[], U, null, null, "TypeError: slice indices must be integers or None or have an __index__ method"],
  [r(0, 5), null, null, 0, "ValueError: slice step cannot be zero"],
  [r(0, 5), "a", null, null, "TypeError: slice indices must be integers or None or have an __index__ method"],
  [5, 0, 1, null, "TypeError: 'int' object is not subscriptable"],
  [null, 0, 1, null, "TypeError: 'NoneType' object is not subscriptable"],
  [d(), 0, 1, null, "TypeError: unhashable type: 'slice'"],
  [U, 0, 1, null, "UndefinedError: 'x' is undefined"],
  [new DictKeys(d()), 0, 1, null, "TypeError: 'dict_keys' object is not subscriptable"],
  [f(1.5), 0, 1, null, "TypeError: 'float' object is not subscriptable"],
  [true, 0, 1, null, "TypeError: 'bool' object is not subscriptable"],
];

const ITERATIONS: readonly (readonly [Value, string])[] = [
  [[1, 2], "[1, 2]"],
  [t(1), "[1]"],
  ["a😀\ud83d", "['a', '😀', '\\ud83d']"],
  [new Markup("<a"), "['<', 'a']"],
  [d(["a", 1], [2, 3]), "['a', 2]"],
  [U, "[]"],
  [r(0, 3), "[0, 1, 2]"],
  [r(10, 0, -3), "[10, 7, 4, 1]"],
  [new DictKeys(d(["a", 1])), "['a']"],
  [new DictItems(d(["a", 1])), "[('a', 1)]"],
  [5, "TypeError: 'int' object is not iterable"],
  [null, "TypeError: 'NoneType' object is not iterable"],
  [f(1.5), "TypeError: 'float' object is not iterable"],
  [true, "TypeError: 'bool' object is not iterable"],
];

const LENGTHS: readonly (readonly [Value, string])[] = [
  [[1, 2], "2"],
  [t(1), "1"],
  ["a😀\ud83d", "3"],
  ["", "0"],
  [new Markup("<a😀"), "3"],
  [d(["a", 1]), "1"],
  [U, "0"],
  [r(10, 0, -3), "4"],
  [r(5, 0), "0"],
  [new DictValues(d(["a", 1])), "1"],
  [5, "TypeError: object of type 'int' has no len()"],
  [null, "TypeError: object of type 'NoneType' has no len()"],
  [f(1.5), "TypeError: object of type 'float' has no len()"],
  [true, "TypeError: object of type 'bool' has no len()"],
];

const TRUTHS: readonly (readonly [Value, boolean])[] = [
  [null, false],
  [0, false],
  [-1, true],
  [(2n ** 60n), true],
  [f(0), false],
  [f(-0), false],
  [f(NaN), true],
  ["", false],
  ["a", true],
  [[], false],
  [[0], true],
  [t(), false],
  [t(0), true],
  [d(), false],
  [d([0, 0]), true],
  [U, false],
  [new Markup(""), false],
  [new Markup("a"), true],
  [r(0, 0), false],
  [r(0, 1), true],
  [new DictKeys(d()), false],
  [new DictItems(d([1, 1])), true],
];

const MESSAGES: readonly (readonly [Value | typeof MISSING, Value, string])[] = [
  [null, "x", "'None' has no attribute 'x'"],
  [MISSING, "x", "'x' is undefined"],
  [d(), "y", "'dict object' has no attribute 'y'"],
  [null, "split", "'None' has no attribute 'split'"],
  [null, 0, "None has no element 0"],
  ["a", 0, "str object has no element 0"],
  [[], 0, "list object has no element 0"],
  [[], "a", "'list object' has no attribute 'a'"],
  [new Markup("a"), "a", "'markupsafe.Markup object' has no attribute 'a'"],
  [r(0, 3), "a", "'range object' has no attribute 'a'"],
  [U, "a", "'jinja2.runtime.Undefined object' has no attribute 'a'"],
  [d(), "it's", "'dict object' has no attribute \"it's\""],
  [d(), f(1.5), "dict object has no element 1.5"],
  [d(), t(1, 2), "dict object has no element (1, 2)"],
  [new DictItems(d([1, 2])), "a", "'dict_items object' has no attribute 'a'"],
  [1, "a", "'int object' has no attribute 'a'"],
  [true, "a", "'bool object' has no attribute 'a'"],
  [f(1.5), 2, "float object has no element 2"],
  [MISSING, 1, "1 is undefined"],
];

test("repr", () => {
  for (const [value, expected] of REPRS) assert.equal(repr(value), expected);
  assert.equal(repr(new PyGenerator("do_map", [].values())), "<generator object do_map at 0x…>");
  assert.equal(repr(new PyIterator("list_reverseiterator", [].values())), "<list_reverseiterator object at 0x…>");
  assert.equal(repr([new PyFunction("f", () => null)]), "[<function f at 0x…>]");
});

test("str", () => {
  for (const [value, expected] of STRS) assert.equal(textOf(str(value)), expected);
});

test("value[key]", () => {
  for (const [value, key, expected] of ITEMS) {
    const item = subscript(value, key);
    assert.equal(item === undefined ? undefined : repr(item), expected, `${repr(value)}[${repr(key)}]`);
  }
  assert.throws(() => subscript(U, 0), (error) => error instanceof JinjaError && error.type === "UndefinedError");
});

test("value[start:stop:step]", () => {
  for (const [value, start, stop, step, expected] of SLICES) {
    assert.equal(outcome(() => slice(value, start, stop, step)), expected, `${repr(value)}[${[start, stop, step].map(repr).join(":")}]`);
  }
  assert.equal(repr(slice("abc", undefined, 2, undefined)), "'ab'");
});

test("iteration", () => {
  for (const [value, expected] of ITERATIONS) assert.equal(outcome(() => [...iterate(value)]), expected, repr(value));
});

test("leaving a loop leaves the rest of a generator", () => {
  function* numbers(): Generator<Value> {
    yield* [1, 2, 3];
  }
  const generator = new PyGenerator("numbers", numbers());
  for (const value of iterate(generator)) {
    assert.equal(value, 1);
    break;
  }
  assert.deepEqual([...iterate(generator)], [2, 3]);
  assert.deepEqual([...iterate(generator)], []);
});

test("len", () => {
  for (const [value, expected] of LENGTHS) assert.equal(outcome(() => lengthOf(value)), expected, repr(value));
  assert.equal(outcome(() => lengthOf(new PyGenerator("g", [].values()))), "TypeError: object of type 'generator' has no len()");
});

test("truth", () => {
  for (const [value, expected] of TRUTHS) assert.equal(truth(value), expected, repr(value));
  assert.equal(truth(new PyGenerator("g", [].values())), true);
});

test("what undefined values say", () => {
  for (const [owner, key, expected] of MESSAGES) assert.equal(undefinedMessage(new Undefined(key, owner)), expected);
  assert.equal(undefinedMessage(new Undefined("x", MISSING, "no such thing")), "no such thing");
  assert.equal(undefinedMessage(new Undefined("x", MISSING, "")), "'x' is undefined");
  assert.throws(() => failUndefined(U), (error) => error instanceof JinjaError && error.type === "UndefinedError" && error.message === "'x' is undefined");
});

test("escaping for HTML", () => {
  assert.equal(escapeHtml("a&<>'\"b"), "a&amp;&lt;&gt;&#39;&#34;b");
  assert.equal(escapeHtml("plain"), "plain");
  assert.deepEqual([escapeValue(null), escapeValue([1, "<"]), escapeValue(new Markup("<")), escapeValue(U)].map(repr), [
    "Markup('None')",
    "Markup('[1, &#39;&lt;&#39;]')",
    "Markup('<')",
    "Markup('')",
  ]);
});

// ── provenance ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const data = (text: string, pointer = "/c"): Value => traced(text, { kind: "data", pointer });

function origins(value: Value | undefined): unknown {
  assert.ok(value instanceof Traced);
  assert.equal(value.pieces.reduce((sum, piece) => sum + piece.length, 0), value.text.length);
  return value.pieces.map(({ origin, from, length }) => [origin?.kind, from, length]);
}

test("characters and slices of a text keep their origin", () => {
  const text = data("a😀bc");
  assert.deepEqual([...iterate(text)].map(origins), [[["data", 0, 1]], [["data", 1, 2]], [["data", 3, 1]], [["data", 4, 1]]]);
  assert.deepEqual(origins(subscript(text, 1)), [["data", 1, 2]]);
  assert.deepEqual(origins(slice(text, 1, 3, null)), [["data", 1, 3]]);
  assert.deepEqual(origins(slice(text, null, null, -2)), [["data", 4, 1], ["data", 1, 2]]);
  const mixed = concatText(["x", data("yz") as Traced, "\ud83d", data("\ude00") as Traced]);
  assert.deepEqual([...iterate(mixed)].map(origins), [[[undefined, 0, 1]], [["data", 0, 1]], [["data", 1, 1]], [[undefined, 0, 1], ["data", 0, 1]]]);
});

test("the text of a container derives from the texts in it", () => {
  const dict = d(["role", data("user", "/role")], ["content", [data("hi", "/content")]]);
  const text = str(dict);
  assert.ok(text instanceof Traced);
  assert.equal(text.text, "{'role': 'user', 'content': ['hi']}");
  assert.deepEqual(text.pieces, [{ length: text.text.length, origin: { kind: "derived", pointers: ["/role", "/content"] }, from: 0 }]);
  assert.ok(str(new DictValues(dict)) instanceof Traced);
  assert.equal(typeof str([1, "a"]), "string");
  assert.equal(str(text), text);
});

test("what prints too long ends in a limit", () => {
  let value: Value = ["x".repeat(1000)];
  for (let level = 0; level < 40; level++) value = [value, value];
  assert.throws(() => repr(value), JinjaLimitError);
});
