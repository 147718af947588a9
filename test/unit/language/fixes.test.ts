import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_FIELDS } from "../../../extension/core/dataset/fields";
import { applyEdits } from "../../../extension/core/jsonl/edits";
import { type FixContext, fixesIn, fixRow } from "../../../extension/core/language/dataset/fixes";
import { marked } from "./marked";

const CONTEXT: FixContext = { fields: DEFAULT_FIELDS, counter: undefined, maxLength: undefined, expectedFormat: undefined, severities: {} };

/** The fixes at the cursor, as `id: the row after it`. */
function fixesAt(row: string, context: FixContext = CONTEXT): readonly string[] {
  const { text, offset } = marked(row);
  return fixesIn(text, { start: offset, end: offset }, context).map(({ id, edits }) => (edits === "delete row" ? id : `${id}: ${applyEdits(text, edits)}`));
}

/** What the cursor stands in, the fix, and the row after it. Every other byte of the row must be what it was. */
const CASES: readonly (readonly [row: string, id: string, after: string])[] = [
  // Turns: spacing, key order, escapes and other members stay.
  [
    `{ "messages" : [{"role":"user","content":"a\\u00e9"},  {"role":"$0user","content":"b\\n"}, {"role":"assistant","content":"c"}] , "id":1}`,
    "merge-turns",
    `{ "messages" : [{"role":"user","content":"a\\u00e9\\n\\nb\\n"},  {"role":"assistant","content":"c"}] , "id":1}`,
  ],
  [
    `{"messages": [{"content": "a", "role": "user"}, {"content": "b", "role": "$0user"}, {"content": "c", "role": "assistant"}]}`,
    "insert-turn",
    `{"messages": [{"content": "a", "role": "user"}, {"content": "", "role": "assistant"}, {"content": "b", "role": "user"}, {"content": "c", "role": "assistant"}]}`,
  ],
  [
    `{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"},{"role":"$0assistant","content":"","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":{}}}]},{"role":"tool","content":"r"},{"role":"assistant","content":"z"}]}`,
    "merge-turns",
    `{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":{}}}]},{"role":"tool","content":"r"},{"role":"assistant","content":"z"}]}`,
  ],
  [
    `{"conversations":[{"from":"human","value":"a"},{"from":"$0human","value":"b"},{"from":"gpt","value":"c"}]}`,
    "insert-turn",
    `{"conversations":[{"from":"human","value":"a"},{"from":"gpt","value":""},{"from":"human","value":"b"},{"from":"gpt","value":"c"}]}`,
  ],
  [
    `{"messages":[{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"$0user","content":"b"},{"role":"assistant","content":"c"}]}`,
    "merge-turns",
    `{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","content":"c"}]}`,
  ],
  [
    `{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"","tool_calls":[{"id":"c7","function":{"name":"f","arguments":{}}}]},{"role":"$0assistant","content":"a"}]}`,
    "insert-turn",
    `{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"","tool_calls":[{"id":"c7","function":{"name":"f","arguments":{}}}]},{"role":"tool","content":"","tool_call_id":"c7"},{"role":"assistant","content":"a"}]}`,
  ],
  [
    `{"messages": [{"role": "$0assistant", "content": "a"}, {"role": "user", "content": "b"}, {"role": "assistant", "content": "c"}]}`,
    "insert-turn",
    `{"messages": [{"role": "user", "content": ""}, {"role": "assistant", "content": "a"}, {"role": "user", "content": "b"}, {"role": "assistant", "content": "c"}]}`,
  ],
  [
    `{"messages":[{"role":"user","content":"a"},{"role":"$0tool","content":"r"},{"role":"assistant","content":"c"}]}`,
    "remove-turn",
    `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"c"}]}`,
  ],
  [
    `{"messages": [\t{"role":"user","content":"a"},\t{"role":"assistant","content":"b"},\t{"role":"$0system","content":"s"}\t]}`,
    "move-to-beginning",
    `{"messages": [\t{"role":"system","content":"s"},\t{"role":"user","content":"a"},\t{"role":"assistant","content":"b"}\t]}`,
  ],
  [
    `{"messages":[{"role":"system","content":"s"},{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"$0system","content":"t"}]}`,
    "join-system",
    `{"messages":[{"role":"system","content":"s\\n\\nt"},{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}`,
  ],
  [
    `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"} , {"role":"$0user","content":"c"}]}`,
    "drop-last-turn",
    `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}`,
  ],
  [
    `{"messages": [{"role": "$0user", "content": "a"}]}`,
    "insert-answer",
    `{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": ""}]}`,
  ],
  // Roles.
  [`{"messages":[{"role":"$0Human","content":"a"},{"role":"assistant","content":"b"}]}`, "rename", `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}`],
  [`{"messages":[{"role":"$0xyzzy","content":"a"},{"role":"assistant","content":"b"}]}`, "rename-to-user", `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}`],
  [`{"messages":[{"role":"user","content":"a"},{$0"content":"b"}]}`, "set-assistant", `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}`],
  [`{"messages":[{"role":"user","content":"a"},{"role":$0null,"content":"b"}]}`, "set-assistant", `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}`],
  // Contents and other fields.
  [`{"messages":[{"role":"user","content":$042},{"role":"assistant","content":"b"}]}`, "as-text", `{"messages":[{"role":"user","content":"42"},{"role":"assistant","content":"b"}]}`],
  [`{"messages":[{"role":"user","content":["$0a"]},{"role":"assistant","content":"b"}]}`, "as-part", `{"messages":[{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","content":"b"}]}`],
  [`{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":$0null}]}`, "empty-text", `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":""}]}`],
  [
    `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"},{"role":"assistant","content":"$0"}]}`,
    "remove-exchange",
    `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}`,
  ],
  [
    `{"messages": "$0[{\\"role\\": \\"user\\", \\"content\\": \\"a\\"}, {\\"role\\": \\"assistant\\", \\"content\\": \\"b\\"}]"}`,
    "unquote",
    `{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}`,
  ],
  [`{"messages":[{"role":"user","content":"a"},"$0b"]}`, "as-message", `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}`],
  [
    `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"","tool_calls":$0{"function":{"name":"f","arguments":{}}}}]}`,
    "wrap",
    `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{}}}]}]}`,
  ],
  [`$0[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]`, "wrap", `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}`],
  [`{$0"dialogue":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}`, "rename-column", `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}`],
  [`$0{"Prompt":"a","Completion":"b"}`, "respell-columns", `{"prompt":"a","completion":"b"}`],
  // The JSON itself.
  [`{"text": "a",$0}`, "remove-comma", `{"text": "a"}`],
  [`{"text": "a" $0"id": 1}`, "insert-comma", `{"text": "a", "id": 1}`],
  [`{"text": $0'it\\'s "so"'}`, "double-quotes", `{"text": "it's \\"so\\""}`],
  [`{"text": "a", "x": $0None}`, "replace-word", `{"text": "a", "x": null}`],
  [`{"text": "a", "x": $0+.50}`, "replace-number", `{"text": "a", "x": 0.50}`],
  [`{$0text: "a"}`, "quote-key", `{"text": "a"}`],
  [`{"text": "$0\\alpha"}`, "mend-escape", `{"text": "\\\\alpha"}`],
  [`{"text": "a\\$0'b"}`, "mend-escape", `{"text": "a'b"}`],
  [`{"text": "a$0\u0001"}`, "escape-character", `{"text": "a\\u0001"}`],
  [`{"text": "a", "x": [1, {"y": "$0b`, "close", `{"text": "a", "x": [1, {"y": "b"}]}`],
  [`{"text": "a"}$0,`, "remove-separator", `{"text": "a"}`],
  [`{"text": "a"} $0{"text": "b"}`, "split-row", `{"text": "a"}\n{"text": "b"}`],
  [`{"text": "a", "id": 1, $0"id": 2}`, "remove-earlier", `{"text": "a", "id": 2}`],
  [`{"text": "a", "id": 1, $0"id": 2}`, "remove-later", `{"text": "a", "id": 1}`],
  [`{"text": "a$0\\ud83d b"}`, "remove-half", `{"text": "a b"}`],
  [`{"text": "a", "n": $0123456789012345678901234567890}`, "as-text", `{"text": "a", "n": "123456789012345678901234567890"}`],
];

