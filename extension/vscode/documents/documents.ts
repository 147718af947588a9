import * as vscode from "vscode";
import { DisposableStore } from "../../base/disposable";
import { codeOf, messageOf } from "../../base/errors";
import type { CheckSettings, DocumentReport, WorkerContract } from "../../core/analysis/workerContract";
import type { DatasetLanguageMethods, DocumentVersion } from "../../core/language/dataset/contract";
import { DATASET_LANGUAGE } from "../../manifest/languages";
import { Checker, type ModelState } from "./checker";
import { checkSettingsFor, onSettingsChange, readSetting } from "../configuration";
import type { Diagnostics } from "../diagnostics";
import type { HubToken } from "../models/hubToken";
import type { TrainingFiles } from "../training/trainingFiles";
import type { Log } from "../log";

/** What is known of an open dataset. */
export interface DocumentState {
  readonly model: ModelState;
  /** The last report, which may be about an earlier version; undefined before the first. */
  readonly report: DocumentReport | undefined;
  readonly busy: boolean;
  /** Whether the check crashed too often and was given up. */
  readonly stopped: boolean;
}

interface Tracked {
  readonly document: vscode.TextDocument;
  checker: Checker;
  report: DocumentReport | undefined;
}

/** Schemes of documents that show what some other file was, or would be: their findings would stand twice in the Problems view. */
export const VERSION_SCHEMES: ReadonlySet<string> = new Set(["git", "gitfs", "gitlens", "review", "pr", "vscode-local-history", "chat-editing-snapshot-text-model", "vscode-bulkeditpreview-editor"]);

/** A worker without documents is kept for a while: reopening a file should not load the model again. */
const KEEP_IDLE_CHECKER_MS = 30_000;

/** Reasons for which a question about a document has no answer, none of which is anybody's fault. */
const UNANSWERED: ReadonlySet<string> = new Set(["stale", "cancelled", "closed"]);

export interface DocumentsOptions {
  readonly workerPath: string;
  readonly diagnostics: Diagnostics;
  readonly training: TrainingFiles;
  readonly hubToken: HubToken;
  readonly log: Log;
}

/** Has the open datasets checked, and publishes what is found. Datasets with the same settings share a worker. */
export class Documents implements vscode.Disposable {
  readonly #options: DocumentsOptions;
  readonly #tracked = new Map<string, Tracked>();
  readonly #checkers = new Map<string, Checker>();
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  /** Fires when the state of a document may have changed. */
  readonly onDidChange = this.#changed.event;
  readonly #modelChanged = this.#store.add(new vscode.EventEmitter<void>());
  /** Fires when a document may be rendered with another model from now on. */
  readonly onDidChangeModel = this.#modelChanged.event;

