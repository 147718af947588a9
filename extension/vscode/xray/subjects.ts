import * as path from "node:path";
import * as vscode from "vscode";
import { DATASET_LANGUAGE } from "../../manifest/languages";
import { readSetting } from "../configuration";
import { holdsTokenizer } from "../models/modelPlaces";
import { modelFor } from "../models/models";

/** Whether the X-ray shows rows of it. */
export function isDataset({ languageId }: vscode.TextDocument): boolean {
  return languageId === DATASET_LANGUAGE;
}

/** Whether the X-ray renders with it: by its language, which users and other extensions may have set, or by its name. */
export function isTemplate({ languageId, uri }: vscode.TextDocument): boolean {
  return /\bjinja/.test(languageId) || /\.(jinja2?|j2)$/i.test(uri.path);
}

/** The document at an address, opened where it is not; undefined where there is none. */
export async function documentAt(address: string): Promise<vscode.TextDocument | undefined> {
  const open = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === address);
  if (open !== undefined) return open;
  try {
    return await vscode.workspace.openTextDocument(vscode.Uri.parse(address, true));
  } catch {
    return undefined;
  }
}

/** The editor that shows a document, if one is in view. */
export function visibleEditor(address: string): vscode.TextEditor | undefined {
  const editors = vscode.window.visibleTextEditors.filter(({ document }) => document.uri.toString() === address);
  const active = vscode.window.activeTextEditor;
  return active !== undefined && editors.includes(active) ? active : editors[0];
}

/** What an address is called: its last part. */
export function nameOfAddress(address: string): string {
  return path.posix.basename(vscode.Uri.parse(address).path);
}

/** The folder of the model that is in force for one of the addresses: by the settings, or because a template lies in it. */
export async function boundModel(addresses: readonly (string | null)[]): Promise<string | undefined> {
  const uris = addresses.flatMap((address) => (address === null ? [] : [vscode.Uri.parse(address)]));
  for (const uri of uris) {
    const bound = modelFor(uri, readSetting("models", uri));
    if (bound !== undefined) return bound.folder;
  }
  // Like the settings of a workspace, its files choose nothing before it is trusted.
  if (!vscode.workspace.isTrusted) return undefined;
  for (const uri of uris) {
    if (uri.scheme !== "file" || !/\.(jinja2?|j2)$/i.test(uri.path)) continue;
    const folder = path.dirname(uri.fsPath);
    if (await holdsTokenizer(folder)) return folder;
  }
  return undefined;
}
