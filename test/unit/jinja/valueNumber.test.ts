import assert from "node:assert/strict";
import { test } from "node:test";
import { JinjaError, JinjaLimitError } from "../../../extension/core/jinja/errors";
import { dictFrom } from "../../../extension/core/jinja/value/hash";
import type { Operator } from "../../../extension/core/jinja/value/number";
import { binary, negate, positive, toInteger } from "../../../extension/core/jinja/value/number";
import { DictKeys, PyRange } from "../../../extension/core/jinja/value/objects";
import { repr } from "../../../extension/core/jinja/value/repr";
import { textOf, traced, Traced } from "../../../extension/core/jinja/value/text";
import type { PyDict, Value } from "../../../extension/core/jinja/value/types";
import { Markup, MISSING, PyFloat, PyTuple, Undefined } from "../../../extension/core/jinja/value/types";

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

const INTEGERS: readonly (readonly [Operator, Value, Value, string])[] = [
  ["+", 1, 1, "2"],
  ["+", 9007199254740991, 1, "9007199254740992"],
  ["-", -9007199254740991, 1, "-9007199254740992"],
  ["-", (2n ** 53n), 1, "9007199254740991"],
  ["*", 9007199254740991, 9007199254740991, "81129638414606663681390495662081"],
  ["*", -3, 0, "0"],
  ["+", true, true, "2"],
  ["+", (10n ** 25n), -(10n ** 25n), "0"],
  ["-", (10n ** 25n), 5, "9999999999999999999999995"],
  ["//", 7, 2, "3"],
  ["//", -7, 2, "-4"],
  ["//", 7, -2, "-4"],
  ["//", -7, -2, "3"],
  ["//", 0, -5, "0"],
  ["//", 9007199254740991, -9007199254740990, "-2"],
  ["//", -9007199254740991, 2, "-4503599627370496"],
  ["//", -9007199254740993n, 1000, "-9007199254741"],
  ["//", (10n ** 30n), 7, "142857142857142857142857142857"],
  ["//", (10n ** 30n), -7, "-142857142857142857142857142858"],
  ["//", true, 2, "0"],
  ["%", 7, 3, "1"],
  ["%", -7, 3, "2"],
  ["%", 7, -3, "-2"],
  ["%", -7, -3, "-1"],
  ["%", -6, 3, "0"],
  ["%", 6, -3, "0"],
  ["%", 9007199254740993n, -1000, "-7"],
  ["%", -(10n ** 30n), 7, "6"],
  ["%", (10n ** 30n), (2n ** 60n), "465258251877875712"],
  ["/", 1, 2, "0.5"],
  ["/", 6, 3, "2.0"],
  ["/", 0, -5, "-0.0"],
  ["/", 1, 3, "0.3333333333333333"],
  ["/", 9007199254740993n, 1, "9007199254740992.0"],
  ["/", 9007199254740993n, 3, "3002399751580331.0"],
  ["/", (10n ** 400n), (10n ** 399n), "10.0"],
  ["/", -(10n ** 400n), (10n ** 399n), "-10.0"],
  ["/", 1, (10n ** 320n), "1e-320"],
  ["/", 3, (10n ** 323n), "3e-323"],
  ["/", (2n ** 1024n - 2n ** 970n - 1n), 1, "1.7976931348623157e+308"],
  ["/", (10n ** 320n), 3, "OverflowError: integer division result too large for a float"],
  ["/", (2n ** 1024n - 2n ** 970n), 1, "OverflowError: integer division result too large for a float"],
  ["**", 2, 10, "1024"],
  ["**", 2, 63, "9223372036854775808"],
  ["**", -2, 63, "-9223372036854775808"],
  ["**", -3, 3, "-27"],
  ["**", 3, 33, "5559060566555523"],
  ["**", 3, 40, "12157665459056928801"],
  ["**", (2n ** 64n), 2, "340282366920938463463374607431768211456"],
  ["**", 0, 0, "1"],
  ["**", 1, (2n ** 80n), "1"],
  ["**", -1, 1208925819614629174706177n, "-1"],
  ["**", 0, (2n ** 80n), "0"],
  ["**", true, true, "1"],
  ["**", 2, -1, "0.5"],
  ["**", 1, -1, "1.0"],
  ["**", -2, -1, "-0.5"],
  ["**", 10, -2, "0.01"],
  ["**", 7, -3, "0.0029154518950437317"],
  ["**", 2, -1074, "5e-324"],
  ["**", 2, -1075, "0.0"],
  ["**", 10, -323, "1e-323"],
  ["**", (10n ** 400n), -1, "OverflowError: int too large to convert to float"],
  ["/", 1, 0, "ZeroDivisionError: division by zero"],
  ["//", 1, 0, "ZeroDivisionError: integer division or modulo by zero"],
  ["%", 1, 0, "ZeroDivisionError: integer modulo by zero"],
  ["/", true, false, "ZeroDivisionError: division by zero"],
  ["**", 0, -1, "ZeroDivisionError: 0.0 cannot be raised to a negative power"],
];

