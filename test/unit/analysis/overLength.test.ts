import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { type CheckContext, checkPlainRow, checkRow } from "../../../extension/core/analysis/checkRow";
import { DEFAULT_FIELDS } from "../../../extension/core/dataset/fields";
import type { PromptModel } from "../../../extension/core/model/promptModel";
import { promptModel } from "../../support/promptModel";

let model: PromptModel;
before(async () => {
  model = await promptModel();
});

/** The characters that the finding of a row underlines, and its pointer. */
function underlined(text: string, maxLength: number, check = checkRow): readonly (readonly [string, string])[] {
  const context: CheckContext = { fields: DEFAULT_FIELDS, counter: model, maxLength, expectedFormat: undefined };
  const findings = check({ text, invalid: [] }, context).findings.filter(({ rule }) => rule.id === "tokens/over-length");
  return findings.map(({ pointer, span }) => [pointer, text.slice(span.start, span.end)]);
}

const count = (text: string): number => model.tokenizer.count(text, { specialTokens: false });

describe("a row that is too long", () => {
  it("is underlined from the first character beyond the limit to the end of its message", () => {
    const row = String.raw`{"messages":[{"role":"user","content":"Is it\nworn? Is it?"},{"role":"assistant","content":"Yes."}]}`;
    const limit = count("<|begin|><|user|>Is it\nworn?");
    assert.deepEqual(underlined(row, limit), [["/messages/0/content", " Is it?"]]);
    assert.deepEqual(underlined(row, count("<|begin|><|user|>Is it")), [["/messages/0/content", String.raw`\nworn? Is it?`]]);
  });

  it("is underlined at the next message where the limit is between two, and at the last one where nothing follows", () => {
    const row = `{"messages":[{"role":"user","content":"Is it worn?"},{"role":"assistant","content":"Yes."}]}`;
    const [between, atEnd] = [count("<|begin|><|user|>Is it worn?"), count("<|begin|><|user|>Is it worn?<|end|><|assistant|>Yes.")];
    assert.deepEqual(underlined(row, between), [["/messages/1/content", "Yes."]]);
    assert.deepEqual(underlined(row, atEnd), [["/messages/1/content", "Yes."]]);
  });

  it("is underlined where each of two conversations crosses the limit", () => {
    const answers = (text: string): string => `[{"role":"assistant","content":"${text}"}]`;
    const row = `{"prompt":[{"role":"user","content":"Which?"}],"chosen":${answers("This one, please.")},"rejected":${answers("That one.")}}`;
    const limit = count("<|begin|><|user|>Which?<|end|><|assistant|>This");
    assert.deepEqual(underlined(row, limit).map(([pointer]) => pointer), ["/chosen/0/content", "/rejected/0/content"]);
  });

  it("that is a text is underlined from the limit to its end", () => {
    const [first, rest] = ["A chain is worn", " at 0.75 % on the gauge."] as const;
    const limit = model.tokenizer.count(first, { specialTokens: true });
    assert.deepEqual(underlined(`{"text":"${first}${rest}"}`, limit), [["/text", rest]]);
    assert.deepEqual(underlined(first + rest, limit, checkPlainRow), [["", rest]]);
  });
});
