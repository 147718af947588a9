import * as vscode from "vscode";
import { DisposableStore } from "../../base/disposable";
import type { RowTokens } from "../../core/language/dataset/contract";
import { DATASET_LANGUAGE } from "../../manifest/languages";
import { onSettingsChange, readSetting } from "../configuration";
import type { Documents } from "../documents/documents";
import { datasetOf, rowAddress } from "../rows/rowUri";
import { grouped } from "../wording";
import { positionRangeOf } from "./places";

/** Before each row, how many tokens its prompt has and how many of them are trained on. */
export class TokenCounts implements vscode.InlayHintsProvider, vscode.Disposable {
  readonly #documents: Documents;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  readonly onDidChangeInlayHints = this.#changed.event;

  constructor(documents: Documents) {
    this.#documents = documents;
    this.#store.add(vscode.languages.registerInlayHintsProvider({ language: DATASET_LANGUAGE }, this));
    // After an edit VS Code asks by itself.
    this.#store.add(documents.onDidChangeModel(() => this.#changed.fire()));
    this.#store.add(onSettingsChange(() => this.#changed.fire()));
  }

  dispose(): void {
    this.#store.dispose();
  }

  async provideInlayHints(document: vscode.TextDocument, range: vscode.Range, token: vscode.CancellationToken): Promise<vscode.InlayHint[]> {
    const dataset = datasetOf(document.uri);
    if (!readSetting("tokenCounts", dataset)) return [];
    const rows = await this.#documents.ask(document, "datasetTokens", { range: positionRangeOf(range) }, token);
    const maxLength = readSetting("maxLength", dataset);
    const own = rowAddress(document.uri)?.row;
    return (rows ?? []).map((row) => hintOf(own === undefined ? row : { ...row, row: own }, maxLength));
  }
}

function hintOf(row: RowTokens, maxLength: number | null): vscode.InlayHint {
  const { line, column } = row.position;
  const hint = new vscode.InlayHint(new vscode.Position(line - 1, column - 1), labelOf(row, maxLength));
  hint.paddingRight = true;
  hint.tooltip = tooltipOf(row, maxLength);
  return hint;
}

/** `1,234 tok`, of two prompts `1,234 | 987 tok`; a row over the limit is marked with a sign, not by colour. */
function labelOf({ counts, refused }: RowTokens, maxLength: number | null): string {
  if (counts.length === 0) return refused === undefined ? "–" : vscode.l10n.t("refused");
  const over = maxLength !== null && counts.some(({ tokens }) => tokens > maxLength);
  return `${over ? "⚠ " : ""}${vscode.l10n.t("{0} tok", counts.map(({ tokens }) => grouped(tokens)).join(" | "))}`;
}

function tooltipOf({ row, counts, refused }: RowTokens, maxLength: number | null): string {
  const lines = counts.map(({ variant, tokens, trained }) => {
    const parts = [vscode.l10n.t("{0} tokens", grouped(tokens))];
    parts.push(trained === undefined ? vscode.l10n.t("the chat template does not say which are trained on") : vscode.l10n.t("{0} trained on", grouped(trained)));
    if (maxLength !== null && tokens > maxLength) parts.push(vscode.l10n.t("{0} over the limit of {1}", grouped(tokens - maxLength), grouped(maxLength)));
    return `${variant ?? vscode.l10n.t("Row {0}", row)}: ${parts.join(", ")}`;
  });
  if (refused !== undefined) lines.push(vscode.l10n.t("The chat template refuses this row: {0}", refused));
  return lines.join("\n");
}
