import assert from "node:assert/strict";
import { test } from "node:test";

import { JinjaError, JinjaLimitError } from "../../../extension/core/jinja/errors";
import { PyBytes } from "../../../extension/core/jinja/text/bytes/bytes";
import { pythonSplitLines } from "../../../extension/core/jinja/text/lines";
import { strMethod } from "../../../extension/core/jinja/text/methods";
import { dictFrom } from "../../../extension/core/jinja/value/hash";
import { repr } from "../../../extension/core/jinja/value/repr";
import type { Str } from "../../../extension/core/jinja/value/text";
import { isStr, traced } from "../../../extension/core/jinja/value/text";
import type { PyDict, PyFunction, Value } from "../../../extension/core/jinja/value/types";
import { NO_NAMED, PyFloat, PyTuple } from "../../../extension/core/jinja/value/types";

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

function call(self: Str, name: string, args: readonly Value[] = [], named: Readonly<Record<string, Value>> = {}): Value {
  const method = strMethod(self, name);
  assert.ok(method, name);
  return method.call({ positional: args, named: new Map(Object.entries(named)) });
}

/** self, method, arguments, keyword arguments, and what CPython 3.11 prints of `self.method(…)`. */
const CASES: readonly (readonly [string, string, readonly Value[], Readonly<Record<string, Value>>, string])[] = [
  ["abc", "upper", [1], {}, "!TypeError: str.upper() takes no arguments (1 given)"],
  ["abc", "upper", [], {x: 1}, "!TypeError: str.upper() takes no keyword arguments"],
  ["abc", "center", [], {}, "!TypeError: center expected at least 1 argument, got 0"],
  ["abc", "center", [1, "x", 3], {}, "!TypeError: center expected at most 2 arguments, got 3"],
  ["abc", "center", ["a"], {}, "!TypeError: 'str' object cannot be interpreted as an integer"],
  ["abc", "center", [1000000000000000000000000000000n], {}, "!OverflowError: Python int too large to convert to C ssize_t"],
  ["abc", "center", [5, 1], {}, "!TypeError: The fill character must be a unicode character, not int"],
  ["abc", "center", [5, "ab"], {}, "!TypeError: The fill character must be exactly one character long"],
  ["abc", "center", [5, ""], {}, "!TypeError: The fill character must be exactly one character long"],
  ["abc", "center", [f(5.0)], {}, "!TypeError: 'float' object cannot be interpreted as an integer"],
  ["abc", "center", [5], {fillchar: "a"}, "!TypeError: str.center() takes no keyword arguments"],
  ["abc", "find", [], {}, "!TypeError: find() takes at least 1 argument (0 given)"],
  ["abc", "find", [1, 2, 3, 4], {}, "!TypeError: find() takes at most 3 arguments (4 given)"],
  ["abc", "find", [1], {}, "!TypeError: must be str, not int"],
  ["abc", "find", ["a", "b"], {}, "!TypeError: slice indices must be integers or None or have an __index__ method"],
  ["abc", "find", ["a", 10000000000000000000000000000000000000000n], {}, "-1"],
  ["abc", "find", ["a"], {sub: "a"}, "!TypeError: find() takes no keyword arguments"],
  ["abc", "index", ["z"], {}, "!ValueError: substring not found"],
  ["abc", "rindex", ["z"], {}, "!ValueError: substring not found"],
  ["abc", "startswith", [1], {}, "!TypeError: startswith first arg must be str or a tuple of str, not int"],
  ["abc", "startswith", [t(1)], {}, "!TypeError: tuple for startswith must only contain str, not int"],
  ["abc", "endswith", [["a"]], {}, "!TypeError: endswith first arg must be str or a tuple of str, not list"],
  ["abc", "startswith", ["a", null, null], {}, "True"],
  ["abc", "expandtabs", ["a"], {}, "!TypeError: 'str' object cannot be interpreted as an integer"],
  ["abc", "expandtabs", [1, 2], {}, "!TypeError: expandtabs() takes at most 1 argument (2 given)"],
  ["abc", "expandtabs", [10000000000], {}, "!OverflowError: Python int too large to convert to C int"],
  ["abc", "expandtabs", [], {x: 1}, "!TypeError: 'x' is an invalid keyword argument for expandtabs()"],
  ["abc", "encode", [1], {}, "!TypeError: encode() argument 'encoding' must be str, not int"],
  ["abc", "encode", [], {errors: null}, "!TypeError: encode() argument 'errors' must be str, not None"],
  ["abc", "encode", ["foo"], {}, "!LookupError: unknown encoding: foo"],
  ["abc", "encode", [1, 2, 3], {}, "!TypeError: encode() takes at most 2 arguments (3 given)"],
  ["abc", "encode", ["ascii"], {encoding: "ascii"}, "!TypeError: argument for encode() given by name ('encoding') and position (1)"],
  ["a\ud800", "encode", [], {}, "!UnicodeEncodeError: 'utf-8' codec can't encode character '\\ud800' in position 1: surrogates not allowed"],
  ["\ud800", "encode", ["utf-8", "foo"], {}, "!LookupError: unknown error handler name 'foo'"],
  ["aéèb", "encode", ["ascii"], {}, "!UnicodeEncodeError: 'ascii' codec can't encode characters in position 1-2: ordinal not in range(128)"],
  ["a😀é", "encode", ["latin-1"], {}, "!UnicodeEncodeError: 'latin-1' codec can't encode character '\\U0001f600' in position 1: ordinal not in range(256)"],
  ["a😀é", "encode", ["ascii", "backslashreplace"], {}, "b'a\\\\U0001f600\\\\xe9'"],
  ["a😀é", "encode", ["ascii", "xmlcharrefreplace"], {}, "b'a&#128512;&#233;'"],
  ["a😀é", "encode", ["utf-16"], {}, "b'\\xff\\xfea\\x00=\\xd8\\x00\\xde\\xe9\\x00'"],
  ["it's \"é\"\n\t\\\u0000", "encode", [], {}, "b'it\\'s \"\\xc3\\xa9\"\\n\\t\\\\\\x00'"],
  ["it's", "encode", [], {}, "b\"it's\""],
  ["abc", "join", [], {}, "!TypeError: str.join() takes exactly one argument (0 given)"],
  ["abc", "join", [1], {}, "!TypeError: can only join an iterable"],
  ["abc", "join", [null], {}, "!TypeError: can only join an iterable"],
  ["abc", "join", [[1]], {}, "!TypeError: sequence item 0: expected str instance, int found"],
  ["abc", "join", [["a", null]], {}, "!TypeError: sequence item 1: expected str instance, NoneType found"],
  ["abc", "join", [], {iterable: []}, "!TypeError: str.join() takes no keyword arguments"],
  [", ", "join", ["a😀b"], {}, "'a, 😀, b'"],
  ["-", "join", [d(["a", 1], ["b", 2])], {}, "'a-b'"],
  ["", "join", [[]], {}, "''"],
  ["abc", "partition", [1], {}, "!TypeError: must be str, not int"],
  ["abc", "partition", [""], {}, "!ValueError: empty separator"],
  ["abc", "partition", [], {}, "!TypeError: str.partition() takes exactly one argument (0 given)"],
  ["abc", "partition", ["b"], {}, "('a', 'b', 'c')"],
  ["abc", "partition", ["x"], {}, "('abc', '', '')"],
  ["abc", "rpartition", ["x"], {}, "('', '', 'abc')"],
  ["a.b.c", "rpartition", ["."], {}, "('a.b', '.', 'c')"],
  ["abc", "removeprefix", [1], {}, "!TypeError: removeprefix() argument must be str, not int"],
  ["abc", "removeprefix", [null], {}, "!TypeError: removeprefix() argument must be str, not None"],
  ["abc", "removeprefix", ["ab"], {}, "'c'"],
  ["abc", "removesuffix", ["bc"], {}, "'a'"],
  ["abc", "removesuffix", [""], {}, "'abc'"],
  ["abc", "removesuffix", ["abcd"], {}, "'abc'"],
  ["abc", "replace", ["a"], {}, "!TypeError: replace expected at least 2 arguments, got 1"],
  ["abc", "replace", [1, 2], {}, "!TypeError: replace() argument 1 must be str, not int"],
  ["abc", "replace", ["a", null], {}, "!TypeError: replace() argument 2 must be str, not None"],
  ["abc", "replace", ["a", "b", "c"], {}, "!TypeError: 'str' object cannot be interpreted as an integer"],
  ["abc", "replace", ["a", "b"], {count: 1}, "!TypeError: str.replace() takes no keyword arguments"],
  ["aaa", "replace", ["a", "$&", 2], {}, "'$&$&a'"],
  ["a😀b", "replace", ["", "-"], {}, "'-a-😀-b-'"],
  ["a😀b", "replace", ["", "-", 2], {}, "'-a-😀b'"],
  ["aaa", "replace", ["aa", "b"], {}, "'ba'"],
  ["abc", "replace", ["b", "x", 0], {}, "'abc'"],
  ["", "replace", ["", "x"], {}, "'x'"],
  ["", "replace", ["", "x", 0], {}, "''"],
  ["abc", "rsplit", [1], {}, "!TypeError: must be str or None, not int"],
  ["abc", "split", [1], {}, "!TypeError: must be str or None, not int"],
  ["abc", "split", [""], {}, "!ValueError: empty separator"],
  ["abc", "split", ["a", "b"], {}, "!TypeError: 'str' object cannot be interpreted as an integer"],
  ["abc", "split", ["a", 1, 2], {}, "!TypeError: split() takes at most 2 arguments (3 given)"],
  ["abc", "split", [], {a: 1, b: 2, c: 3}, "!TypeError: split() takes at most 2 keyword arguments (3 given)"],
  ["abc", "split", [], {x: 1}, "!TypeError: 'x' is an invalid keyword argument for split()"],
  ["abc", "split", ["a"], {sep: "b"}, "!TypeError: argument for split() given by name ('sep') and position (1)"],
  ["abc", "split", [null, f(1.0)], {}, "!TypeError: 'float' object cannot be interpreted as an integer"],
  [" a  b c ", "split", [], {}, "['a', 'b', 'c']"],
  [" a  b c ", "split", [null, 1], {}, "['a', 'b c ']"],
  [" a  b c ", "rsplit", [null, 1], {}, "[' a  b', 'c']"],
  [" a ", "split", [null, 0], {}, "['a ']"],
  [" a ", "rsplit", [null, 0], {}, "[' a']"],
  ["  ", "split", [], {}, "[]"],
  ["a,b,,c", "split", [","], {}, "['a', 'b', '', 'c']"],
  ["a,b,,c", "split", [",", 2], {}, "['a', 'b', ',c']"],
  ["a,b,,c", "rsplit", [], {sep: ",", maxsplit: 1}, "['a,b,', 'c']"],
  ["a\u001cb\u2003c\ufeffd\u180ee", "split", [], {}, "['a', 'b', 'c\\ufeffd\\u180ee']"],
  ["", "split", [","], {}, "['']"],
  ["", "split", [], {}, "[]"],
  ["abc", "splitlines", ["a"], {}, "!TypeError: 'str' object cannot be interpreted as an integer"],
  ["abc", "splitlines", [null], {}, "!TypeError: 'NoneType' object cannot be interpreted as an integer"],
  ["a\nb\r\n\rc\u000bd\fe\u001cf\u0085g\u2028h\u2029", "splitlines", [], {}, "['a', 'b', '', 'c', 'd', 'e', 'f', 'g', 'h']"],
  ["a\nb\r\nc", "splitlines", [true], {}, "['a\\n', 'b\\r\\n', 'c']"],
  ["a\n\n", "splitlines", [], {keepends: 1}, "['a\\n', '\\n']"],
  ["", "splitlines", [], {}, "[]"],
  ["abc", "strip", [1], {}, "!TypeError: strip arg must be None or str"],
  ["abc", "lstrip", [1, 2], {}, "!TypeError: lstrip expected at most 1 argument, got 2"],
  ["abc", "rstrip", [], {chars: "a"}, "!TypeError: str.rstrip() takes no keyword arguments"],
  ["<s>hi<s>", "strip", ["<s>"], {}, "'hi'"],
  ["\ufeffx ", "strip", [], {}, "'\\ufeffx'"],
  ["\u001c\u0085 x\u3000\u00a0", "strip", [], {}, "'x'"],
  ["😀a😀", "strip", ["😀"], {}, "'a'"],
  ["😀a😁", "lstrip", ["\ud83d"], {}, "'😀a😁'"],
  ["xax", "rstrip", ["x"], {}, "'xa'"],
  ["xax", "strip", [null], {}, "'xax'"],
  ["xax", "strip", [""], {}, "'xax'"],
  ["", "translate", [1], {}, "''"],
  ["abc", "translate", [1], {}, "!TypeError: 'int' object is not subscriptable"],
  ["abc", "translate", [d([97, "ZZ"], [98, null], [99, 100])], {}, "'ZZd'"],
  ["abc", "translate", [d([97, f(1.5)])], {}, "!TypeError: character mapping must return integer, None or str"],
  ["abc", "translate", [d([97, -1])], {}, "!ValueError: character mapping must be in range(0x110000)"],
  ["a😀", "translate", [d([128512, "!"], [97, 128513])], {}, "'😁!'"],
  ["abc", "translate", ["xyz"], {}, "'abc'"],
  ["abc", "maketrans", ["ab", "cd", "x"], {}, "{97: 99, 98: 100, 120: None}"],
  ["abc", "maketrans", ["a", "bc"], {}, "!ValueError: the first two maketrans arguments must have equal length"],
  ["abc", "maketrans", [d(["a", 1], [98, null])], {}, "{97: 1, 98: None}"],
  ["abc", "maketrans", [d(["ab", 1])], {}, "!ValueError: string keys in translate table must be of length 1"],
  ["abc", "maketrans", ["a"], {}, "!TypeError: if you give only one argument to maketrans it must be a dict"],
  ["abc", "maketrans", [1, "a"], {}, "!TypeError: first maketrans argument must be a string if there is a second argument"],
  ["abc", "maketrans", ["a", null], {}, "!TypeError: maketrans() argument 2 must be str, not None"],
  ["abc", "zfill", ["a"], {}, "!TypeError: 'str' object cannot be interpreted as an integer"],
  ["-5", "zfill", [4], {}, "'-005'"],
  ["+a", "zfill", [5], {}, "'+000a'"],
  ["5", "zfill", [1], {}, "'5'"],
  ["😀", "zfill", [3], {}, "'00😀'"],
  ["", "zfill", [2], {}, "'00'"],
  ["abc", "center", [6], {}, "' abc  '"],
  ["abc", "center", [8, "*"], {}, "'**abc***'"],
  ["ab", "center", [5], {}, "'  ab '"],
  ["ab", "center", [7, "é"], {}, "'éééabéé'"],
  ["😀", "center", [4, "😁"], {}, "'😁😀😁😁'"],
  ["abc", "ljust", [5, "."], {}, "'abc..'"],
  ["abc", "rjust", [5], {}, "'  abc'"],
  ["abc", "center", [true], {}, "'abc'"],
  ["a\tbc\td", "expandtabs", [], {}, "'a       bc      d'"],
  ["a\tb\n\tc", "expandtabs", [4], {}, "'a   b\\n    c'"],
  ["a\tb", "expandtabs", [0], {}, "'ab'"],
  ["😀\tb", "expandtabs", [], {tabsize: 4}, "'😀   b'"],
  ["a\tb", "expandtabs", [-3], {}, "'ab'"],
  ["a😀b😀", "find", ["b"], {}, "2"],
  ["a😀b😀", "rfind", ["😀"], {}, "3"],
  ["a😀b😀", "index", ["😀", 2], {}, "3"],
  ["a😀b😀", "find", ["😀", -1], {}, "3"],
  ["a😀b😀", "find", ["b", 0, 2], {}, "-1"],
  ["😀", "find", ["\ud83d"], {}, "-1"],
  ["abc", "find", ["", 3], {}, "3"],
  ["abc", "find", ["", 4], {}, "-1"],
  ["abc", "rfind", ["", 1, 2], {}, "2"],
  ["abc", "find", ["c", 1, 2], {}, "-1"],
  ["abc", "find", ["a", null, -5], {}, "-1"],
  ["aaaa", "count", ["aa"], {}, "2"],
  ["a😀", "count", [""], {}, "3"],
  ["abc", "count", ["", 4], {}, "0"],
  ["abc", "count", ["", 3], {}, "1"],
  ["abc", "count", ["c", -1], {}, "1"],
  ["", "startswith", ["", 1], {}, "False"],
  ["abc", "startswith", ["", 3], {}, "True"],
  ["abc", "startswith", ["", 4], {}, "False"],
  ["abc", "startswith", [t("x", "bc"), 1], {}, "True"],
  ["abc", "endswith", ["bc", 2], {}, "False"],
  ["abc", "endswith", ["bc", 0, 3], {}, "True"],
  ["abc", "endswith", [t()], {}, "False"],
  ["😀a", "startswith", ["a", 1], {}, "True"],
  ["abc", "isascii", [], {}, "True"],
  ["", "isascii", [], {}, "True"],
  ["", "isalpha", [], {}, "False"],
  ["", "isprintable", [], {}, "True"],
  ["a b", "isidentifier", [], {}, "False"],
  ["ª", "isidentifier", [], {}, "True"],
  ["²", "isdigit", [], {}, "True"],
  ["²", "isdecimal", [], {}, "False"],
  ["½", "isnumeric", [], {}, "True"],
  ["\u4e00", "isnumeric", [], {}, "True"],
  ["٣", "isdecimal", [], {}, "True"],
  ["a1", "isalnum", [], {}, "True"],
  ["A1", "isupper", [], {}, "True"],
  ["1", "isupper", [], {}, "False"],
  ["ǅ", "isupper", [], {}, "False"],
  ["ǅ", "istitle", [], {}, "True"],
  ["ªb", "islower", [], {}, "True"],
  ["It's", "istitle", [], {}, "False"],
  ["A B", "istitle", [], {}, "True"],
  ["\ufeff", "isspace", [], {}, "False"],
  ["\u001f\u00a0", "isspace", [], {}, "True"],
  ["\u00ad", "isprintable", [], {}, "False"],
  ["\ud807\udf10", "isalpha", [], {}, "False"],
];

