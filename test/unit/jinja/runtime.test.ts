import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { JinjaError, JinjaLimitError } from "../../../extension/core/jinja/errors";
import { compileTemplate } from "../../../extension/core/jinja/runtime/template";
import { fromJson } from "../../../extension/core/jinja/value/json";
import type { Value } from "../../../extension/core/jinja/value/types";
import type { JsonValue } from "../../../extension/core/dataset/conversation";

const DATA: Readonly<Record<string, JsonValue>> = {
  x: "outer",
  nul: null,
  lst: [3, 1, 2],
  d: { a: 1, items: "X", _p: 2 },
  tree: [{ n: 1, c: [{ n: 2, c: [] }, { n: 3, c: [] }] }],
};

function render(source: string, options: { readonly maxSteps?: number } = {}): string {
  const variables: Record<string, Value> = Object.fromEntries(Object.entries(DATA).map(([name, value]) => [name, fromJson(value)]));
  return compileTemplate(source).render({ variables, ...options }).text;
}

/** Template and what Python prints. */
const SCOPES: readonly (readonly [string, string])[] = [
  // A loop's body has variables of its own, anew for every element.
  ["{% set n = 0 %}{% for i in lst %}{% set n = n + i %}{{ n }} {% endfor %}{{ n }}", "3 1 2 0"],
  ["{% for i in lst %}{% if loop.first %}{% set a = 1 %}{% endif %}[{{ a }}]{% endfor %}", "[1][][]"],
  ["{% set ns = namespace(n=0) %}{% for i in lst %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", "6"],
  // An if has none.
  ["{% if true %}{% set a = 1 %}{% endif %}{{ a }}", "1"],
  ["{% if false %}{% set x = 1 %}{% endif %}{{ x }}", "outer"],
  ["{% if true %}{{ x }}{% set x = 1 %}{% else %}{% set x = 2 %}{% endif %}{{ x }}", "outer1"],
  ["{% if false %}{% set x = 1 %}{% elif false %}{% set x = 2 %}{% endif %}{{ x }}", "outer"],
  // Macros see the variables around them as they are when they are called.
  ["{% macro m() %}{{ v }}{% endmacro %}{% set v = 1 %}{{ m() }}{% set v = 2 %}{{ m() }}", "12"],
  ["{% macro m(a, b=a ~ '!') %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }} {{ m(1, 2) }} {{ m(b=3, a=4) }}", "11! 12 43"],
  ["{% macro m(a) %}{{ a is defined }}{% endmacro %}{{ m() }}{{ m(none) }}", "FalseTrue"],
  ["{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, k=2) }}", "(1,){'k': 2}"],
  ["{% macro m() %}<{{ caller(1) }}>{% endmacro %}{% call(a) m() %}{{ a }}{{ x }}{% endcall %}", "<1outer>"],
  ["{% macro f(n) %}{{ n }}{% if n %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}", "3210"],
  ["{{ self|urlencode }}", "%3CTemplateReference%20None%3E"],
  // Other scopes.
  ["{% with a = 1, b = x %}{{ a }}{{ b }}{% set x = 2 %}{{ x }}{% endwith %}{{ x }}", "1outer2outer"],
  ["{% set y %}{{ x }}{% set x = 1 %}{{ x }}{% endset %}{{ y }}{{ x }}", "outer1outer"],
  ["{% set y | upper %}a{{ x }}{% endset %}{{ y }}", "AOUTER"],
  ["{% filter upper %}a{{ x }}{% endfilter %}", "AOUTER"],
  ["{% block b %}{{ x }}{% endblock %}{% set x = 1 %}{{ self.b() }}", "outer1"],
  ["{% for i in lst %}{% block b scoped %}{{ i }}{% endblock %}{% endfor %}", "312"],
  // Loops.
  ["{% for i in lst if i > 1 %}{{ loop.index }}:{{ i }}{% if not loop.last %},{% endif %}{% endfor %}", "1:3,2:2"],
  ["{% for i in [] %}{% else %}none{% endfor %}", "none"],
  // What is left early does not count as an element for else.
  ["{% for i in lst %}{% break %}{% else %}none{% endfor %}", "none"],
  ["{{ []['':] }}", ""],
  ["{% for i in lst %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% if i == 2 %}{% break %}{% endif %}{% endfor %}", "32"],
  ["{% for i in lst %}a{% filter upper %}b{% if i == 1 %}{% continue %}{% endif %}{% endfilter %}{% endfor %}", "aBaaB"],
  ["{% for i in lst %}a{% filter trim %}{% filter upper %}b{% break %}{% endfilter %}{% endfilter %}c{% else %}d{% endfor %}", "ad"],
  ["{% for i in lst %}a{% set y %}b{% break %}{% endset %}c{% endfor %}{{ y }}", "a"],
  ["{% for t in tree recursive %}{{ t.n }}{{ loop.depth }}({{ loop(t.c) }}){% endfor %}", "11(22()32())"],
  ["{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}", "a=1;items=X;_p=2;"],
  ["{% for i in lst %}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.cycle('a', 'b') }}{{ loop.changed(i > 1) }} {% endfor %}", "1aTrue 32bTrue 1aTrue "],
  // Null is a value; what is absent is not.
  ["{{ nul }}{{ nul is none }}{{ nope is none }}{{ d.zz }}", "NoneTrueFalse"],
  ["{{ d.items is callable }}{{ d['items'] }}{{ d._p }}", "TrueX2"],
  ["{{ lst.append }}|{{ lst.__class__ }}|{{ x.zz }}|", "|||"],
];