const FLOATS: readonly (readonly [Operator, Value, Value, string])[] = [
  ["+", f(0.1), f(0.2), "0.30000000000000004"],
  ["+", 1, f(1), "2.0"],
  ["*", f(1e+308), 10, "inf"],
  ["*", 0, f(-1), "-0.0"],
  ["+", f(-0), 0, "0.0"],
  ["-", 5, f(0.5), "4.5"],
  ["*", (10n ** 400n), f(1), "OverflowError: int too large to convert to float"],
  ["+", (2n ** 1024n - 2n ** 970n), f(0.5), "OverflowError: int too large to convert to float"],
  ["-", f(Infinity), f(Infinity), "nan"],
  ["/", f(1), 3, "0.3333333333333333"],
  ["//", f(7.5), -2, "-4.0"],
  ["//", f(-7.5), 2, "-4.0"],
  ["//", -5, f(0.3), "-17.0"],
  ["//", f(1e+16), 3, "3333333333333333.0"],
  ["//", f(1e+300), f(1e-10), "inf"],
  ["//", f(Infinity), 1, "nan"],
  ["//", 1, f(Infinity), "0.0"],
  ["//", -1, f(Infinity), "-1.0"],
  ["//", f(0), -1, "-0.0"],
  ["//", f(-0), 1, "-0.0"],
  ["//", f(3), f(0.1), "29.0"],
  ["%", f(-7.5), 2, "0.5"],
  ["%", f(1.5), f(0.3), "5.551115123125783e-17"],
  ["%", f(5), -5, "-0.0"],
  ["%", -1, f(Infinity), "inf"],
  ["%", f(0), -1, "-0.0"],
  ["%", f(-0), 1, "0.0"],
  ["%", (10n ** 30n), f(7), "5.0"],
  ["%", f(1e+300), 3, "0.0"],
  ["%", f(Infinity), 2, "nan"],
  ["**", 2, f(0.5), "1.4142135623730951"],
  ["**", f(6), 2, "36.0"],
  ["**", f(2), 1023, "8.98846567431158e+307"],
  ["**", f(-2), 3, "-8.0"],
  ["**", f(-0), 3, "-0.0"],
  ["**", f(1.1), 10, "2.5937424601000023"],
  ["**", f(1.1), 100, "13780.61233982238"],
  ["**", f(9.99), -50, "1.0512973960167321e-50"],
  ["**", f(3.7), f(2.3), "20.270476851916438"],
  ["**", f(10), -5, "1e-05"],
  ["**", f(1.0000001), 1000, "1.0001000049952247"],
  ["**", f(0.1), 400, "0.0"],
  ["**", f(NaN), 0, "1.0"],
  ["**", 1, f(NaN), "1.0"],
  ["**", -1, f(Infinity), "1.0"],
  ["**", 2, f(Infinity), "inf"],
  ["**", f(0.5), f(Infinity), "0.0"],
  ["**", f(-Infinity), 3, "-inf"],
  ["**", f(-Infinity), f(0.5), "inf"],
  ["**", f(-Infinity), -3, "-0.0"],
  ["**", f(0), f(-Infinity), "inf"],
  ["/", f(1), 0, "ZeroDivisionError: float division by zero"],
  ["/", 1, f(0), "ZeroDivisionError: float division by zero"],
  ["//", f(1), 0, "ZeroDivisionError: float floor division by zero"],
  ["%", f(1), 0, "ZeroDivisionError: float modulo"],
  ["**", f(0), -1, "ZeroDivisionError: 0.0 cannot be raised to a negative power"],
  ["**", f(-0), -3, "ZeroDivisionError: 0.0 cannot be raised to a negative power"],
  ["**", 0, f(-1.5), "ZeroDivisionError: 0.0 cannot be raised to a negative power"],
  ["**", f(10), 400, "OverflowError: (34, 'Numerical result out of range')"],
  ["**", f(2), (2n ** 80n), "OverflowError: (34, 'Numerical result out of range')"],
];

