import * as assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import * as vscode from "vscode";
import { until } from "../support/wait";

/** The model of the playground is offered to VS Code's chat and to other extensions. */
describe("the chat provider", () => {
  const models = async (): Promise<readonly vscode.LanguageModelChat[]> => await vscode.lm.selectChatModels({ vendor: "tunesmith" });

  before(function () {
    if (typeof (vscode.lm as { readonly registerLanguageModelChatProvider?: unknown }).registerLanguageModelChatProvider === "function") return;
    console.log(`skipped the chat provider: VS Code ${vscode.version} has no API for it.`);
    this.skip();
  });

  it("offers the model that comes with the extension, which answers", async function () {
    this.timeout(120_000);
    await vscode.extensions.getExtension("tunesmith.tunesmith")?.activate();
    const [model] = await until("the model", models, (all) => all.length > 0);
    assert.equal(model?.name, "Tunesmith Tiny");
    const response = await model.sendRequest([vscode.LanguageModelChatMessage.User("What is 12 + 30?")], { modelOptions: { temperature: 0 } });
    let text = "";
    for await (const piece of response.text) text += piece;
    assert.equal(text, "12 + 30 = 42.");
    assert.equal(await model.countTokens("12 + 30"), 6);
  });

  it("stops when it is cancelled", async function () {
    this.timeout(60_000);
    const [model] = await until("the model", models, (all) => all.length > 0);
    assert.ok(model !== undefined);
    const source = new vscode.CancellationTokenSource();
    const response = await model.sendRequest([vscode.LanguageModelChatMessage.User("What is 12 + 30?")], { modelOptions: { temperature: 5, max_tokens: 400 } }, source.token);
    let pieces = 0;
    const read = async (): Promise<void> => {
      for await (const piece of response.text) {
        pieces += piece.length;
        source.cancel();
      }
    };
    await read().catch(() => undefined);
    assert.ok(pieces > 0 && pieces < 2000, String(pieces));
  });
});
