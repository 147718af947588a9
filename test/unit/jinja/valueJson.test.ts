import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonValue } from "../../../extension/core/dataset/conversation";
import { parseJson } from "../../../extension/core/jsonl/parse";
import { JinjaError, JinjaLimitError } from "../../../extension/core/jinja/errors";
import { dictFrom } from "../../../extension/core/jinja/value/hash";
import type { JsonOptions } from "../../../extension/core/jinja/value/json";
import { fromJson, fromJsonTree, jsonDumps } from "../../../extension/core/jinja/value/json";
import { DictKeys, PyRange } from "../../../extension/core/jinja/value/objects";
import { subscript } from "../../../extension/core/jinja/value/protocol";
import { repr } from "../../../extension/core/jinja/value/repr";
import { textOf, traced, Traced } from "../../../extension/core/jinja/value/text";
import type { PyDict, Value } from "../../../extension/core/jinja/value/types";
import { Markup, MISSING, PyFloat, PyTuple, Undefined } from "../../../extension/core/jinja/value/types";

// The results are those of json.dumps of CPython 3.11, with ensure_ascii=False unless said otherwise.

const f = (value: number): PyFloat => new PyFloat(value);
const t = (...items: Value[]): PyTuple => new PyTuple(items);
const d = (...pairs: [Value, Value][]): PyDict => dictFrom(pairs);
const r = (start: number | bigint, stop: number | bigint, step: number | bigint = 1): PyRange => new PyRange(start, stop, step);
const U = new Undefined("x", MISSING);

