import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { DEFAULT_FIELDS } from "../../../extension/core/dataset/fields";
import { applyEdits } from "../../../extension/core/jsonl/edits";
import { type FixContext, fixesIn } from "../../../extension/core/language/dataset/fixes";
import type { PromptModel } from "../../../extension/core/model/promptModel";
import { promptModel } from "../../support/promptModel";

const contextOf = (counter: PromptModel, maxLength?: number): FixContext => ({ fields: DEFAULT_FIELDS, counter, maxLength, expectedFormat: undefined, severities: {} });

function fixes(text: string, context: FixContext): readonly string[] {
  return fixesIn(text, { start: 0, end: text.length }, context).map(({ rule, id, edits }) => `${rule} ${id}: ${edits === "delete row" ? "" : applyEdits(text, edits)}`);
}

let own: PromptModel;
before(async () => {
  own = await promptModel();
});

void describe("fixes that a model is needed for", () => {
  void it("remove a BOS token that the template adds too", () => {
    const row = `{"messages":[{"role":"user","content":"<|begin|>Hi"},{"role":"assistant","content":"x"}]}`;
    assert.equal(fixes(row, contextOf(own))[0], `tokens/double-bos remove-bos: ${row.replace("<|begin|>", "")}`);
    assert.deepEqual(fixes(row.replace("<|begin|>Hi", "say <|begin|>"), contextOf(own)), []);
  });

  void it("write the arguments of calls as the template wants them", async () => {
    const model = await promptModel("{% for m in messages %}{{ m.role }}{{ m.content }}{% for c in m.tool_calls or [] %}{% for k, v in c.function.arguments.items() %}{{ k }}={{ v }}{% endfor %}{% endfor %}{% endfor %}");
    const rowWith = (args: string): string =>
      `{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":${args}}}]},{"role":"tool","content":"r"},{"role":"assistant","content":"a"}]}`;
    assert.equal(fixes(rowWith(`"{\\"a\\": 1}"`), contextOf(model))[0], `template/refused arguments-object: ${rowWith(`{"a": 1}`)}`);
  });

  void it("put the system text into the first user turn where there is no system role", async () => {
    const model = await promptModel("{% if messages[0].role == 'system' %}{{ raise_exception('no system role') }}{% endif %}{% for m in messages %}{{ m.role }}{{ m.content }}{% endfor %}");
    const row = `{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}`;
    const after = `{"messages":[{"role":"user","content":"Be brief.\\n\\nq"},{"role":"assistant","content":"a"}]}`;
    assert.ok(fixes(row, contextOf(model)).includes(`template/refused fold-system: ${after}`), fixes(row, contextOf(model)).join("\n"));
  });

  void it("leave out as many exchanges as a limit takes", () => {
    const exchange = `{"role":"user","content":"one two three"},{"role":"assistant","content":"four five six"}`;
    const rowOf = (count: number): string => `{"messages":[${Array.from({ length: count }, () => exchange).join(",")}]}`;
    const limit = own.tokenizer.count("<|begin|>" + "<|user|>one two three<|end|><|assistant|>four five six<|end|>".repeat(2), { specialTokens: false });
    assert.equal(fixes(rowOf(4), contextOf(own, limit))[0], `tokens/over-length remove-exchanges: ${rowOf(2)}`);
  });
});
