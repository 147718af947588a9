import * as vscode from "vscode";
import { DisposableStore } from "../../base/disposable";
import { type FoundTraining, type PlacedTraining, trainingFor } from "../../core/training/placedTraining";
import { CONFIG_EXTENSIONS, MAX_ALL_CONFIG_BYTES, MAX_CONFIG_BYTES, MAX_CONFIG_FILES, NOT_SEARCHED_FOLDERS, isConfigFile } from "../../core/training/trainingConfig";
import { ConfigReader } from "../../node/training/configReader";
import type { Log } from "../log";

/** A file that is being written, or a checkout, tells of many changes. */
const SETTLE_MS = 300;

/**
 * What the workspace's files say about the training of embedding rows. Files are read as text; nothing is run, so that this
 * holds in untrusted workspaces too. They are looked for when somebody asks first, and read again when they change.
 */
export class TrainingFiles implements vscode.Disposable {
  readonly #workerPath: string;
  readonly #log: Log;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  /** Fires when {@link trainingOf} may say something else. */
  readonly onDidChange = this.#changed.event;
  /** By the address of the file; files without a configuration are not in it. */
  readonly #found = new Map<string, readonly FoundTraining[]>();
  #loading: Promise<void> | undefined;
  readonly #stale = new Map<string, vscode.Uri>();
  #settling: ReturnType<typeof setTimeout> | undefined;

  constructor(workerPath: string, log: Log) {
    this.#workerPath = workerPath;
    this.#log = log;
    this.#store.add({ dispose: () => clearTimeout(this.#settling) });
  }

  /** The configurations that a dataset is most probably trained with, as far as they are known now. @param model its name. */
  trainingOf(dataset: vscode.Uri, model: string): readonly PlacedTraining[] {
    void this.ready();
    const folder = vscode.workspace.getWorkspaceFolder(dataset);
    if (folder === undefined) return [];
    const here = [...this.#found].filter(([uri]) => vscode.workspace.getWorkspaceFolder(vscode.Uri.parse(uri)) === folder);
    return trainingFor(here.flatMap(([, found]) => found), [dataset.fsPath], model);
  }

  /** All that there are. */
  async all(): Promise<readonly FoundTraining[]> {
    await this.ready();
    return [...this.#found.values()].flat();
  }

  /** Settles when all files were looked at once. */
  ready(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #load(): Promise<void> {
    const pattern = `**/*.{${CONFIG_EXTENSIONS.join(",")}}`;
    const watcher = this.#store.add(vscode.workspace.createFileSystemWatcher(pattern));
    for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete]) this.#store.add(event((uri) => this.#touch(uri)));
    this.#followEditor();
    this.#store.add(vscode.workspace.onDidChangeWorkspaceFolders(() => void this.#search(pattern)));
    await this.#search(pattern);
  }

  async #search(pattern: string): Promise<void> {
    const files = await vscode.workspace.findFiles(pattern, `**/{${NOT_SEARCHED_FOLDERS.join(",")}}/**`, MAX_CONFIG_FILES);
    if (files.length === MAX_CONFIG_FILES) this.#log.output.warn(`Training configurations were looked for in ${MAX_CONFIG_FILES} files only.`);
    // What is nearer to the workspace's root is about it more probably.
    const depth = ({ path }: vscode.Uri): number => path.split("/").length;
    await this.#read(files.filter(({ scheme }) => scheme === "file").sort((a, b) => depth(a) - depth(b)));
  }

  /** What is done in the editor itself is known at once; a watcher may take its time, and is not everywhere to be had. */
  #followEditor(): void {
    const touch = (uris: readonly vscode.Uri[]): void => {
      for (const uri of uris) if (isConfigFile(uri.path)) this.#touch(uri);
    };
    this.#store.add(vscode.workspace.onDidSaveTextDocument(({ uri }) => touch([uri])));
    this.#store.add(vscode.workspace.onDidCreateFiles(({ files }) => touch(files)));
    this.#store.add(vscode.workspace.onDidDeleteFiles(({ files }) => touch(files)));
    this.#store.add(vscode.workspace.onDidRenameFiles(({ files }) => touch(files.flatMap(({ oldUri, newUri }) => [oldUri, newUri]))));
  }

  #touch(uri: vscode.Uri): void {
    if (uri.scheme !== "file" || uri.path.split("/").some((part) => NOT_SEARCHED_FOLDERS.includes(part))) return;
    this.#stale.set(uri.toString(), uri);
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      const files = [...this.#stale.values()].slice(0, MAX_CONFIG_FILES);
      this.#stale.clear();
      void this.#read(files);
    }, SETTLE_MS);
  }

  async #read(files: readonly vscode.Uri[]): Promise<void> {
    const reader = new ConfigReader(this.#workerPath);
    let changed = false;
    let bytes = 0;
    try {
      for (const uri of files) {
        const text = bytes > MAX_ALL_CONFIG_BYTES ? undefined : await textOf(uri);
        bytes += text?.length ?? 0;
        const found = text === undefined ? [] : await reader.read({ file: uri.fsPath, name: vscode.workspace.asRelativePath(uri), text });
        const key = uri.toString();
        changed ||= found.length > 0 || this.#found.has(key);
        if (found.length > 0) this.#found.set(key, found);
        else this.#found.delete(key);
      }
    } finally {
      await reader.close();
    }
    if (changed) this.#changed.fire();
  }
}

/** Undefined where the file went away, may not be read or is too long: then it says nothing. */
async function textOf(uri: vscode.Uri): Promise<string | undefined> {
  try {
    if ((await vscode.workspace.fs.stat(uri)).size > MAX_CONFIG_BYTES) return undefined;
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return undefined;
  }
}
