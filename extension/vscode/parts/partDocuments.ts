import * as vscode from "vscode";
import { DisposableStore } from "../../base/disposable";
import type { Log } from "../log";

/** A part of a file that is open as a document of its own. */
export interface OpenPart {
  readonly uri: vscode.Uri;
  /** The part as it stood in its file when the document was last read, or saved. */
  base: string;
  /** Goes up when the document has to be read again. */
  mtime: number;
  /** Settles when what was saved so far is written: saves of one document may overlap. */
  saved: Promise<void>;
  /** Takes back what was done to follow the file. */
  dispose(): void;
}

/** What is said of parts of one kind, and where they are found. */
export interface PartKind {
  readonly scheme: string;
  /** The scheme of the part as it is in its file now, for comparing. */
  readonly sourceScheme: string;
  readonly changed: string;
  readonly overwrite: string;
  readonly notSaved: string;
  readonly comparison: (name: string) => string;
}

/**
 * Parts of files as documents of their own. Saving one writes the part back into its file. One that was changed in both
 * places is not written: its author is shown both and decides. A document that was not edited follows its file.
 */
export abstract class PartDocuments<Part extends OpenPart> implements vscode.FileSystemProvider, vscode.Disposable {
  readonly #kind: PartKind;
  readonly #log: Log;
  readonly #parts = new Map<string, Part>();
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  protected readonly store = new DisposableStore();
  readonly onDidChangeFile = this.#changed.event;

  protected constructor(kind: PartKind, log: Log) {
    this.#kind = kind;
    this.#log = log;
    const { scheme, sourceScheme } = kind;
    this.store.add(this.#changed);
    this.store.add(vscode.workspace.registerFileSystemProvider(scheme, this, { isCaseSensitive: true }));
    this.store.add(vscode.workspace.registerTextDocumentContentProvider(sourceScheme, { provideTextDocumentContent: (uri) => this.#inFile(uri.with({ scheme })) }));
    this.store.add(vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#close(uri.toString())));
  }

  /** Finds the part that an address names. @throws FileSystemError where there is none */
  protected abstract find(uri: vscode.Uri): Promise<Part>;

  /** The part as it stands in its file. @throws FileSystemError where it is gone */
  protected abstract current(part: Part): string | Promise<string>;

  /** The text of the document for what stands in the file. */
  protected abstract shown(current: string): string | Promise<string>;

  /**
   * Writes the document's text back, and sets `base` to what stands in the file then. False, with nothing written, where the
   * part is no longer what `base` says. @throws FileSystemError
   */
  protected abstract write(part: Part, text: string): Promise<boolean>;

  dispose(): void {
    for (const part of this.#parts.values()) part.dispose();
    this.store.dispose();
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const part = await this.part(uri);
    await this.current(part);
    return { type: vscode.FileType.File, ctime: 0, mtime: part.mtime, size: Buffer.byteLength(await this.shown(part.base)) };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const part = await this.part(uri);
    part.base = await this.current(part);
    return new TextEncoder().encode(await this.shown(part.base));
  }

  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    const part = await this.part(uri);
    const saving = part.saved.then(() => this.#save(part, new TextDecoder().decode(content)));
    part.saved = saving.catch(() => undefined);
    await saving;
  }

  /** Shows what a document and its part of the file differ in. */
  async compare(uri: vscode.Uri): Promise<void> {
    const title = this.#kind.comparison(uri.path.slice(uri.path.lastIndexOf("/") + 1));
    await vscode.commands.executeCommand("vscode.diff", uri.with({ scheme: this.#kind.sourceScheme }), uri, title);
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

  protected get parts(): Iterable<Part> {
    return this.#parts.values();
  }

  /** @throws FileSystemError where there is none */
  protected async part(uri: vscode.Uri): Promise<Part> {
    const key = uri.toString();
    const known = this.#parts.get(key);
    if (known !== undefined) return known;
    const found = await this.find(uri);
    const opened = this.#parts.get(key);
    if (opened === undefined) this.#parts.set(key, found);
    else found.dispose();
    return opened ?? found;
  }

  /** Has a document that was not edited read again; an edited one keeps what its author wrote. */
  protected readAgain(part: Part, type: vscode.FileChangeType.Changed | vscode.FileChangeType.Deleted): void {
    const key = part.uri.toString();
    if (vscode.workspace.textDocuments.some(({ uri, isDirty }) => isDirty && uri.toString() === key)) return;
    part.mtime++;
    this.#changed.fire([{ type, uri: part.uri }]);
  }

  async #inFile(uri: vscode.Uri): Promise<string> {
    return this.shown(await this.current(await this.part(uri)));
  }

  #close(key: string): void {
    this.#parts.get(key)?.dispose();
    this.#parts.delete(key);
  }

  async #save(part: Part, text: string): Promise<void> {
    if (await this.write(part, text)) {
      part.mtime++;
      return;
    }
    void this.#tellConflict(part.uri);
    throw vscode.FileSystemError.Unavailable(this.#kind.changed);
  }

  async #tellConflict(uri: vscode.Uri): Promise<void> {
    const compare = vscode.l10n.t("Compare");
    const keepMine = this.#kind.overwrite;
    const takeTheirs = vscode.l10n.t("Discard My Changes");
    const chosen = await vscode.window.showWarningMessage(this.#kind.changed, compare, keepMine, takeTheirs);
    if (chosen === compare) await this.compare(uri);
    else if (chosen === keepMine) await this.#overwrite(uri);
    else if (chosen === takeTheirs) await this.#discard(uri);
  }

  async #overwrite(uri: vscode.Uri): Promise<void> {
    try {
      const part = await this.part(uri);
      part.base = await this.current(part);
      await (await vscode.workspace.openTextDocument(uri)).save();
    } catch (error) {
      this.#log.failure(this.#kind.notSaved, error);
    }
  }

  async #discard(uri: vscode.Uri): Promise<void> {
    (await this.part(uri)).mtime++;
    await vscode.window.showTextDocument(uri);
    await vscode.commands.executeCommand("workbench.action.files.revert");
  }
}