const OTHERS: readonly (readonly [Operator, Value, Value, string])[] = [
  ["+", "a", "b", "'ab'"],
  ["+", "a", 1, "TypeError: can only concatenate str (not \"int\") to str"],
  ["+", "a", null, "TypeError: can only concatenate str (not \"NoneType\") to str"],
  ["+", 1, "a", "TypeError: unsupported operand type(s) for +: 'int' and 'str'"],
  ["+", null, "a", "TypeError: unsupported operand type(s) for +: 'NoneType' and 'str'"],
  ["+", null, null, "TypeError: unsupported operand type(s) for +: 'NoneType' and 'NoneType'"],
  ["+", d(), d(), "TypeError: unsupported operand type(s) for +: 'dict' and 'dict'"],
  ["+", [1], [2], "[1, 2]"],
  ["+", [], "a", "TypeError: can only concatenate list (not \"str\") to list"],
  ["+", [], t(), "TypeError: can only concatenate list (not \"tuple\") to list"],
  ["+", t(), [], "TypeError: can only concatenate tuple (not \"list\") to tuple"],
  ["+", t(1), t(2), "(1, 2)"],
  ["-", "a", "b", "TypeError: unsupported operand type(s) for -: 'str' and 'str'"],
  ["*", "ab", 2, "'abab'"],
  ["*", 2, "ab", "'abab'"],
  ["*", "ab", true, "'ab'"],
  ["*", -1, "ab", "''"],
  ["*", [1], 3, "[1, 1, 1]"],
  ["*", 2, t(1), "(1, 1)"],
  ["*", "a", "b", "TypeError: can't multiply sequence by non-int of type 'str'"],
  ["*", "a", f(1.5), "TypeError: can't multiply sequence by non-int of type 'float'"],
  ["*", f(1.5), "a", "TypeError: can't multiply sequence by non-int of type 'float'"],
  ["*", null, "a", "TypeError: can't multiply sequence by non-int of type 'NoneType'"],
  ["*", [], [], "TypeError: can't multiply sequence by non-int of type 'list'"],
  ["*", [], "a", "TypeError: can't multiply sequence by non-int of type 'str'"],
  ["*", d(), 2, "TypeError: unsupported operand type(s) for *: 'dict' and 'int'"],
  ["*", d(), "a", "TypeError: can't multiply sequence by non-int of type 'dict'"],
  ["*", "a", (2n ** 70n), "OverflowError: cannot fit 'int' into an index-sized integer"],
  ["*", [], -(2n ** 70n), "OverflowError: cannot fit 'int' into an index-sized integer"],
  ["*", "", (2n ** 62n), "''"],
  ["**", 2, "a", "TypeError: unsupported operand type(s) for ** or pow(): 'int' and 'str'"],
  ["**", "a", 2, "TypeError: unsupported operand type(s) for ** or pow(): 'str' and 'int'"],
  ["/", "a", 2, "TypeError: unsupported operand type(s) for /: 'str' and 'int'"],
  ["//", "a", 2, "TypeError: unsupported operand type(s) for //: 'str' and 'int'"],
  ["%", 2, "a", "TypeError: unsupported operand type(s) for %: 'int' and 'str'"],
  ["%", [], 2, "TypeError: unsupported operand type(s) for %: 'list' and 'int'"],
  ["%", null, 1, "TypeError: unsupported operand type(s) for %: 'NoneType' and 'int'"],
  ["+", U, 1, "UndefinedError: 'x' is undefined"],
  ["+", 1, U, "UndefinedError: 'x' is undefined"],
  ["+", "a", U, "UndefinedError: 'x' is undefined"],
  ["*", U, "a", "UndefinedError: 'x' is undefined"],
  ["*", "a", U, "UndefinedError: 'x' is undefined"],
  ["+", [], U, "UndefinedError: 'x' is undefined"],
  ["%", null, U, "UndefinedError: 'x' is undefined"],
  ["%", "a%s", U, "'a'"],
  ["%", "%s-%s", t("a", 1), "'a-1'"],
  ["+", new DictKeys(d([1, 2])), 1, "TypeError: unsupported operand type(s) for +: 'dict_keys' and 'int'"],
  ["-", new DictKeys(d()), 1, "TypeError: 'int' object is not iterable"],
  ["*", r(0, 3), 2, "TypeError: unsupported operand type(s) for *: 'range' and 'int'"],
  ["+", new Markup("<"), "<", "Markup('<&lt;')"],
  ["+", "<", new Markup("<"), "Markup('&lt;<')"],
  ["+", new Markup("<"), new Markup(">"), "Markup('<>')"],
  ["+", new Markup("<"), 1, "TypeError: unsupported operand type(s) for +: 'Markup' and 'int'"],
  ["+", 1, new Markup("<"), "TypeError: unsupported operand type(s) for +: 'int' and 'Markup'"],
  ["+", null, new Markup("<"), "TypeError: unsupported operand type(s) for +: 'NoneType' and 'Markup'"],
  ["+", [], new Markup("a"), "TypeError: can only concatenate list (not \"Markup\") to list"],
  ["+", new Markup("a"), [], "TypeError: unsupported operand type(s) for +: 'Markup' and 'list'"],
  ["+", new Markup("<"), U, "UndefinedError: 'x' is undefined"],
  ["*", new Markup("<"), 2, "Markup('<<')"],
  ["*", 2, new Markup("<"), "Markup('<<')"],
  ["*", new Markup("a"), f(1.5), "TypeError: 'float' object cannot be interpreted as an integer"],
  ["*", new Markup("a"), "b", "TypeError: 'str' object cannot be interpreted as an integer"],
  ["*", f(1.5), new Markup("a"), "TypeError: 'float' object cannot be interpreted as an integer"],
  ["*", [], new Markup("a"), "TypeError: 'list' object cannot be interpreted as an integer"],
  ["*", new Markup("a"), U, "TypeError: 'Undefined' object cannot be interpreted as an integer"],
  ["*", U, new Markup("a"), "UndefinedError: 'x' is undefined"],
  ["-", new Markup("a"), 1, "TypeError: unsupported operand type(s) for -: 'Markup' and 'int'"],
  ["**", new Markup("a"), 1, "TypeError: unsupported operand type(s) for ** or pow(): 'Markup' and 'int'"],
  ["%", new Markup("<%s>"), "<", "Markup('<&lt;>')"],
  ["%", new Markup("<%s|%s>"), t("<", new Markup("<")), "Markup('<&lt;|<>')"],
  ["%", new Markup("%(a)s"), d(["a", "&"]), "Markup('&amp;')"],
  ["%", new Markup("%s"), t([1, "'"]), "Markup('[1, &#34;&#39;&#34;]')"],
  ["%", new Markup("%r"), "<", "Markup('&#39;&lt;&#39;')"],
  ["%", new Markup("%d"), 5, "Markup('5')"],
];