const DUMPS: readonly (readonly [Value, JsonOptions, string])[] = [
  [null, {}, "null"],
  [true, {}, "true"],
  [1, {}, "1"],
  [(10n ** 25n), {}, "10000000000000000000000000"],
  [f(1), {}, "1.0"],
  [f(1e-7), {}, "1e-07"],
  [f(1e+16), {}, "1e+16"],
  [f(-0), {}, "-0.0"],
  [f(NaN), {}, "NaN"],
  [[f(Infinity), f(-Infinity)], {}, "[Infinity, -Infinity]"],
  ["a", {}, "\"a\""],
  ["\"\\/\u0008\u000c\n\r\t\u0000\u001f\u007f\u0080", {}, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\u007f\u0080\""],
  ["é\u2028😀\ud83d", {}, "\"é\u2028😀\ud83d\""],
  [new Markup("<"), {}, "\"<\""],
  [[], {}, "[]"],
  [d(), {}, "{}"],
  [[[], d()], {}, "[[], {}]"],
  [t(1, t(2)), {}, "[1, [2]]"],
  [d(["a", [1, d(["b", null])]]), {}, "{\"a\": [1, {\"b\": null}]}"],
  [d([true, 1], [null, 2], [f(1.5), 3], [5, 3], [f(NaN), 4]), {}, "{\"true\": 1, \"null\": 2, \"1.5\": 3, \"5\": 3, \"NaN\": 4}"],
  [d([(10n ** 20n), 1], [new Markup("m"), 2]), {}, "{\"100000000000000000000\": 1, \"m\": 2}"],
  ["é\u007f😀\ud83d\"\n", { ensureAscii: true }, "\"\\u00e9\\u007f\\ud83d\\ude00\\ud83d\\\"\\n\""],
  [d(["é", 1]), { ensureAscii: true }, "{\"\\u00e9\": 1}"],
  [[], { indent: 2 }, "[]"],
  [d(), { indent: 2 }, "{}"],
  [[1, [2], d(["a", d()])], { indent: 2 }, "[\n  1,\n  [\n    2\n  ],\n  {\n    \"a\": {}\n  }\n]"],
  [d(["a", t()], ["b", d(["c", [1]])]), { indent: 2 }, "{\n  \"a\": [],\n  \"b\": {\n    \"c\": [\n      1\n    ]\n  }\n}"],
  ["a", { indent: 2 }, "\"a\""],
  [true, { indent: 2 }, "true"],
  [[1, []], { indent: true }, "[\n 1,\n []\n]"],
  [[1, [], d()], { indent: 0 }, "[\n1,\n[],\n{}\n]"],
  [[1], { indent: -1 }, "[\n1\n]"],
  [[1, d(["a", 2])], { indent: "--" }, "[\n--1,\n--{\n----\"a\": 2\n--}\n]"],
  [d(["a", [1]]), { indent: "\t" }, "{\n\t\"a\": [\n\t\t1\n\t]\n}"],
  [[1], { indent: f(1.5) }, "TypeError: can't multiply sequence by non-int of type 'float'"],
  [[1], { indent: [] }, "TypeError: can't multiply sequence by non-int of type 'list'"],
  [[1], { indent: U }, "UndefinedError: 'x' is undefined"],
  [[1], { indent: (2n ** 70n) }, "OverflowError: cannot fit 'int' into an index-sized integer"],
  ["a", { indent: [] }, "\"a\""],
  [[1, 2], { separators: t(",", ":") }, "[1,2]"],
  [d(["a", 1], ["b", 2]), { separators: [" , ", " = "] }, "{\"a\" = 1 , \"b\" = 2}"],
  [[1, 2], { separators: ",:" }, "[1,2]"],
  [d(["a", 1], ["b", 2]), { indent: 1, separators: t(";", "=") }, "{\n \"a\"=1;\n \"b\"=2\n}"],
  [[1], { separators: t("", "") }, "[1]"],
  [[1], { separators: t(",") }, "ValueError: not enough values to unpack (expected 2, got 1)"],
  [[1], { separators: t(",", ":", "a") }, "ValueError: too many values to unpack (expected 2)"],
  [[1], { separators: 5 }, "TypeError: cannot unpack non-iterable int object"],
  [[1], { separators: t(1, 2) }, "TypeError: make_encoder() argument 5 must be str, not int"],
  [[1], { separators: t(",", null) }, "TypeError: make_encoder() argument 5 must be str, not None"],
  [[1], { separators: [U, ":"] }, "TypeError: make_encoder() argument 6 must be str, not Undefined"],
  ["a", { separators: t(1, 2) }, "\"a\""],
  [[1], { separators: U }, "ValueError: not enough values to unpack (expected 2, got 0)"],
  ["a", { separators: 5 }, "TypeError: cannot unpack non-iterable int object"],
  [[1, 2], { indent: 1, separators: t(1, 2) }, "TypeError: unsupported operand type(s) for +: 'int' and 'str'"],
  [[], { indent: 1, separators: t(1, 2) }, "[]"],
  [[1, 2], { indent: 1, separators: t(",", 2) }, "[\n 1,\n 2\n]"],
  [d([1, 2]), { indent: 1, separators: t(",", 2) }, "TypeError: sequence item 3: expected str instance, int found"],
  [d(["b", 1], ["a", d(["d", 1], ["c", 2])]), { sortKeys: true }, "{\"a\": {\"c\": 2, \"d\": 1}, \"b\": 1}"],
  [d(["b", 1], ["a", 2], ["C", 3]), { sortKeys: true, indent: 1 }, "{\n \"C\": 3,\n \"a\": 2,\n \"b\": 1\n}"],
  [d([f(1.5), 1], [1, 2]), { sortKeys: true }, "{\"1\": 2, \"1.5\": 1}"],
  [d(["\uffff", 1], ["😀", 2]), { sortKeys: true }, "{\"\uffff\": 1, \"😀\": 2}"],
  [d([1, 1], ["a", 2]), { sortKeys: true }, "TypeError: '<' not supported between instances of 'str' and 'int'"],
  [d(["a", 1], [1, 2]), { sortKeys: true }, "TypeError: '<' not supported between instances of 'int' and 'str'"],
  [d(["a", 1], [3, 2], ["b", 1], [4, 5]), { sortKeys: true }, "TypeError: '<' not supported between instances of 'int' and 'str'"],
  [d([3, 2], [4, 5], [1, 1], [2, 2], [null, 5]), { sortKeys: true }, "TypeError: '<' not supported between instances of 'NoneType' and 'int'"],
  [d([null, 1], [1, 2]), { sortKeys: true }, "TypeError: '<' not supported between instances of 'int' and 'NoneType'"],
  [d([U, 1], ["a", 2]), { sortKeys: true }, "UndefinedError: 'x' is undefined"],
  [U, {}, "TypeError: Object of type Undefined is not JSON serializable"],
  [[U], {}, "TypeError: Object of type Undefined is not JSON serializable"],
  [d(["a", d(["b", r(0, 2)])]), { indent: 1 }, "TypeError: Object of type range is not JSON serializable"],
  [new DictKeys(d()), {}, "TypeError: Object of type dict_keys is not JSON serializable"],
  [d([t(1), 2]), {}, "TypeError: keys must be str, int, float, bool or None, not tuple"],
  [d([U, 2]), {}, "TypeError: keys must be str, int, float, bool or None, not Undefined"],
  [d([t(1), 2]), { indent: 1 }, "TypeError: keys must be str, int, float, bool or None, not tuple"],
];

