import * as assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import * as vscode from "vscode";
import { diagnosticsOf, reset, show, sound, writeDataset, wrongRole } from "./workspace";

const rightRole = wrongRole.replace("usr", "user");
const twoUsers = `{ "messages":[{"role":"user","content":"caf\\u00e9"}, {"role":"user","content":"b"},{"role":"assistant","content":"c"}]}`;
const merged = `{ "messages":[{"role":"user","content":"caf\\u00e9\\n\\nb"}, {"role":"assistant","content":"c"}]}`;
const atLeast =
  (count: number) =>
  (diagnostics: readonly string[]): boolean =>
    diagnostics.length >= count;

/** The actions at the first finding of the line (1-based), their edits made. */
async function actionsAt(document: vscode.TextDocument, line: number, kind?: string): Promise<readonly vscode.CodeAction[]> {
  const { range } = vscode.languages.getDiagnostics(document.uri).find((diagnostic) => diagnostic.range.start.line === line - 1)!;
  return await vscode.commands.executeCommand<vscode.CodeAction[]>("vscode.executeCodeActionProvider", document.uri, range, kind, 100);
}

async function run(actions: readonly vscode.CodeAction[], title: RegExp): Promise<void> {
  const action = actions.find((each) => title.test(each.title));
  assert.ok(action?.edit !== undefined, actions.map((each) => each.title).join("\n"));
  assert.ok(await vscode.workspace.applyEdit(action.edit));
}

describe("quick fixes", () => {
  afterEach(reset);

  it("repair a row, and are undone byte for byte", async () => {
    const content = `${sound}\r\n${twoUsers}\r\n`;
    const uri = writeDataset(content);
    const document = await show(uri);
    await diagnosticsOf(uri, atLeast(1));
    const actions = await actionsAt(document, 2);
    const merge = actions.find(({ title }) => title === "Merge the two user turns");
    assert.equal(merge?.isPreferred, true);
    await run(actions, /^Merge the two user turns$/);
    assert.equal(document.getText(), `${sound}\r\n${merged}\r\n`);
    await diagnosticsOf(uri, (all) => all.length === 0);
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), content);
    assert.equal(document.isDirty, false);
  });

  it("can be made to a whole file", async () => {
    const uri = writeDataset([wrongRole, sound, wrongRole, twoUsers].join("\n"));
    const document = await show(uri);
    await diagnosticsOf(uri, atLeast(3));
    await run(await actionsAt(document, 1), /^Change the role to 'user' – for all/);
    assert.equal(document.getText(), [rightRole, sound, rightRole, twoUsers].join("\n"));
  });

  it("delete rows with their lines", async () => {
    const uri = writeDataset([sound, wrongRole, wrongRole, sound, wrongRole].join("\n"));
    const document = await show(uri);
    await diagnosticsOf(uri, atLeast(3));
    const actions = await actionsAt(document, 5);
    await run(actions, /^Delete this row$/);
    assert.equal(document.getText(), [sound, wrongRole, wrongRole, sound].join("\n"));
    await diagnosticsOf(uri, (all) => all.length === 2);
    const all = (await actionsAt(document, 2)).find(({ title }) => title.startsWith("Delete this row –"));
    // It asks before it deletes rows that are out of sight.
    assert.equal(all?.edit?.entries()[0]?.[1].length, 2);
  });

  it("are made where rows are not lines", async () => {
    const uri = writeDataset(`[\n  ${wrongRole},\n  {\n    "messages": [\n      {"role": "user", "content": "a"},\n      {"role": "user", "content": "b"},\n      {"role": "assistant", "content": "c"}\n    ]\n  }\n]\n`);
    const document = await show(uri);
    await diagnosticsOf(uri, atLeast(2));
    await run(await actionsAt(document, 6), /^Merge/);
    assert.equal(document.getText(), `[\n  ${wrongRole},\n  {\n    "messages": [\n      {"role": "user", "content": "a\\n\\nb"},\n      {"role": "assistant", "content": "c"}\n    ]\n  }\n]\n`);
    await diagnosticsOf(uri, (all) => all.length === 1);
    await run(await actionsAt(document, 2), /^Delete this row$/);
    assert.match(document.getText(), /^\[\n {2}\{\n {4}"messages"/);
  });

  it("are all made by the source action, as far as nothing gets lost", async () => {
    const uri = writeDataset([wrongRole, `${sound},`, twoUsers, `{"messages":[]}`].join("\n"));
    const document = await show(uri);
    await diagnosticsOf(uri, atLeast(4));
    await run(await actionsAt(document, 1, "source.fixAll.tunesmith"), /./);
    assert.equal(document.getText(), [rightRole, sound, merged, `{"messages":[]}`].join("\n"));
  });
});
