import assert from "node:assert/strict";
import { test } from "node:test";

import { JinjaError, JinjaLimitError } from "../../../extension/core/jinja/errors";
import type { Runtime } from "../../../extension/core/jinja/runtime/runtime";
import { formatMethod, formatValue, strFormat, strFormatMap } from "../../../extension/core/jinja/text/format";
import { dictFrom } from "../../../extension/core/jinja/value/hash";
import { methodOf } from "../../../extension/core/jinja/value/methods";
import { subscript } from "../../../extension/core/jinja/value/protocol";
import { repr } from "../../../extension/core/jinja/value/repr";
import { Traced, traced } from "../../../extension/core/jinja/value/text";
import type { PyDict, Value } from "../../../extension/core/jinja/value/types";
import { NO_NAMED, PyFloat, PyTuple, Undefined } from "../../../extension/core/jinja/value/types";

const f = (value: number): PyFloat => new PyFloat(value);
const t = (...items: Value[]): PyTuple => new PyTuple(items);
const d = (...pairs: [Value, Value][]): PyDict => dictFrom(pairs);

/** The repr of a result, or `!Class: message` of an error. */
function outcome(run: () => Value): string {
  try {
    return repr(run());
  } catch (error) {
    if (error instanceof JinjaError) return `!${error.type}: ${error.message}`;
    throw error;
  }
}

/** What format asks of a runtime, without the sandbox's refusals. */
const runtime = {
  charge: () => undefined,
  getAttribute: (target: Value, name: string): Value => methodOf(target, name) ?? missingAs(subscript(target, name), target, name),
  getItem: (target: Value, key: Value): Value => missingAs(subscript(target, key), target, key),
} as unknown as Runtime;

function missingAs(value: Value | undefined, owner: Value, key: Value): Value {
  return value === undefined ? new Undefined(key, owner) : value;
}

