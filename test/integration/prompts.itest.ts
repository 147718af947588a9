import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { afterEach, describe, it } from "mocha";
import * as vscode from "vscode";
import { root } from "../support/paths";
import { until } from "../support/wait";
import { diagnosticsOf, reset, show, sound, useOwnModel, writeDataset, writeFile } from "./workspace";

const preference = `{"prompt":"Which?","chosen":"This.","rejected":"That one."}`;

async function hoverAt(document: vscode.TextDocument, line: number, text: string, accept: (hover: string) => boolean): Promise<string> {
  const position = new vscode.Position(line - 1, document.lineAt(line - 1).text.indexOf(text));
  return await until(
    "the hover",
    async () => {
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>("vscode.executeHoverProvider", document.uri, position);
      return hovers.flatMap(({ contents }) => (contents as vscode.MarkdownString[]).map(({ value }) => value)).join("\n");
    },
    accept,
  );
}

async function countsOf(document: vscode.TextDocument, accept: (labels: readonly string[]) => boolean): Promise<readonly string[]> {
  const whole = new vscode.Range(0, 0, document.lineCount, 0);
  return await until(
    "the token counts",
    async () => {
      const hints = await vscode.commands.executeCommand<vscode.InlayHint[]>("vscode.executeInlayHintProvider", document.uri, whole);
      return hints.map(({ label, position }) => `${position.line + 1}: ${label as string}`);
    },
    accept,
  );
}

describe("the prompt of a row", () => {
  afterEach(reset);

  it("is shown by the hover, with the token and the row's counts", async () => {
    await useOwnModel();
    const uri = writeDataset(`${sound}\n${preference}\n`);
    const document = await show(uri);
    const hover = await hoverAt(document, 1, "Hello", (text) => text.includes("assistant|&gt;"));
    assert.match(hover, /\*\*assistant\*\*, turn 2 of 2 · row 1 · \d+ tokens, \d+ trained/);
    assert.match(hover, /<code>&lt;\|begin\|&gt;&lt;\|user\|&gt;Hi&lt;\|end\|&gt;&lt;\|assistant\|&gt;<strong><span[^>]*><span[^>]*>\w+</);
    assert.match(hover, /Token `\w+` · id \*\*\d+\*\* · \d bytes? `[0-9A-F ]+` · \*\*trained on\*\*/);
    assert.match(await hoverAt(document, 2, "That", (text) => text !== ""), /\(rejected\)/);
  });

  it("leads to the line of the template that refuses a row", async () => {
    await useOwnModel();
    const uri = writeDataset(`{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},{"role":"system","content":"Late"}]}`);
    await show(uri);
    await diagnosticsOf(uri, (all) => all.some((each) => each.startsWith("template/refused")));
    const refused = vscode.languages.getDiagnostics(uri).find(({ message }) => message.startsWith("The chat template refuses"));
    const { uri: template, range } = refused!.relatedInformation![0]!.location;
    const line = (await vscode.workspace.openTextDocument(template)).lineAt(range.start.line).text;
    assert.match(line.slice(range.start.character), /^raise_exception\('The system message must come first'\)/);
  });

  it("leads to the same line where the template stands in the model's configuration", async () => {
    const own = path.join(root, "extension", "assets", "model");
    const config = JSON.parse(readFileSync(path.join(own, "tokenizer_config.json"), "utf8")) as object;
    const template = readFileSync(path.join(own, "chat_template.jinja"), "utf8");
    writeFile("models/config/tokenizer.json", readFileSync(path.join(own, "tokenizer.json"), "utf8"));
    const file = writeFile("models/config/tokenizer_config.json", JSON.stringify({ ...config, chat_template: template }));
    await vscode.workspace.getConfiguration("tunesmith").update("models", { "**": path.dirname(file.fsPath) }, vscode.ConfigurationTarget.Workspace);
    const uri = writeDataset(`{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},{"role":"system","content":"Late"}]}`);
    await show(uri);
    await diagnosticsOf(uri, (all) => all.some((each) => each.startsWith("template/refused")));
    const refused = vscode.languages.getDiagnostics(uri).find(({ message }) => message.startsWith("The chat template refuses"));
    const { uri: opened, range } = refused!.relatedInformation![0]!.location;
    assert.equal(opened.scheme, "tunesmith-template");
    const line = (await vscode.workspace.openTextDocument(opened)).lineAt(range.start.line).text;
    assert.match(line.slice(range.start.character), /^raise_exception\('The system message must come first'\)/);
  });

  it("asks for a model where there is none", async () => {
    const uri = writeDataset(sound);
    const document = await show(uri);
    assert.match(await hoverAt(document, 1, "Hello", (text) => text !== ""), /\*\*assistant\*\*, turn 2 of 2[^]*command:tunesmith\.selectModel/);
  });

  it("has its tokens counted before the row", async () => {
    await useOwnModel();
    const settings = vscode.workspace.getConfiguration("tunesmith");
    await settings.update("maxLength", 20, vscode.ConfigurationTarget.Workspace);
    const refused = `{"messages":[{"role":"user","content":"Hi"},{"role":"tool","content":"r"},{"role":"assistant","content":"x"}]}`;
    const uri = writeDataset(`${sound}\n${preference}\n${refused}\n${sound.replace("Hello", "Hello ".repeat(40))}\n`);
    const document = await show(uri);
    const counts = await countsOf(document, (labels) => labels.length === 4);
    assert.match(counts[0] ?? "", /^1: \d+ tok$/);
    assert.match(counts[1] ?? "", /^2: \d+ \| \d+ tok$/);
    assert.equal(counts[2], "3: refused");
    assert.match(counts[3] ?? "", /^4: ⚠ \d+ tok$/);
    await settings.update("tokenCounts", false, vscode.ConfigurationTarget.Workspace);
    assert.deepEqual(await countsOf(document, (labels) => labels.length === 0), []);
  });
});
