import * as path from "node:path";
import * as vscode from "vscode";
import { configTemplates } from "../../core/language/template/config/configTemplates";
import { CONFIG_FILES } from "../../manifest/languages";
import { readConfigSource } from "../templates/configSource";
import { configTemplateUri } from "../templates/configTemplateUri";

/**
 * The address of the document that holds a model's own template: its file, or the document that a string of its configuration
 * opens as. Undefined where it is in neither.
 * @param name of the template; most models have one, `default`
 */
export async function ownTemplate(folder: string | undefined, name: string | null | undefined): Promise<string | undefined> {
  if (folder === undefined || typeof name !== "string") return undefined;
  const own = vscode.Uri.file(name === "default" ? path.join(folder, "chat_template.jinja") : path.join(folder, "additional_chat_templates", `${name}.jinja`));
  if (await Promise.resolve(vscode.workspace.fs.stat(own)).then(() => true, () => false)) return own.toString();
  for (const config of CONFIG_FILES) {
    const file = vscode.Uri.file(path.join(folder, config));
    const source = await readConfigSource(file).catch(() => undefined);
    const template = configTemplates(source?.text ?? "").find((each) => each.name === name);
    if (template !== undefined) return configTemplateUri({ file, pointer: template.pointer }, name).toString();
  }
  return undefined;
}
