import * as assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { afterEach, describe, it } from "mocha";
import * as vscode from "vscode";
import type { JsonObject } from "../../extension/core/dataset/conversation";
import { openTokenizer } from "../../extension/core/tokenizer/open";
import { root } from "../support/paths";
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
    const instruct = (await actionsAt(uri, template!.range)).find(({ title }) => title.startsWith("Select the instruct"));
    assert.equal(instruct?.title, "Select the instruct model (Meta-Llama-3-8B-Instruct)…");
    assert.equal(instruct.command?.command, "tunesmith.selectModel");
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
    const actions = await actionsAt(uri, range);
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

  it("can be replaced by one of their kind that is trained", async function () {
    this.timeout(120_000);
    // The embedded model, with the rows of its last token but one copied to those of another reserved token.
    const folder = path.join(workspaceRoot(), "models", "Tiny-Reserved");
    mkdirSync(folder, { recursive: true });
    const own = path.join(root, "extension", "assets", "model");
    for (const name of ["config.json", "tokenizer.json", "tokenizer_config.json"]) copyFileSync(path.join(own, name), path.join(folder, name));
    writeFileSync(path.join(folder, "model.safetensors"), withTrainedRow(readFileSync(path.join(own, "model.safetensors")), 2041, 100));
    await vscode.workspace.getConfiguration("tunesmith").update("models", { "**": "models/Tiny-Reserved" }, vscode.ConfigurationTarget.Workspace);
    const content = `{"text":"Hello ${RESERVED}!"}`;
    const uri = writeDataset(content);
    const document = await show(uri);
    await diagnosticsOf(uri, (all) => all.some((each) => each.startsWith("tokens/untrained")));
    const { range } = vscode.languages.getDiagnostics(uri).find(({ severity }) => severity === vscode.DiagnosticSeverity.Error)!;
    const use = (await actionsAt(uri, range)).find(({ title }) => title === "Use <|reserved_3|> instead");
    assert.ok(use?.edit !== undefined && (await vscode.workspace.applyEdit(use.edit)));
    assert.equal(document.getText(), content.replace(RESERVED, "<|reserved_3|>"));
    await diagnosticsOf(uri, (all) => !all.some((each) => each.startsWith("tokens/untrained")));
  });

  it("have configurations that train them copied, for every trainer", async () => {
    for (const [index, pattern] of [/get_peft_model[^]*"embed_tokens", "lm_head"[^]*embedding_learning_rate = 5e-6/, /LoraConfig[^]*modules_to_save/, /trainable_token_indices=\{"embed_tokens": \[2040\]\}/, /lora_modules_to_save:[^]*fix_untrained_tokens: \[2040\]/, /additional_target: embed_tokens,lm_head/].entries()) {
      await vscode.env.clipboard.writeText("");
      const done = vscode.commands.executeCommand("tunesmith.copyTrainingConfiguration", { ids: [2040], tied: false });
      await pickEntry(index, done);
      assert.match(await vscode.env.clipboard.readText(), pattern);
    }
  });

  it("are what a trainer's message leads to: to the row, and to the token", async function () {
    this.timeout(120_000);
    await useOwnModel();
    const lines = [`{"text":"Hello"}`, `{"text":"Hello ${RESERVED}!"}`];
    const uri = writeDataset(`${lines.join("\n")}\n`);
    await show(uri);
    await diagnosticsOf(uri, (all) => all.some((each) => each.startsWith("tokens/untrained 2:")));
    const message = "Traceback (most recent call last):\nValueError: Unsloth: Untrained tokens in rows [[1]] found.\nThe token ids are [[2040]] and tokens are [<|reserved_2|>].\nThe issue is the embed_tokens & lm_head not trainable, which will cause NaNs.";
    const selected = async (index: number): Promise<string> => {
      await pickEntry(index, vscode.commands.executeCommand("tunesmith.explainTrainingError", message));
      const { document, selection } = vscode.window.activeTextEditor!;
      return document.getText(selection);
    };
    assert.equal(await selected(1), lines[1]);
    assert.equal(await selected(2), RESERVED);
  });
});

async function actionsAt(uri: vscode.Uri, range: vscode.Range): Promise<readonly vscode.CodeAction[]> {
  return await vscode.commands.executeCommand<vscode.CodeAction[]>("vscode.executeCodeActionProvider", uri, range);
}

/** Chooses the entry at `index` of the menu that is being opened; `done` settles when the command has ended. */
async function pickEntry(index: number, done: Thenable<unknown>): Promise<void> {
  let ended = false;
  void done.then(() => (ended = true));
  // What is selected is not told, so the menu is given the time to list its entries.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  for (let i = 0; i < index; i++) await vscode.commands.executeCommand("workbench.action.quickOpenSelectNext");
  await until("the entry to be taken", async () => {
    await vscode.commands.executeCommand("workbench.action.acceptSelectedQuickOpenItem");
    return ended;
  }, (taken) => taken);
  await done;
}

/** Weights in which both rows of a token are those of another. */
function withTrainedRow(weights: Buffer, id: number, from: number): Buffer {
  const start = 8 + Number(weights.readBigUInt64LE(0));
  const header = JSON.parse(weights.toString("utf8", 8, start)) as Readonly<Record<string, { readonly shape: readonly [number, number]; readonly data_offsets: readonly [number, number] }>>;
  for (const name of ["model.embed_tokens.weight", "lm_head.weight"]) {
    const { shape: [rows], data_offsets: [first, end] } = header[name]!;
    const rowBytes = (end - first) / rows;
    weights.copy(weights, start + first + id * rowBytes, start + first + from * rowBytes, start + first + (from + 1) * rowBytes);
  }
  return weights;
}
