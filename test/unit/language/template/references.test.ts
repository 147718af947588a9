import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { definitionsAt, referencesAt, renameAt, renamingAt } from "../../../../extension/core/language/template/references";
import { bracketed, marked } from "./marked";

/** Where `$0` stands, and the template with its references bracketed. */
const REFERENCES: readonly (readonly [name: string, template: string, expected: string])[] = [
  ["a variable", "{% set a$0 = 1 %}{{ a }}{{ b.a }}{{ 'a' }}", "{% set ⟦a⟧ = 1 %}{{ ⟦a⟧ }}{{ b.a }}{{ 'a' }}"],
  ["a use", "{% set a = 1 %}{{ $0a + a }}", "{% set ⟦a⟧ = 1 %}{{ ⟦a⟧ + ⟦a⟧ }}"],
  ["a loop's variable, and not the same name outside", "{% for m$0 in ms if m.x %}{{ m }}{% else %}{{ m }}{% endfor %}{{ m }}", "{% for ⟦m⟧ in ms if ⟦m⟧.x %}{{ ⟦m⟧ }}{% else %}{{ m }}{% endfor %}{{ m }}"],
  ["two loops with the same name", "{% for m in a %}{{ m$0 }}{% endfor %}{% for m in b %}{{ m }}{% endfor %}", "{% for ⟦m⟧ in a %}{{ ⟦m⟧ }}{% endfor %}{% for m in b %}{{ m }}{% endfor %}"],
  ["a variable that a loop changes for its turn", "{% set n = 0 %}{% for m in ms %}{{ n }}{% set n$0 = 1 %}{% endfor %}{{ n }}", "{% set ⟦n⟧ = 0 %}{% for m in ms %}{{ ⟦n⟧ }}{% set ⟦n⟧ = 1 %}{% endfor %}{{ ⟦n⟧ }}"],
  ["a macro", "{{ f(1) }}{% macro f$0(a) %}{{ a }}{% endmacro %}{% call f(2) %}{% endcall %}", "{{ ⟦f⟧(1) }}{% macro ⟦f⟧(a) %}{{ a }}{% endmacro %}{% call ⟦f⟧(2) %}{% endcall %}"],
  ["a parameter, with arguments by name", "{% macro f(a$0, b=a) %}{{ a }}{% endmacro %}{{ f(a=a) }}{{ f( a = (1) ) }}{{ g(a=1) }}", "{% macro f(⟦a⟧, b=⟦a⟧) %}{{ ⟦a⟧ }}{% endmacro %}{{ f(⟦a⟧=a) }}{{ f( ⟦a⟧ = (1) ) }}{{ g(a=1) }}"],
  ["a namespace", "{% set ns$0 = namespace(x=1) %}{% for i in y %}{% set ns.x = ns.x + 1 %}{% endfor %}{{ ns.x }}", "{% set ⟦ns⟧ = namespace(x=1) %}{% for i in y %}{% set ⟦ns⟧.x = ⟦ns⟧.x + 1 %}{% endfor %}{{ ⟦ns⟧.x }}"],
  ["a top-level variable in a block", "{% set a = 1 %}{% block b %}{{ $0a }}{% endblock %}", "{% set ⟦a⟧ = 1 %}{% block b %}{{ ⟦a⟧ }}{% endblock %}"],
  ["what the caller gives", "{{ x$0 }}{% for m in x %}{{ x }}{% endfor %}", "{{ ⟦x⟧ }}{% for m in ⟦x⟧ %}{{ ⟦x⟧ }}{% endfor %}"],
  ["with", "{% set q = 1 %}{% with q$0 = q %}{{ q }}{% endwith %}{{ q }}", "{% set q = 1 %}{% with ⟦q⟧ = q %}{{ ⟦q⟧ }}{% endwith %}{{ q }}"],
  ["a set block", "{% set body$0 %}{{ body }}{% endset %}{{ body|trim }}", "{% set ⟦body⟧ %}{{ ⟦body⟧ }}{% endset %}{{ ⟦body⟧|trim }}"],
  ["two targets", "{% for k, v$0 in d.items() %}{{ k ~ v }}{% endfor %}", "{% for k, ⟦v⟧ in d.items() %}{{ k ~ ⟦v⟧ }}{% endfor %}"],
  ["names beyond ASCII", "{% set größe$0 = 1 %}{{ größe }}", "{% set ⟦größe⟧ = 1 %}{{ ⟦größe⟧ }}"],
];