function outcome(run: () => string): string {
  try {
    return run();
  } catch (error) {
    if (error instanceof JinjaError) return `${error.type}: ${error.message}`;
    throw error;
  }
}

test("json.dumps", () => {
  for (const [value, options, expected] of DUMPS) assert.equal(outcome(() => textOf(jsonDumps(value, options))), expected);
});

test("what json.dumps writes of a traced text keeps its origin", () => {
  const text = jsonDumps(d(["k", traced('a"b\n', { kind: "data", pointer: "/x" })]), { indent: 1 });
  assert.ok(text instanceof Traced);
  assert.equal(text.text, '{\n "k": "a\\"b\\n"\n}');
  assert.deepEqual(
    text.pieces.map(({ origin, from, length }) => [origin?.kind, from, length]),
    [
      [undefined, 0, 9],
      ["data", 0, 1],
      ["derived", 0, 2],
      ["data", 2, 1],
      ["derived", 0, 2],
      [undefined, 0, 3],
    ],
  );
});

test("json.dumps stops at values without end", () => {
  let deep: Value = [];
  for (let level = 0; level < 1000; level++) deep = [deep];
  let wide: Value = [1];
  for (let level = 0; level < 40; level++) wide = [wide, wide];
  for (const value of [deep, wide]) assert.throws(() => jsonDumps(value), JinjaLimitError);
});

// ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

const TEXTS: readonly (readonly [json: string, fromTree: string, fromParsed: string])[] = [
  ["1", "1", "1"],
  ["1.0", "1.0", "1"],
  ["1e3", "1000.0", "1000"],
  ["-0", "0", "0"],
  ["-0.0", "-0.0", "0"],
  ["1E400", "inf", "inf"],
  ["0.1", "0.1", "0.1"],
  ["9007199254740993", "9007199254740993", "9007199254740992"],
  ["123456789012345678901234567890", "123456789012345678901234567890", "1.2345678901234568e+29"],
  ["-999999999999999", "-999999999999999", "-999999999999999"],
  ['{"b": [true, false, null], "a": {}}', "{'b': [True, False, None], 'a': {}}", "{'b': [True, False, None], 'a': {}}"],
  ['{"2": 0, "1": 1, "2": 3}', "{'2': 3, '1': 1}", "{'1': 1, '2': 3}"],
  ['{"__proto__": {"x": 1}, "constructor": 2}', "{'__proto__': {'x': 1}, 'constructor': 2}", "{'__proto__': {'x': 1}, 'constructor': 2}"],
  ['{"\\u0000a": "\\ud83d\\ude00"}', "{'\\x00a': '😀'}", "{'\\x00a': '😀'}"],
];

test("values of a JSON text", () => {
  for (const [json, fromTree, fromParsed] of TEXTS) {
    assert.equal(repr(fromJsonTree(parseJson(json).tree, 0)), fromTree, json);
    assert.equal(repr(fromJson(JSON.parse(json) as JsonValue)), fromParsed, json);
  }
  const digits = "1".repeat(4301);
  assert.throws(
    () => fromJsonTree(parseJson(digits).tree, 0),
    (error) => error instanceof JinjaError && error.type === "ValueError" && error.message.includes("value has 4301 digits"),
  );
});

test("values know where in the input they stand", () => {
  const json = '{"m": [{"a/b~": "x"}, "y"], "": "z"}';
  for (const value of [fromJsonTree(parseJson(json).tree, 0, "/row"), fromJson(JSON.parse(json) as JsonValue, "/row")]) {
    const pointers: string[] = [];
    const visit = (item: Value | undefined): void => {
      assert.ok(item instanceof Traced);
      const [piece] = item.pieces;
      assert.ok(piece?.origin?.kind === "data");
      pointers.push(piece.origin.pointer);
    };
    const list = subscript(value, "m") as readonly Value[];
    visit(subscript(list[0] as Value, "a/b~"));
    visit(list[1]);
    visit(subscript(value, ""));
    assert.deepEqual(pointers, ["/row/m/0/a~1b~0", "/row/m/1", "/row/"]);
  }
});

test("JSON that nests without end ends in a limit", () => {
  const json = "[".repeat(600) + "]".repeat(600);
  assert.throws(() => fromJsonTree(parseJson(json).tree, 0), JinjaLimitError);
  assert.throws(() => fromJson(JSON.parse(json) as JsonValue), JinjaLimitError);
});
