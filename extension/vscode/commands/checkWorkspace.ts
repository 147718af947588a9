import * as vscode from "vscode";
import { DATASET_EXTENSIONS } from "../../manifest/languages";
import type { FileCheck } from "../fileCheck";
import type { Log } from "../log";

const NOT_CHECKED = "**/{node_modules,.git,.venv,venv,__pycache__}/**";

/** Checks every dataset file of the workspace. */
export async function checkWorkspace(fileCheck: FileCheck, log: Log): Promise<void> {
  const extensions = DATASET_EXTENSIONS.map((extension) => extension.slice(1)).join(",");
  const found = await vscode.workspace.findFiles(`**/*.{${extensions}}`, NOT_CHECKED);
  const files = found.filter(({ scheme }) => scheme === "file").sort((a, b) => a.path.localeCompare(b.path));
  if (files.length === 0) {
    log.warn(vscode.l10n.t("There is no dataset ({0}) on disk in this workspace.", DATASET_EXTENSIONS.join(", ")));
    return;
  }
  await fileCheck.run(files, files.length === 1 ? vscode.l10n.t("Checking 1 dataset") : vscode.l10n.t("Checking {0} datasets", files.length));
}
