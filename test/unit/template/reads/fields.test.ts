import assert from "node:assert/strict";
import { test } from "node:test";
import { mayRead } from "../../../../extension/core/template/reads/recorder";
import { fieldsOf, readsOf, valuesOf } from "./describe";

type Cases = readonly (readonly [source: string, fields: readonly string[]])[];

function check(title: string, cases: Cases, describe = valuesOf): void {
  for (const [source, expected] of cases) test(`${title}: ${source}`, () => assert.deepEqual(describe(source), [...expected].sort()));
}

const LOOP = (body: string): string => `{% for m in messages %}${body}{% endfor %}`;

check("a look-up by name", [
  ["{{ messages[0].content }}", ["messages[].content"]],
  ["{{ messages[-1]['content'] }}", ["messages[].content"]],
  ["{% for m in messages %}{{ messages[loop.index0 - 1].role }}{% endfor %}", ["messages[].role"]],
  [LOOP("{{ m.tool_calls[0]['function'].name }}"), ["messages[].tool_calls", "messages[].tool_calls[].function", "messages[].tool_calls[].function.name"]],
  [LOOP("{{ m.get('name') }}{{ m.get('x', m.y) }}"), ["messages[].name", "messages[].x", "messages[].y"]],
  [LOOP("{{ m['odd name'] }}"), ['messages[]["odd name"]']],
  ["{{ tools[0].function.parameters }}", ["tools[].function", "tools[].function.parameters"]],
  ["{{ documents[0].title }}", ["documents[].title"]],
]);

check("through loops", [
  ["{% for m in messages[1:] %}{{ m.role }}{% endfor %}", ["messages[].role"]],
  ["{% for m in messages[::-1] %}{{ m.role }}{% endfor %}", ["messages[].role"]],
  ["{% for m in messages|reverse|list %}{{ m.role }}{% endfor %}", ["messages[].role"]],
  ["{% for m in messages if m.role != 'system' %}{{ m.content }}{% endfor %}", ["messages[].content", "messages[].role"]],
  [LOOP("{{ loop.previtem.role }}{{ loop.nextitem.content }}"), ["messages[].content", "messages[].role"]],
  [LOOP("{% for c in m.tool_calls %}{{ c.id }}{% endfor %}"), ["messages[].tool_calls", "messages[].tool_calls[].id"]],
  ["{% for part in messages[0].content %}{{ part.text }}{% endfor %}", ["messages[].content", "messages[].content[].text"]],
  ["{% for a, b in x %}{{ a.f }}{{ b.g }}{% endfor %}", ["x[][].f", "x[][].g"]],
  ["{% for n in tree recursive %}{{ n.name }}{{ loop(n.children) }}{% endfor %}", ["tree[].**.children", "tree[].**.name", "tree[].children", "tree[].name"]],
]);

