import * as vscode from "vscode";
import { DisposableStore } from "../../base/disposable";
import { parseJson } from "../../core/jsonl/parse";
import { laidOutLike, spreadOut } from "../../core/jsonl/reformat";
import type { Log } from "../log";
import { findRow, movedSpan, type RowSpan } from "./rowSpan";
import { type RowAddress, rowAddress, rowHash, ROW_SCHEME } from "./rowUri";

/** A row that is open as a document of its own. */
interface OpenRow {
  readonly address: RowAddress;
  source: vscode.TextDocument;
  /** Where the row stands in its dataset now. */
  span: RowSpan;
  /** The row's text that the document was made of, or saved as. */
  base: string;
  /** Goes up when the document has to be read again. */
  mtime: number;
}

/**
 * Rows of datasets as documents of their own, spread out over lines. Saving one writes the row back into its dataset, which
 * can be undone there. A row that was changed in both places is not written: its author is shown both and decides.
 */
export class RowDocuments implements vscode.FileSystemProvider, vscode.Disposable {
  readonly #log: Log;
  readonly #rows = new Map<string, OpenRow>();
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<vscode.FileChangeEvent[]>());
  readonly onDidChangeFile = this.#changed.event;

  constructor(log: Log) {
    this.#log = log;
    this.#store.add(vscode.workspace.registerFileSystemProvider(ROW_SCHEME, this, { isCaseSensitive: true }));
    this.#store.add(vscode.workspace.onDidChangeTextDocument((event) => this.#sourceChanged(event)));
    this.#store.add(
      vscode.workspace.onDidCloseTextDocument((document) => {
        this.#rows.delete(document.uri.toString());
      }),
    );
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** Where the row of a row document stands in its dataset now. @throws FileSystemError where it is gone */
  async placeOf(uri: vscode.Uri): Promise<vscode.Location> {
    const row = await this.#open(uri);
    return new vscode.Location(row.source.uri, rangeOf(row));
  }

  /** The row as it stands in its dataset, spread out: what an edited one is compared with. */
  async spreadSource(uri: vscode.Uri): Promise<string> {
    return spread(textOf(await this.#open(uri)));
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const row = await this.#open(uri);
    return { type: vscode.FileType.File, ctime: 0, mtime: row.mtime, size: Buffer.byteLength(spread(row.base)) };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const row = await this.#open(uri);
    row.base = textOf(row);
    return new TextEncoder().encode(spread(row.base));
  }

  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    const row = await this.#open(uri);
    if (textOf(row) !== row.base) {
      void this.#tellConflict(uri);
      throw vscode.FileSystemError.Unavailable(vscode.l10n.t("The row was changed in its dataset meanwhile. Nothing was overwritten."));
    }
    const text = rowText(row.base, new TextDecoder().decode(content));
    if (text === row.base) return;
    const wasSaved = !row.source.isDirty;
    const edit = new vscode.WorkspaceEdit();
    edit.replace(row.source.uri, rangeOf(row), text);
    // The change is told before the edit is done; it must find the row as it then is.
    row.base = text;
    if (!(await vscode.workspace.applyEdit(edit))) throw vscode.FileSystemError.Unavailable(vscode.l10n.t("The dataset could not be edited. It may be read-only."));
    row.mtime++;
    // Other changes of the dataset are not saved unasked.
    if (wasSaved) await row.source.save();
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(): never {
    throw vscode.FileSystemError.NoPermissions();
  }

  createDirectory(): never {
    throw vscode.FileSystemError.NoPermissions();
  }

  delete(): never {
    throw vscode.FileSystemError.NoPermissions();
  }

  rename(): never {
    throw vscode.FileSystemError.NoPermissions();
  }

  async #open(uri: vscode.Uri): Promise<OpenRow> {
    const key = uri.toString();
    const known = this.#rows.get(key);
    if (known !== undefined) {
      if (known.source.isClosed) await findAgain(known);
      if (textOf(known).trim() === "") throw gone(uri);
      return known;
    }
    const address = rowAddress(uri);
    if (address === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    const source = await vscode.workspace.openTextDocument(address.source);
    const opened = this.#rows.get(key);
    if (opened !== undefined) return opened;
    const span = findByHash(source, address);
    if (span === undefined) throw gone(uri);
    const row: OpenRow = { address, source, span, base: source.getText().slice(span.start, span.end), mtime: 1 };
    this.#rows.set(key, row);
    return row;
  }

  #sourceChanged({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    for (const [key, row] of this.#rows) {
      if (row.source !== document) continue;
      row.span = movedSpan(row.span, contentChanges);
      // A row that was cut may be pasted elsewhere, or come back by undo.
      if (textOf(row).trim() === "") row.span = findRow(document.getText(), row.base, row.span.start) ?? row.span;
      if (textOf(row) !== row.base) this.#readAgain(vscode.Uri.parse(key, true), row);
    }
  }

  /** A document that was not edited follows its dataset; an edited one keeps what its author wrote. */
  #readAgain(uri: vscode.Uri, row: OpenRow): void {
    const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
    if (document?.isDirty === true) return;
    row.mtime++;
    const type = textOf(row).trim() === "" ? vscode.FileChangeType.Deleted : vscode.FileChangeType.Changed;
    this.#changed.fire([{ type, uri }]);
  }

  async #tellConflict(uri: vscode.Uri): Promise<void> {
    const compare = vscode.l10n.t("Compare");
    const keepMine = vscode.l10n.t("Overwrite the Dataset's Row");
    const takeTheirs = vscode.l10n.t("Discard My Changes");
    const message = vscode.l10n.t("This row was changed in its dataset while you edited it. Nothing was overwritten.");
    const chosen = await vscode.window.showWarningMessage(message, compare, keepMine, takeTheirs);
    if (chosen === compare) await vscode.commands.executeCommand("tunesmith.compareRow", uri);
    else if (chosen === keepMine) await this.#overwrite(uri);
    else if (chosen === takeTheirs) await this.#discard(uri);
  }

  async #overwrite(uri: vscode.Uri): Promise<void> {
    try {
      const row = await this.#open(uri);
      row.base = textOf(row);
      const document = await vscode.workspace.openTextDocument(uri);
      await document.save();
    } catch (error) {
      this.#log.failure(vscode.l10n.t("The row was not saved."), error);
    }
  }

  async #discard(uri: vscode.Uri): Promise<void> {
    const row = await this.#open(uri);
    row.mtime++;
    await vscode.window.showTextDocument(uri);
    await vscode.commands.executeCommand("workbench.action.files.revert");
  }
}