/** Template, Python's exception class, and its message. */
const ERRORS: readonly (readonly [string, string, string])[] = [
  ["{{ nope.a }}", "UndefinedError", "'nope' is undefined"],
  ["{{ d.zz.a }}", "UndefinedError", "'dict object' has no attribute 'zz'"],
  ["{{ lst.append(1) }}", "SecurityError", "access to attribute 'append' of 'list' object is unsafe."],
  ["{{ x() }}", "TypeError", "'str' object is not callable"],
  ["{{ x + none }}", "TypeError", 'can only concatenate str (not "NoneType") to str'],
  ["{% for a, b in lst %}{% endfor %}", "TypeError", "cannot unpack non-iterable int object"],
  ["{% for a, b in [[1]] %}{% endfor %}", "ValueError", "not enough values to unpack (expected 2, got 1)"],
  ["{% for a in nul %}{% endfor %}", "TypeError", "'NoneType' object is not iterable"],
  ["{% set x.y = 1 %}", "TemplateRuntimeError", "cannot assign attribute on non-namespace object"],
  ["{% for i in []['':] %}{% endfor %}", "TypeError", "slice indices must be integers or None or have an __index__ method"],
  ["{% block b %}{{ super() }}{% endblock %}", "UndefinedError", "there is no parent block called 'b'."],
  ["{{ self|first }}", "KeyError", "0"],
  ["{% include 'a' %}", "TypeError", "no loader for this environment specified"],
  ["{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", "TypeError", "macro 'm' takes not more than 1 argument(s)"],
  ["{% macro m(a) %}{% endmacro %}{{ m(z=2) }}", "TypeError", "macro 'm' takes no keyword argument 'z'"],
  ["{% for i in lst %}{{ loop(lst) }}{% endfor %}", "TypeError", "The loop must have the 'recursive' marker to be called recursively."],
  ["{% filter length %}a{% endfilter %}", "TypeError", "sequence item 1: expected str instance, int found"],
];

describe("rendering", () => {
  for (const [source, expected] of SCOPES) {
    it(source, () => {
      assert.equal(render(source), expected);
    });
  }
});

describe("errors", () => {
  for (const [source, type, message] of ERRORS) {
    it(`${type} in ${source}`, () => {
      assert.throws(
        () => render(`\n ${source}`),
        (error) => error instanceof JinjaError && error.type === type && error.message === message && error.span !== undefined && error.span.start >= 2,
      );
    });
  }
});

describe("hostile templates end in a typed error", () => {
  const hostile: readonly string[] = [
    "{% for a in range(100000) %}{% for b in range(100000) %}{% for c in range(100000) %}x{% endfor %}{% endfor %}{% endfor %}",
    "{{ range(10 ** 9) }}",
    "{{ 'a' * 10 ** 9 }}",
    "{{ [0] * 10 ** 9 }}",
    "{{ 10 ** (10 ** 10) }}",
    "{{ 2 ** 60000 * 2 ** 60000 }}",
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}x{% endmacro %}{{ m(60) }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% set ns = namespace(s='aaaaaaaaaa') %}{% for i in range(100) %}{% set ns.s = ns.s.replace('a', 'aaaaaaaaaa') %}{% endfor %}",
    "{% set ns = namespace(s='a') %}{% for i in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
    "{{ 'a'.center(10 ** 10) }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '{:>1000000000}'.format('a') }}",
    "{{ ('a ' * 100000)|wordwrap(1)|indent(1000000)|length }}",
    "{% for i in tree recursive %}{{ loop(tree) }}{% endfor %}",
    "{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
    "{% set ns = namespace(l=[]) %}{% for i in range(100000) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}",
  ];
  for (const source of hostile) {
    it(source, () => {
      assert.throws(() => render(source), JinjaError);
    });
  }

  it("tells what a generator raises while it is unpacked", () => {
    assert.throws(() => render("{% set a, b = lst|items %}"), /Can only get item pairs from a mapping\./);
  });

  it("names the bound that was reached", () => {
    assert.throws(() => render("{% for i in range(1000) %}{% endfor %}", { maxSteps: 100 }), (error) => error instanceof JinjaLimitError && error.limit === "steps");
  });

  it("treats names of JavaScript's own as plain data", () => {
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      assert.equal(render(`{{ {'${name}': 1}['${name}'] }}{{ d['${name}'] is defined }}{{ ${name} is defined }}`), "1FalseFalse");
    }
  });
});

describe("generation spans", () => {
  it("count what the template has written", () => {
    const { generation, hasGeneration } = compileTemplate("a😀{% generation %}b😀{% endgeneration %}c{% generation %}d{% endgeneration %}").render({ variables: {} });
    assert.deepEqual({ generation, hasGeneration }, { generation: [[3, 6], [7, 8]], hasGeneration: true });
  });

  it("do not let a set leak out", () => {
    assert.equal(render("{% generation %}{% set x = 1 %}{{ x }}{% endgeneration %}{{ x }}"), "1outer");
  });
});
