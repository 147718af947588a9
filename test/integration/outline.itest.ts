import * as assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import * as vscode from "vscode";
import { until } from "../support/wait";
import { reset, show, sound, writeDataset } from "./workspace";

const pretty = `[\n  {\n    "messages": [\n      {\n        "role": "user",\n        "content": "Hi"\n      },\n      {\n        "role": "assistant",\n        "content": "Hello"\n      }\n    ]\n  }\n]\n`;

async function ask<T>(command: string, accept: (result: readonly T[]) => boolean, ...args: readonly unknown[]): Promise<readonly T[]> {
  return await until(command, async () => (await vscode.commands.executeCommand<T[] | undefined>(command, ...args)) ?? [], accept);
}

describe("the outline of a dataset", () => {
  afterEach(reset);

  it("lists rows and their turns", async () => {
    const uri = writeDataset(`${sound}\n\n${sound.replace("Hi", "Good morning")}\n`);
    await show(uri);
    const rows = await ask<vscode.DocumentSymbol>("vscode.executeDocumentSymbolProvider", (all) => all.length > 0, uri);
    const lines = rows.flatMap(({ name, detail, children }) => [`${name} ${detail}`, ...children.map((turn) => `  ${turn.name} ${turn.detail} ${turn.range.start.character}`)]);
    assert.deepEqual(lines, ["Row 1 Hi", "  user Hi 13", "  assistant Hello 44", "Row 3 Good morning", "  user Good morning 13", "  assistant Hello 54"]);
  });

  it("folds rows and turns that span lines", async () => {
    const uri = writeDataset(pretty);
    await show(uri);
    const folds = await ask<vscode.FoldingRange>("vscode.executeFoldingRangeProvider", (all) => all.length > 3, uri);
    assert.deepEqual(folds.map(({ start, end }) => `${start + 1}-${end + 1}`), ["2-12", "3-11", "4-6", "8-10"]);
  });
});

describe("completion in a dataset", () => {
  afterEach(reset);

  it("offers roles and keys where they belong", async () => {
    const row = `{"messages":[{"role":"user","content":"Hi"},{"role":"","content":"Hello"}]}`;
    const uri = writeDataset(`${sound}\n${row}\n`);
    const document = await show(uri);
    const complete = async (column: number): Promise<readonly string[]> => {
      const read = async (): Promise<readonly string[]> => {
        const list = await vscode.commands.executeCommand<vscode.CompletionList>("vscode.executeCompletionItemProvider", document.uri, new vscode.Position(1, column));
        return list.items.filter(({ detail }) => detail !== undefined).map(({ label }) => (typeof label === "string" ? label : label.label));
      };
      return await until("completions", read, (labels) => labels.length > 0);
    };
    assert.deepEqual((await complete(row.indexOf(`""`) + 1)).slice(0, 2), ["assistant", "system"]);
    assert.deepEqual(await complete(row.indexOf(`"role":""`) + 3), ["role", "tool_calls", "tool_call_id", "name", "reasoning_content", "weight"]);
  });
});

describe("refactorings of a dataset", () => {
  afterEach(reset);

  it("convert the row at the cursor, and all of them", async () => {
    const shareGpt = `{"conversations":[{"from":"human","value":"q"},{"from":"gpt","value":"a"}]}`;
    const messages = `{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}`;
    const uri = writeDataset(`${shareGpt}\n${shareGpt}\n`);
    const document = await show(uri);
    const kind = vscode.CodeActionKind.RefactorRewrite.value;
    const args = [uri, new vscode.Range(1, 20, 1, 20), kind, 10];
    const actions = await ask<vscode.CodeAction>("vscode.executeCodeActionProvider", (all) => all.length === 2, ...args);
    await vscode.workspace.applyEdit(actions[0]!.edit!);
    assert.equal(document.getText(), `${shareGpt}\n${messages}\n`);
    await vscode.commands.executeCommand("undo");
    await vscode.workspace.applyEdit(actions[1]!.edit!);
    assert.equal(document.getText(), `${messages}\n${messages}\n`);
  });
});
