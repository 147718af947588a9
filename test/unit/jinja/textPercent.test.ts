import assert from "node:assert/strict";
import { test } from "node:test";

import { JinjaError } from "../../../extension/core/jinja/errors";
import { percentFormat } from "../../../extension/core/jinja/text/percent";
import { dictFrom } from "../../../extension/core/jinja/value/hash";
import { repr } from "../../../extension/core/jinja/value/repr";
import { Traced, traced } from "../../../extension/core/jinja/value/text";
import type { PyDict, Value } from "../../../extension/core/jinja/value/types";
import { MISSING, PyFloat, PyTuple, Undefined } from "../../../extension/core/jinja/value/types";

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

/** Format, arguments, and what CPython 3.11 prints of `format % arguments`. */
const CASES: readonly (readonly [string, Value, string])[] = [
  ["%s-%d", t("a", 3), "'a-3'"],
  ["%s %s", t("a"), "!TypeError: not enough arguments for format string"],
  ["%s", t("a", "b"), "!TypeError: not all arguments converted during string formatting"],
  ["%s", [1], "'[1]'"],
  ["x", [1], "'x'"],
  ["x", d(), "'x'"],
  ["x", 5, "!TypeError: not all arguments converted during string formatting"],
  ["%d", "a", "!TypeError: %d format: a real number is required, not str"],
  ["%d", f(1.9), "'1'"],
  ["%d", f(-1.9), "'-1'"],
  ["%i", f(Infinity), "!OverflowError: cannot convert float infinity to integer"],
  ["%d", f(NaN), "!ValueError: cannot convert float NaN to integer"],
  ["%x", f(1.5), "!TypeError: %x format: an integer is required, not float"],
  ["%d", null, "!TypeError: %d format: a real number is required, not NoneType"],
  ["%f", "a", "!TypeError: must be real number, not str"],
  ["%f", null, "!TypeError: must be real number, not NoneType"],
  ["%f", 10n ** 400n, "!OverflowError: int too large to convert to float"],
  ["%d", true, "'1'"],
  ["%s", true, "'True'"],
  ["%c", "ab", "!TypeError: %c requires int or char"],
  ["%c", 97, "'a'"],
  ["%c", 128512, "'😀'"],
  ["%c", "😀", "'😀'"],
  ["%c", f(1.5), "!TypeError: %c requires int or char"],
  ["%c", -1, "!OverflowError: %c arg not in range(0x110000)"],
  ["%c", 1000000000000000000000000000000n, "!OverflowError: %c arg not in range(0x110000)"],
  ["%y", 1, "!ValueError: unsupported format character 'y' (0x79) at index 1"],
  ["é%é", 1, "!ValueError: unsupported format character '?' (0xe9) at index 2"],
  ["😀%z", 1, "!ValueError: unsupported format character 'z' (0x7a) at index 2"],
  ["%", 1, "!ValueError: incomplete format"],
  ["%(", d(), "!ValueError: incomplete format key"],
  ["%(a", d(), "!ValueError: incomplete format key"],
  ["%(a)s", 5, "!TypeError: format requires a mapping"],
  ["%(a)s", d(["a", 1]), "'1'"],
  ["%(b)s", d(["a", 1]), "!KeyError: 'b'"],
  ["%(a)s %(a)r", d(["a", "é'"]), "'é\\' \"é\\'\"'"],
  ["%(a(b))s", d(["a(b)", 1]), "'1'"],
  ["%(a)s", [1], "!TypeError: list indices must be integers or slices, not str"],
  ["%(a)s", t("x"), "!TypeError: format requires a mapping"],
  ["%%", t(), "'%'"],
  ["%5%", t(), "!TypeError: not enough arguments for format string"],
  ["%5%", t(1), "!ValueError: unsupported format character '%' (0x25) at index 2"],
  ["%s%%", 1, "'1%'"],
  ["%5s|%-5s|", t("ab", "cd"), "'   ab|cd   |'"],
  ["%05s", "a", "'    a'"],
  ["%.2s", "a😀b", "'a😀'"],
  ["%5.1s|", "😀a", "'    😀|'"],
  ["%r %a", t("é", "é😀"), "\"'é' '\\\\xe9\\\\U0001f600'\""],
  ["%.3r", "abcdef", "\"'ab\""],
  ["%05d", -42, "'-0042'"],
  ["%+d % d", t(5, 5), "'+5  5'"],
  ["%- 5d|", 3, "' 3   |'"],
  ["%-05d|", 3, "'3    |'"],
  ["%.3d", 5, "'005'"],
  ["%+.3d", -5, "'-005'"],
  ["%08.3d", 5, "'00000005'"],
  ["%x %X %#x %#X %o %#o", t(255, 255, 255, 255, 8, 8), "'ff FF 0xff 0XFF 10 0o10'"],
  ["%x", -255, "'-ff'"],
  ["%#010x", 255, "'0x000000ff'"],
  ["%*d|", t(5, 42), "'   42|'"],
  ["%-*d|", t(5, 42), "'42   |'"],
  ["%*d|", t(-5, 42), "'42   |'"],
  ["%.*f", t(2, f(3.14159)), "'3.14'"],
  ["%*d", t("a", 1), "!TypeError: * wants int"],
  ["%.*f", t(-1, f(2.5)), "'2'"],
  ["%*d", t(1000000000000000000000000000000n, 1), "!OverflowError: Python int too large to convert to C ssize_t"],
  ["%.*f", t(10000000000, 1), "!OverflowError: Python int too large to convert to C int"],
  ["%ld %hd", t(1, 2), "'1 2'"],
  ["%f", 1, "'1.000000'"],
  ["%.0f", f(0.5), "'0'"],
  ["%.0f", f(1.5), "'2'"],
  ["%.0f", f(2.5), "'2'"],
  ["%.0f", f(3.5), "'4'"],
  ["%.2f", f(0.125), "'0.12'"],
  ["%.2f", f(0.375), "'0.38'"],
  ["%.2f", f(1.005), "'1.00'"],
  ["%.1f", f(0.25), "'0.2'"],
  ["%.1f", f(0.35), "'0.3'"],
  ["%.3f", f(2.0005), "'2.001'"],
  ["%.0f", f(1e+22), "'10000000000000000000000'"],
  ["%.20f", f(0.1), "'0.10000000000000000555'"],
  ["%.30f", f(1e-10), "'0.000000000100000000000000003643'"],
  ["%f", f(-Infinity), "'-inf'"],
  ["%F", f(NaN), "'NAN'"],
  ["%05f|", f(Infinity), "'00inf|'"],
  ["%e", 0, "'0.000000e+00'"],
  ["%e", f(12345.678), "'1.234568e+04'"],
  ["%.0e", 15, "'2e+01'"],
  ["%.0e", 25, "'2e+01'"],
  ["%#.0e", 25, "'2.e+01'"],
  ["%E", f(1e-07), "'1.000000E-07'"],
  ["%.3e", f(9.9996), "'1.000e+01'"],
  ["%g", 100000, "'100000'"],
  ["%g", 1000000, "'1e+06'"],
  ["%g", f(1e-05), "'1e-05'"],
  ["%g", f(0.0001), "'0.0001'"],
  ["%#g", f(1.0), "'1.00000'"],
  ["%.3g", f(1234.5), "'1.23e+03'"],
  ["%.0g", f(1.5), "'2'"],
  ["%G", f(1e-10), "'1E-10'"],
  ["%g", f(-0.0), "'-0'"],
  ["%+.1f", f(-0.04), "'-0.0'"],
  ["%010.2f", f(-3.14159), "'-000003.14'"],
  ["%u", 3, "'3'"],
  ["%s", null, "'None'"],
  ["%s", t([1, "a"]), "\"[1, 'a']\""],
  ["%s", f(1e+16), "'1e+16'"],
  ["%99999999999999999999d", 1, "!ValueError: width too big"],
  ["%.99999999999d", 1, "!ValueError: precision too big"],
  ["%d", 10000000000000000000000000n, "'10000000000000000000000000'"],
  ["%s %", 1, "!ValueError: incomplete format"],
  ["% +d", 1, "'+1'"],
];