/** While a dataset was closed nobody told what became of it. Where the row is not found, its place holds something else now. */
async function findAgain(row: OpenRow): Promise<void> {
  row.source = await vscode.workspace.openTextDocument(row.address.source);
  row.span = findRow(row.source.getText(), row.base, row.span.start) ?? row.span;
}

function textOf({ source, span }: OpenRow): string {
  return source.getText(new vscode.Range(source.positionAt(span.start), source.positionAt(span.end)));
}

function rangeOf({ source, span }: OpenRow): vscode.Range {
  return new vscode.Range(source.positionAt(span.start), source.positionAt(span.end));
}

/** The row spread out. One that is no JSON stays as it is: then the editor is where it is mended. */
function spread(text: string): string {
  const { tree, problems } = parseJson(text);
  return problems.length > 0 ? text : `${spreadOut(tree)}\n`;
}

/** What an edited document makes of the row. @throws FileSystemError where it is no JSON */
function rowText(base: string, edited: string): string {
  const original = parseJson(base);
  const { tree, problems } = parseJson(edited);
  const [problem] = problems;
  if (problem !== undefined) {
    const line = edited.slice(0, problem.start).split("\n").length;
    throw vscode.FileSystemError.Unavailable(vscode.l10n.t("Line {0} is not JSON: {1} The row was not saved.", line, problem.message));
  }
  return original.problems.length > 0 ? laidOutLike(parseJson("").tree, tree) : laidOutLike(original.tree, tree);
}

/** The row with the hash: where it was, or as a line as near to there as it is found. */
function findByHash(source: vscode.TextDocument, { offset, length, hash }: RowAddress): RowSpan | undefined {
  const there = { start: offset, end: offset + length };
  if (rowHash(source.getText(new vscode.Range(source.positionAt(there.start), source.positionAt(there.end)))) === hash) return there;
  const matches = (line: number): RowSpan | undefined => {
    if (line < 0 || line >= source.lineCount) return undefined;
    const { text, range } = source.lineAt(line);
    const start = source.offsetAt(range.start);
    return rowHash(text) === hash ? { start, end: start + text.length } : undefined;
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
