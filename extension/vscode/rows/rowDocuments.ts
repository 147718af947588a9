import * as vscode from "vscode";
import type { Log } from "../log";
import { type OpenPart, PartDocuments } from "../parts/partDocuments";
import { findRow, movedSpan, type RowSpan } from "./rowSpan";
import { type RowAddress, rowAddress, rowHash, ROW_SCHEME } from "./rowUri";

/** A row that is open as a document of its own. */
interface OpenRow extends OpenPart {
  readonly address: RowAddress;
  source: vscode.TextDocument;
  /** Where the row stands in its dataset now. */
  span: RowSpan;
}

/** Rows of datasets as documents of their own, spread out over lines. Saving one can be undone in the dataset. */
export class RowDocuments extends PartDocuments<OpenRow> {
  constructor(log: Log) {
    super(
      {
        scheme: ROW_SCHEME,
        sourceScheme: "tunesmith-row-source",
        changed: vscode.l10n.t("This row was changed in its dataset while you edited it. Nothing was overwritten."),
        overwrite: vscode.l10n.t("Overwrite the Dataset's Row"),
        notSaved: vscode.l10n.t("The row was not saved."),
        comparison: (name) => vscode.l10n.t("{0}: in its dataset ↔ edited", name),
      },
      log,
    );
    this.store.add(vscode.workspace.onDidChangeTextDocument((event) => this.#sourceChanged(event)));
  }

  /** Where the row of a row document stands in its dataset now. @throws FileSystemError where it is gone */
  async placeOf(uri: vscode.Uri): Promise<vscode.Location> {
    const row = await this.part(uri);
    await this.current(row);
    return new vscode.Location(row.source.uri, rangeOf(row));
  }

  protected async find(uri: vscode.Uri): Promise<OpenRow> {
    const address = rowAddress(uri);
    if (address === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    const source = await vscode.workspace.openTextDocument(address.source);
    const span = findByHash(source, address);
    if (span === undefined) throw gone(uri);
    return { uri, address, source, span, base: textOf({ source, span }), mtime: 1, saved: Promise.resolve(), dispose: () => undefined };
  }

  protected async current(row: OpenRow): Promise<string> {
    if (row.source.isClosed) await findAgain(row);
    const text = textOf(row);
    if (text.trim() === "") throw gone(row.uri);
    return text;
  }

  protected async shown(row: string): Promise<string> {
    return (await import("../later")).spread(row);
  }

  protected async write(row: OpenRow, edited: string): Promise<boolean> {
    const { rowText } = await import("../later");
    if ((await this.current(row)) !== row.base) return false;
    const text = rowText(row.base, edited);
    if (text === row.base) return true;
    const wasSaved = !row.source.isDirty;
    const edit = new vscode.WorkspaceEdit();
    edit.replace(row.source.uri, rangeOf(row), text);
    // The change is told before the edit is done; it must find the row as it then is.
    row.base = text;
    if (!(await vscode.workspace.applyEdit(edit))) throw vscode.FileSystemError.Unavailable(vscode.l10n.t("The dataset could not be edited. It may be read-only."));
    // Other changes of the dataset are not saved unasked.
    if (wasSaved) await row.source.save();
    return true;
  }

  #sourceChanged({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    for (const row of this.parts) {
      if (row.source !== document) continue;
      row.span = movedSpan(row.span, contentChanges);
      // A row that was cut may be pasted elsewhere, or come back by undo.
      if (textOf(row).trim() === "") row.span = findRow(document.getText(), row.base, row.span.start) ?? row.span;
      const text = textOf(row);
      if (text !== row.base) this.readAgain(row, text.trim() === "" ? vscode.FileChangeType.Deleted : vscode.FileChangeType.Changed);
    }
  }
}

/** While a dataset was closed nobody told what became of it. Where the row is not found, its place holds something else now. */
async function findAgain(row: OpenRow): Promise<void> {
  row.source = await vscode.workspace.openTextDocument(row.address.source);
  row.span = findRow(row.source.getText(), row.base, row.span.start) ?? row.span;
}

function textOf({ source, span }: Pick<OpenRow, "source" | "span">): string {
  return source.getText(new vscode.Range(source.positionAt(span.start), source.positionAt(span.end)));
}

function rangeOf({ source, span }: OpenRow): vscode.Range {
  return new vscode.Range(source.positionAt(span.start), source.positionAt(span.end));
}

/** The row with the hash: where it was, or as a line as near to there as it is found. */
function findByHash(source: vscode.TextDocument, { offset, length, hash }: RowAddress): RowSpan | undefined {
  const there = { start: offset, end: offset + length };
  if (rowHash(source.getText(new vscode.Range(source.positionAt(there.start), source.positionAt(there.end)))) === hash) return there;
  const matches = (line: number): RowSpan | undefined => {
    if (line < 0 || line >= source.lineCount) return undefined;
    const { text, range } = source.lineAt(line);
    if (text.length !== length || rowHash(text) !== hash) return undefined;
    const start = source.offsetAt(range.start);
    return { start, end: start + length };
  };
  const first = source.positionAt(offset).line;
  for (let distance = 0; distance < source.lineCount; distance++) {
    const found = matches(first - distance) ?? matches(first + distance);
    if (found !== undefined) return found;
  }
  return undefined;
}

function gone(uri: vscode.Uri): vscode.FileSystemError {
  return vscode.FileSystemError.FileNotFound(vscode.l10n.t("{0}: the row is no longer in its dataset", uri.path.slice(1)));
}