test("methods give Python's results and messages", () => {
  for (const [self, name, args, named, expected] of CASES) {
    assert.equal(outcome(() => call(self, name, args, named)), expected, `${JSON.stringify(self)}.${name}`);
  }
});

test("a traced text gives the same", () => {
  for (const [self, name, args, named, expected] of CASES) {
    const source = traced(self, { kind: "data", pointer: "/self" });
    assert.equal(outcome(() => call(source, name, args, named)), expected, `${JSON.stringify(self)}.${name}`);
  }
});

/** The pieces of a result as `text@pointer+from`, `text~pointers` where derived, and the bare text of unknown origin. */
function pieces(value: Value): string[] {
  assert.ok(isStr(value));
  if (typeof value === "string") return [value];
  let at = 0;
  return value.pieces.map(({ length, origin, from }) => {
    const text = value.text.slice(at, (at += length));
    if (origin?.kind === "data") return `${text}@${origin.pointer}+${from}`;
    return origin?.kind === "derived" ? `${text}~${origin.pointers.join()}` : text;
  });
}

test("characters keep their origins", () => {
  const data = (text: string, pointer = "/a"): Str => traced(text, { kind: "data", pointer });
  assert.deepEqual(pieces(call(data("  hi "), "strip")), ["hi@/a+2"]);
  assert.deepEqual(pieces(call(data("hi"), "center", [6])), ["  ", "hi@/a+0", "  "]);
  assert.deepEqual(pieces(call(data("-5"), "zfill", [4])), ["-@/a+0", "00", "5@/a+1"]);
  assert.deepEqual(pieces(call(data("axb"), "replace", ["x", data("y", "/b")])), ["a@/a+0", "y@/b+0", "b@/a+2"]);
  assert.deepEqual(pieces(call(data("a\tb"), "expandtabs", [3])), ["a@/a+0", "  ~/a", "b@/a+2"]);
  assert.deepEqual(pieces(call(", ", "join", [[data("x"), "y", data("z", "/b")]])), ["x@/a+0", ", ", "y", ", ", "z@/b+0"]);
  assert.deepEqual(pieces(call(data("hi"), "upper")), ["HI~/a"]);
  assert.deepEqual(pieces(call(data("HI"), "upper")), ["HI@/a+0"]);
  assert.deepEqual((call(data("a b"), "split") as Value[]).map(pieces), [["a@/a+0"], ["b@/a+2"]]);
  assert.deepEqual((call(data("a\nb"), "splitlines") as Value[]).map(pieces), [["a@/a+0"], ["b@/a+2"]]);
  assert.deepEqual((call(data("a=b"), "partition", ["="]) as PyTuple).items.map(pieces), [["a@/a+0"], ["="], ["b@/a+2"]]);
  assert.deepEqual(pieces(call(data("prefix"), "removeprefix", ["pre"])), ["fix@/a+3"]);
  assert.deepEqual(pieces(call(data("abc"), "translate", [d([98, "BB"])])), ["a@/a+0", "BB", "c@/a+2"]);
});