/** Value, specification, and what CPython 3.11 prints of `format(value, specification)`. */
const SPECS: readonly (readonly [Value, string, string])[] = [
  [3, "5", "'    3'"],
  [3, "05", "'00003'"],
  [-3, "05", "'-0003'"],
  [3, "<5", "'3    '"],
  [3, "^6", "'  3   '"],
  [3, "*^7", "'***3***'"],
  [3, "=+5", "'+   3'"],
  [3, "😀>4", "'😀😀😀3'"],
  [255, "x", "'ff'"],
  [255, "#X", "'0XFF'"],
  [255, "#010b", "'0b11111111'"],
  [8, "#o", "'0o10'"],
  [1234567, ",", "'1,234,567'"],
  [1234567, "_", "'1_234_567'"],
  [3735928559, "_x", "'dead_beef'"],
  [1234, "010,", "'00,001,234'"],
  [1234, "06,", "'01,234'"],
  [1234, "08,", "'0,001,234'"],
  [-1234, "0=10,", "'-0,001,234'"],
  [1234567, "20,d", "'           1,234,567'"],
  [97, "c", "'a'"],
  [97, "+c", "!ValueError: Sign not allowed with integer format specifier 'c'"],
  [97, "#c", "!ValueError: Alternate form (#) not allowed with integer format specifier 'c'"],
  [-1, "c", "!OverflowError: %c arg not in range(0x110000)"],
  [1180591620717411303424n, "c", "!OverflowError: Python int too large to convert to C long"],
  [5, "s", "!ValueError: Unknown format code 's' for object of type 'int'"],
  [5, "y", "!ValueError: Unknown format code 'y' for object of type 'int'"],
  [5, "é", "!ValueError: Unknown format code '\\xe9' for object of type 'int'"],
  [5, ".2", "!ValueError: Precision not allowed in integer format specifier"],
  [5, ".2f", "'5.00'"],
  [5, "%", "'500.000000%'"],
  [5, "e", "'5.000000e+00'"],
  [5, "n", "'5'"],
  [5, "zd", "!ValueError: Negative zero coercion (z) not allowed in integer format specifier"],
  [5, ",x", "!ValueError: Cannot specify ',' with 'x'."],
  [5, ",n", "!ValueError: Cannot specify ',' with 'n'."],
  [5, ",_", "!ValueError: Cannot specify both ',' and '_'."],
  [5, "_,", "!ValueError: Cannot specify both ',' and '_'."],
  [5, ",,", "!ValueError: Cannot specify ',' with ','."],
  [5, "5.", "!ValueError: Format specifier missing precision"],
  [5, "99999999999999999999", "!ValueError: Too many decimal digits in format string"],
  [5, "5dd", "!ValueError: Invalid format specifier '5dd' for object of type 'int'"],
  [10n ** 400n, "f", "!OverflowError: int too large to convert to float"],
  [true, "", "'True'"],
  [true, "d", "'1'"],
  [true, "5", "'    1'"],
  [true, "s", "!ValueError: Unknown format code 's' for object of type 'bool'"],
  [10000000000000000000000000n, ",", "'10,000,000,000,000,000,000,000,000'"],
  [f(1.5), "", "'1.5'"],
  [f(1.0), "5", "'  1.0'"],
  [f(1e+16), "+", "'+1e+16'"],
  [f(1e-07), "", "'1e-07'"],
  [f(3.14159), ".2f", "'3.14'"],
  [f(2.5), ".0f", "'2'"],
  [f(0.5), ".0f", "'0'"],
  [f(0.125), ".2f", "'0.12'"],
  [f(2.675), ".2f", "'2.67'"],
  [f(1234567.891), ",.2f", "'1,234,567.89'"],
  [f(1234567.891), "_", "'1_234_567.891'"],
  [f(0.5), "%", "'50.000000%'"],
  [f(0.005), ".0%", "'0%'"],
  [f(0.015), ".1%", "'1.5%'"],
  [f(1e+20), "", "'1e+20'"],
  [f(1e+20), "#", "'1.e+20'"],
  [f(12.0), ".2", "'1.2e+01'"],
  [f(12.0), ".3", "'12.0'"],
  [f(1.0), "g", "'1'"],
  [f(1.0), "#g", "'1.00000'"],
  [f(123456789.0), "g", "'1.23457e+08'"],
  [f(1e-05), "G", "'1E-05'"],
  [f(1.5), "e", "'1.500000e+00'"],
  [f(1.5), ".0e", "'2e+00'"],
  [f(1.5), "#.0e", "'2.e+00'"],
  [f(-0.0), "", "'-0.0'"],
  [f(-0.0), "z", "'0.0'"],
  [f(-0.001), "z.1f", "'0.0'"],
  [f(-0.001), ".1f", "'-0.0'"],
  [f(Infinity), "010", "'0000000inf'"],
  [f(-Infinity), "F", "'-INF'"],
  [f(NaN), "+", "'+nan'"],
  [f(Infinity), "010,", "'0000000inf'"],
  [f(1.5), "010", "'00000001.5'"],
  [f(-1.5), "010", "'-0000001.5'"],
  [f(1234.5), "012,", "'00,001,234.5'"],
  [f(1.5), "d", "!ValueError: Unknown format code 'd' for object of type 'float'"],
  [f(1.5), "s", "!ValueError: Unknown format code 's' for object of type 'float'"],
  [f(1.5), "n", "'1.5'"],
  [f(1.5), ".3000000000", "!ValueError: precision too big"],
  [f(1.1), ".30", "'1.10000000000000008881784197001'"],
  [f(5e-324), ".3", "'4.94e-324'"],
  [f(1e-07), ".17", "'9.9999999999999995e-08'"],
  [f(9.995), ".2f", "'9.99'"],
  [f(-1.5), "*=8", "'-****1.5'"],
  [f(1e+300), ".3g", "'1e+300'"],
  [f(99999.5), ".5g", "'1e+05'"],
  [f(0.0), "e", "'0.000000e+00'"],
  [f(0.0), ".3g", "'0'"],
  [f(1e+22), ",.0f", "'10,000,000,000,000,000,000,000'"],
  ["ab", "5", "'ab   '"],
  ["ab", ">5", "'   ab'"],
  ["ab", "^5", "' ab  '"],
  ["ab", "05", "'ab000'"],
  ["ab", "*^6", "'**ab**'"],
  ["a😀b", ".2", "'a😀'"],
  ["a😀b", "6.2", "'a😀    '"],
  ["ab", "d", "!ValueError: Unknown format code 'd' for object of type 'str'"],
  ["ab", "=5", "!ValueError: '=' alignment not allowed in string format specifier"],
  ["ab", "+5", "!ValueError: Sign not allowed in string format specifier"],
  ["ab", " 5", "!ValueError: Space not allowed in string format specifier"],
  ["ab", "#5", "!ValueError: Alternate form (#) not allowed in string format specifier"],
  ["ab", "z", "!ValueError: Negative zero coercion (z) not allowed in string format specifier"],
  ["ab", ",", "!ValueError: Cannot specify ',' with 's'."],
  ["ab", "s", "'ab'"],
  ["ab", "5.1s", "'a    '"],
  ["", "3", "'   '"],
  ["ab", "sx", "!ValueError: Invalid format specifier 'sx' for object of type 'str'"],
  [null, "", "'None'"],
  [null, "5", "!TypeError: unsupported format string passed to NoneType.__format__"],
  [[1], "", "'[1]'"],
  [[1], "5", "!TypeError: unsupported format string passed to list.__format__"],
  [d(), "s", "!TypeError: unsupported format string passed to dict.__format__"],
  [t(1), "d", "!TypeError: unsupported format string passed to tuple.__format__"],
];

