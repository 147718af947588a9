import * as path from "node:path";
import * as vscode from "vscode";

/** Lets the user browse to a model folder or a GGUF file on this machine. */
export async function browseModel(what: "folder" | "gguf"): Promise<string | undefined> {
  const folders = what === "folder";
  const [picked] =
    (await vscode.window.showOpenDialog({
      canSelectFolders: folders,
      canSelectFiles: !folders,
      ...(folders ? {} : { filters: { GGUF: ["gguf"] } }),
      openLabel: vscode.l10n.t("Use Model"),
    })) ?? [];
  return picked?.scheme === "file" ? path.normalize(picked.fsPath) : undefined;
}
