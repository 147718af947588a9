import * as assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { after, afterEach, describe, it } from "mocha";
import * as vscode from "vscode";
import { until } from "../support/wait";
import { reset, show, workspaceRoot, writeFile } from "./workspace";

const TEMPLATE = "{% for m in messages %}{{ m.content }}\n\"é\" \\ {% endfor %}";
const BEFORE = `\ufeff{"add_bos_token" : true,\t"bos_token":"<s>",\r\n  "big": 1e400,  "chat_template":`;
const AFTER = `  ,\n"x":[ 1.0,2 ],"tail":"\\u00e9"}\n\n`;

let folders = 0;

function config(value: string): vscode.Uri {
  return writeFile(`configs/model-${++folders}/tokenizer_config.json`, `${BEFORE}${value}${AFTER}`);
}

const contentOf = (file: vscode.Uri): string => readFileSync(file.fsPath, "utf8");

/** Opens a template by the command, as the lens above it does. */
async function openTemplate(file: vscode.Uri, pointer = "/chat_template"): Promise<vscode.TextDocument> {
  await vscode.commands.executeCommand("tunesmith.openConfigTemplate", file, pointer);
  await until("the template's editor", () => Promise.resolve(vscode.window.activeTextEditor?.document.uri.scheme), (scheme) => scheme === "tunesmith-template");
  return vscode.window.activeTextEditor!.document;
}

async function replaceAll(document: vscode.TextDocument, from: string, to: string): Promise<void> {
  const at = document.getText().indexOf(from);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(document.positionAt(at), document.positionAt(at + from.length)), to);
  await vscode.workspace.applyEdit(edit);
}

describe("the chat template of a tokenizer_config.json", () => {
  // Between tests they stay: VS Code no longer tells of files in a folder that was deleted and made again.
  after(() => rmSync(path.join(workspaceRoot(), "configs"), { recursive: true, force: true }));
  afterEach(reset);

  it("opens as a template of its own, and saves back into its string and nowhere else", async () => {
    const file = config(JSON.stringify(TEMPLATE));
    const document = await openTemplate(file);
    assert.equal(document.getText(), TEMPLATE);
    assert.equal(document.languageId, "jinja-chat-template");
    await replaceAll(document, "m.content", "m['content'] | trim ~ '\\t'");
    assert.equal(await document.save(), true);
    assert.equal(contentOf(file), `${BEFORE}${JSON.stringify(document.getText())}${AFTER}`);
    await replaceAll(document, "trim", "upper");
    assert.equal(await document.save(), true);
    assert.equal(contentOf(file), `${BEFORE}${JSON.stringify(document.getText())}${AFTER}`);
  });

  it("may be one of a list", async () => {
    const list = (tool: string): string => `[{"name":"default","template":${JSON.stringify(TEMPLATE)}},\n {"template" : ${JSON.stringify(tool)}, "name":"tool_use"}]`;
    const file = config(list("{{ tools }}"));
    const document = await openTemplate(file, "/chat_template/1/template");
    assert.equal(document.getText(), "{{ tools }}");
    await replaceAll(document, "tools", "messages");
    assert.equal(await document.save(), true);
    assert.equal(contentOf(file), `${BEFORE}${list("{{ messages }}")}${AFTER}`);
  });

  it("is put into the file's editor while that has unsaved changes, and can be undone there", async () => {
    const file = config(JSON.stringify(TEMPLATE));
    const source = await show(file);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(file, new vscode.Position(0, 1), " ");
    await vscode.workspace.applyEdit(edit);
    const before = contentOf(file);
    const document = await openTemplate(file);
    await replaceAll(document, "m.content", "m.role");
    assert.equal(await document.save(), true);
    assert.equal(contentOf(file), before);
    assert.ok(source.isDirty && source.getText().includes("m.role") && source.getText().startsWith("{ "));
    await show(file);
    await vscode.commands.executeCommand("undo");
    assert.ok(source.getText().includes("m.content"));
  });

  it("is never written over what changed underneath", async () => {
    const file = config(JSON.stringify(TEMPLATE));
    const document = await openTemplate(file);
    await replaceAll(document, "m.content", "m.role");
    const theirs = `${BEFORE}${JSON.stringify("{{ theirs }}")}${AFTER}`;
    writeFileSync(file.fsPath, theirs);
    assert.equal(await Promise.race([document.save(), new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 3000))]), false);
    assert.equal(contentOf(file), theirs);
    assert.ok(document.getText().includes("m.role"));
    // Other parts of the file may change.
    writeFileSync(file.fsPath, `${BEFORE}${JSON.stringify(TEMPLATE)}${AFTER}  `);
    assert.equal(await document.save(), true);
    assert.equal(contentOf(file), `${BEFORE}${JSON.stringify(document.getText())}${AFTER}  `);
  });

  it("shows up in the file's editor", async () => {
    const file = config(JSON.stringify(TEMPLATE));
    // The template's editor takes the place of a preview.
    const { document: source } = await vscode.window.showTextDocument(file, { preview: false });
    const document = await openTemplate(file);
    await replaceAll(document, "m.content", "m.role");
    assert.equal(await document.save(), true);
    assert.equal(contentOf(file), `${BEFORE}${JSON.stringify(document.getText())}${AFTER}`);
    await until("the editor's text", () => Promise.resolve(source.getText()), (text) => text.includes("m.role"));
    assert.equal(source.isDirty, false);
  });

  it("follows its file while it is not edited", async () => {
    const file = config(JSON.stringify(TEMPLATE));
    const document = await openTemplate(file);
    writeFileSync(file.fsPath, `${BEFORE}${JSON.stringify("{{ new }}")}${AFTER}`);
    await until("the file's new template", () => Promise.resolve(document.getText()), (text) => text === "{{ new }}");
  });

  it("has a lens above each template", async () => {
    const file = config(`[{"name":"default","template":"a"},{"name":"tool_use","template":"b"}]`);
    await show(file);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", file);
    assert.deepEqual(lenses.map(({ command }) => command?.title), ["Open Chat Template", "Open Chat Template 'tool_use'"]);
  });
});
