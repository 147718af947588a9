import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { completionsAt } from "../../../../extension/core/language/template/completion";
import { completionContextAt } from "../../../../extension/core/language/template/completionContext";
import { FILTER_DOCS } from "../../../../extension/core/language/template/docs/filters";
import { FUNCTION_DOCS } from "../../../../extension/core/language/template/docs/functions";
import { TEST_DOCS } from "../../../../extension/core/language/template/docs/tests";
import { FILTERS } from "../../../../extension/core/jinja/filter/filters";
import { TESTS } from "../../../../extension/core/jinja/filter/tests";
import { HELPERS } from "../../../../extension/core/template/reads/recorder";
import { marked } from "./marked";

/** The labels that are offered at `$0`, in order of rank, and the word that they replace. */
function offered(text: string, specialTokens?: readonly string[]): { readonly labels: readonly string[]; readonly word: string } {
  const { template, offset } = marked(text);
  const completions = completionsAt(template, offset, specialTokens);
  const items = [...(completions?.items ?? [])].sort((a, b) => a.rank - b.rank);
  return { labels: items.map(({ label }) => label), word: template.source.slice(completions?.start ?? offset, offset) };
}

/** Where `$0` stands, what must be among the first offered, and what must not be offered. */
const CASES: readonly (readonly [name: string, template: string, first: readonly string[], absent: readonly string[]])[] = [
  ["tags", "{% $0", ["if", "for", "set", "generation"], ["messages", "upper"]],
  ["the end of the innermost block first", "{% for m in messages %}{% if m %}{%- en$0", ["endif"], ["endfor"]],
  ["branches of an if", "{% if x %}{% $0 %}{% endif %}", ["endif", "elif", "else"], []],
  ["filters", "{{ x | tr$0 }}", ["trim", "tojson", "default"], ["messages", "defined"]],
  ["filters of a set block", "{% set x | $0 %}", ["trim"], ["messages"]],
  ["tests", "{% if x is $0", ["defined", "string"], ["upper2", "messages", "=="]],
  ["tests behind not", "{% if x is not n$0", ["none"], ["messages"]],
  ["loop's members", "{% for m in x %}{{ loop.$0 }}{% endfor %}", ["first", "index0", "previtem"], ["role"]],
  ["fields of a message", "{% for m in messages %}{{ m.$0 }}{% endfor %}", ["role", "content", "tool_calls"], ["index0"]],
  ["fields of a message by index", "{{ messages[0].c$0 }}", ["role", "content"], []],
  ["fields in a subscript", "{% for m in messages %}{{ m['r$0 }}{% endfor %}", ["role"], ["get"]],
  ["fields of a call's function", "{% for m in messages %}{% for c in m.tool_calls %}{% set f = c.function %}{{ f.$0 }}{% endfor %}{% endfor %}", ["name", "arguments"], ["role"]],
  ["fields of a filtered list's elements", "{{ (messages | selectattr('role', 'equalto', 'user') | list)[0].$0 }}", ["role"], []],
  ["fields of a tool", "{% for t in tools %}{{ t.function.$0 }}{% endfor %}", ["name", "parameters"], ["role"]],
  ["members of a namespace", "{% set ns = namespace(found=false) %}{% set ns.last = 1 %}{{ ns.$0 }}", ["found", "last"], ["role"]],
  ["methods of texts", "{{ 'a'.$0 }}", ["get", "strip", "startswith"], []],
  ["names", "{% set total = 1 %}{% macro turn(role) %}{% endmacro %}{{ $0 }}", ["total", "turn", "messages", "bos_token"], ["role", "loop"]],
  ["names inside of their scope", "{% macro turn(role) %}{{ r$0 }}{% endmacro %}", ["role"], []],
  ["loop inside of loops", "{% for m in messages %}{{ $0 }}{% endfor %}", ["m", "loop"], []],
  ["names in a broken tag", "{% set total = 1 %}{{ foo( $0", ["total"], []],
  ["special tokens that are written elsewhere", "<|im_end|>{{ '<|im_start|>' }}<|i$0", ["<|im_end|>", "<|im_start|>"], []],
];

describe("completion", () => {
  for (const [name, text, first, absent] of CASES) {
    it(`offers ${name}`, () => {
      const { labels } = offered(text);
      for (const label of first) assert.ok(labels.includes(label), `${label} in ${labels.join(" ")}`);
      for (const label of absent) assert.ok(!labels.includes(label), `${label} in ${labels.join(" ")}`);
    });
  }

  it("puts the end of the block first, and own names before others", () => {
    assert.equal(offered("{% for m in x %}{% if m %}{% $0").labels[0], "endif");
    assert.equal(offered("{% set zz = 1 %}{{ $0 }}").labels[0], "zz");
  });

  it("replaces the word that is being written", () => {
    assert.equal(offered("{{ x|tr$0im }}").word, "tr");
    assert.equal(offered("{{ m['ro$0'] }}").word, "ro");
    assert.equal(offered("{% en$0 %}").word, "en");
    assert.equal(offered("a <|im$0", ["<|im_end|>"]).word, "<|im");
  });

  it("offers the special tokens of the model", () => {
    assert.deepEqual(offered("<$0", ["<s>", "</s>"]).labels, ["<s>", "</s>"]);
    assert.deepEqual(offered("{{ '<$0", ["<s>"]).labels, ["<s>"]);
  });

  it("offers nothing in texts, comments, strings and raw blocks", () => {
    for (const text of ["some te$0xt", "{# {{ $0 #}", "{{ 'a $0' }}", "{% raw %}{{ $0 {% endraw %}", "{{ 12$0 }}", "$0"]) {
      const { template, offset } = marked(text);
      assert.equal(completionContextAt(template.source, offset), undefined, text);
    }
  });

  it("knows every filter, test and function of the engine, and no others", () => {
    assert.deepEqual([...FILTER_DOCS.keys()].sort(), [...FILTERS.keys()].sort());
    assert.deepEqual([...TEST_DOCS.keys()].sort(), [...TESTS.keys()].sort());
    assert.deepEqual([...FUNCTION_DOCS.keys()].sort(), [...HELPERS].sort());
  });
});
