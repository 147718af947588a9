import * as vscode from "vscode";
import { DisposableStore } from "../base/disposable";
import type { CommandId } from "../manifest/commands";
import { DATASET_LANGUAGE } from "../manifest/languages";
import type { LoadedModel } from "../core/analysis/workerContract";
import type { LoadedState, ModelState, TokensState } from "./documents/checker";
import { readSetting } from "./configuration";
import type { DocumentState, Documents } from "./documents/documents";
import { modelNameOf } from "../core/model/modelName";
import { findingCount, grouped, rowCount } from "./wording";

/** What an entry of the language status says. */
interface StatusText {
  readonly text: string;
  readonly detail: string;
  readonly severity: "information" | "warning" | "error";
  readonly busy: boolean;
}

const SELECT_MODEL = "tunesmith.selectModel" satisfies CommandId;

/** The language status of datasets: the model, with an action that selects another one, what is known of its tokens, and the rows with their findings. VS Code cuts lines that are long. */
export class Status implements vscode.Disposable {
  readonly #documents: Documents;
  readonly #store = new DisposableStore();
  readonly #model = this.#store.add(vscode.languages.createLanguageStatusItem("tunesmith.model", { language: DATASET_LANGUAGE }));
  readonly #tokens = this.#store.add(vscode.languages.createLanguageStatusItem("tunesmith.tokens", NOWHERE));
  readonly #rows = this.#store.add(vscode.languages.createLanguageStatusItem("tunesmith.rows", { language: DATASET_LANGUAGE }));

  constructor(documents: Documents) {
    this.#documents = documents;
    this.#model.name = vscode.l10n.t("Tunesmith Model");
    this.#model.command = { command: SELECT_MODEL, title: vscode.l10n.t("Select Model") };
    this.#tokens.name = vscode.l10n.t("Tunesmith Tokens");
    this.#rows.name = vscode.l10n.t("Tunesmith Dataset");
    this.#store.add(documents.onDidChange(() => this.#update()));
    this.#store.add(vscode.window.onDidChangeActiveTextEditor(() => this.#update()));
    this.#update();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #update(): void {
    const document = vscode.window.activeTextEditor?.document;
    if (document?.languageId !== DATASET_LANGUAGE) return;
    const state = this.#documents.stateOf(document.uri);
    const model = state?.model ?? NO_MODEL;
    show(this.#model, modelStatus(model));
    // Without a model there is nothing to say of its tokens.
    this.#tokens.selector = model.kind === "loaded" ? { language: DATASET_LANGUAGE } : NOWHERE;
    if (model.kind === "loaded") show(this.#tokens, tokensStatus(model));
    show(this.#rows, state === undefined ? uncheckedStatus(document.uri) : rowsStatus(state));
  }
}

/** A selector that no document has. */
const NOWHERE: vscode.DocumentSelector = [];
const NO_MODEL: ModelState = { kind: "none" };

function show(item: vscode.LanguageStatusItem, { text, detail, severity, busy }: StatusText): void {
  item.text = text;
  item.detail = detail;
  item.busy = busy;
  item.severity = SEVERITIES[severity];
}

const SEVERITIES: Readonly<Record<StatusText["severity"], vscode.LanguageStatusSeverity>> = {
  information: vscode.LanguageStatusSeverity.Information,
  warning: vscode.LanguageStatusSeverity.Warning,
  error: vscode.LanguageStatusSeverity.Error,
};

function uncheckedStatus(uri: vscode.Uri): StatusText {
  const detail = readSetting("check.enabled", uri) ? "" : vscode.l10n.t("tunesmith.check.enabled is off");
  return { text: vscode.l10n.t("Not checked"), detail, severity: "information", busy: false };
}

function modelStatus(model: ModelState): StatusText {
  const severity = model.kind === "failed" ? "error" : "information";
  return { text: modelText(model), detail: modelDetail(model), severity, busy: model.kind === "loading" };
}

function tokensStatus({ loaded, tokens }: LoadedState): StatusText {
  const parts = [loaded.vocabulary === null ? vscode.l10n.t("No tokenizer") : vscode.l10n.t("vocabulary of {0}", grouped(loaded.vocabulary))];
  if (tokens.kind === "judged" && tokens.errors > 0) parts.push(vscode.l10n.t("{0} untrained", grouped(tokens.errors)));
  const details = [...engineDetails(loaded), ...loaded.notes, ...tokenDetails(tokens)];
  return { text: parts.join(" · "), detail: details.join(" · "), severity: "information", busy: tokens.kind === "judging" };
}

function rowsStatus({ report, busy, stopped }: DocumentState): StatusText {
  if (stopped) {
    const detail = vscode.l10n.t("The check ended twice. See the output of Tunesmith; reopen the file to try again.");
    return { text: vscode.l10n.t("Checking stopped"), detail, severity: "error", busy: false };
  }
  if (report === undefined) return { text: vscode.l10n.t("Not checked yet"), detail: "", severity: "information", busy };
  const parts = [rowCount(report.rows)];
  if (report.tokens !== null) parts.push(vscode.l10n.t("{0} tokens", grouped(report.tokens.total)));
  const details = [report.format, findingCount(report.counts)];
  if (report.cut > 0) details.push(vscode.l10n.t("only the first {0} findings are shown, {1} more exist", grouped(report.findings.length), grouped(report.cut)));
  return { text: parts.join(" · "), detail: details.join(" · "), severity: report.cut > 0 ? "warning" : "information", busy };
}

function modelText(model: ModelState): string {
  return model.kind === "none" ? vscode.l10n.t("No model") : modelNameOf(model.folder);
}

function modelDetail(model: ModelState): string {
  if (model.kind === "failed") return model.message;
  if (model.kind === "loading") return vscode.l10n.t("loading the model");
  return model.kind === "loaded" || vscode.workspace.isTrusted ? "" : vscode.l10n.t("models of an untrusted workspace are ignored");
}

/** Of another engine than the fast one the notes tell, with the reason. */
function engineDetails({ model }: LoadedModel): readonly string[] {
  return model.engine?.kind === "fast" ? [vscode.l10n.t("fast tokenizer")] : [];
}

function tokenDetails(tokens: TokensState): readonly string[] {
  switch (tokens.kind) {
    case "judging":
      return [vscode.l10n.t("reading the embedding rows")];
    case "unknown":
      return [vscode.l10n.t("untrained tokens are not known")];
    case "judged":
      return tokens.gap === undefined ? [] : [vscode.l10n.t("not all untrained tokens are known: {0}", tokens.gap)];
  }
}
