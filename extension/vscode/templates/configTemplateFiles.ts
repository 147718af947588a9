import * as vscode from "vscode";
import { DisposableStore } from "../../base/disposable";
import { replaceTemplate, templateAt } from "../../core/language/template/config/configTemplates";
import type { Log } from "../log";
import { nameOf, readConfigSource } from "./configSource";
import { CONFIG_TEMPLATE_SCHEME, type ConfigTemplateAddress, configTemplateAddress } from "./configTemplateUri";

/** A template that is open as a document of its own. */
interface OpenTemplate {
  readonly address: ConfigTemplateAddress;
  /** The template as it was last read into the document, or saved from it. */
  base: string;
  /** Goes up when the document has to be read again. */
  mtime: number;
  /** Settles when what was saved so far is written: saves of one document may overlap. */
  saved: Promise<void>;
  readonly watcher: vscode.Disposable;
}

/**
 * Chat templates that stand in a JSON file as documents of their own. Saving one writes the string back into its file, where
 * nothing else changes. A template that was changed in both places is not written: its author is shown both and decides.
 */
export class ConfigTemplateFiles implements vscode.FileSystemProvider, vscode.Disposable {
  readonly #log: Log;
  readonly #open = new Map<string, OpenTemplate>();
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<vscode.FileChangeEvent[]>());
  readonly onDidChangeFile = this.#changed.event;

  constructor(log: Log) {
    this.#log = log;
    this.#store.add(vscode.workspace.registerFileSystemProvider(CONFIG_TEMPLATE_SCHEME, this, { isCaseSensitive: true }));
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(SOURCE_SCHEME, { provideTextDocumentContent: (uri) => this.#current(uri.with({ scheme: CONFIG_TEMPLATE_SCHEME })) }));
    this.#store.add(vscode.workspace.onDidChangeTextDocument(({ document }) => void this.#fileChanged(document.uri)));
    this.#store.add(
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        const key = uri.toString();
        this.#open.get(key)?.watcher.dispose();
        this.#open.delete(key);
      }),
    );
  }

  dispose(): void {
    for (const { watcher } of this.#open.values()) watcher.dispose();
    this.#store.dispose();
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const { base, mtime } = await this.#opened(uri);
    return { type: vscode.FileType.File, ctime: 0, mtime, size: Buffer.byteLength(base) };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const template = await this.#opened(uri);
    template.base = await this.#current(uri);
    return new TextEncoder().encode(template.base);
  }

  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    const template = await this.#opened(uri);
    const saving = template.saved.then(() => this.#save(uri, template, new TextDecoder().decode(content)));
    template.saved = saving.catch(() => undefined);
    await saving;
  }

  async #save(uri: vscode.Uri, template: OpenTemplate, text: string): Promise<void> {
    const { file, pointer } = template.address;
    const source = await readConfigSource(file);
    if (templateAt(source.text, pointer) !== template.base) {
      void this.#tellConflict(uri);
      throw vscode.FileSystemError.Unavailable(vscode.l10n.t("The template was changed in {0} meanwhile. Nothing was overwritten.", nameOf(file)));
    }
    const edit = replaceTemplate(source.text, pointer, text);
    if (edit === undefined) throw gone(file);
    if (edit.text !== source.text.slice(edit.start, edit.end)) await source.write(edit);
    template.base = JSON.parse(edit.text) as string;
    template.mtime++;
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

  async #opened(uri: vscode.Uri): Promise<OpenTemplate> {
    const key = uri.toString();
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const address = configTemplateAddress(uri);
    if (address === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    const base = await this.#current(uri);
    const opened = this.#open.get(key);
    if (opened !== undefined) return opened;
    const folder = vscode.Uri.joinPath(address.file, "..");
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, nameOf(address.file)));
    const check = (): void => void this.#fileChanged(address.file);
    const template = { address, base, mtime: 1, saved: Promise.resolve(), watcher: vscode.Disposable.from(watcher, watcher.onDidChange(check), watcher.onDidCreate(check)) };
    this.#open.set(key, template);
    return template;
  }

  /** The template as it stands in its file. */
  async #current(uri: vscode.Uri): Promise<string> {
    const address = configTemplateAddress(uri);
    if (address === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    const template = templateAt((await readConfigSource(address.file)).text, address.pointer);
    if (template === undefined) throw gone(address.file);
    return template;
  }

  /** A document that was not edited follows its file; an edited one keeps what its author wrote. */
  async #fileChanged(file: vscode.Uri): Promise<void> {
    for (const [key, template] of this.#open) {
      if (template.address.file.toString() !== file.toString()) continue;
      const uri = vscode.Uri.parse(key, true);
      const current = await this.#current(uri).catch(() => undefined);
      if (current === template.base || isDirty(key)) continue;
      template.mtime++;
      this.#changed.fire([{ type: current === undefined ? vscode.FileChangeType.Deleted : vscode.FileChangeType.Changed, uri }]);
    }
  }

  async #tellConflict(uri: vscode.Uri): Promise<void> {
    const compare = vscode.l10n.t("Compare");
    const keepMine = vscode.l10n.t("Overwrite the File's Template");
    const takeTheirs = vscode.l10n.t("Discard My Changes");
    const message = vscode.l10n.t("This template was changed in its file while you edited it. Nothing was overwritten.");
    const chosen = await vscode.window.showWarningMessage(message, compare, keepMine, takeTheirs);
    if (chosen === compare) {
      const title = vscode.l10n.t("{0}: in its file ↔ edited", nameOf(uri));
      await vscode.commands.executeCommand("vscode.diff", uri.with({ scheme: SOURCE_SCHEME }), uri, title);
    } else if (chosen === keepMine) await this.#overwrite(uri);
    else if (chosen === takeTheirs) await this.#discard(uri);
  }

  async #overwrite(uri: vscode.Uri): Promise<void> {
    try {
      const template = await this.#opened(uri);
      template.base = await this.#current(uri);
      await (await vscode.workspace.openTextDocument(uri)).save();
    } catch (error) {
      this.#log.failure(vscode.l10n.t("The template was not saved."), error);
    }
  }

  async #discard(uri: vscode.Uri): Promise<void> {
    const template = await this.#opened(uri);
    template.mtime++;
    await vscode.window.showTextDocument(uri);
    await vscode.commands.executeCommand("workbench.action.files.revert");
  }
}

/** The scheme of what a template is in its file now, for comparing. */
const SOURCE_SCHEME = "tunesmith-template-source";

function isDirty(key: string): boolean {
  return vscode.workspace.textDocuments.some(({ uri, isDirty }) => isDirty && uri.toString() === key);
}

function gone(file: vscode.Uri): vscode.FileSystemError {
  return vscode.FileSystemError.FileNotFound(vscode.l10n.t("The template is no longer in {0}.", nameOf(file)));
}
