import * as vscode from "vscode";

/** Turns off what others do with the text of a large document, which takes longer than all that is measured here: links and merge conflicts are looked for. */
export async function turnOffOthers(): Promise<void> {
  const settings = vscode.workspace.getConfiguration();
  for (const setting of ["editor.links", "merge-conflict.codeLens.enabled", "merge-conflict.decorators.enabled"]) await settings.update(setting, false, vscode.ConfigurationTarget.Global);
}