test("huge results are refused before they are made", () => {
  const huge: [string, string, Value[]][] = [
    ["a", "center", [2 ** 40]],
    ["a", "zfill", [2 ** 40]],
    ["\t", "expandtabs", [2 ** 30]],
    ["a".repeat(10_000), "replace", ["a", "b".repeat(10_000)]],
    ["a".repeat(10_000), "replace", ["", "b".repeat(10_000)]],
    ["x".repeat(1 << 20), "join", [Array.from({ length: 100 }, () => "")]],
  ];
  for (const [self, name, args] of huge) assert.throws(() => call(self, name, args), JinjaLimitError, name);
});

test("long texts need no stack", () => {
  const long = "é".repeat(2_000_000);
  for (const name of ["isalpha", "isprintable", "isidentifier", "islower", "istitle", "title", "casefold"]) call(long, name);
});

test("methods print as Python's do", () => {
  assert.equal(strMethod("a", "upper")?.repr(), "<built-in method upper of str object at 0x…>");
  assert.equal(strMethod("a", "maketrans")?.repr(), "<built-in method maketrans of type object at 0x…>");
  assert.equal(strMethod("a", "upper")?.typeName, "builtin_function_or_method");
  for (const name of ["nosuch", "constructor", "toString", "__class__"]) assert.equal(strMethod("a", name), undefined);
});

