import * as vscode from "vscode";
import { lazy } from "../../../base/lazy";
import { DisposableStore } from "../../../base/disposable";
import type { Log } from "../../log";
import type { TemplateWorker } from "../templateWorker";

/** The files that hold cases of templates: a conversation, and the prompt that the template must make of it. */
export const CASE_FILES = "**/*.chat.json";
/** What packages bring along is nobody's to run here. */
export const NOT_CASE_FILES = "**/node_modules/**";

/** Shows the cases of templates in the Testing view, once a file in the workspace has some: until then there is no such view. */
export class CaseWatch implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #tests;

  constructor(worker: TemplateWorker, log: Log) {
    this.#tests = lazy(async () => {
      const { CaseTests } = await import("../later");
      const tests = new CaseTests(worker, log);
      if (this.#store.disposed) tests.dispose();
      else this.#store.add(tests);
      return tests;
    });
    const watcher = this.#store.add(vscode.workspace.createFileSystemWatcher(CASE_FILES));
    this.#store.add(watcher.onDidCreate(async (uri) => (await this.#tests()).read(uri)));
    this.#store.add(watcher.onDidChange(async (uri) => (await this.#tests()).read(uri)));
    this.#store.add(watcher.onDidDelete(async (uri) => (await this.#tests()).forget(uri)));
    void vscode.workspace.findFiles(CASE_FILES, NOT_CASE_FILES, 1).then(async ([first]) => {
      if (first !== undefined && !this.#store.disposed) await (await this.#tests()).readAll();
    });
  }

  /** Makes the prompt of a case what it asks for; the argument is what the menus of the Testing view give. */
  async accept([given]: readonly unknown[]): Promise<void> {
    await (await this.#tests()).accept(given);
  }

  dispose(): void {
    this.#store.dispose();
  }
}
