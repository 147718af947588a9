import assert from "node:assert/strict";
import { test } from "node:test";
import { readsOf, variablesOf } from "./describe";

const VARIABLES: readonly (readonly [source: string, names: readonly string[]])[] = [
  ["{{ a }}{{ b.c }}", ["a", "b"]],
  ["{% for m in messages %}{{ m }}{{ loop.index }}{% endfor %}", ["messages"]],
  ["{% set x = 1 %}{{ x }}", []],
  ["{{ x }}{% set x = 1 %}{{ x }}", ["x"]],
  // Assigned in some cases only: otherwise it is the caller's.
  ["{% if a %}{% set x = 1 %}{% endif %}{{ x }}", ["a", "x"]],
  ["{% if a %}{% set x = 1 %}{% else %}{% set x = 2 %}{% endif %}{{ x }}", ["a"]],
  ["{% if a %}{% set x = 1 %}{% elif b %}{% set x = 2 %}{% endif %}{{ x }}", ["a", "b", "x"]],
  ["{% if a %}{% set x = 1 %}{% else %}{{ raise_exception('no') }}{% endif %}{{ x }}", ["a", "raise_exception"]],
  ["{% if not x is defined %}{% set x = 1 %}{% endif %}{{ x }}", ["x?"]],
  ["{{ x|default('a') }}{{ y|d }}", ["x?", "y?"]],
  ["{% if x is undefined %}{% endif %}", ["x?"]],
  // What a loop assigns is not seen behind it, and what stands behind it not in it.
  ["{% for i in range(2) %}{% set x = 1 %}{% endfor %}{{ x }}", ["range", "x"]],
  ["{% for i in [1] %}{{ x }}{% endfor %}{% set x = 1 %}", []],
  ["{% macro m(a, b=c) %}{{ a }}{{ b }}{{ d }}{% endmacro %}{{ m(1) }}", ["c", "d"]],
  ["{% macro m() %}{{ caller() }}{{ varargs }}{{ kwargs }}{% endmacro %}{% call m() %}{{ e }}{% endcall %}", ["e"]],
  ["{{ loop }}{{ caller }}", ["loop", "caller"]],
  ["{% with a = b %}{{ a }}{% endwith %}{{ a }}", ["b", "a"]],
  ["{% set x %}{{ y }}{% endset %}{{ x }}", ["y"]],
  ["{% filter upper %}{{ y }}{% endfilter %}", ["y"]],
  ["{% generation %}{% set x = 1 %}{{ y }}{% endgeneration %}{{ x }}", ["y", "x"]],
  ["{% block b %}{{ x }}{% endblock %}", ["x"]],
  ["{% set ns = namespace(a=1) %}{% set ns.a = b %}{{ ns.a }}", ["namespace", "b"]],
  ["{% set messages = messages[1:] %}{{ messages }}", ["messages"]],
  ["{{ x.y is defined }}", ["x"]],
  ["{% autoescape x %}{{ y }}{% endautoescape %}", ["x", "y"]],
];

for (const [source, expected] of VARIABLES) {
  test(`variables of ${source}`, () => assert.deepEqual(variablesOf(source), expected));
}

test("variables are told apart by what they are for", () => {
  const { variables } = readsOf("{{ bos_token }}{{ messages }}{{ strftime_now('%d') }}{{ enable_thinking }}{{ tools }}{{ image_token }}");
  assert.deepEqual(variables.map(({ name, kind }) => [name, kind]), [
    ["bos_token", "special-token"],
    ["messages", "argument"],
    ["strftime_now", "helper"],
    ["enable_thinking", "other"],
    ["tools", "argument"],
    ["image_token", "special-token"],
  ]);
});

test("every use of a variable has its range", () => {
  const source = "{% if x %}{{ x.y }}{% set x = 1 %}{{ x }}{% else %}{{ x }}{% endif %}";
  const uses = readsOf(source).variables.find(({ name }) => name === "x")?.uses;
  assert.deepEqual(uses?.map(({ start }) => start), [6, 13, source.lastIndexOf("x }}")]);
});

const LOOP = (body: string): string => `{% for m in messages %}${body}{% endfor %}`;

const ROLES: readonly (readonly [source: string, roles: readonly string[]])[] = [
  [LOOP("{% if m.role == 'user' %}{% elif m['role'] != 'assistant' %}{% endif %}"), ["user", "assistant"]],
  [LOOP("{% if 'tool' == m.role %}{% endif %}"), ["tool"]],
  [LOOP("{% if m.role in ['user', 'human'] %}{% endif %}"), ["user", "human"]],
  [LOOP("{% if m.role not in ('a', 'b') %}{% endif %}"), ["a", "b"]],
  [LOOP("{% set role = m.role|lower %}{% if role == 'user' %}{% endif %}"), ["user"]],
  [LOOP("{% set r = 'user' %}{% if m.role == r %}{% endif %}"), ["user"]],
  [LOOP("{% if m.role is eq('user') or m.role is in ['x'] %}{% endif %}"), ["user", "x"]],
  [LOOP("{{ {'user': 'U', 'assistant': 'A'}[m.role] }}"), ["user", "assistant"]],
  [LOOP("{% set names = {'user': 'U'} %}{% if m.role in names %}{{ names[m.role] }}{% endif %}"), ["user"]],
  ["{{ messages|selectattr('role', 'equalto', 'user')|list }}{{ messages|rejectattr('role', 'in', ['a', 'b'])|list }}", ["user", "a", "b"]],
  ["{% macro is(m, r) %}{{ m.role == r }}{% endmacro %}{{ is(messages[0], 'user') }}{{ is(messages[0], 'tool') }}", ["user", "tool"]],
  [LOOP("{% if loop.previtem.role == 'tool' %}{% endif %}"), ["tool"]],
  // Other fields are no roles.
  [LOOP("{% if m.type == 'user' or m.content == 'x' %}{% endif %}"), []],
];

for (const [source, expected] of ROLES) {
  test(`roles of ${source}`, () => assert.deepEqual(readsOf(source).roles.map(({ role }) => role), expected));
}

test("texts that look like special tokens", () => {
  const source = "<|im_start|>{{ '<|im_end|>\\n' }}{% if x == '[INST]' %}</s><think>{% endif %}{{ '<|' + role + '|>' }}<|im_start|><｜User｜>a < b > c [1] [x]{# <|no|> #}";
  const { tokens } = readsOf(source);
  assert.deepEqual(tokens.map(({ text, form, uses }) => [text, form, uses.length]), [
    ["<|im_start|>", "control", 2],
    ["<|im_end|>", "control", 1],
    ["[INST]", "control", 1],
    ["</s>", "control", 1],
    ["<think>", "tag", 1],
    ["<|", "composed", 1],
    ["<｜User｜>", "control", 1],
  ]);
  for (const { text, uses } of tokens) for (const { start, end } of uses) assert.equal(source.slice(start, end), text);
});
