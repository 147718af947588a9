import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "../../../extension/base/errors";
import { DEFAULT_FIELDS, fieldsFrom } from "../../../extension/core/dataset/fields";
import { detectFormat, readSample } from "../../../extension/core/dataset/formats";

test("a user's column is read, and the usual columns still are", () => {
  const fields = fieldsFrom({ messages: "dialogue", instruction: "task" });
  const messages = [{ role: "user", content: "a" }];
  assert.equal(detectFormat({ dialogue: messages }, fields), "messages");
  assert.equal(detectFormat({ messages }, fields), "messages");
  assert.equal(detectFormat({ task: "a", output: "b" }, fields), "alpaca");
  assert.equal(detectFormat({ dialogue: messages }, DEFAULT_FIELDS), undefined);
});

test("a user's column comes before the usual one", () => {
  const row = { text: "markup", body: "plain" };
  assert.deepEqual(readSample(row, fieldsFrom({ text: "body" }))?.text, { text: "plain", pointer: "/body" });
});

test("pointers escape the column's name", () => {
  const sample = readSample({ "a/b~c": [{ role: "user", content: "x" }] }, fieldsFrom({ messages: "a/b~c" }));
  assert.equal(sample?.conversations[0]?.turns[0]?.contentPointer, "/a~1b~0c/0/content");
});

test("a column may have the name of a built-in", () => {
  const row = JSON.parse('{"__proto__": "hello"}') as Record<string, string>;
  assert.equal(readSample(row, fieldsFrom({ text: "__proto__" }))?.text?.text, "hello");
  assert.equal(detectFormat({}, fieldsFrom({ text: "constructor" })), undefined);
});

test("names that are no fields are refused", () => {
  for (const name of ["mesages", "constructor", "toString", ""]) {
    assert.throws(() => fieldsFrom({ [name]: "x" }), (error) => hasCode(error, "dataset.unknown-field"));
  }
  assert.throws(() => fieldsFrom(JSON.parse('{"__proto__": "x"}') as Record<string, string>), (error) => hasCode(error, "dataset.unknown-field"));
});

test("columns that are no names are refused", () => {
  for (const column of ["", 5, null]) {
    const settings = { messages: column } as Readonly<Record<string, unknown>> as Readonly<Record<string, string>>;
    assert.throws(() => fieldsFrom(settings), (error) => hasCode(error, "dataset.invalid-column"));
  }
});
