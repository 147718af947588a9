import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";
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

/** Closes all editors, takes back all settings and removes everything from the workspace folder. */
export async function reset(...names: readonly string[]): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  const settings = vscode.workspace.getConfiguration("tunesmith");
  for (const name of ["rules", "models", "maxLength", "fields", "check.enabled"]) {
    if (settings.inspect(name)?.workspaceValue !== undefined) await settings.update(name, undefined, vscode.ConfigurationTarget.Workspace);
  }
  for (const name of names) rmSync(path.join(workspaceRoot(), name), { recursive: true, force: true });
}

/** Shows a document and waits until its diagnostics are as `accept` wants them. */
export async function show(uri: vscode.Uri): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document);
  return document;
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