describe("references", () => {
  for (const [name, text, expected] of REFERENCES) {
    it(`of ${name}`, () => {
      const { template, offset } = marked(text);
      assert.equal(bracketed(template, referencesAt(template, offset, true)), expected);
    });
  }

  it("leave definitions out when they are not asked for", () => {
    const { template, offset } = marked("{% set a$0 = 1 %}{{ a }}");
    assert.equal(bracketed(template, referencesAt(template, offset, false)), "{% set a = 1 %}{{ ⟦a⟧ }}");
  });

  it("are none outside of names", () => {
    for (const text of ["te$0xt", "{% i$0f x %}{% endif %}", "{{ 'a$0' }}", "{{ x.y$0 }}", "{{ x|tr$0im }}", "{# a$0 #}"]) {
      const { template, offset } = marked(text);
      assert.deepEqual(referencesAt(template, offset, true), [], text);
    }
  });
});

describe("definitions", () => {
  const CASES: readonly (readonly [string, string])[] = [
    ["{% macro f(a) %}{% endmacro %}{{ f$0(1) }}", "{% macro ⟦f⟧(a) %}{% endmacro %}{{ f(1) }}"],
    ["{% if x %}{% set a = 1 %}{% else %}{% set a = 2 %}{% endif %}{{ a$0 }}", "{% if x %}{% set ⟦a⟧ = 1 %}{% else %}{% set ⟦a⟧ = 2 %}{% endif %}{{ a }}"],
    ["{% for m in messages %}{{ m$0.role }}{% endfor %}", "{% for ⟦m⟧ in messages %}{{ m.role }}{% endfor %}"],
    ["{{ messages$0 }}", "{{ messages }}"],
    ["{% set a = 1 %}{% if %}{{ a$0 }}", "{% set ⟦a⟧ = 1 %}{% if %}{{ a }}"],
  ];
  for (const [text, expected] of CASES) {
    it(`in ${text}`, () => {
      const { template, offset } = marked(text);
      assert.equal(bracketed(template, (definitionsAt(template, offset)?.definitions ?? []).map(({ span }) => span)), expected);
    });
  }
});

describe("renaming", () => {
  const reasonOf = (text: string, name = "other"): string | undefined => {
    const { template, offset } = marked(text);
    const renaming = renameAt(template, offset, name);
    return renaming.kind === "refused" ? renaming.reason : undefined;
  };

  it("is possible for what the template defines", () => {
    const { template, offset } = marked("{% set a = 1 %}{{ a$0 }}");
    const renaming = renamingAt(template, offset);
    assert.equal(renaming.kind, "possible");
    assert.equal(reasonOf("{% set a = 1 %}{{ a$0 }}", "b_2"), undefined);
  });

  it("says why it is not", () => {
    assert.match(reasonOf("{{ messages$0 }}") ?? "", /does not come from this template/);
    assert.match(reasonOf("{% if tools is not defined %}{% set tools$0 = none %}{% endif %}{{ tools }}") ?? "", /may also be given/);
    assert.match(reasonOf("{% set a$0 = 1 %}{{ b }}", "b") ?? "", /already is a 'b'/);
    assert.match(reasonOf("{% set a$0 = 1 %}", "not a name") ?? "", /no name/);
    assert.match(reasonOf("{% set a$0 = 1 %}", "loop") ?? "", /no name/);
    assert.match(reasonOf("{% set a$0 = 1 %}{% if %}") ?? "", /syntax errors/);
    assert.match(reasonOf("te$0xt") ?? "", /no variable/);
  });
});
