import * as assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import * as vscode from "vscode";
import { until } from "../support/wait";
import { reset, show, sound, writeDataset, writeFile } from "./workspace";

function xrayTabs(): readonly vscode.Tab[] {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith("tunesmith.promptXray"));
}

async function openXray(): Promise<void> {
  await vscode.commands.executeCommand("tunesmith.openPromptXray");
  await until("the panel's tab", () => Promise.resolve(xrayTabs().length), (count) => count > 0);
}

describe("Open Prompt X-ray", () => {
  afterEach(reset);

  it("opens beside the editor, which keeps the focus", async () => {
    const file = writeDataset(sound);
    await show(file);
    await openXray();
    const tab = xrayTabs()[0]!;
    assert.equal(tab.label, "Prompt X-ray");
    assert.notEqual(tab.group.viewColumn, vscode.window.activeTextEditor?.viewColumn);
    assert.equal(vscode.window.activeTextEditor?.document.uri.path, file.path);
  });

  it("opens once, also for templates and without any editor", async () => {
    await openXray();
    await show(writeFile("data/chat.jinja", "{{ messages[0].content }}"));
    await openXray();
    assert.equal(xrayTabs().length, 1);
  });

  it("opens again after it was closed", async () => {
    await openXray();
    await vscode.window.tabGroups.close(xrayTabs());
    assert.equal(xrayTabs().length, 0);
    await openXray();
    assert.equal(xrayTabs().length, 1);
  });

  it("changes no document", async () => {
    const file = writeDataset(sound);
    const document = await show(file);
    await openXray();
    await vscode.commands.executeCommand("cursorRight");
    assert.deepEqual([document.isDirty, document.getText()], [false, sound]);
  });
});
