import * as assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as vscode from "vscode";

const extensionId = "tunesmith.tunesmith";

describe("activation", () => {
  it("has the extension under its published id", () => {
    assert.ok(vscode.extensions.getExtension(extensionId), `${extensionId} is not installed`);
  });

  it("activates", async () => {
    const extension = vscode.extensions.getExtension(extensionId);
    await extension?.activate();
    assert.equal(extension?.isActive, true);
  });

  it("registers every command that its manifest contributes", async () => {
    const manifest = vscode.extensions.getExtension(extensionId)?.packageJSON as Manifest;
    const contributed = manifest.contributes?.commands?.map(({ command }) => command) ?? [];
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.ok(contributed.includes("tunesmith.checkDataset"), "tunesmith.checkDataset is not contributed");
    assert.deepEqual(
      contributed.filter((command) => !registered.has(command)),
      [],
    );
  });
});

interface Manifest {
  readonly contributes?: { readonly commands?: readonly { readonly command: string }[] };
}