check("through assignments", [
  ["{% set m = messages[0] %}{{ m.content }}", ["messages[].content"]],
  ["{% set a, b = messages[0], tools[0] %}{{ a.x }}{{ b.y }}", ["messages[].x", "tools[].y"]],
  ["{% if x %}{% set m = messages[0] %}{% else %}{% set m = tools[0] %}{% endif %}{{ m.f }}", ["messages[].f", "tools[].f"]],
  // What is assigned last counts, where it is assigned in any case.
  ["{% set m = messages[0] %}{% set m = tools[0] %}{{ m.f }}", ["tools[].f"]],
  ["{% set m = messages[0] %}{% if x %}{% set m = tools[0] %}{% endif %}{{ m.f }}", ["messages[].f", "tools[].f"]],
  // A branch that raises an error leaves nothing behind.
  ["{% set m = messages[0] %}{% if x %}{% set m = tools[0] %}{{ raise_exception('no') }}{% endif %}{{ m.f }}", ["messages[].f"]],
  // A loop's assignments end with it.
  ["{% for m in messages %}{% set x = m %}{% endfor %}{{ x.f }}", ["x.f"]],
  ["{% with m = messages[0] %}{{ m.f }}{% endwith %}", ["messages[].f"]],
  ["{% set ns = namespace(m=none) %}{% for m in messages %}{% set ns.m = m %}{% endfor %}{{ ns.m.f }}", ["messages[].f"]],
  ["{% set ns = namespace(last=messages[0]) %}{{ ns.last.f }}", ["messages[].f"]],
  ["{% set d = {'a': messages[0], 'b': tools[0]} %}{{ d.a.f }}{{ d['b'].g }}", ["messages[].f", "tools[].g"]],
  ["{% set l = [messages[0], tools[0]] %}{{ l[1].f }}", ["tools[].f"]],
  ["{% set l = [messages[0]] + [tools[0]] %}{{ l[1].f }}", ["messages[].f", "tools[].f"]],
  ["{% set x = messages[0] if tools else tools[0] %}{{ x.f }}", ["messages[].f", "tools[].f"]],
  ["{% set x = messages[0].a or messages[0].b %}{{ x.f }}", ["messages[].a", "messages[].a.f", "messages[].b", "messages[].b.f"]],
  ["{% set x = tools|default(messages) %}{{ x[0].f }}", ["messages[].f", "tools[].f"]],
]);

check("through macros", [
  ["{% macro show(m) %}{{ m.content }}{% endmacro %}{{ show(messages[0]) }}", ["messages[].content"]],
  ["{% macro show(a, m=messages[0]) %}{{ m.content }}{% endmacro %}{{ show(1) }}", ["messages[].content"]],
  ["{% macro show(a, m) %}{{ m.content }}{% endmacro %}{{ show(m=tools[0], a=1) }}", ["tools[].content"]],
  ["{% macro show(m) %}{{ m.f }}{% endmacro %}{% for x in messages %}{{ show(x) }}{% endfor %}{{ show(tools) }}", ["messages[].f", "tools.f"]],
  ["{% macro show() %}{{ varargs[0].a }}{{ kwargs.k.b }}{% endmacro %}{{ show(messages[0], k=tools[0]) }}", ["messages[].a", "tools[].b"]],
  ["{% macro show() %}{{ caller(messages[0]) }}{% endmacro %}{% call(m) show() %}{{ m.content }}{% endcall %}", ["messages[].content"]],
  // The variables around a macro are those of the call.
  ["{% macro show() %}{{ m.content }}{% endmacro %}{% set m = messages[0] %}{{ show() }}", ["messages[].content"]],
  ["{% macro show(*x) %}{% endmacro %}", []],
  ["{% macro show(a, b) %}{{ a.f }}{{ b.g }}{% endmacro %}{{ show(*messages) }}", ["messages[].f", "messages[].g"]],
  // Nothing calls it, and it reads all the same.
  ["{% macro show(m) %}{{ messages[0].role }}{{ m.content }}{% endmacro %}", ["messages[].role"]],
  [
    "{% macro walk(s) %}{{ s.type }}{% for k, v in s.properties|items %}{{ walk(v) }}{% endfor %}{% endmacro %}{{ walk(tools[0]) }}",
    ["tools[].**.properties", "tools[].**.type"],
  ],
]);

