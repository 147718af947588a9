import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, describe, it } from "mocha";
import * as vscode from "vscode";
import { until } from "../support/wait";
import { diagnosticsOf, reset, show, sound, writeDataset, wrongRole } from "./workspace";

const odd = `{ "messages" : [{"role":"user","content":"caf\\u00e9"},  {"role":"assistant","content":"b"}], "n": 1.50 }`;

/** Opens the row at a line (1-based) as its own document. */
async function openRow(source: vscode.TextDocument, line: number): Promise<vscode.TextDocument> {
  const open = async (): Promise<vscode.TextDocument | undefined> => {
    await vscode.commands.executeCommand("tunesmith.openRow", source.uri, line - 1);
    const document = vscode.window.activeTextEditor?.document;
    return document?.uri.scheme === "tunesmith-row" ? document : undefined;
  };
  return (await until("the row's document", open, (document) => document !== undefined))!;
}

async function replace(document: vscode.TextDocument, from: string, to: string): Promise<void> {
  const start = document.positionAt(document.getText().indexOf(from));
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(start, start.translate(0, from.length)), to);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

async function insertLine(document: vscode.TextDocument, line: number, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, new vscode.Position(line - 1, 0), `${text}\n`);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

describe("a row as a document of its own", function () {
  // Each saves documents, which takes seconds where the machine is busy.
  this.timeout(120_000);

  afterEach(async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await reset();
  });

  it("is spread out, and saved back into its line", async () => {
    const uri = writeDataset(`${sound}\n${odd}\n${sound}\n`);
    const source = await show(uri);
    const row = await openRow(source, 2);
    assert.match(row.getText(), /^\{\n {2}"messages": \[\n {4}\{\n {6}"role": "user",\n {6}"content": "caf\\u00e9"/);
    const outline = (): Thenable<vscode.DocumentSymbol[] | undefined> => vscode.commands.executeCommand("vscode.executeDocumentSymbolProvider", row.uri);
    const symbols = await until("the outline", async () => (await outline())?.map(({ name, children }) => [name, ...children.map((turn) => turn.name)]), (found) => (found?.length ?? 0) > 0);
    assert.deepEqual(symbols, [["Row 2", "user", "assistant"]]);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>("vscode.executeHoverProvider", row.uri, row.positionAt(row.getText().indexOf("caf")));
    assert.match((hovers[0]?.contents[0] as vscode.MarkdownString).value, /\*\*user\*\*, turn 1 of 2 · row 2/);
    await replace(row, `"b"`, `"better"`);
    assert.ok(await row.save());
    const changed = `${sound}\n${odd.replace(`"b"`, `"better"`)}\n${sound}\n`;
    assert.equal(source.getText(), changed);
    // A dataset without other changes is saved with it.
    assert.equal(readFileSync(uri.fsPath, "utf8"), changed);
    await show(uri);
    await vscode.commands.executeCommand("undo");
    assert.equal(source.getText(), `${sound}\n${odd}\n${sound}\n`);
    await vscode.workspace.save(uri);
  });

  it("is saved where its line is by then", async () => {
    const uri = writeDataset(`${odd}\n${sound}\n`);
    const source = await show(uri);
    const row = await openRow(source, 1);
    await replace(row, `"b"`, `"better"`);
    await insertLine(source, 1, sound);
    await insertLine(source, 1, wrongRole);
    assert.ok(await row.save());
    assert.equal(source.getText(), `${wrongRole}\n${sound}\n${odd.replace(`"b"`, `"better"`)}\n${sound}\n`);
    assert.ok(source.isDirty, "other changes of the dataset are not saved unasked");
    await vscode.workspace.save(uri);
  });

  it("follows its dataset as long as it is not edited", async () => {
    const uri = writeDataset(`${odd}\n`);
    const source = await show(uri);
    const row = await openRow(source, 1);
    await replace(source, `"b"`, `"elsewhere"`);
    await until("the row to follow", () => Promise.resolve(row.getText()), (text) => text.includes(`"elsewhere"`));
    await vscode.workspace.save(uri);
  });

  it("is not written over what was changed in the dataset", async () => {
    const uri = writeDataset(`${odd}\n`);
    const source = await show(uri);
    const row = await openRow(source, 1);
    await replace(row, `"b"`, `"mine"`);
    const theirs = odd.replace(`"b"`, `"theirs"`);
    await replace(source, `"b"`, `"theirs"`);
    assert.equal(await row.save(), false);
    assert.equal(source.getText(), `${theirs}\n`);
    assert.match(row.getText(), /"mine"/);
    // Both can be compared.
    const side = await vscode.workspace.openTextDocument(row.uri.with({ scheme: "tunesmith-row-source" }));
    assert.match(side.getText(), /"theirs"/);
    await vscode.window.showTextDocument(row);
    await vscode.commands.executeCommand("workbench.action.files.revert");
    await vscode.workspace.save(uri);
  });

  it("is not saved while it is no JSON", async () => {
    const uri = writeDataset(`${odd}\n`);
    const source = await show(uri);
    const row = await openRow(source, 1);
    await replace(row, `"b"`, `"b`);
    assert.equal(await row.save(), false);
    assert.equal(source.getText(), `${odd}\n`);
    await vscode.window.showTextDocument(row);
    await vscode.commands.executeCommand("workbench.action.files.revert");
  });

  it("has every language feature, and leads back", async () => {
    const uri = writeDataset(`${sound}\n${wrongRole}\n`);
    const source = await show(uri);
    const row = await openRow(source, 2);
    const found = await diagnosticsOf(row.uri, (all) => all.length > 0);
    assert.match(found[0] ?? "", /^role\/unknown 4:/);
    await vscode.commands.executeCommand("tunesmith.revealRow", row.uri);
    assert.equal(vscode.window.activeTextEditor?.document.uri.toString(), uri.toString());
    assert.equal(vscode.window.activeTextEditor.selection.active.line, 1);
  });
});
