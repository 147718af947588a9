import * as vscode from "vscode";
import { DATASET_EXTENSIONS, DATASET_LANGUAGE } from "../../manifest/languages";
import type { FileCheck } from "../fileCheck";
import type { Log } from "../log";

/** More files than these are counted in the title, not named. */
const MAX_NAMED = 3;

/**
 * Checks the files that are selected in the Explorer, the dataset in the active editor, or files that the user picks. The
 * files are read from disk, so that their size does not matter.
 */
export async function checkDataset(fileCheck: FileCheck, log: Log, args: readonly unknown[]): Promise<void> {
  const uris = selectedUris(args) ?? activeDataset() ?? (await pickDatasets());
  const unsaved = uris.find(({ scheme }) => scheme !== "file");
  if (unsaved !== undefined) {
    log.warn(vscode.l10n.t("{0} is not a file on this disk. Save it to one; in its editor it is checked while you type.", unsaved.path));
    return;
  }
  if (uris.length === 0) return;
  await fileCheck.run(uris, uris.length <= MAX_NAMED ? vscode.l10n.t("Checking {0}", uris.map(nameOf).join(", ")) : vscode.l10n.t("Checking {0} files", uris.length));
}

/** Menus give the file that was clicked, and all that are selected with it. */
function selectedUris([clicked, selected]: readonly unknown[]): vscode.Uri[] | undefined {
  if (Array.isArray(selected)) {
    const uris = selected.filter((item) => item instanceof vscode.Uri);
    if (uris.length > 0) return uris;
  }
  return clicked instanceof vscode.Uri ? [clicked] : undefined;
}

/** A file that is too large for an editor's document still has its tab. */
function activeDataset(): vscode.Uri[] | undefined {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId === DATASET_LANGUAGE) return [document.uri];
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const uri = input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom ? input.uri : undefined;
  return uri !== undefined && DATASET_EXTENSIONS.some((extension) => uri.path.toLowerCase().endsWith(extension)) ? [uri] : undefined;
}

async function pickDatasets(): Promise<vscode.Uri[]> {
  const picked = await vscode.window.showOpenDialog({
    canSelectMany: true,
    openLabel: vscode.l10n.t("Check"),
    filters: { [vscode.l10n.t("Datasets")]: [...DATASET_EXTENSIONS.map((extension) => extension.slice(1)), "json"] },
  });
  return picked ?? [];
}

function nameOf(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf("/") + 1);
}
