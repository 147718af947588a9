import * as vscode from "vscode";

/** The scheme of chat templates that stand in a JSON file. */
export const CONFIG_TEMPLATE_SCHEME = "tunesmith-template";

/** Where a template of a JSON file is. */
export interface ConfigTemplateAddress {
  readonly file: vscode.Uri;
  /** JSON Pointer of the string. */
  readonly pointer: string;
}

/** The address of the document of a template. Its path is what tabs show, and says that it is a chat template. */
export function configTemplateUri({ file, pointer }: ConfigTemplateAddress, name: string): vscode.Uri {
  const folder = file.path.split("/").at(-2) ?? "";
  const title = name === "default" ? "chat_template.jinja" : `chat_template.${name.replaceAll(/[^\w.-]/g, "_")}.jinja`;
  const query = JSON.stringify({ file: file.toString(), pointer });
  return vscode.Uri.from({ scheme: CONFIG_TEMPLATE_SCHEME, path: `/${folder}/${title}`, query });
}

/** What an address says; undefined where it is none of ours. */
export function configTemplateAddress(uri: vscode.Uri): ConfigTemplateAddress | undefined {
  if (uri.scheme !== CONFIG_TEMPLATE_SCHEME) return undefined;
  try {
    const { file, pointer } = JSON.parse(uri.query) as { readonly file?: unknown; readonly pointer?: unknown };
    if (typeof file !== "string" || typeof pointer !== "string") return undefined;
    return { file: vscode.Uri.parse(file, true), pointer };
  } catch {
    return undefined;
  }
}