const UNARY: readonly (readonly ["-" | "+", Value, string])[] = [
  ["-", 1, "-1"],
  ["-", 0, "0"],
  ["-", true, "-1"],
  ["+", true, "1"],
  ["-", 9007199254740991, "-9007199254740991"],
  ["-", (2n ** 60n), "-1152921504606846976"],
  ["-", -(2n ** 53n), "9007199254740992"],
  ["-", f(0), "-0.0"],
  ["+", f(1.5), "1.5"],
  ["-", "a", "TypeError: bad operand type for unary -: 'str'"],
  ["+", "a", "TypeError: bad operand type for unary +: 'str'"],
  ["-", null, "TypeError: bad operand type for unary -: 'NoneType'"],
  ["+", [], "TypeError: bad operand type for unary +: 'list'"],
  ["-", U, "UndefinedError: 'x' is undefined"],
  ["+", new Markup("a"), "TypeError: bad operand type for unary +: 'Markup'"],
];

for (const [name, table] of Object.entries({ integers: INTEGERS, floats: FLOATS, "other values": OTHERS })) {
  test(`arithmetic on ${name}`, () => {
    for (const [operator, a, b, expected] of table) {
      const what = `${repr(a).slice(0, 60)} ${operator} ${repr(b).slice(0, 60)}`;
      assert.equal(outcome(() => binary(operator, a, b)), expected, what);
    }
  });
}

