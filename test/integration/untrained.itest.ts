import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { afterEach, describe, it } from "mocha";
import * as vscode from "vscode";
import type { JsonObject } from "../../extension/core/dataset/conversation";
import { openTokenizer } from "../../extension/core/tokenizer/open";
import { LLAMA3_NEAR_ZERO, writeLlama3 } from "../support/weights/llama3";
import { plantedConversations, plantedRow } from "../support/weights/plantedRows";
import { until } from "../support/wait";
import { diagnosticsOf, reset, seen, show, useOwnModel, workspaceRoot, writeDataset } from "./workspace";

const RESERVED = "<|reserved_2|>";

/** Where the template's tokens are told of: once, at the key of the first row's conversation. */
const HEADER = [128_006, 128_007, 128_009].map(() => "tokens/untrained 1:2-1:12 Error");

describe("untrained tokens", () => {
  afterEach(reset);

  it("of Llama 3's base model are underlined at exactly the places where they stand", async function () {
    // The tokenizer is compiled, and every token encoded.
    this.timeout(240_000);
    const model = path.join(workspaceRoot(), "models", "Meta-Llama-3-8B");
    writeLlama3(model);
    const parsed = JSON.parse(readFileSync(path.join(model, "tokenizer.json"), "utf8")) as JsonObject;
    const { tokenizer } = openTokenizer(parsed, {}, (bytes) => new ArrayBuffer(bytes));
    const rows = plantedConversations((id) => tokenizer.decode([id])).map((messages, i) => plantedRow(messages, i % 2 === 0 ? "least" : "everything"));
    const settings = vscode.workspace.getConfiguration("tunesmith");
    await settings.update("rules", { "tokens/under-trained": "off" }, vscode.ConfigurationTarget.Workspace);
    await settings.update("models", { "**": "models/Meta-Llama-3-8B" }, vscode.ConfigurationTarget.Workspace);

    const uri = writeDataset(`${rows.map(({ line }) => line).join("\n")}\n`);
    await show(uri);
    const expected = rows.flatMap(({ places }, row) =>
      places.map(({ id, start, end }) => `tokens/${LLAMA3_NEAR_ZERO.includes(id) ? "near-untrained" : "untrained"} ${row + 1}:${start}-${row + 1}:${end} ${LLAMA3_NEAR_ZERO.includes(id) ? "Warning" : "Error"}`),
    );
    await until("all tokens", () => Promise.resolve(seen(uri)), (all) => all.length >= HEADER.length + expected.length, 200_000);
    assert.deepEqual([...seen(uri)].sort(), [...HEADER, ...expected].sort());
    const template = vscode.languages.getDiagnostics(uri).find(({ range }) => range.start.character === 1);
    assert.match(template?.message ?? "", /chat template writes it/);
    assert.match(template?.relatedInformation?.[0]?.location.uri.path ?? "", /tokenizer_config\.json$/);
  });

  it("can be removed or written otherwise, and their training be configured", async function () {
    this.timeout(120_000);
    await useOwnModel();
    const content = `{"messages":[{"role":"user","content":"Hello ${RESERVED}!"},{"role":"assistant","content":"Hi"}]}`;
    const uri = writeDataset(content);
    const document = await show(uri);
    const start = content.indexOf(RESERVED) + 1;
    const at = `tokens/untrained 1:${start}-1:${start + RESERVED.length} Error`;
    await diagnosticsOf(uri, (all) => all.includes(at));
    const { range } = vscode.languages.getDiagnostics(uri).find(({ severity }) => severity === vscode.DiagnosticSeverity.Error)!;
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>("vscode.executeCodeActionProvider", uri, range);
    const titled = (title: string): vscode.CodeAction => actions.find((each) => each.title === title) ?? assert.fail(`${title} is not among ${actions.map((each) => each.title).join("; ")}`);
    assert.deepEqual(titled("Copy a configuration that trains embed_tokens and lm_head…").command?.arguments, [{ ids: [2040], tied: false }]);
    assert.ok(titled("Write it as plain text: <| reserved_2|>").edit !== undefined);
    assert.ok(await vscode.workspace.applyEdit(titled(`Remove ${RESERVED}`).edit!));
    assert.equal(document.getText(), content.replace(RESERVED, ""));
    await diagnosticsOf(uri, (all) => !all.some((each) => each.startsWith("tokens/untrained")));
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), content);
    await diagnosticsOf(uri, (all) => all.includes(at));
  });
});
