import * as vscode from "vscode";
import { hasCode, messageOf } from "../../base/errors";
import type { CheckSettings, DocumentReport, LoadedModel } from "../../core/analysis/workerContract";
import { DocumentFeed } from "./documentFeed";
import type { Log } from "../log";
import { modelNameOf } from "../../core/model/modelName";
import type { VerdictsProgress } from "../../core/weights/workerMethods";
import { isHubModel } from "../models/models";
import { showRowsProgress } from "../models/rowsProgress";
import { CheckWorker } from "./worker";

/** How far a checker is with its model. */
export type ModelState =
  | { readonly kind: "none" }
  | { readonly kind: "loading"; readonly folder: string }
  | { readonly kind: "loaded"; readonly folder: string; readonly loaded: LoadedModel; readonly tokens: TokensState }
  | { readonly kind: "failed"; readonly folder: string; readonly message: string };

export type LoadedState = Extract<ModelState, { readonly kind: "loaded" }>;

/** Whether it is known which tokens of the model have untrained rows. */
export type TokensState =
  | { readonly kind: "judging" }
  /** `errors`: how many tokens must not be used. `gap`: why those of some tokens in use are not known. */
  | { readonly kind: "judged"; readonly errors: number; readonly tied: boolean; readonly gap?: string }
  | { readonly kind: "unknown"; readonly reason: string };

export interface CheckerOptions {
  /** The bundle that the worker runs. */
  readonly workerPath: string;
  readonly log: Log;
  readonly onReport: (report: DocumentReport) => void;
  /** The model, or whether documents are checked at all, has changed. */
  readonly onStateChange: () => void;
}

/** The editor and the check go on meanwhile. */
const JUDGING_THREADS = 2;

/** A crash is followed by a restart; another one is not, or a document that crashes the check would do so for ever. */
const RESTARTS = 1;

/** Checks the documents that have the same settings, in a worker of its own. */
export class Checker implements vscode.Disposable {
  readonly #options: CheckerOptions;
  readonly #documents = new Map<vscode.TextDocument, DocumentFeed>();
  #settings: CheckSettings;
  #worker: CheckWorker;
  #model: ModelState = { kind: "none" };
  /** Ends when the worker has taken the settings; one at a time, or a slow model would overtake a later choice. */
  #configuring: Promise<void>;
  /** The settings that the worker was given last. */
  #configured: CheckSettings | undefined;
  /** The folder of the model that the worker checks with. */
  #workerFolder: string | undefined;
  #restartsLeft = RESTARTS;
  #stopped = false;
  #disposed = false;
  #judging: AbortController | undefined;

  constructor(settings: CheckSettings, options: CheckerOptions) {
    this.#settings = settings;
    this.#options = options;
    this.#worker = this.#createWorker();
    this.#configuring = this.#configure();
  }

  get model(): ModelState {
    return this.#model;
  }

  /** Whether the worker crashed too often; nothing is checked until {@link restart}. */
  get stopped(): boolean {
    return this.#stopped;
  }

  get documents(): readonly vscode.TextDocument[] {
    return [...this.#documents.keys()];
  }

  /** Leads to the worker of now. */
  get channel(): CheckWorker["channel"] {
    return this.#worker.channel;
  }

  add(document: vscode.TextDocument): void {
    this.#documents.set(document, new DocumentFeed(document, this.#worker.channel));
  }

  change(event: vscode.TextDocumentChangeEvent): void {
    this.#documents.get(event.document)?.change(event);
  }

  remove(document: vscode.TextDocument): void {
    this.#documents.get(document)?.dispose();
    this.#documents.delete(document);
  }

  /** Checks all documents again with other settings. */
  configure(settings: CheckSettings): void {
    this.#settings = settings;
    this.#configuring = this.#configuring.then(() => this.#configure());
  }

  restart(): void {
    this.#stopped = false;
    this.#restartsLeft = RESTARTS;
    this.#replaceWorker();
  }

  dispose(): void {
    this.#disposed = true;
    this.#judging?.abort();
    this.#worker.dispose();
  }

  #createWorker(): CheckWorker {
    return new CheckWorker(this.#options.workerPath, {
      onReport: this.#options.onReport,
      onTokensWanted: () => {
        // One that failed, or that the user has stopped, is not begun again at every key.
        if (this.#model.kind === "loaded" && this.#model.tokens.kind === "judged" && this.#model.tokens.gap === undefined) void this.#judgeTokens(this.#model);
      },
      onCrash: (reason) => {
        this.#crashed(reason);
      },
    });
  }