test("format() gives Python's results and messages", () => {
  for (const [value, spec, expected] of SPECS) assert.equal(outcome(() => formatValue(value, spec)), expected, `format(${repr(value)}, '${spec}')`);
});

/** Format, arguments, keyword arguments, and what jinja2 3.1.6's sandbox prints of `format.format(…)`. */
const FORMATS: readonly (readonly [string, readonly Value[], Readonly<Record<string, Value>>, string])[] = [
  ["{}", [], {}, "!IndexError: tuple index out of range"],
  ["{}", [3], {}, "'3'"],
  ["{} {}", ["a", f(1.0)], {}, "'a 1.0'"],
  ["{1} {0}", ["a", 1], {}, "'1 a'"],
  ["{1}", ["a"], {}, "!IndexError: tuple index out of range"],
  ["{a}", [], {"a": null}, "'None'"],
  ["{a}", [], {}, "!KeyError: 'a'"],
  ["{0}{}", [1], {}, "!ValueError: cannot switch from manual field specification to automatic field numbering"],
  ["{}{0}", [1], {}, "!ValueError: cannot switch from manual field specification to automatic field numbering"],
  ["{}{a}{}", [1, 2], {"a": 3}, "'132'"],
  ["{{}}", [], {}, "'{}'"],
  ["{{{}}}", [1], {}, "'{1}'"],
  ["}", [], {}, "!ValueError: Single '}' encountered in format string"],
  ["a}b", [], {}, "!ValueError: Single '}' encountered in format string"],
  ["{", [], {}, "!ValueError: Single '{' encountered in format string"],
  ["a{", [], {}, "!ValueError: Single '{' encountered in format string"],
  ["{0", [1], {}, "!ValueError: expected '}' before end of string"],
  ["{0!r", [1], {}, "!ValueError: unmatched '{' in format spec"],
  ["{0!", [1], {}, "!ValueError: end of string while looking for conversion specifier"],
  ["{0!rx}", [1], {}, "!ValueError: expected ':' after conversion specifier"],
  ["{0!x}", [1], {}, "!ValueError: Unknown conversion specifier x"],
  ["{0!r}{0!s}{0!a}", ["é"], {}, "\"'é'é'\\\\xe9'\""],
  ["{0:", [1], {}, "!ValueError: unmatched '{' in format spec"],
  ["{0:{", [1], {}, "!ValueError: unmatched '{' in format spec"],
  ["{0[a]}", [d(["a", 5])], {}, "'5'"],
  ["{0[0]}", [[7]], {}, "'7'"],
  ["{0[1]}", [[7]], {}, "''"],
  ["{0[-1]}", [[7]], {}, "''"],
  ["{0[a][b]}", [d(["a", d(["b", 6])])], {}, "'6'"],
  ["{0.a.b}", [d(["a", d(["b", 6])])], {}, "'6'"],
  ["{0[]}", [1], {}, "!ValueError: Empty attribute in format string"],
  ["{0[a}", [1], {}, "!ValueError: expected '}' before end of string"],
  ["{0.}", [1], {}, "!ValueError: Empty attribute in format string"],
  ["{0[0]x}", [[1]], {}, "!ValueError: Only '.' or '[' may follow ']' in format field specifier"],
  ["{[a]}", [d(["a", 1])], {}, "!KeyError: ''"],
  ["{.a}", [d(["a", 1])], {}, "!KeyError: ''"],
  ["{0{}", [1], {}, "!ValueError: unexpected '{' in field name"],
  ["{0[{]}", [d(["{", 1])], {}, "'1'"],
  ["{:{}}|", ["a", 5], {}, "'a    |'"],
  ["{:>{w}.{p}}|", ["abc"], {"w": 5, "p": 2}, "'   ab|'"],
  ["{:{:{}}}", [1, 2, 3], {}, "!ValueError: Max string recursion exceeded"],
  ["{:{{}}}", [1], {}, "!ValueError: Invalid format specifier '{}' for object of type 'int'"],
  ["{:5}{:<5}{:^5}|", [1, 2, "x"], {}, "'    12      x  |'"],
  ["{0:,} {1:.2%}", [1234567, f(0.256)], {}, "'1,234,567 25.60%'"],
  ["{99999999999999999999}", [1], {}, "!ValueError: Too many decimal digits in format string"],
  ["{a[99999999999999999999]}", [], {"a": 1}, "!ValueError: Too many decimal digits in format string"],
  ["{0.x}", [1], {}, "''"],
  ["{0.x.y}", [1], {}, "!UndefinedError: 'int object' has no attribute 'x'"],
  ["{0:5}", [null], {}, "!TypeError: unsupported format string passed to NoneType.__format__"],
  ["{0.upper}|{a b}", ["x"], {"a b": 1}, "'<built-in method upper of str object at 0x…>|1'"],
  ["{:d}", ["x"], {}, "!ValueError: Unknown format code 'd' for object of type 'str'"],
  ["{!s:>3}", [7], {}, "'  7'"],
  ["{00}", ["z"], {}, "'z'"],
  ["{²}", ["z"], {}, "!KeyError: '²'"],
  ["{self} {args}", [], {"self": 1, "args": 2}, "'1 2'"],
];

