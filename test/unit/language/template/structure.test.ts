import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { foldsOf } from "../../../../extension/core/language/template/folding";
import { type OutlineEntry, outlineOf } from "../../../../extension/core/language/template/outline";
import { TemplateText, isChatTemplate } from "../../../../extension/core/language/template/templateText";

const TEMPLATE = `{%- macro turn(role,
    text='') -%}
  {{ role }}
{%- endmacro %}
{#- A comment
    of two lines -#}
{%- set total = 1 %}
{%- for message in messages %}
  {%- if message.role == 'user' %}
    {%- set ns.found = true %}
  {%- elif x %}
    {{ turn(x) }}
  {%- else %}
    {%- generation %}
      a
    {%- endgeneration %}
  {%- endif %}
{%- endfor %}
{% set body %}
x
{% endset %}
`;

function describeOutline(entries: readonly OutlineEntry[], depth = 0): string[] {
  return entries.flatMap(({ name, detail, kind, children }) => [`${"  ".repeat(depth)}${kind} ${name}${detail === "" ? "" : ` (${detail})`}`, ...describeOutline(children, depth + 1)]);
}

function assertNested(entries: readonly OutlineEntry[], within: { readonly start: number; readonly end: number }): void {
  for (const { span, selection, children } of entries) {
    assert.ok(within.start <= span.start && span.end <= within.end);
    assert.ok(span.start <= selection.start && selection.end <= span.end);
    assertNested(children, span);
  }
}

describe("the outline", () => {
  it("has the blocks and the variables, nested", () => {
    assert.deepEqual(describeOutline(outlineOf(new TemplateText(TEMPLATE))), [
      "macro turn(role, text='') (macro)",
      "variable total (set)",
      "loop for message in messages",
      "  branch if message.role == 'user'",
      "    variable ns.found (set)",
      "  branch elif x",
      "  branch else",
      "    generation generation",
      "variable body (set)",
    ]);
  });

  it("nests spans properly, also in broken templates", () => {
    for (const source of [TEMPLATE, TEMPLATE.slice(0, 300), "{% if x %}{% for a in b %}{% endif %}{% endfor %}", "{% for %}{% else %}{% elif %}{% endif %}", "{% endif %}{% if"]) {
      assertNested(outlineOf(new TemplateText(source)), { start: 0, end: source.length });
    }
  });
});

describe("folding", () => {
  it("has blocks, each branch, and comments", () => {
    assert.deepEqual(foldsOf(new TemplateText(TEMPLATE)).map(({ startLine, endLine, kind }) => `${startLine}-${endLine} ${kind}`), [
      "0-2 block", "4-5 comment", "7-16 block", "8-9 block", "10-11 block", "12-15 block", "13-14 block", "18-19 block",
    ]);
  });
});

describe("chat templates", () => {
  it("are told from other templates by their place, or by reading messages", () => {
    const page = new TemplateText("<h1>{{ title }}</h1> messages");
    assert.equal(isChatTemplate("/a/page.html.jinja", page), false);
    assert.equal(isChatTemplate("/a/chat_template.jinja", page), true);
    assert.equal(isChatTemplate("C:\\a\\additional_chat_templates\\rag.jinja", page), true);
    assert.equal(isChatTemplate("/a/mine.jinja", new TemplateText("{% for m in messages")), true);
  });
});