  constructor(options: DocumentsOptions) {
    this.#options = options;
    this.#store.add(vscode.workspace.onDidOpenTextDocument((document) => this.#open(document)));
    this.#store.add(vscode.workspace.onDidCloseTextDocument((document) => this.#close(document)));
    this.#store.add(
      vscode.workspace.onDidChangeTextDocument((event) => {
        this.#tracked.get(event.document.uri.toString())?.checker.change(event);
      }),
    );
    this.#store.add(onSettingsChange(() => this.#settingsChanged()));
    this.#store.add(options.training.onDidChange(() => this.#settingsChanged()));
    this.#store.add(options.hubToken.onDidChange(() => this.#hubTokenChanged()));
    for (const document of vscode.workspace.textDocuments) this.#open(document);
  }

  /** The state of `uri`, or undefined where it is no open dataset or is not to be checked. */
  stateOf(uri: vscode.Uri): DocumentState | undefined {
    const tracked = this.#tracked.get(uri.toString());
    if (tracked === undefined) return undefined;
    const { checker, report, document } = tracked;
    const current = report?.complete === true && report.version === document.version;
    const busy = !checker.stopped && (!current || checker.model.kind === "loading");
    return { model: checker.model, report, busy, stopped: checker.stopped };
  }

  /**
   * Asks the worker that has `document` about it.
   * @returns undefined where it is not checked, has changed before the answer came, or nobody wants the answer any more.
   */
  async ask<M extends keyof DatasetLanguageMethods>(
    document: vscode.TextDocument,
    method: M,
    params: Omit<DatasetLanguageMethods[M]["params"], keyof DocumentVersion>,
    token?: vscode.CancellationToken,
  ): Promise<DatasetLanguageMethods[M]["result"] | undefined> {
    const tracked = this.#tracked.get(document.uri.toString());
    if (tracked === undefined || tracked.checker.stopped || token?.isCancellationRequested === true) return undefined;
    const abort = new AbortController();
    const cancellation = token?.onCancellationRequested(() => abort.abort());
    try {
      const asked = { uri: document.uri.toString(), version: document.version, ...params } as WorkerContract["methods"][M]["params"];
      return await tracked.checker.channel.request(method, asked, { signal: abort.signal });
    } catch (error) {
      if (!UNANSWERED.has(codeOf(error) ?? "")) this.#options.log.output.error(`${method}: ${messageOf(error)}`);
      return undefined;
    } finally {
      cancellation?.dispose();
    }
  }

  dispose(): void {
    this.#store.dispose();
    for (const checker of this.#checkers.values()) checker.dispose();
  }

  /** Threads begin anew with the token of now: a model of the hub may be chosen for them next. */
  #hubTokenChanged(): void {
    for (const checker of this.#checkers.values()) if (!checker.stopped) checker.restart();
  }

  #open(document: vscode.TextDocument): void {
    const uri = document.uri.toString();
    if (document.languageId !== DATASET_LANGUAGE || VERSION_SCHEMES.has(document.uri.scheme) || this.#tracked.has(uri)) return;
    if (!readSetting("check.enabled", document.uri)) return;
    const checker = this.#checkerFor(this.#settingsFor(document));
    this.#tracked.set(uri, { document, checker, report: undefined });
    checker.add(document);
    this.#changed.fire();
  }

  /** Also called when the language of a document changes: VS Code closes and opens it then. */
  #close(document: vscode.TextDocument): void {
    const uri = document.uri.toString();
    const tracked = this.#tracked.get(uri);
    if (tracked === undefined) return;
    this.#tracked.delete(uri);
    tracked.checker.remove(document);
    this.#options.diagnostics.clear(document.uri);
    this.#disposeWhenIdle(tracked.checker);
    this.#changed.fire();
  }

  #settingsFor({ uri }: vscode.TextDocument): CheckSettings {
    return checkSettingsFor(uri, this.#options.training);
  }

  #checkerFor(settings: CheckSettings): Checker {
    const key = JSON.stringify(settings);
    const existing = this.#checkers.get(key);
    if (existing !== undefined) {
      if (existing.stopped) existing.restart();
      return existing;
    }
    const checker = new Checker(settings, {
      workerPath: this.#options.workerPath,
      log: this.#options.log,
      onReport: (report) => this.#report(report),
      onStateChange: () => {
        this.#changed.fire();
        this.#modelChanged.fire();
      },
    });
    this.#checkers.set(key, checker);
    return checker;
  }

  #disposeWhenIdle(checker: Checker): void {
    if (checker.documents.length > 0) return;
    const timer = setTimeout(() => {
      if (checker.documents.length > 0) return;
      checker.dispose();
      for (const [key, candidate] of this.#checkers) if (candidate === checker) this.#checkers.delete(key);
    }, KEEP_IDLE_CHECKER_MS);
    timer.unref();
  }

  #report(report: DocumentReport): void {
    const tracked = this.#tracked.get(report.uri);
    // The places of an older version would jump; the report of the current one is on its way.
    if (tracked?.document.version !== report.version) return;
    tracked.report = report;
    const { model } = tracked.checker;
    this.#options.diagnostics.set(tracked.document.uri, report.findings, model.kind === "loaded" ? model.loaded : undefined);
    this.#changed.fire();
  }

  /** Where all documents of a checker get the same new settings, it keeps them, so that their lines need not be sent again. */
  #settingsChanged(): void {
    for (const [key, checker] of [...this.#checkers]) {
      const settings = checker.documents.map((document) => this.#settingsFor(document));
      const [newKey, ...others] = new Set(settings.map((each) => JSON.stringify(each)));
      const [first] = settings;
      if (first === undefined || newKey === undefined || others.length > 0 || newKey === key || this.#checkers.has(newKey)) continue;
      this.#checkers.delete(key);
      this.#checkers.set(newKey, checker);
      checker.configure(first);
    }
    for (const { document, checker } of [...this.#tracked.values()]) {
      const settings = this.#settingsFor(document);
      const enabled = readSetting("check.enabled", document.uri);
      if (!enabled || this.#checkers.get(JSON.stringify(settings)) !== checker) this.#close(document);
    }
    for (const document of vscode.workspace.textDocuments) this.#open(document);
    this.#changed.fire();
  }
}
