import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseJson } from "../../../extension/core/jsonl/parse";
import { laidOutLike, spreadOut } from "../../../extension/core/jsonl/reformat";
import { fixtureRows, haveFixtures } from "../../support/fixtures";
import { Random } from "../../support/random";

const spreadText = (row: string): string => spreadOut(parseJson(row).tree);
const backInto = (row: string, edited: string): string => laidOutLike(parseJson(row).tree, parseJson(edited).tree);

describe("a row that is spread out", () => {
  const row = `{ "messages" : [{"role":"user","content":"a\\u00e9\\/"},  {"role":"assistant","content":"b"} ],"n":1.50, "empty": [ ]}`;

  it("has a line for each member and element, and its strings and numbers as they were", () => {
    assert.equal(
      spreadText(`{"a": [1.50, "\\u00e9"], "b": {}, "c": null}`),
      `{\n  "a": [\n    1.50,\n    "\\u00e9"\n  ],\n  "b": {},\n  "c": null\n}`,
    );
  });

  const cases: readonly (readonly [name: string, from: string, to: string, after: string])[] = [
    ["a value changes", `"b"`, `"better"`, row.replace(`"b"`, `"better"`)],
    ["a member is added", `"role": "user",`, `"role": "user",\n"weight": 0,`, row.replace(`"role":"user",`, `"role":"user","weight":0,`)],
    ["a member goes", `"n": 1.50,`, ``, row.replace(`"n":1.50, `, ``)],
  ];
  for (const [name, from, to, after] of cases) {
    it(`keeps every other byte when ${name}`, () => {
      const edited = spreadText(row).replace(from, to);
      assert.notEqual(edited, spreadText(row));
      const result = backInto(row, edited);
      assert.deepEqual(JSON.parse(result), JSON.parse(edited));
      assert.ok(result.includes(`"a\\u00e9\\/"`));
      if (name !== "a member goes") assert.equal(result, after);
    });
  }

  it("takes a turn in and lets one go", () => {
    const chat = `{"messages": [{"role":"user", "content":"a"}, {"role":"assistant", "content":"b"}]}`;
    const more = spreadText(chat).replace(/\[\n/, `[\n{ "role": "system", "content": "s" },\n`);
    assert.equal(backInto(chat, more), `{"messages": [{"role": "system", "content": "s"}, {"role":"user", "content":"a"}, {"role":"assistant", "content":"b"}]}`);
    const fewer = JSON.stringify({ messages: [{ role: "assistant", content: "b" }] });
    assert.equal(backInto(chat, fewer), `{"messages": [{"role":"assistant", "content":"b"}]}`);
  });

  it("is the same row again when nothing is changed", { skip: !haveFixtures("rows") && "no reference data" }, () => {
    const rows = fixtureRows().filter((line) => parseJson(line).problems.length === 0);
    const random = new Random(7);
    for (let i = 0; i < 400; i++) {
      const line = random.pick(rows);
      assert.equal(backInto(line, spreadText(line)), line);
      assert.deepEqual(JSON.parse(spreadText(line)), JSON.parse(line));
    }
    assert.equal(backInto(row, spreadText(row)), row);
  });
});
