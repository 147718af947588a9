import * as path from "node:path";
import * as vscode from "vscode";

/** Lets the user browse to a model folder or a GGUF file on this machine. @param title what is looked for, where there is more to say */
export async function browseModel(what: "folder" | "gguf", title?: string): Promise<string | undefined> {
  const folders = what === "folder";
  const [picked] =
    (await vscode.window.showOpenDialog({
      canSelectFolders: folders,
      canSelectFiles: !folders,
      ...(folders ? {} : { filters: { GGUF: ["gguf"] } }),
      openLabel: vscode.l10n.t("Select Model"),
      ...(title === undefined ? {} : { title }),
    })) ?? [];
  return picked?.scheme === "file" ? path.normalize(picked.fsPath) : undefined;
}
