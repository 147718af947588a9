import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkRow, type PromptCounter, type RowFinding } from "../../../extension/core/analysis/checkRow";
import { fieldsFrom } from "../../../extension/core/dataset/fields";
import { parseChatTemplate } from "../../../extension/core/template/environment";
import { findPrintedStructures } from "../../../extension/core/template/printedStructures";
import { renderConversation } from "../../../extension/core/template/renderConversation";

/** Takes texts and nothing else. */
const TEXTS = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}";

/** What the rule says about a row that a template renders. */
function check(template: string, row: object): readonly RowFinding[] {
  const parsed = parseChatTemplate(template, { name: "test" });
  const counter: PromptCounter = {
    countConversation: () => 1,
    countText: () => 1,
    printedStructures: (conversation, source) => findPrintedStructures(conversation, source, (provenance) => renderConversation(parsed, conversation, source, { provenance, variables: {} })),
  };
  const text = JSON.stringify(row);
  const { findings } = checkRow({ text, invalid: [] }, { fields: fieldsFrom({}), counter, maxLength: undefined, expectedFormat: undefined });
  return findings.filter(({ rule }) => rule.id === "template/prints-structure");
}

const answer = { role: "assistant", content: "Yes." };
const parts = (text: string): object => ({ role: "user", content: [{ type: "text", text }] });

describe("a content that a template prints as Python writes lists", () => {
  it("is found, at the content", () => {
    assert.deepEqual(check(TEXTS, { messages: [{ role: "user", content: "Is it?" }, answer] }), []);
    const row = { messages: [parts("Is it?"), answer] };
    const [finding, ...others] = check(TEXTS, row);
    assert.deepEqual([finding?.pointer, others], ["/messages/0/content", []]);
    assert.equal(JSON.stringify(row).slice(finding?.span.start, finding?.span.end), '[{"type":"text","text":"Is it?"}]');
    assert.match(finding?.message ?? "", /prints this content as Python writes it: \[\{'type': 'text', 'text': 'Is it\?'\}\]\./);
  });

  it("is found once a row, whatever the template does around it", () => {
    const [finding, ...others] = check("{% for m in messages %}{{ m['content'] | trim }}{{ '\\n' ~ m.content }}{% endfor %}", { messages: [parts("it's"), answer, parts("1"), answer] });
    assert.deepEqual([finding?.data["messages"], others], [2, []]);
    assert.match(finding?.message ?? "", /So it does with 1 more of this row\.$/);
    assert.equal(check("{% for m in messages %}{% for p in m.content %}{{ p }}{% endfor %}{% endfor %}", { messages: [parts("a"), answer] }).length, 1);
    assert.equal(check(TEXTS, { messages: [{ role: "user", content: { a: "b" } }, answer] }).length, 1);
  });

  it("is not what a template prints on purpose", () => {
    const rows: readonly (readonly [string, object])[] = [
      ["{% for m in messages %}{{ m.content | tojson }}{% endfor %}", { messages: [parts("a"), answer] }],
      ["{% for m in messages %}{% if m.content is string %}{{ m.content }}{% else %}{% for p in m.content %}{{ p.text }}{% endfor %}{% endif %}{% endfor %}", { messages: [parts("a"), answer] }],
      ["{% for m in messages %}{{ m.content if m.content is string }}{{ m.tool_calls if m.tool_calls }}{% endfor %}", { messages: [parts("a"), { ...answer, tool_calls: [{ type: "function", function: { name: "f", arguments: { a: "b" } } }] }] }],
      ["{{ messages[0].content[0].text }}{{ messages[1].content }}", { messages: [parts("a"), { role: "assistant", content: "[{'type': 'text', 'text': 'a'}]" }] }],
      [TEXTS, { messages: [{ role: "user", content: [] }, answer] }],
      [TEXTS, { messages: [{ role: "user", content: [1, 2] }, answer] }],
    ];
    for (const [template, row] of rows) assert.deepEqual(check(template, row), [], template);
  });
});