  /**
   * Gives the worker the settings of now. Documents are checked without the model while it is loaded, and where it cannot be.
   * The first message is sent at once, so that it arrives before the documents.
   */
  async #configure(): Promise<void> {
    const worker = this.#worker;
    const settings = this.#settings;
    const isCurrent = (): boolean => this.#worker === worker && this.#settings === settings && !this.#disposed;
    if (this.#disposed || this.#configured === settings) return;
    this.#configured = settings;
    this.#judging?.abort();
    const withoutModel = { ...settings, model: undefined };
    if (settings.model === undefined) this.#setModel({ kind: "none" });
    else this.#setModel({ kind: "loading", folder: settings.model.source });
    try {
      // With another model, what needs none is checked first; with the same one, its findings stay until they are replaced.
      if (settings.model !== undefined && settings.model.source !== this.#workerFolder) await worker.channel.request("configure", withoutModel);
      if (!isCurrent()) return;
      const loaded = await worker.channel.request("configure", settings);
      this.#workerFolder = settings.model?.source;
      if (!isCurrent() || settings.model === undefined || loaded === null) return;
      for (const note of loaded.notes) this.#options.log.output.warn(note);
      void this.#judgeTokens({ kind: "loaded", folder: settings.model.source, loaded, tokens: { kind: "judging" } });
    } catch (error) {
      // Where the worker is gone, its crash is what is to be told.
      if (!isCurrent() || hasCode(error, "closed") || settings.model === undefined) return;
      this.#modelFailed(settings.model.source, messageOf(error));
      void worker.channel.request("configure", withoutModel).catch(() => undefined);
    }
  }

  /** Has the model's rows judged, beside everything else. Without them, all but the tokens is checked. */
  async #judgeTokens(model: LoadedState): Promise<void> {
    this.#judging?.abort();
    const judging = new AbortController();
    this.#judging = judging;
    const judged = model.tokens.kind === "judged" ? model.tokens : undefined;
    this.#setModel({ ...model, tokens: { kind: "judging" } });
    const byUser = new AbortController();
    const signal = AbortSignal.any([judging.signal, byUser.signal]);
    let tell: ((progress: VerdictsProgress) => void) | undefined;
    const show = (): ((progress: VerdictsProgress) => void) => showRowsProgress(modelNameOf(model.folder), table, () => byUser.abort());
    const onProgress = (progress: VerdictsProgress): void => {
      tell ??= show();
      tell(progress);
    };
    const table = this.#worker.channel.request("judgeTokens", { threads: JUDGING_THREADS }, { signal, onProgress });
    // A network may be silent from the start; of a file on disk, only reading can take long.
    if (isHubModel(model.folder)) tell = show();
    const tokens = await table
      .then(({ verdicts, tied }): TokensState => ({ kind: "judged", errors: verdicts.filter(({ severity }) => severity === "error").length, tied }))
      .catch((error: unknown): TokensState => {
        const reason = byUser.signal.aborted ? vscode.l10n.t("reading was cancelled") : messageOf(error);
        return judged === undefined ? { kind: "unknown", reason } : { ...judged, gap: reason };
      });
    // Another model, or other settings, may be in force by now.
    if (this.#judging !== judging || judging.signal.aborted || this.#model.kind !== "loaded") return;
    const gap = tokens.kind === "unknown" ? tokens.reason : tokens.kind === "judged" ? tokens.gap : undefined;
    if (gap !== undefined) this.#options.log.output.warn(`Tokens are not ${judged === undefined ? "" : "all "}checked for untrained rows. ${gap}`);
    this.#setModel({ ...this.#model, tokens });
  }

  #modelFailed(folder: string, message: string): void {
    this.#workerFolder = undefined;
    this.#setModel({ kind: "failed", folder, message });
    this.#options.log.error(vscode.l10n.t("The model {0} cannot be used: {1}", modelNameOf(folder), message), {
      title: vscode.l10n.t("Select Model…"),
      run: () => vscode.commands.executeCommand("tunesmith.selectModel"),
    });
  }

  #setModel(model: ModelState): void {
    this.#model = model;
    this.#options.onStateChange();
  }

  #crashed(reason: string): void {
    if (this.#restartsLeft > 0) {
      this.#restartsLeft--;
      this.#options.log.output.error(`The check starts again after it ended: ${reason}`);
      this.#replaceWorker();
      return;
    }
    this.#stopped = true;
    this.#options.log.error(vscode.l10n.t("Datasets are no longer checked, because the check ended twice. {0}", reason), {
      title: vscode.l10n.t("Restart"),
      run: () => {
        this.restart();
      },
    });
    this.#options.onStateChange();
  }

  #replaceWorker(): void {
    if (this.#disposed) return;
    this.#worker.dispose();
    this.#worker = this.#createWorker();
    this.#configured = undefined;
    this.#workerFolder = undefined;
    this.#configuring = this.#configure();
    for (const document of this.documents) {
      this.#documents.get(document)?.dispose();
      this.add(document);
    }
  }
}
