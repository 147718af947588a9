import * as assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "mocha";
import * as vscode from "vscode";
import { until } from "../support/wait";
import { reset, seen, show, useOwnModel, workspaceRoot, writeDataset } from "./workspace";

const RESERVED = "<|reserved_2|>";
const row = `{"messages":[{"role":"user","content":"Hello ${RESERVED}!"},{"role":"assistant","content":"Hi"}]}`;
const LORA = "base_model: x/y\nadapter: lora\n";

/** The finding of the only untrained token. */
function untrained(uri: vscode.Uri): vscode.Diagnostic | undefined {
  return vscode.languages.getDiagnostics(uri).find(({ code }) => typeof code === "object" && code.value === "tokens/untrained");
}

async function severityIs(uri: vscode.Uri, severity: vscode.DiagnosticSeverity): Promise<vscode.Diagnostic> {
  return (await until(`${vscode.DiagnosticSeverity[severity]} of ${uri.path}`, () => Promise.resolve(untrained(uri)), (found) => found?.severity === severity, 60_000))!;
}

/** What the hover over the token says. */
async function hoverText(uri: vscode.Uri): Promise<string> {
  const at = new vscode.Position(0, row.indexOf(RESERVED) + 3);
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>("vscode.executeHoverProvider", uri, at);
  return hovers.flatMap(({ contents }) => contents.map((content) => (content as vscode.MarkdownString).value)).join("\n");
}

const written = new Set<vscode.Uri>();

/** Writes a configuration through the editor: VS Code tells of what others write when it likes. */
async function writeConfig(name: string, text: string): Promise<vscode.Uri> {
  const uri = vscode.Uri.file(`${workspaceRoot()}/configs/${name}`);
  const edit = new vscode.WorkspaceEdit();
  edit.createFile(uri, { overwrite: true, contents: new TextEncoder().encode(text) });
  assert.ok(await vscode.workspace.applyEdit(edit));
  written.add(uri);
  return uri;
}

async function removeConfig(uri: vscode.Uri): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.deleteFile(uri, { ignoreIfNotExists: true });
  assert.ok(await vscode.workspace.applyEdit(edit));
}

describe("untrained tokens and the workspace's training configurations", () => {
  beforeEach(useOwnModel);
  afterEach(async () => {
    for (const uri of written) await removeConfig(uri);
    written.clear();
    await reset();
  });

  it("are judged anew whenever a configuration comes, changes and goes", async function () {
    this.timeout(240_000);
    const uri = writeDataset(row);
    await show(uri);
    const alone = await severityIs(uri, vscode.DiagnosticSeverity.Error);
    assert.match(alone.message, /or train embed_tokens and lm_head as well\.$/);
    assert.deepEqual(alone.relatedInformation ?? [], []);

    const config = await writeConfig("lora.yaml", LORA);
    const frozen = await until("the configuration", () => Promise.resolve(untrained(uri)), (found) => found?.message.includes("lora.yaml") === true, 60_000);
    assert.equal(frozen!.severity, vscode.DiagnosticSeverity.Error);
    assert.match(frozen!.message, /configs\/lora\.yaml does not train embed_tokens and lm_head \(Axolotl\), so use the instruct version/);
    assert.match(await hoverText(uri), /\*\*zero\*\*.*configs\/lora\\?\.yaml does not train/);

    await writeConfig("lora.yaml", `# with embeddings\n${LORA}lora_modules_to_save:\n  - embed_tokens\n  - lm_head\n`);
    const trained = await severityIs(uri, vscode.DiagnosticSeverity.Information);
    assert.match(trained.message, /configs\/lora\.yaml trains embed_tokens and lm_head \(Axolotl\), so that its rows are learnt\.$/);
    const [related] = trained.relatedInformation ?? [];
    assert.equal(related?.location.uri.fsPath, config.fsPath);
    assert.equal(related.location.range.start.line, 3, "where the modules are listed");

    await removeConfig(config);
    assert.match((await severityIs(uri, vscode.DiagnosticSeverity.Error)).message, /as well\.$/);
  });

  it("count for datasets that are checked without being opened", async function () {
    this.timeout(120_000);
    await writeConfig("train.py", 'model = FastLanguageModel.get_peft_model(model, target_modules=["embed_tokens", "lm_head"])\n');
    const uri = writeDataset(row);
    const checked = async (): Promise<readonly string[]> => {
      await vscode.commands.executeCommand("tunesmith.checkDataset", uri);
      return seen(uri);
    };
    await until("the configuration to count", checked, (all) => all.some((each) => /^tokens\/untrained .* Information$/.test(each)), 60_000);
  });
});