test("bytes count, iterate, compare and decode", () => {
  const bytes = call("é!", "encode") as PyBytes;
  assert.ok(bytes instanceof PyBytes);
  assert.equal(bytes.length(), 3);
  assert.equal(bytes.item(0), 0xc3);
  assert.equal(bytes.item(-1), 33);
  assert.deepEqual([...{ [Symbol.iterator]: () => bytes.iterate() }], [0xc3, 0xa9, 33]);
  assert.ok(bytes.equals(call("é!", "encode")));
  const decode = (value: Value, ...args: Value[]): string =>
    outcome(() => ((value as PyBytes).attribute("decode") as PyFunction).call({ positional: args, named: NO_NAMED }));
  assert.equal(decode(bytes), "'é!'");
  assert.equal(decode(call("é", "encode", ["latin-1"])), "!UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe9 in position 0: unexpected end of data");
  assert.equal(decode(call("aéb", "encode", ["latin-1"]), "utf-8", "replace"), "'a\ufffdb'");
  assert.equal(decode(call("é", "encode"), "ascii"), "!UnicodeDecodeError: 'ascii' codec can't decode byte 0xc3 in position 0: ordinal not in range(128)");
  assert.equal(decode(call("a😀", "encode", ["utf-16"]), "utf-16"), "'a😀'");
  assert.equal(decode(call("x", "encode"), 1), "!TypeError: decode() argument 'encoding' must be str, not int");
});

test("lines end where Python's do", () => {
  assert.deepEqual(pythonSplitLines("a\r\nb\n"), [
    [0, 1, 3],
    [3, 4, 5],
  ]);
  assert.deepEqual(pythonSplitLines(""), []);
  assert.deepEqual(pythonSplitLines("\n"), [[0, 0, 1]]);
});
