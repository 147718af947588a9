import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_FIELDS, fieldsFrom } from "../../../extension/core/dataset/fields";
import { completionsAt } from "../../../extension/core/language/dataset/completion";
import { rowSymbol } from "../../../extension/core/language/dataset/symbols";
import { marked } from "./marked";

function labels(row: string, fields = DEFAULT_FIELDS, expected?: Parameters<typeof completionsAt>[3]): string {
  const { text, offset } = marked(row);
  return completionsAt(text, offset, fields, expected).map(({ label }) => label).join(" ");
}

/** The row after the first completion is taken, stops for the cursor left out. */
function taken(row: string): string {
  const { text, offset } = marked(row);
  const entry = completionsAt(text, offset, DEFAULT_FIELDS, undefined)[0]!;
  const inserted = entry.snippet.replaceAll(/\$\d/g, "").replaceAll("\\}", "}");
  return text.slice(0, entry.replace.start) + inserted + text.slice(entry.replace.end);
}

void describe("completion in a dataset", () => {
  const cases: readonly (readonly [row: string, labels: string | RegExp])[] = [
    [`{"messages":[{"role":"$0"}]}`, "system developer user assistant tool"],
    [`{"messages":[{"role":"user","content":"a"},{"role":"$0"}]}`, "assistant system developer user tool"],
    [`{"messages":[{"role":"user","content":"a"},{"role":$0}]}`, /^assistant /],
    [`{"conversations":[{"from":"human","value":"a"},{"from":"g$0"}]}`, /^gpt system human/],
    [`{"messages":[{"$0"}]}`, "role content tool_calls tool_call_id name reasoning_content weight"],
    [`{"messages":[{"role":"user",$0}]}`, "content tool_calls tool_call_id name reasoning_content weight"],
    [`{"messages":[{"role":"user","content":"a"},$0]}`, /^assistant /],
    [`{"conversations":[{$0}]}`, "from value"],
    [`{"conversations":[{"role":"user","content":"a"},{$0}]}`, /^role content/],
    [`{"messages":[{"role":"assistant","tool_calls":[{$0}]}]}`, "id type function"],
    [`{"messages":[{"role":"assistant","tool_calls":[{"function":{"$0"}}]}]}`, "name arguments"],
    [`{"messages":[{"role":"user","content":[{"type":"$0"}]}]}`, "text image_url image input_audio video"],
    [`{"messages":[{"role":"user","content":[{$0`, "type text image_url"],
    [`{"messages":[{"role":"user","content":"no role $0 here"}]}`, ""],
    [`{"id":$0}`, ""],
    [`{}$0`, ""],
  ];
  for (const [row, expected] of cases) {
    void it(row, () => {
      if (typeof expected === "string") assert.equal(labels(row), expected);
      else assert.match(labels(row), expected);
    });
  }

  void it("knows the columns of the file's format, by the names that the settings give them", () => {
    assert.equal(labels(`{$0}`, DEFAULT_FIELDS, "alpaca"), "instruction input output system history");
    assert.equal(labels(`{$0}`, fieldsFrom({ messages: "dialogue" }), "messages"), "dialogue tools");
    assert.match(labels(`{$0}`), /^messages tools conversations/);
  });

  void it("inserts what is not there yet", () => {
    assert.equal(taken(`{"messages": [{"ro$0"}]}`), `{"messages": [{"role": ""}]}`);
    assert.equal(taken(`{"messages": [{"$0": "user"}]}`), `{"messages": [{"role": "user"}]}`);
    assert.equal(taken(`{"messages": [{"role": $0""}]}`), `{"messages": [{"role": "system"}]}`);
    assert.equal(taken(`{"messages": [{"role":$0, "content": ""}]}`), `{"messages": [{"role":"system", "content": ""}]}`);
    assert.equal(taken(`{"messages":[{"role":"user","content":"a"},$0]}`), `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":""}]}`);
  });
});

void describe("the outline of a row", () => {
  const outline = (row: string): string => {
    const { detail, turns } = rowSymbol(row, DEFAULT_FIELDS, true);
    return [detail, ...turns.map(({ name, detail: said, span }) => `${name}: ${said} <${row.slice(span.start, span.start + 12)}`)].join("\n");
  };

  void it("has its turns, where they stand", () => {
    assert.equal(
      outline(`{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Two\\nand two?"},{"role":"assistant","content":"","tool_calls":[{"function":{"name":"add","arguments":{}}}]}]}`),
      `Two and two?\nsystem: Be brief. <{"role":"sys\nuser: Two and two? <{"role":"use\nassistant: add() <{"role":"ass`,
    );
  });

  void it("has the prompt of two answers once", () => {
    assert.equal(outline(`{"prompt":"q","chosen":"good","rejected":"bad"}`), `q\nuser: q <"q","chosen"\nassistant (chosen): good <"good","reje\nassistant (rejected): bad <"bad"}`);
  });

  void it("shows how a row begins that cannot be read", () => {
    assert.equal(outline(`{"messages": [`), `{"messages": [`);
    assert.equal(outline(`{"text":"${"long ".repeat(40)}"}`), `long long long long long long long long long long long long…`);
  });
});
