import * as path from "node:path";
import * as vscode from "vscode";
import { configTemplates } from "../../../core/language/template/config/configTemplates";
import type { TemplateSource } from "../../../core/language/template/contract";
import { CONFIG_FILES, TEMPLATE_EXTENSIONS } from "../../../manifest/languages";
import { readConfigSource } from "../configSource";
import { configTemplateUri } from "../configTemplateUri";
import { modelFoldersOf } from "../templateFiles";

/** The template that a case is of, as it stands in its editor or on disk. */
export interface CaseTemplate extends TemplateSource {
  readonly uri: vscode.Uri;
}

/**
 * Finds the template of a case: the one that it names; else, for `a.b.chat.json`, the first of a.b.jinja and a.jinja (or
 * .jinja2, .j2), chat_template.jinja, and the one in tokenizer_config.json, all in the folder of the case's file. Undefined where there is none.
 * @param named relative to the folder; one outside the workspace's folder is not looked at
 */
export async function templateOfCase(file: vscode.Uri, named: string | null): Promise<CaseTemplate | undefined> {
  const folder = vscode.Uri.joinPath(file, "..");
  const candidates = named === null ? namesBeside(file) : [named];
  for (const name of candidates) {
    const uri = vscode.Uri.joinPath(folder, name);
    if (vscode.workspace.getWorkspaceFolder(uri) !== vscode.workspace.getWorkspaceFolder(file)) continue;
    if (!(await isFile(uri))) continue;
    const found = CONFIG_FILES.some((config) => uri.path.endsWith(`/${config}`)) ? await insideConfig(uri) : uri;
    if (found === undefined) continue;
    const document = await vscode.workspace.openTextDocument(found);
    return { uri: found, source: document.getText(), folders: modelFoldersOf(found) };
  }
  return undefined;
}

/** The names that are tried for a file, in turn. */
export function namesBeside(file: vscode.Uri): readonly string[] {
  const stem = path.posix.basename(file.path).replace(/\.chat\.json$/, "");
  const stems = stem.includes(".") ? [stem, stem.slice(0, stem.indexOf("."))] : [stem];
  const own = stems.flatMap((each) => TEMPLATE_EXTENSIONS.map((extension) => each + extension));
  return [...new Set([...own, "chat_template.jinja", ...CONFIG_FILES])];
}

async function isFile(uri: vscode.Uri): Promise<boolean> {
  try {
    return ((await vscode.workspace.fs.stat(uri)).type & vscode.FileType.File) !== 0;
  } catch {
    return false;
  }
}

/** The default template of a configuration file; undefined where it has none. */
async function insideConfig(file: vscode.Uri): Promise<vscode.Uri | undefined> {
  const templates = configTemplates((await readConfigSource(file)).text);
  const template = templates.find(({ name }) => name === "default") ?? templates[0];
  return template === undefined ? undefined : configTemplateUri({ file, pointer: template.pointer }, template.name);
}
