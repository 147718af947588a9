import * as assert from "node:assert/strict";
import { symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { afterEach, describe, it } from "mocha";
import * as vscode from "vscode";
import { root } from "../support/paths";
import { until } from "../support/wait";
import { diagnosticsOf, reset, seen, show, sound, workspaceRoot, wrongRole, writeDataset, writeFile } from "./workspace";

const some = (diagnostics: readonly string[]): boolean => diagnostics.length > 0;
const none = (diagnostics: readonly string[]): boolean => diagnostics.length === 0;
const ruleOf = (diagnostic: string): string => diagnostic.split(" ")[0] ?? "";

describe("Check All Datasets in the Workspace", () => {
  afterEach(reset);

  it("shows what is wrong with files that are not open", async () => {
    const files = [writeFile("data/train.jsonl", `${sound}\n${wrongRole}\n`), writeFile("data/deep/eval.ndjson", wrongRole)];
    const clean = writeFile("data/clean.jsonl", sound);
    const empty = writeFile("data/empty.jsonl", "");
    const ignored = writeFile("node_modules/x/data.jsonl", wrongRole);
    await vscode.commands.executeCommand("tunesmith.checkWorkspace");
    assert.deepEqual(files.map((file) => seen(file).map(ruleOf)), [["role/unknown"], ["role/unknown"]]);
    assert.deepEqual([...seen(clean), ...seen(ignored)], []);
    assert.deepEqual(seen(empty), ["file/empty 1:1-1:1 Error"]);
  });

  it("lets an open document speak for itself", async () => {
    const file = writeDataset(wrongRole);
    await show(file);
    await diagnosticsOf(file, some);
    await vscode.commands.executeCommand("tunesmith.checkWorkspace");
    assert.equal(seen(file).length, 1);
    await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
    await diagnosticsOf(file, none);
  });

  it("takes back what it found in a file that has changed", async () => {
    const file = writeDataset(wrongRole);
    await vscode.commands.executeCommand("tunesmith.checkWorkspace");
    assert.equal(seen(file).length, 1);
    // The file watcher needs a moment to begin.
    await until("the findings to go", () => {
      writeFileSync(file.fsPath, `${sound}\n`);
      return Promise.resolve(seen(file));
    }, none);
  });
});

describe("Check Dataset", () => {
  afterEach(reset);

  it("checks the file that is selected in the Explorer", async () => {
    const file = writeFile("data/train.jsonl", wrongRole);
    const other = writeFile("data/other.jsonl", wrongRole);
    await vscode.commands.executeCommand("tunesmith.checkDataset", file, [file]);
    assert.deepEqual([seen(file).length, seen(other).length], [1, 0]);
  });

  it("checks the file in the active tab where it is too large for a document", async () => {
    const row = sound.replace("Hello", "Hello ".repeat(2000));
    const rows = Math.ceil((51 * 1024 * 1024) / row.length);
    const file = writeFile("data/large.jsonl", `${Array.from({ length: rows }, () => row).join("\n")}\n${wrongRole}\n`);
    await vscode.commands.executeCommand("vscode.open", file);
    await until("the tab", () => Promise.resolve(vscode.window.tabGroups.activeTabGroup.activeTab?.label), (label) => label === "large.jsonl");
    assert.equal(vscode.workspace.textDocuments.some(({ uri }) => uri.path === file.path), false);
    await vscode.commands.executeCommand("tunesmith.checkDataset");
    assert.deepEqual(seen(file).map(ruleOf), ["role/unknown"]);
    assert.match(seen(file)[0] ?? "", new RegExp(` ${rows + 1}:`));
  });

  it("says so when there is nothing to read on disk", async () => {
    const document = await vscode.workspace.openTextDocument({ language: "jsonl", content: wrongRole });
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand("tunesmith.checkDataset");
  });
});

describe("Select Model", () => {
  afterEach(reset);

  it("binds the model of the workspace, so that tokens are counted", async () => {
    const models = path.join(root, "node_modules", "@lenml", "tokenizer-llama3_1", "models");
    writeFile("models/.keep", "");
    symlinkSync(models, path.join(workspaceRoot(), "models", "llama"));
    const file = writeFile("data/train.jsonl", `${sound}\n${sound.replace("Hello", "Hello ".repeat(100))}\n`);
    await show(file);
    await vscode.workspace.getConfiguration("tunesmith").update("maxLength", 90, vscode.ConfigurationTarget.Workspace);

    const picked = vscode.commands.executeCommand("tunesmith.selectModel");
    await acceptFirstEntry(() => vscode.workspace.getConfiguration("tunesmith", file).inspect("models")?.workspaceValue !== undefined);
    await picked;
    assert.deepEqual(vscode.workspace.getConfiguration("tunesmith", file).get("models"), { "**": "models/llama" });
    const diagnostics = await diagnosticsOf(file, some);
    assert.deepEqual(diagnostics.map((each) => each.replace(/-.*/, "")), ["tokens/over"]);
    assert.match(diagnostics[0] ?? "", /^tokens\/over-length 2:/);

    await vscode.workspace.getConfiguration("tunesmith").update("models", undefined, vscode.ConfigurationTarget.Workspace);
    await diagnosticsOf(file, none);
  });

  it("goes on without a model that cannot be loaded", async () => {
    const file = writeFile("data/train.jsonl", wrongRole);
    await vscode.workspace.getConfiguration("tunesmith").update("models", { "*.jsonl": "models/gone" }, vscode.ConfigurationTarget.Workspace);
    await show(file);
    assert.deepEqual((await diagnosticsOf(file, some)).map(ruleOf), ["role/unknown"]);
  });
});

/** Presses Enter in the quick pick until it has been taken: it needs a moment to open and to list its entries. */
async function acceptFirstEntry(taken: () => boolean): Promise<void> {
  await until("the entry to be taken", async () => {
    await vscode.commands.executeCommand("workbench.action.acceptSelectedQuickOpenItem");
    return taken();
  }, (done) => done);
}
