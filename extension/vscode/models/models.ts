import { homedir } from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import { matchesGlob } from "./glob";

/** The model that the settings name for a dataset. */
export interface BoundModel {
  /** The pattern that matched. */
  readonly pattern: string;
  /** The absolute path of a folder or of a GGUF file, or a model of the hub as `hf://owner/name`. */
  readonly folder: string;
}

/** How the settings name the model that comes with the product. A folder of this name is `./embedded`. */
export const EMBEDDED_MODEL = "embedded";

/** Where the model that comes with the product is; the bundles are beside it. */
export function embeddedFolder(): string {
  return path.join(__dirname, "..", "extension", "assets", "model");
}

const HUB_MODEL = /^hf:\/\//i;

/** Whether a model is named by its address on the hub. */
export function isHubModel(model: string): boolean {
  return HUB_MODEL.test(model);
}

/** The model in force for `uri` among `models` (pattern to folder); undefined without one. */
export function modelFor(uri: vscode.Uri, models: Readonly<Record<string, string>>): BoundModel | undefined {
  const pattern = patternFor(uri, models);
  const folder = pattern === undefined ? "" : (models[pattern] ?? "");
  if (pattern === undefined || folder.trim() === "") return undefined;
  return { pattern, folder: placeOf(folder.trim(), uri) };
}

/** The longest pattern that matches `uri`. */
export function patternFor(uri: vscode.Uri, models: Readonly<Record<string, string>>): string | undefined {
  const subject = uri.scheme === "untitled" ? uri.path : vscode.workspace.asRelativePath(uri, false);
  const matching = Object.keys(models).filter((pattern) => matchesGlob(subject, pattern) || matchesGlob(uri.path, pattern));
  return matching.sort((a, b) => b.length - a.length)[0];
}

/** How a model is written in the settings of the workspace folder that `uri` is in: relative where it is inside. */
export function settingsPathOf(folder: string, uri: vscode.Uri | undefined): string {
  if (isHubModel(folder)) return folder;
  if (folder === embeddedFolder()) return EMBEDDED_MODEL;
  const base = workspaceFolderOf(uri)?.uri;
  const relative = base?.scheme === "file" ? path.relative(base.fsPath, folder) : "..";
  if (relative !== "" && !relative.startsWith("..") && !path.isAbsolute(relative)) return relative.replaceAll(path.sep, "/");
  const fromHome = path.relative(homedir(), folder);
  const inHome = fromHome !== "" && !fromHome.startsWith("..") && !path.isAbsolute(fromHome);
  return inHome ? `~/${fromHome.replaceAll(path.sep, "/")}` : folder;
}

/** The workspace folder that `uri` is in, or the first one. */
export function workspaceFolderOf(uri: vscode.Uri | undefined): vscode.WorkspaceFolder | undefined {
  const containing = uri === undefined ? undefined : vscode.workspace.getWorkspaceFolder(uri);
  return containing ?? vscode.workspace.workspaceFolders?.[0];
}

/** What a model that is written in settings stands for: an absolute path, or a model of the hub. */
export function placeOf(folder: string, uri?: vscode.Uri): string {
  if (isHubModel(folder)) return folder;
  if (folder === EMBEDDED_MODEL) return embeddedFolder();
  if (/^~(?=$|[/\\])/.test(folder)) return path.join(homedir(), folder.slice(1));
  const base = workspaceFolderOf(uri)?.uri;
  return base?.scheme === "file" ? path.resolve(base.fsPath, folder) : path.resolve(folder);
}
