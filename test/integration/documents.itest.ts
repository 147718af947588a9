import * as assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { afterEach, describe, it } from "mocha";
import * as vscode from "vscode";
import { broken, diagnosticsOf, replaceLine, reset, show, sound, writeDataset, writeFile, wrongRole } from "./workspace";

const roleStart = wrongRole.indexOf(`"usr"`) + 1;
const roleAt = (line: number, severity = "Error"): string => `role/unknown ${line}:${roleStart}-${line}:${roleStart + 5} ${severity}`;
const some = (diagnostics: readonly string[]): boolean => diagnostics.length > 0;
const none = (diagnostics: readonly string[]): boolean => diagnostics.length === 0;

describe("an open dataset", () => {
  afterEach(reset);

  it("has its faults underlined where they are", async () => {
    const uri = writeDataset(`${sound}\n\n${wrongRole}\r\n${broken}\n`);
    await show(uri);
    const diagnostics = await diagnosticsOf(uri, (all) => all.length >= 2);
    assert.equal(diagnostics[0], roleAt(3));
    assert.match(diagnostics[1] ?? "", /^json\/syntax 4:/);
    assert.equal(diagnostics.length, 2);
  });

  it("has codes that lead to a page about the rule", async () => {
    const uri = writeDataset(wrongRole);
    await show(uri);
    await diagnosticsOf(uri, some);
    const [diagnostic] = vscode.languages.getDiagnostics(uri);
    const code = diagnostic?.code as { readonly value: string; readonly target: vscode.Uri };
    assert.equal(code.value, "role/unknown");
    assert.ok(existsSync(code.target.fsPath), code.target.fsPath);
    const page = await vscode.workspace.openTextDocument(code.target.with({ fragment: "" }));
    assert.match(page.lineAt(Number(code.target.fragment.slice(1)) - 1).text, /role\/unknown/);
  });

  it("keeps the other findings in an edit, and moves them with their rows", async () => {
    const uri = writeDataset([wrongRole, wrongRole, wrongRole].join("\n"));
    const document = await show(uri);
    await diagnosticsOf(uri, (all) => all.length === 3);
    await replaceLine(document, 2, sound);
    assert.deepEqual(await diagnosticsOf(uri, (all) => all.length === 2), [roleAt(1), roleAt(3)]);
    await replaceLine(document, 2, `${sound}\n${sound}`);
    assert.deepEqual(await diagnosticsOf(uri, (all) => all.includes(roleAt(4))), [roleAt(1), roleAt(4)]);
    await vscode.commands.executeCommand("undo");
    assert.deepEqual(await diagnosticsOf(uri, (all) => all.includes(roleAt(3))), [roleAt(1), roleAt(3)]);
  });

  it("follows every one of many quick edits", async () => {
    const uri = writeDataset(`${wrongRole}\n${sound}\n`);
    const document = await show(uri);
    await diagnosticsOf(uri, some);
    for (let i = 0; i < 30; i++) await replaceLine(document, 1, `${sound}\n${wrongRole}`);
    assert.deepEqual(await diagnosticsOf(uri, (all) => all.length === 30), Array.from({ length: 30 }, (_, i) => roleAt(i + 2)));
  });

  it("is forgotten when it is closed", async () => {
    const uri = writeDataset(wrongRole);
    await show(uri);
    await diagnosticsOf(uri, some);
    await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
    await diagnosticsOf(uri, none);
  });

  it("is checked from when its language is JSON Lines, and until it is another", async () => {
    const uri = writeFile("data/notes.txt", wrongRole);
    const document = await show(uri);
    await vscode.languages.setTextDocumentLanguage(document, "jsonl");
    assert.deepEqual(await diagnosticsOf(uri, some), [roleAt(1)]);
    await vscode.languages.setTextDocumentLanguage(document, "plaintext");
    await diagnosticsOf(uri, none);
  });

  it("is checked without a file", async () => {
    const document = await vscode.workspace.openTextDocument({ language: "jsonl", content: wrongRole });
    await vscode.window.showTextDocument(document);
    assert.deepEqual(await diagnosticsOf(document.uri, some), [roleAt(1)]);
  });

  it("has the severities of the settings", async () => {
    const uri = writeDataset(`${wrongRole}\n${broken}`);
    await show(uri);
    await diagnosticsOf(uri, (all) => all.length === 2);
    const settings = vscode.workspace.getConfiguration("tunesmith");
    await settings.update("rules", { "role/unknown": "info", "json/syntax": "off" }, vscode.ConfigurationTarget.Workspace);
    assert.deepEqual(await diagnosticsOf(uri, (all) => all.length === 1), [roleAt(1, "Information")]);
    await settings.update("check.enabled", false, vscode.ConfigurationTarget.Workspace);
    await diagnosticsOf(uri, none);
    await settings.update("check.enabled", true, vscode.ConfigurationTarget.Workspace);
    assert.deepEqual(await diagnosticsOf(uri, some), [roleAt(1, "Information")]);
  });

  it("knows the columns that the settings name", async () => {
    const uri = writeDataset(sound.replace("messages", "dialogue"));
    await show(uri);
    assert.match((await diagnosticsOf(uri, some))[0] ?? "", /^format\/unknown 1:1-/);
    const settings = vscode.workspace.getConfiguration("tunesmith");
    await settings.update("fields", { messages: "dialogue" }, vscode.ConfigurationTarget.Workspace);
    await diagnosticsOf(uri, none);
  });

  it("may be anything", async () => {
    const garbage = `{"messages": "${"\\u0000\u{1F600}]}[{,:".repeat(60_000)}`;
    const uri = writeDataset(`${garbage}\n${"[".repeat(100_000)}\n\u0000\n${wrongRole}\n`);
    const document = await show(uri);
    const diagnostics = await diagnosticsOf(uri, (all) => all.includes(roleAt(4)));
    for (const line of [1, 2, 3]) assert.ok(diagnostics.some((each) => each.startsWith(`json/syntax ${line}:`)), diagnostics.join("\n").slice(0, 2000));
    await replaceLine(document, 4, sound);
    await diagnosticsOf(uri, (all) => all.length > 0 && !all.includes(roleAt(4)));
  });

  it("shows 1000 findings at most", async () => {
    const uri = writeDataset(Array.from({ length: 1200 }, () => wrongRole).join("\n"));
    await show(uri);
    const diagnostics = await diagnosticsOf(uri, (all) => all.length >= 1000);
    assert.deepEqual([diagnostics.length, diagnostics[999]], [1000, roleAt(1000)]);
  });

  it("may be large: an edit of one row is answered with that row's findings", async () => {
    const long = sound.replace("Hello", "Hello ".repeat(70));
    const uri = writeDataset(`${Array.from({ length: 20_000 }, (_, i) => (i === 19_000 ? wrongRole : long)).join("\n")}\n`);
    const document = await show(uri);
    await diagnosticsOf(uri, some);
    await replaceLine(document, 10, wrongRole);
    assert.deepEqual(await diagnosticsOf(uri, (all) => all.length === 2), [roleAt(10), roleAt(19_001)]);
  });
});