check("through filters and methods", [
  ["{{ (messages|first).role }}{{ (messages|last).content }}", ["messages[].content", "messages[].role"]],
  ["{{ messages|map(attribute='content')|list }}", ["messages[].content"]],
  ["{{ messages|map(attribute='function.name')|join }}", ["messages[].function", "messages[].function.name"]],
  ["{{ messages|selectattr('role', 'equalto', 'user')|map(attribute='content')|join }}", ["messages[].content", "messages[].role"]],
  ["{% for m in messages|rejectattr('hidden') %}{{ m.content }}{% endfor %}", ["messages[].content", "messages[].hidden"]],
  ["{% for m in messages|sort(attribute='index') %}{{ m.role }}{% endfor %}", ["messages[].index", "messages[].role"]],
  ["{% for g in messages|groupby('role') %}{{ g.list[0].content }}{{ g.grouper }}{% endfor %}", ["messages[].content", "messages[].role"]],
  ["{% for b in messages|batch(2) %}{% for m in b %}{{ m.role }}{% endfor %}{% endfor %}", ["messages[].role"]],
  ["{{ messages|map('upper')|list }}", []],
  ["{% for k, v in messages[0].items() %}{{ v.f }}{% endfor %}", ["messages[].*.f"]],
  ["{% for k, v in messages[0]|dictsort %}{{ v.f }}{% endfor %}", ["messages[].*.f"]],
  ["{% for v in messages[0].values() %}{{ v.f }}{% endfor %}", ["messages[].*.f"]],
  ["{% set d = dict(messages[0], a=tools[0]) %}{{ d.a.f }}{{ d.role }}", ["messages[].a", "messages[].a.f", "messages[].role", "tools[].f"]],
  ["{{ cycler(messages[0], tools[0]).next().f }}", ["messages[].f", "tools[].f"]],
  // Texts have no fields: neither their methods nor their parts are any.
  ["{{ messages[0].content.strip().split('\\n')[-1].title() }}", ["messages[].content"]],
  ["{{ (messages[0].content|trim).f }}", ["messages[].content"]],
  // A dict's own methods hide its fields; an item has no such rival.
  ["{{ messages[0].items }}{{ messages[0]['items'] }}", ["messages[].items"]],
]);

check("a name that the template keeps in a variable", [
  ["{% set key = 'content' %}{{ messages[0][key] }}", ["messages[].content"]],
  ["{% for key in ['a', 'b'] %}{{ messages[0][key] }}{% endfor %}", ["messages[].a", "messages[].b"]],
  ["{{ messages[0][('a' if x else 'b')] }}", ["messages[].a", "messages[].b"]],
]);

check("how it is read", [
  ["{{ messages[0].content }}", ["messages[].content value", "messages[].content whole"]],
  ["{% if messages[0].content %}{% endif %}", ["messages[].content value"]],
  ["{{ '<' + messages[0].role + '>' }}", ["messages[].role value", "messages[].role whole"]],
  ["{{ 'a' ~ messages[0].role }}", ["messages[].role value", "messages[].role whole"]],
  ["{% if messages[0].role == 'user' %}{% endif %}", ["messages[].role value"]],
  ["{% if messages[0].x is defined %}{% endif %}", ["messages[].x presence"]],
  ["{% if 'x' in messages[0] %}{% endif %}", ["messages[].x presence"]],
  ["{% if 'x' in messages[0].extra %}{% endif %}", ["messages[].extra value", "messages[].extra.x presence?"]],
  ["{% if '</think>' in messages[0].extra %}{% endif %}", ["messages[].extra names?", "messages[].extra value"]],
  // A substring of a text.
  ["{% if 'x' in messages[0].content %}{% endif %}", ["messages[].content value"]],
  ["{% if 'x' in messages[0].content|lower %}{% endif %}", ["messages[].content value", "messages[].content whole"]],
  ["{% for k in tools[0] %}{{ k }}{% endfor %}", ["tools[] names"]],
  ["{{ tools[0].keys()|list }}", ["tools[] names"]],
  ["{% for k, v in tools[0].items() %}{{ k }}{% endfor %}", ["tools[] every"]],
  ["{{ tools[0][x] }}", ["tools[] every", "tools[].* whole"]],
  ["{{ tools|tojson }}", ["tools whole"]],
  ["{{ [messages[0], {'a': tools}]|tojson }}", ["messages[] whole", "tools whole"]],
  ["{{ raise_exception('no ' + messages[0].role) }}", ["messages[].role value", "messages[].role whole"]],
  ["{% if messages[0] == messages[1] %}{% endif %}", ["messages[] whole"]],
  ["{{ messages|length }}", []],
  // A function that the caller gives.
  ["{{ show(messages[0]) }}", ["messages[] unknown"]],
], (source) => fieldsOf(source).filter((read) => !read.startsWith("x ") && !read.startsWith("show ")));