test("% gives Python's results and messages", () => {
  for (const [format, args, expected] of CASES) {
    assert.equal(outcome(() => percentFormat(format, args)), expected, `${JSON.stringify(format)} % ${repr(args)}`);
    assert.equal(outcome(() => percentFormat(traced(format, { kind: "data", pointer: "/f" }), args)), expected);
  }
});

test("an undefined value prints nothing and is no number", () => {
  const missing = new Undefined("u", MISSING);
  const cases: [string, Value, string][] = [
    ["%s", missing, "''"],
    ["a", missing, "'a'"],
    ["%d", missing, "!UndefinedError: 'u' is undefined"],
    ["%f", missing, "!UndefinedError: 'u' is undefined"],
    ["%x", missing, "!TypeError: %x format: an integer is required, not Undefined"],
    ["%c", missing, "!TypeError: %c requires int or char"],
    ["%(a)s", missing, "!UndefinedError: 'u' is undefined"],
    ["%*d", t(missing, 1), "!TypeError: * wants int"],
  ];
  for (const [format, args, expected] of cases) assert.equal(outcome(() => percentFormat(format, args)), expected, format);
});

test("literals and texts stay verbatim", () => {
  const format = traced("<%5s|%.1s|%r>", { kind: "template", start: 10, end: 23, verbatim: true });
  const text = traced("ab", { kind: "data", pointer: "/a" });
  const result = percentFormat(format, t(text, text, text));
  assert.ok(result instanceof Traced);
  assert.equal(result.text, "<   ab|a|'ab'>");
  const origins = result.pieces.map(({ length, origin, from }) => `${origin?.kind ?? "-"} ${from}+${length}`);
  assert.deepEqual(origins, ["template 0+1", "- 0+3", "data 0+2", "template 4+1", "data 0+1", "template 9+1", "derived 0+4", "template 12+1"]);
});