test("unary operators", () => {
  for (const [operator, value, expected] of UNARY) {
    assert.equal(outcome(() => (operator === "-" ? negate(value) : positive(value))), expected, operator + repr(value));
  }
});

test("an integer is a number where that is exact, and never -0", () => {
  assert.equal(toInteger(9007199254740991n), 9007199254740991);
  assert.equal(toInteger(9007199254740992n), 9007199254740992n);
  for (const zero of [negate(0), binary("*", 0, -5), binary("//", 0, -5), binary("%", -6, 3), binary("-", 2n ** 60n, 2n ** 60n)]) {
    assert.ok(Object.is(zero, 0));
  }
});

test("what Python would do at great length, or not say in a chat template, ends in a limit", () => {
  const cases: readonly (readonly [string, () => Value])[] = [
    ["integer-bits", () => binary("**", 2, 10 ** 9)],
    ["integer-bits", () => binary("**", 3, 2n ** 80n)],
    ["integer-bits", () => binary("*", 2n ** 60_000n, 2n ** 60_000n)],
    ["text-length", () => binary("*", "ab", 10 ** 12)],
    ["list-length", () => binary("*", [1, 2], 10 ** 12)],
    ["complex", () => binary("**", -8, f(0.5))],
    ["set", () => binary("-", new DictKeys(d()), new DictKeys(d()))],
  ];
  for (const [limit, run] of cases) assert.throws(run, (error) => error instanceof JinjaLimitError && error.limit === limit, limit);
  assert.equal(outcome(() => binary("**", 10, 4299)).length, 4300);
  assert.match(outcome(() => binary("**", 10, 4300)), /^ValueError: Exceeds the limit \(4300 digits\) for integer string conversion;/);
});

test("texts keep where their characters come from", () => {
  const data = traced("<a>", { kind: "data", pointer: "/m" });
  const sum = binary("+", "x", data);
  assert.ok(sum instanceof Traced);
  assert.deepEqual(sum.pieces, [
    { length: 1, origin: undefined, from: 0 },
    { length: 3, origin: { kind: "data", pointer: "/m" }, from: 0 },
  ]);
  const twice = binary("*", data, 2);
  assert.ok(twice instanceof Traced);
  assert.deepEqual(twice.pieces.map((piece) => [piece.length, piece.from]), [[3, 0], [3, 0]]);
  const often = binary("*", data, 5000);
  assert.ok(often instanceof Traced);
  assert.deepEqual(often.pieces, [{ length: 15000, origin: { kind: "derived", pointers: ["/m"] }, from: 0 }]);
  const escaped = binary("+", new Markup(""), data);
  assert.ok(escaped instanceof Markup && escaped.text instanceof Traced);
  assert.equal(textOf(escaped.text), "&lt;a&gt;");
  assert.deepEqual(escaped.text.pieces.map(({ length, origin, from }) => [length, origin?.kind, from]), [
    [4, "derived", 0],
    [1, "data", 1],
    [4, "derived", 0],
  ]);
});
