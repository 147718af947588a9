import assert from "node:assert/strict";
import { test } from "node:test";
import { Template } from "@huggingface/jinja";
import { parseTemplate } from "../../../../extension/core/jinja/syntax/parser";
import { fromJson } from "../../../../extension/core/jinja/value/json";
import { parseChatTemplate } from "../../../../extension/core/template/environment";
import { findFeatures } from "../../../../extension/core/template/engines/features";
import { lackingIn } from "../../../../extension/core/template/engines/lacking";
import { ENGINES, LACKING } from "../../../../extension/core/template/engines/table";
import { findReads } from "../../../../extension/core/template/reads/reads";
import { SAMPLES, SAMPLE_DATA } from "./samples";

const VARIABLES = new Map(Object.entries(SAMPLE_DATA).map(([name, value]) => [name, fromJson(value)]));

/** What the reference prints, which our own engine is held to. */
function reference(source: string): string {
  return parseChatTemplate(source, { name: "sample" }).renderPlain(VARIABLES).text;
}

function transformersJs(source: string): string | undefined {
  try {
    return new Template(source).render(structuredClone(SAMPLE_DATA));
  } catch {
    return undefined;
  }
}

test("the column of transformers.js is what @huggingface/jinja does", () => {
  assert.ok(Object.keys(SAMPLES).length > 250);
  const wrong = Object.entries(SAMPLES).filter(([key, sources]) => {
    const has = sources.some((source) => transformersJs(source) === reference(source));
    return has === (LACKING.get(key)?.includes("transformers.js") ?? false);
  });
  assert.deepEqual(wrong.map(([key]) => key), []);
});

test("there are samples of every feature in the table, and each shows where it is used", () => {
  for (const key of LACKING.keys()) {
    const sources = SAMPLES[key];
    assert.ok(sources !== undefined, `no sample of ${key}`);
    for (const source of sources) {
      const template = parseTemplate(source);
      const found = lackingIn(source, template, findReads(source, template));
      const engines = LACKING.get(key) ?? [];
      const covering = found.some((use) => engines.every((engine) => use.engines.includes(engine)));
      assert.ok(covering, `${key} is not seen in ${source}`);
    }
  }
});

test("what the table does not have is a feature of every engine", () => {
  const names = new Set(Object.keys(SAMPLES));
  const found = [...names].filter((key) => !LACKING.has(key)).flatMap((key) => SAMPLES[key]?.map((source) => [key, source] as const) ?? []);
  for (const [key, source] of found) assert.ok(transformersJs(source) !== undefined || SAMPLES[key]?.some((other) => transformersJs(other) === reference(other)), key);
});

/** `kind name text [engines]` of each use. */
function uses(source: string): string[] {
  const template = parseTemplate(source);
  const short = new Map(ENGINES.map(({ id }) => [id, id.charAt(0)]));
  return lackingIn(source, template, findReads(source, template)).map(
    ({ kind, name, engines, span }) => `${kind} ${name} '${source.slice(span.start, span.end)}' ${engines.map((id) => short.get(id)).join("")}`,
  );
}

