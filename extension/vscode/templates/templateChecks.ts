import * as vscode from "vscode";
import { CancelledError, hasCode, messageOf } from "../../base/errors";
import { DisposableStore } from "../../base/disposable";
import type { ShownTemplateFinding } from "../../core/language/template/contract";
import { onSettingsChange, readSetting } from "../configuration";
import type { Diagnostics } from "../diagnostics";
import { VERSION_SCHEMES } from "../documents/documents";
import type { Log } from "../log";
import { isTemplateDocument, modelFoldersOf } from "./templateFiles";
import type { TemplateWorker } from "./templateWorker";

/** How long typing must pause before a template is checked: the probes render it some fifty times. */
const PAUSE_MS = 250;

interface Checked {
  readonly document: vscode.TextDocument;
  timer: NodeJS.Timeout | undefined;
  running: vscode.CancellationTokenSource | undefined;
  findings: readonly ShownTemplateFinding[];
  version: number;
}

/** Checks the open chat templates, and publishes what is found. */
export class TemplateChecks implements vscode.Disposable {
  readonly #worker: TemplateWorker;
  readonly #diagnostics: Diagnostics;
  readonly #log: Log;
  readonly #checked = new Map<string, Checked>();
  readonly #store = new DisposableStore();

  constructor(worker: TemplateWorker, diagnostics: Diagnostics, log: Log) {
    this.#worker = worker;
    this.#diagnostics = diagnostics;
    this.#log = log;
    this.#store.add(vscode.workspace.onDidOpenTextDocument((document) => this.#open(document)));
    this.#store.add(vscode.workspace.onDidCloseTextDocument((document) => this.#close(document)));
    this.#store.add(vscode.workspace.onDidChangeTextDocument(({ document }) => this.#schedule(document.uri, PAUSE_MS)));
    this.#store.add(onSettingsChange(() => this.#settingsChanged()));
    for (const document of vscode.workspace.textDocuments) this.#open(document);
  }

  dispose(): void {
    this.#store.dispose();
    for (const checked of this.#checked.values()) stop(checked);
  }

  /** What was found in the document as it stands now; empty while a check of it is under way. */
  findingsOf(document: vscode.TextDocument): readonly ShownTemplateFinding[] {
    const checked = this.#checked.get(document.uri.toString());
    return checked?.version === document.version ? checked.findings : [];
  }

  #open(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    if (!isTemplateDocument(document) || VERSION_SCHEMES.has(document.uri.scheme) || this.#checked.has(key)) return;
    if (!readSetting("check.enabled", document.uri)) return;
    this.#checked.set(key, { document, timer: undefined, running: undefined, findings: [], version: -1 });
    this.#schedule(document.uri, 0);
  }

  #close({ uri }: vscode.TextDocument): void {
    const checked = this.#checked.get(uri.toString());
    if (checked === undefined) return;
    this.#checked.delete(uri.toString());
    stop(checked);
    this.#diagnostics.clear(uri);
  }

  #schedule(uri: vscode.Uri, milliseconds: number): void {
    const checked = this.#checked.get(uri.toString());
    if (checked === undefined) return;
    stop(checked);
    checked.timer = setTimeout(() => {
      checked.timer = undefined;
      void this.#check(checked);
    }, milliseconds);
  }

  async #check(checked: Checked): Promise<void> {
    const { document } = checked;
    const { uri, version } = document;
    const running = new vscode.CancellationTokenSource();
    checked.running = running;
    try {
      const { chatTemplateOf } = await import("./later");
      const template = chatTemplateOf(document);
      const params = { source: template?.source ?? "", folders: modelFoldersOf(uri), severities: readSetting("rules", uri) };
      const findings = template === undefined ? [] : await this.#worker.ask("templateCheck", params, running.token);
      if (running.token.isCancellationRequested || this.#checked.get(uri.toString()) !== checked || document.version !== version) return;
      checked.findings = findings;
      checked.version = version;
      this.#diagnostics.set(uri, findings);
    } catch (error) {
      if (error instanceof CancelledError) return;
      this.#log.output.warn(`${vscode.workspace.asRelativePath(uri)}: ${messageOf(error)}`);
      if (hasCode(error, "too-slow")) this.#diagnostics.set(uri, [tooSlow(messageOf(error))]);
    } finally {
      if (checked.running === running) checked.running = undefined;
      running.dispose();
    }
  }

  #settingsChanged(): void {
    for (const { document } of [...this.#checked.values()]) {
      if (readSetting("check.enabled", document.uri)) this.#schedule(document.uri, 0);
      else this.#close(document);
    }
    for (const document of vscode.workspace.textDocuments) this.#open(document);
  }
}

function stop(checked: Checked): void {
  if (checked.timer !== undefined) clearTimeout(checked.timer);
  checked.timer = undefined;
  checked.running?.cancel();
}

function tooSlow(message: string): Pick<ShownTemplateFinding, "rule" | "severity" | "message" | "range"> {
  const place = { line: 1, column: 1 };
  return { rule: "template/too-slow", severity: "warning", message, range: { start: place, end: place } };
}
