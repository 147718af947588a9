import * as vscode from "vscode";
import type { TextEdit } from "../../core/jsonl/edits";
import { applyEdits } from "../../core/jsonl/edits";
import { replaceFile } from "../../node/replaceFile";

/** The text of a file that templates stand in, and how a change of it is written. */
export interface ConfigSource {
  readonly text: string;
  write(edit: TextEdit): Promise<void>;
}

/**
 * A file as it is in its editor while that has unsaved changes, and else on disk, where every byte is kept and editors read
 * it again by themselves.
 * @throws FileSystemError where it cannot be read as UTF-8
 */
export async function readConfigSource(file: vscode.Uri): Promise<ConfigSource> {
  const document = vscode.workspace.textDocuments.find(({ uri, isDirty }) => isDirty && uri.toString() === file.toString());
  if (document !== undefined) return { text: document.getText(), write: (edit) => editDocument(document, edit) };
  const decoded = decode(file, await vscode.workspace.fs.readFile(file));
  // A byte order mark is no part of the JSON, and stays where it is.
  const mark = decoded.startsWith("\ufeff") ? "\ufeff" : "";
  const text = decoded.slice(mark.length);
  return { text, write: (edit) => writeBytes(file, new TextEncoder().encode(mark + applyEdits(text, [edit]))) };
}

function decode(file: vscode.Uri, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw vscode.FileSystemError.Unavailable(vscode.l10n.t("{0} is not UTF-8. Save it as UTF-8 first.", nameOf(file)));
  }
}

async function writeBytes(file: vscode.Uri, bytes: Uint8Array): Promise<void> {
  if (file.scheme === "file") await replaceFile(file.fsPath, bytes);
  else await vscode.workspace.fs.writeFile(file, bytes);
}

/** Can be undone there. It is not saved: its other changes are not ours. */
async function editDocument(document: vscode.TextDocument, { start, end, text }: TextEdit): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(document.positionAt(start), document.positionAt(end)), text);
  if (await vscode.workspace.applyEdit(edit)) return;
  throw vscode.FileSystemError.Unavailable(vscode.l10n.t("{0} could not be edited. It may be read-only.", nameOf(document.uri)));
}

export function nameOf(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf("/") + 1);
}