const CASES: readonly (readonly [source: string, uses: readonly string[]])[] = [
  ["{{ messages[0].content|trim }}", []],
  ["{{ messages|length > 1 and x is defined }}", []],
  ["{{ x|trim('a') }}", ["filter trim(chars) 'trim' tm"]],
  ["{{ x|trim() }}", ["filter trim() 'trim' t"]],
  ["{{ x|first }}{{ x|first() }}", ["filter first 'first' m", "filter first() 'first' tm"]],
  ["{{ x.strip() }}{{ x.strip('\\n') }}", ["method strip(chars) 'strip' t"]],
  ["{{ x.rsplit('a', 1)[0].title() }}", ["method rsplit 'rsplit' tm"]],
  ["{{ x.rfind('a') }}", ["method rfind 'rfind' tlm"]],
  // The field of a mapping is no method until it is called.
  ["{{ x.find }}{{ x.count }}", []],
  ["{{ a|map('upper')|list }}{{ a|map(attribute='b')|list }}", ["filter map(filter) 'map' tl"]],
  ["{{ a|selectattr('role', 'equalto', 'user')|list }}", []],
  ["{{ a|selectattr('role', '==', 'user')|list }}", ["filter selectattr(operator) 'selectattr' tl"]],
  ["{{ a|selectattr('role', 'in', ['user'])|list }}", ["filter selectattr(in) 'selectattr' t"]],
  ["{{ a|tojson(indent=2, sort_keys=true) }}", ["filter tojson(sort_keys=) 'tojson' lm"]],
  ["{% if a is undefined %}{% endif %}", ["test undefined 'undefined' m"]],
  ["{% if a is not divisibleby 2 %}{% endif %}", ["test divisibleby 'divisibleby' tm", "syntax test argument without brackets 'divisibleby 2' tlm"]],
  ["{% if a is eq (2) %}{% endif %}", ["test eq 'eq' tm"]],
  ["{% if a is in [1] %}{% endif %}", ["test in 'in' tm", "syntax test argument without brackets 'in [1]' tlm"]],
  ["{% for x in y %}{{ loop.cycle(1, 2) }}{{ loop.index }}{% endfor %}", ["loop cycle 'cycle' tl"]],
  ["{% for x in y recursive %}{{ x }}{% endfor %}", ["statement for recursive '{% for x in y recursive %}' tlm"]],
  ["{%- with a = 1 -%}{{ a }}{% endwith %}", ["statement with '{%- with a = 1 -%}' tlm"]],
  ["{% raw %}{{ x }}{% endraw %}", ["statement raw '{% raw %}' tlm"]],
  ["{% set x | upper %}a{% endset %}", ["statement set block filter '| upper' tlm"]],
  ["{% macro m() %}{{ varargs }}{% endmacro %}", ["statement macro varargs 'varargs' lm"]],
  ["{% print x %}", ["statement print '{% print x %}' tlm"]],
  [" {%+ if x +%}\n{% endif %}", ["syntax keep white space '{%+' tlm", "syntax keep newline '+%}' tlm"]],
  ["{{ 1_000 }}{{ 0xff }}{{ 2e3 }}{{ 1.5 }}", ["syntax underscores '1_000' tlm", "syntax hex '0xff' tlm", "syntax exponent '2e3' tl"]],
  ["{{ 'a' 'b' }}", ["syntax string parts ''a' 'b'' m"]],
  ["{{ x == [] }}{{ x == '' }}", ["syntax list equality 'x == []' t"]],
  ["{{ 1 < x < 3 }}{{ x < 'b' }}", ["syntax chained comparison '1 < x < 3' tlm", "syntax text order 'x < 'b'' tl"]],
  ["{{ '-' * 3 }}{{ x * 3 }}", ["syntax text * number ''-' * 3' t"]],
  ["{{ '%s' % x }}{{ 7 % 2 }}", ["syntax % format ''%s' % x' tlm"]],
  ["{{ m(*a, **b) }}", ["syntax spread 'a' l", "syntax spread named 'b' l"]],
  ["{{ dict(a=1) }}{{ cycler(1) }}{{ range(2) }}", ["global dict 'dict' tlm", "global cycler 'cycler' tlm"]],
  // A variable of the template's own, or the caller's, is no function of the environment.
  ["{% set dict = 1 %}{{ dict }}", []],
  // Also where the template is broken.
  ["{{ x|wordcount }}{% if %}", ["filter wordcount 'wordcount' tlm"]],
];

for (const [source, expected] of CASES) {
  test(`what other engines lack of ${JSON.stringify(source)}`, () => assert.deepEqual(uses(source), expected));
}

test("deeply nested templates are gone through", () => {
  const depth = 200;
  const source = `${"{% if a %}".repeat(depth)}{{ x|sum }}${"{% endif %}".repeat(depth)}`;
  assert.equal(findFeatures(source, parseTemplate(source)).length, 1);
});