test("the ranges are those of the look-ups", () => {
  const source = "{% for m in messages %}{% set c = m.content %}{{ c }}{{ m['content']|trim }}{% endfor %}";
  const { fields } = readsOf(source);
  const texts = (access: string): string[] => fields.filter((read) => read.path === "messages[].content" && read.access === access).flatMap(({ uses }) => uses.map(({ start, end }) => source.slice(start, end)));
  assert.deepEqual(texts("value"), ["m.content", "m['content']"]);
  assert.deepEqual(texts("whole"), ["c", "m['content']|trim"]);
});

test("a question can be asked for a place of the input", () => {
  const { fields } = readsOf("{% for m in messages %}{{ m.content }}{% for t in m.calls %}{{ t|tojson }}{% endfor %}{{ m[x] if y }}{% endfor %}{{ tools[0].name }}");
  assert.equal(mayRead(fields, ["messages", 3, "content"]), true);
  assert.equal(mayRead(fields, ["messages", 3, "content", 0, "text"]), true);
  assert.equal(mayRead(fields, ["messages", 0, "calls", 1, "function", "name"]), true);
  assert.equal(mayRead(fields, ["tools", 0, "name"]), true);
  assert.equal(mayRead(fields, ["tools", 0, "description"]), false);
  assert.equal(mayRead(fields, ["documents", 0, "title"]), false);
  // `m[x]` may be any field.
  assert.equal(mayRead(fields, ["messages", 0, "weight"]), true);
});

test("blocks see what the template assigns", () => {
  assert.deepEqual(valuesOf("{% set m = messages[0] %}{% block b %}{{ m.content }}{% endblock %}"), ["m.content", "messages[].content"]);
});

test("broken templates are read as far as they go", () => {
  assert.deepEqual(valuesOf("{% for m in messages %}{{ m.content }}{{ m. }}{% if %}{{ m.role }}"), ["messages[].content", "messages[].role"]);
  assert.deepEqual(valuesOf("{{ messages[0].content"), ["messages[].content"]);
});

test("templates that go round and round, or that are too much, come to an end", () => {
  const spin = "{% set ns = namespace(x=messages) %}{% for i in range(9) %}{% set ns.x = ns.x.a %}{% endfor %}{{ ns.x }}";
  const { fields, complete } = readsOf(spin);
  assert.equal(complete, true);
  assert.ok(mayRead(fields, ["messages", ...Array<string>(30).fill("a")]));
  const mutual = "{% macro a(x) %}{{ b(x.l) }}{% endmacro %}{% macro b(x) %}{{ a(x.r) }}{% endmacro %}{{ a(tools) }}";
  assert.ok(mayRead(readsOf(mutual).fields, ["tools", "l", "r", "l", "r", "l", "r", "l"]));
  const wide = `{% set ns = namespace() %}${Array.from({ length: 400 }, (_, i) => `{% set ns.x = {'k${i}': ns.x, 'm': messages[0].f${i}} %}`).join("")}{{ ns.x }}`;
  assert.equal(typeof readsOf(wide).complete, "boolean");
  const deep = `{% for a in messages %}${"{% if a.b %}{% set a = a.c %}".repeat(120)}{{ a }}${"{% endif %}".repeat(120)}{% endfor %}`;
  assert.ok(mayRead(readsOf(deep).fields, ["messages", 0, "c", "c", "c"]));
});

test("more than the analysis can go through is said to be incomplete", () => {
  // Every macro reaches twice as many parts as the one before.
  const macros = Array.from({ length: 100 }, (_, i) => `{% macro m${i}(a) %}{{ a.f${i} }}${i > 0 ? `{{ m${i - 1}(a.g${i}) }}{{ m${i - 1}(a) }}` : ""}{% endmacro %}`);
  assert.equal(readsOf(`${macros.join("")}{{ m99(messages) }}`).complete, false);
});
