import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_FIELDS } from "../../../extension/core/dataset/fields";
import { applyEdits } from "../../../extension/core/jsonl/edits";
import type { FixContext } from "../../../extension/core/language/dataset/fixes";
import { refactoringsIn, refactorRow } from "../../../extension/core/language/dataset/refactorings";
import { marked } from "./marked";

const CONTEXT: FixContext = { fields: DEFAULT_FIELDS, counter: undefined, maxLength: undefined, expectedFormat: undefined, severities: {} };

const callOf = (args: string): string => `{"function":{"name":"f","arguments":${args}}}`;
const rowOf = (...calls: readonly string[]): string =>
  `{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"","tool_calls":[${calls.join(",")}]},{"role":"tool","content":"r"},{"role":"assistant","content":"a"}]}`;

function changesAt(row: string): readonly string[] {
  const { text, offset } = marked(row);
  return refactoringsIn(text, { start: offset, end: offset }, CONTEXT).map(({ id, edits }) => `${id}: ${applyEdits(text, edits)}`);
}

void describe("refactorings of a row", () => {
  void it("write the arguments of the call at the cursor in the other form, their bytes with them", () => {
    assert.deepEqual(changesAt(rowOf(callOf(`"{$0\\"a\\": 1.50, \\"b\\": \\"\\\\u00e9\\"}"`), callOf(`"{}"`))), [
      `arguments-object: ${rowOf(callOf(`{"a": 1.50, "b": "\\u00e9"}`), callOf(`"{}"`))}`,
    ]);
    assert.deepEqual(changesAt(rowOf(callOf(`{"a": $01.50}`))), [`arguments-text: ${rowOf(callOf(`"{\\"a\\": 1.50}"`))}`]);
  });

  void it("are not offered where there is nothing to write otherwise", () => {
    assert.deepEqual(changesAt(rowOf(callOf(`"not$0 json"`))), []);
    assert.deepEqual(changesAt(rowOf(callOf(`{}`)).replace('"q"', '"q$0"')), []);
  });

  void it("are made to all of a row", () => {
    const row = rowOf(callOf(`"{\\"a\\":1}"`), callOf(`{"b":2}`), callOf(`"{}"`));
    const edits = refactorRow(row, "arguments-object", CONTEXT);
    assert.equal(applyEdits(row, edits ?? []), rowOf(callOf(`{"a":1}`), callOf(`{"b":2}`), callOf(`{}`)));
    assert.equal(refactorRow(row, "to-messages", CONTEXT), undefined);
  });

  void it("convert ShareGPT turns", () => {
    assert.deepEqual(changesAt(`{"conversation$0s": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]}`), [
      `to-messages: {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}`,
    ]);
  });
});