void describe("quick fixes", () => {
  for (const [row, id, after] of CASES) {
    void it(`${id}: ${row.slice(0, 90)}`, () => {
      const fixes = fixesAt(row);
      assert.ok(fixes.includes(`${id}: ${after}`), fixes.join("\n"));
    });
  }

  void it("convert a ShareGPT row among rows of messages, its system text and its calls with it", () => {
    const row = `{"id": 7, "$0conversations": [{"from": "human", "value": "q"}, {"from": "function_call", "value": "{\\"name\\": \\"f\\", \\"arguments\\": {\\"a\\": 1.0}}"}, {"from": "observation", "value": "r"}, {"from": "gpt", "value": "\\u00e9"}], "system": "s"}`;
    const after = `{"id": 7, "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}, {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": {"name": "f", "arguments": {"a": 1.0}}}]}, {"role": "tool", "content": "r"}, {"role": "assistant", "content": "\\u00e9"}]}`;
    assert.equal(fixesAt(row, { ...CONTEXT, expectedFormat: "messages" })[0], `to-messages: ${after}`);
  });

  void it("are not offered where they would bring another error", () => {
    // The second user turn names its speaker, which the first has no place for.
    assert.deepEqual(fixesAt(`{"messages":[{"role":"user","content":"a"},{"role":"$0user","content":"b","name":"Ann"},{"role":"assistant","content":"c"}]}`).map((fix) => fix.split(":")[0]), ["insert-turn", "remove-turn", "delete-row"]);
    // Without its only answer the row would have none.
    assert.deepEqual(fixesAt(`{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"$0 "}]}`), ["delete-row"]);
  });

  void it("of a silenced rule are not offered", () => {
    const row = `{"messages":[{"role":"$0usr","content":"a"},{"role":"assistant","content":"b"}]}`;
    assert.deepEqual(fixesAt(row, { ...CONTEXT, severities: { "role/unknown": "off" } }), []);
  });

  void it("are made to all of a row as far as they are safe", () => {
    const row = `{"messages":[{"role":"User","content":"a"},{"role":"user","content":"b"},{"role":"user","content":"c"},{"role":"asistant","content":"d"},{"role":"user","content":"e"}],}`;
    const edits = fixRow(row, "safe", CONTEXT);
    assert.ok(edits !== undefined && edits !== "delete row");
    assert.equal(applyEdits(row, edits), `{"messages":[{"role":"user","content":"a\\n\\nb\\n\\nc"},{"role":"assistant","content":"d"}]}`);
  });
});
