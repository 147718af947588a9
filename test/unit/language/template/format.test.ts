import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { describe, it } from "node:test";
import { applyEdits } from "../../../../extension/core/jsonl/edits";
import { formatEdits } from "../../../../extension/core/language/template/format";
import { parseChatTemplate } from "../../../../extension/core/template/environment";
import { TemplateRefusal } from "../../../../extension/core/template/renderer";
import { SAMPLES } from "../../../../extension/core/template/samples/samples";
import { FIXTURES, filesBelow, haveFixtures } from "../../../support/fixtures";

const format = (source: string, indent = "  "): string => applyEdits(source, formatEdits(source, indent));

/** A template, and how it is laid out. */
const CASES: readonly (readonly [what: string, source: string, formatted: string])[] = [
  ["tags have a space at their ends", "{{x}}{%if   a%}{{-  b  -}}{%-endif-%}", "{{ x }}{% if a %}{{- b -}}{%- endif -%}"],
  ["signs stay signs", "{{-1}}{{ -1 }}{{ {'a':1}}}", "{{- 1 }}{{ -1 }}{{ {'a':1} }}"],
  ["commas are followed by a space", "{{ f(1,2,[3,],'a,b') }}", "{{ f(1, 2, [3,], 'a,b') }}"],
  ["blocks are indented", "{% for m in messages %}\n{% if m %}\n{{- m }}\n{% else %}\nx\n      {% endif %}\n{% endfor %}", "{% for m in messages %}\n  {% if m %}\n    {{- m }}\n  {% else %}\nx\n  {% endif %}\n{% endfor %}"],
  ["what is printed is not", "{% if a %}\n{{ a }}\n   {{ b }}\n text {% set c = 1 %}\n   {%+ set d = 1 %}\n{% endif %}", "{% if a %}\n{{ a }}\n   {{ b }}\n text {% set c = 1 %}\n   {%+ set d = 1 %}\n{% endif %}"],
  ["blocks that begin on one line are one step", "{% for m in messages %}{% if m %}\n{#- c #}\n{% endif %}{% endfor %}", "{% for m in messages %}{% if m %}\n  {#- c #}\n{% endif %}{% endfor %}"],
  ["raw text stays", "{% if a %}\n{% raw %}\n {{x}}\n{%if%}{% endraw %}\n{% endif %}", "{% if a %}\n  {% raw %}\n {{x}}\n{%if%}{% endraw %}\n{% endif %}"],
  ["ends of lines are cleared where they are in no prompt", "{{- a -}}  \n\t\n{%- if b %}  \n{%- endif %}", "{{- a -}}\n\n{%- if b %}\n{%- endif %}"],
  ["tags over several lines stay as they are inside", "{{ {\n      'a': 1,\n  } }}", "{{ {\n      'a': 1,\n  } }}"],
  ["carriage returns are kept", "{% if a %}\r\n{%- set b=1 %}\r\n{% endif %}", "{% if a %}\r\n  {%- set b=1 %}\r\n{% endif %}"],
  ["what does not compile stays", "{%if a%}", "{%if a%}"],
];

/** What a template makes of a sample: the prompt, or why there is none. */
function outcomeOf(source: string, { messages, tools, addGenerationPrompt, variables, documents }: (typeof SAMPLES)[number]): string {
  try {
    return parseChatTemplate(source, { name: "t", now: 0 }).render({ messages, tools, documents, addGenerationPrompt, variables: { bos_token: "<s>", eos_token: "</s>", ...variables } });
  } catch (error) {
    if (error instanceof TemplateRefusal) return `${error.type}: ${error.message}`;
    throw error;
  }
}

void describe("the layout of a template", () => {
  for (const [what, source, formatted] of CASES) {
    void it(what, () => {
      assert.equal(format(source), formatted);
      assert.equal(format(formatted), formatted);
    });
  }

  void it("takes the indentation that the editor has", () => {
    assert.equal(format("{% if a %}\n{% set b = 1 %}\n{% endif %}", "\t"), "{% if a %}\n\t{% set b = 1 %}\n{% endif %}");
  });

  if (haveFixtures("the layout of the fixtures' templates")) {
    void it("changes no prompt of any of the fixtures' templates, and is the same when it is made again", () => {
      let changed = 0;
      for (const file of filesBelow("templates").filter((name) => name.endsWith(".jinja"))) {
        const source = readFileSync(path.join(FIXTURES, "templates", file), "utf8");
        const formatted = format(source);
        assert.equal(format(formatted), formatted, file);
        if (formatted === source) continue;
        changed++;
        for (const sample of SAMPLES) assert.equal(outcomeOf(formatted, sample), outcomeOf(source, sample), `${file}, ${sample.id}`);
      }
      assert.ok(changed > 50, String(changed));
    });
  }
});
