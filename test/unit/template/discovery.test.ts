import assert from "node:assert/strict";
import { test } from "node:test";
import { TunesmithError } from "../../../extension/base/errors";
import type { JsonObject } from "../../../extension/core/dataset/conversation";
import type { Folder } from "../../../extension/core/io/ports";
import { chooseTemplate, discoverTemplates } from "../../../extension/core/template/discovery";

function folder(files: Readonly<Record<string, string>>): Folder {
  return {
    name: "model",
    read: (file) => Promise.resolve(Object.hasOwn(files, file) ? new TextEncoder().encode(files[file]) : undefined),
    list: (name) => Promise.resolve(Object.keys(files).filter((file) => file.startsWith(`${name}/`)).map((file) => file.slice(name.length + 1))),
  };
}

async function discover(files: Readonly<Record<string, string>>, config: JsonObject = {}): Promise<Record<string, string>> {
  return Object.fromEntries(await discoverTemplates(folder(files), config));
}

test("a text in tokenizer_config.json is the default template", async () => {
  assert.deepEqual(await discover({}, { chat_template: "a" }), { default: "a" });
  assert.deepEqual(await discover({}), {});
});

test("a list in tokenizer_config.json names them", async () => {
  const list = [{ name: "default", template: "a" }, { name: "rag", template: "b" }, "no", { name: 1, template: "c" }];
  assert.deepEqual(await discover({}, { chat_template: list }), { default: "a", rag: "b" });
});

test("files override the configuration", async () => {
  assert.deepEqual(await discover({ "chat_template.jinja": "f" }, { chat_template: "a" }), { default: "f" });
  assert.deepEqual(await discover({ "additional_chat_templates/rag.jinja": "r" }, { chat_template: "a" }), { rag: "r" });
});

test("further templates, in today's folder or the older one", async () => {
  const files = { "chat_template.jinja": "f", "additional_chat_templates/tool_use.jinja": "t", "additional_chat_templates/readme.md": "" };
  assert.deepEqual(await discover(files), { default: "f", tool_use: "t" });
  assert.deepEqual(await discover({ "chat_template.jinja": "f", "chat_templates/x.jinja": "x" }), { default: "f", x: "x" });
  assert.deepEqual(await discover({ "additional_chat_templates/y.jinja": "y", "chat_templates/x.jinja": "x" }), { y: "y" });
});

test("a processor's chat_template.json: alone it counts, beside template files it is an error", async () => {
  assert.deepEqual(await discover({ "chat_template.json": '{"chat_template": "p"}' }), { default: "p" });
  assert.deepEqual(await discover({ "chat_template.json": '{"chat_template": "p"}' }, { chat_template: "a" }), { default: "a" });
  await assert.rejects(discover({ "chat_template.json": "{}", "chat_template.jinja": "f" }), TunesmithError);
});

test("a byte order mark belongs to the template, as it does in Python", async () => {
  assert.deepEqual(await discover({ "chat_template.jinja": "\uFEFFa" }), { default: "\uFEFFa" });
});

test("the choice: the name asked for, tool_use for tools, default, else an error with the names", () => {
  const both = new Map([["default", "d"], ["tool_use", "t"], ["rag", "r"]]);
  assert.equal(chooseTemplate(both, "rag", true), "rag");
  assert.equal(chooseTemplate(both, undefined, true), "tool_use");
  assert.equal(chooseTemplate(both, undefined, false), "default");
  assert.equal(chooseTemplate(new Map(), undefined, true), undefined);
  assert.throws(() => chooseTemplate(new Map([["rag", "r"], ["x", "y"]]), undefined, false), /rag, x/);
  assert.throws(() => chooseTemplate(both, "nosuch", false), /default, tool_use, rag/);
});
