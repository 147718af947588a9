import * as vscode from "vscode";
import { DATASET_LANGUAGE } from "../../manifest/languages";
import type { Documents } from "../documents/documents";
import { positionOf, rangeOf } from "../language/places";
import type { Log } from "../log";
import type { RowDocuments } from "./rowDocuments";
import { ROW_SCHEME, rowHash, rowUri } from "./rowUri";

/** Opens the row at the cursor, or at the place that a link names, as a document of its own. */
export async function openRow(documents: Documents, log: Log, args: readonly unknown[]): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const [uri, line] = args;
  const document = uri instanceof vscode.Uri ? await vscode.workspace.openTextDocument(uri) : editor?.document;
  if (document?.languageId !== DATASET_LANGUAGE || document.uri.scheme === ROW_SCHEME) {
    log.warn(vscode.l10n.t("Put the cursor into a row of a dataset first."));
    return;
  }
  const position = typeof line === "number" ? new vscode.Position(line, 0) : (editor?.selection.active ?? new vscode.Position(0, 0));
  const row = await documents.ask(document, "datasetRow", { position: positionOf(position) });
  if (row === undefined || row === null) {
    log.warn(vscode.l10n.t("There is no row at the cursor."));
    return;
  }
  const range = rangeOf(row.range);
  const offset = document.offsetAt(range.start);
  const text = document.getText(range);
  const address = rowUri({ source: document.uri, row: row.row, offset, length: text.length, hash: rowHash(text) });
  await vscode.window.showTextDocument(address, { viewColumn: vscode.ViewColumn.Beside, preview: true });
}

/** Goes from a row document to its row in the dataset. */
export async function revealRow(rows: RowDocuments, args: readonly unknown[]): Promise<void> {
  const uri = rowOf(args);
  if (uri === undefined) return;
  const { uri: source, range } = await rows.placeOf(uri);
  await vscode.window.showTextDocument(source, { selection: new vscode.Range(range.start, range.start) });
}

/** Shows what a row document and its row in the dataset differ in. */
export async function compareRow(rows: RowDocuments, args: readonly unknown[]): Promise<void> {
  const uri = rowOf(args);
  if (uri !== undefined) await rows.compare(uri);
}

function rowOf([given]: readonly unknown[]): vscode.Uri | undefined {
  const uri = given instanceof vscode.Uri ? given : vscode.window.activeTextEditor?.document.uri;
  return uri?.scheme === ROW_SCHEME ? uri : undefined;
}