test("str.format gives the sandbox's results and messages", () => {
  for (const [format, positional, named, expected] of FORMATS) {
    const args = { positional, named: new Map(Object.entries(named)) };
    assert.equal(outcome(() => strFormat(format, args, runtime)), expected, format);
    assert.equal(outcome(() => strFormat(traced(format, { kind: "data", pointer: "/f" }), args, runtime)), expected, format);
  }
});

test("format_map takes its names from a mapping", () => {
  const run = (format: string, ...positional: Value[]): string => outcome(() => strFormatMap(format, { positional, named: NO_NAMED }, runtime));
  assert.equal(run("{a}", d(["a", 1])), "'1'");
  assert.equal(run("{b}", d(["a", 1])), "!KeyError: 'b'");
  assert.equal(run("{0}", d()), "!IndexError: tuple index out of range");
  assert.equal(run("{a}", []), "!TypeError: list indices must be integers or slices, not str");
  assert.equal(run("{a}", "x"), "!TypeError: string indices must be integers, not 'str'");
  assert.equal(run("{a}", null), "!TypeError: 'NoneType' object is not subscriptable");
  assert.equal(run("{a}"), "!TypeError: format_map() takes exactly one argument (0 given)");
  const named = { positional: [], named: new Map<string, Value>([["a", 1]]) };
  assert.equal(outcome(() => strFormatMap("{a}", named, runtime)), "!TypeError: format_map() takes no keyword arguments");
});

test("the methods are the sandbox's functions", () => {
  assert.equal(formatMethod("x", "format", runtime)?.repr(), "<function str.format at 0x…>");
  assert.equal(formatMethod("x", "format_map", runtime)?.repr(), "<function str.format_map at 0x…>");
  assert.equal(formatMethod("x", "upper", runtime), undefined);
});

test("literals and texts stay verbatim", () => {
  const format = traced("a{{{0:>4}{0!r}", { kind: "template", start: 5, end: 19, verbatim: true });
  const text = traced("hi", { kind: "data", pointer: "/a" });
  const result = strFormat(format, { positional: [text], named: NO_NAMED }, runtime);
  assert.ok(result instanceof Traced);
  assert.equal(result.text, "a{  hi'hi'");
  const origins = result.pieces.map(({ length, origin, from }) => `${origin?.kind ?? "-"} ${from}+${length}`);
  assert.deepEqual(origins, ["template 0+2", "- 0+2", "data 0+2", "derived 0+4"]);
});

test("huge widths are refused", () => {
  for (const [value, spec] of [["a", "999999999"], [1, "999999999"], [f(1), ".999999999f"], [f(1), "0999999999,"]] as [Value, string][]) {
    assert.throws(() => formatValue(value, spec), JinjaLimitError, spec);
  }
});
