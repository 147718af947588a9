import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { configTemplates, replaceTemplate, templateAt } from "../../../../extension/core/language/template/config/configTemplates";
import { applyEdits } from "../../../../extension/core/jsonl/edits";

describe("templates in a JSON file", () => {
  it("are a string, or a list with names", () => {
    assert.deepEqual(configTemplates(`{"a": 1, "chat_template" : "x"}`), [{ name: "default", pointer: "/chat_template", span: { start: 27, end: 30 } }]);
    assert.deepEqual(
      configTemplates(`{"chat_template": [{"name": "rag", "template": "x"}, {"template": "y"}, {"name": "z"}, 5]}`).map(({ name, pointer }) => [name, pointer]),
      [["rag", "/chat_template/0/template"], ["1", "/chat_template/1/template"]],
    );
    for (const text of ["", "[]", "{", `{"chat_template": null}`, `{"chat_template": {"a": "b"}}`, `"chat_template"`]) assert.deepEqual(configTemplates(text), []);
  });

  const CASES: readonly (readonly [name: string, file: string, template: string, expected: string])[] = [
    ["keeps all else", `{ "x":1.0e5,\r\n\t"chat_template":"old" , "y":"\\u00e9é"}\n`, "n\"\\\n\té\u0001", `{ "x":1.0e5,\r\n\t"chat_template":"n\\"\\\\\\n\\té\\u0001" , "y":"\\u00e9é"}\n`],
    ["writes escapes where the file does", `{"chat_template":"old \\u4f60"}`, "größe 😀", `{"chat_template":"gr\\u00f6\\u00dfe \\ud83d\\ude00"}`],
    ["keeps how an unchanged template is written", `{"chat_template":"a\\/\\u0041"}`, "a/A", `{"chat_template":"a\\/\\u0041"}`],
    ["brings no CRLF into a template without", `{"chat_template":"a\\nb"}`, "a\r\nc", `{"chat_template":"a\\nc"}`],
    ["keeps CRLF where there was some", `{"chat_template":"a\\r\\nb"}`, "a\r\nc", `{"chat_template":"a\\r\\nc"}`],
    ["changes the last of two", `{"chat_template":"a","chat_template":"b"}`, "c", `{"chat_template":"a","chat_template":"c"}`],
  ];
  for (const [name, file, template, expected] of CASES) {
    it(`saving ${name}`, () => {
      const edit = replaceTemplate(file, "/chat_template", template);
      assert.ok(edit !== undefined);
      assert.equal(applyEdits(file, [edit]), expected);
      assert.equal(templateAt(expected, "/chat_template"), (JSON.parse(expected) as { chat_template: string }).chat_template);
    });
  }

  it("are not written where they no longer are", () => {
    assert.equal(replaceTemplate(`{"chat_template": [1]}`, "/chat_template/0/template", "x"), undefined);
    assert.equal(replaceTemplate(`{}`, "/chat_template", "x"), undefined);
  });
});
