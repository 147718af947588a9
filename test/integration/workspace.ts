import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";
import { root } from "../support/paths";
import { until } from "../support/wait";

export const sound = `{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]}`;
export const wrongRole = `{"messages":[{"role":"usr","content":"Hi"},{"role":"assistant","content":"Hello"}]}`;
export const broken = `{"messages":[`;

/** The folder that the tests run in. */
export function workspaceRoot(): string {
  return vscode.workspace.workspaceFolders![0]!.uri.fsPath;
}

/** Writes a file below the workspace folder and returns its address. */
export function writeFile(name: string, content: string): vscode.Uri {
  const file = path.join(workspaceRoot(), name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return vscode.Uri.file(file);
}

let datasets = 0;

/** Writes a dataset under a name of its own: VS Code remembers what a file was for a while after it is closed. */
export function writeDataset(content: string): vscode.Uri {
  return writeFile(`data/dataset-${++datasets}.jsonl`, content);
}

/** Closes all editors, takes back all settings and removes what the tests wrote. */
export async function reset(): Promise<void> {
  while (vscode.window.activeTextEditor?.document.isDirty === true) {
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  }
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  const settings = vscode.workspace.getConfiguration("tunesmith");
  for (const name of ["rules", "models", "maxLength", "fields", "check.enabled", "tokenCounts"]) {
    if (settings.inspect(name)?.workspaceValue !== undefined) await settings.update(name, undefined, vscode.ConfigurationTarget.Workspace);
  }
  for (const name of ["data", "models", "node_modules"]) rmSync(path.join(workspaceRoot(), name), { recursive: true, force: true });
}

/** Opens a file as a user does. A document that a program opens would outlive its editor. */
export async function show(uri: vscode.Uri): Promise<vscode.TextDocument> {
  await vscode.commands.executeCommand("vscode.open", uri);
  const active = (): vscode.TextDocument | undefined => vscode.window.activeTextEditor?.document;
  await until(`the editor of ${uri.path}`, () => Promise.resolve(active()?.uri.path), (path) => path === uri.path);
  return active()!;
}

/** Has the datasets of the workspace rendered and counted with the model that the extension brings. */
export async function useOwnModel(): Promise<void> {
  const models = { "**": path.join(root, "extension", "assets", "model") };
  await vscode.workspace.getConfiguration("tunesmith").update("models", models, vscode.ConfigurationTarget.Workspace);
}

/** Waits for diagnostics of ours that `accept` accepts, as `code line:column-line:column severity` (1-based). */
export async function diagnosticsOf(uri: vscode.Uri, accept: (diagnostics: readonly string[]) => boolean): Promise<readonly string[]> {
  return until(`diagnostics of ${uri.path}`, () => Promise.resolve(seen(uri)), accept);
}

/** What is there now. */
export function seen(uri: vscode.Uri): readonly string[] {
  return vscode.languages.getDiagnostics(uri).filter(({ source }) => source === "Tunesmith").map(describeDiagnostic);
}

function describeDiagnostic({ code, range, severity }: vscode.Diagnostic): string {
  const rule = typeof code === "object" ? code.value : code;
  const { start, end } = range;
  return `${rule} ${start.line + 1}:${start.character + 1}-${end.line + 1}:${end.character + 1} ${vscode.DiagnosticSeverity[severity]}`;
}

/** Replaces a line of a document. */
export async function replaceLine(document: vscode.TextDocument, line: number, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, document.lineAt(line - 1).range, text);
  await vscode.workspace.applyEdit(edit);
}
