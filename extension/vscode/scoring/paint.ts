import * as vscode from "vscode";
import { LineMap } from "../../base/text";
import { SURPRISE_STEPS, surpriseLevel } from "../../core/playground/rowScore";
import type { RowTokens } from "../../core/playground/workerMethods";
import type { ScoreResult } from "../../protocol/sidecar";

/** A row and where it begins in its document, 0-based. */
export interface RowPlace {
  readonly text: string;
  readonly line: number;
  readonly character: number;
}

/** The higher the level, the heavier the line: the colour only adds to it. */
const LINES = ["underline dotted 1px", "underline solid 1px", "underline solid 3px", "underline wavy 2px"] as const;
const COLOURS = ["charts.yellow", "charts.orange", "charts.red", "charts.red"] as const;

/** Paints how surprising each part of a row is for a model, in the editors that show it, until the document changes. */
export class SurprisePaint implements vscode.Disposable {
  readonly #types = SURPRISE_STEPS.map((_, level) =>
    vscode.window.createTextEditorDecorationType({
      textDecoration: `${LINES[level]}`,
      overviewRulerColor: new vscode.ThemeColor(COLOURS[level] ?? "charts.red"),
      overviewRulerLane: vscode.OverviewRulerLane.Right,
      ...(level >= 2 ? { backgroundColor: new vscode.ThemeColor("diffEditor.removedTextBackground") } : {}),
    }),
  );
  readonly #painted = new Map<string, readonly (readonly vscode.DecorationOptions[])[]>();
  readonly #store: vscode.Disposable;

  constructor() {
    this.#store = vscode.Disposable.from(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) this.clear(document.uri);
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#painted.delete(uri.toString())),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#show()),
    );
  }

  /** Paints the prompts of a row; what they have in common is painted once, as the first says. */
  paint(uri: vscode.Uri, row: RowPlace, prompts: readonly { readonly tokens: RowTokens; readonly score: ScoreResult }[]): void {
    const levels: vscode.DecorationOptions[][] = SURPRISE_STEPS.map(() => []);
    const lines = new LineMap(row.text);
    const done = new Set<number>();
    for (const { tokens, score } of prompts) {
      for (let token = 1; token < tokens.ids.length; token++) {
        const [start = -1, end = -1] = tokens.places.subarray(token * 2, token * 2 + 2);
        if (start < 0 || done.has(start)) continue;
        done.add(start);
        const nats = -(score.logProbabilities[token] ?? 0);
        const level = surpriseLevel(nats);
        if (level === 0) continue;
        const trained = tokens.mask === undefined || tokens.mask[token] === 1;
        levels[level - 1]?.push({ range: rangeIn(lines, row, start, end), hoverMessage: hoverOf(nats, score.entropies[token] ?? 0, trained) });
      }
    }
    this.#painted.set(uri.toString(), levels);
    this.#show();
  }

  /** Takes the paint off a document, or off all. */
  clear(uri?: vscode.Uri): void {
    if (uri === undefined) this.#painted.clear();
    else if (!this.#painted.delete(uri.toString())) return;
    this.#show();
  }

  dispose(): void {
    this.#store.dispose();
    for (const type of this.#types) type.dispose();
  }

  #show(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const painted = this.#painted.get(editor.document.uri.toString());
      this.#types.forEach((type, level) => editor.setDecorations(type, painted?.[level] ?? []));
    }
  }
}

function rangeIn(lines: LineMap, row: RowPlace, start: number, end: number): vscode.Range {
  const at = (offset: number): vscode.Position => {
    const { line, column } = lines.positionAt(offset);
    return new vscode.Position(row.line + line - 1, column - 1 + (line === 1 ? row.character : 0));
  };
  return new vscode.Range(at(start), at(end));
}

function hoverOf(nats: number, entropy: number, trained: boolean): string {
  if (Number.isNaN(nats)) return vscode.l10n.t("The model's prediction here is not a number: training would meet the same.");
  const percent = (Math.exp(-nats) * 100).toPrecision(2);
  const said = vscode.l10n.t("The model holds this for {0} % likely (surprisal {1} nats, entropy {2} nats).", percent, nats.toFixed(2), entropy.toFixed(2));
  return trained ? said : `${said} ${vscode.l10n.t("It is not trained on.")}`;
}
