import * as vscode from "vscode";
import { outlierFence } from "../../core/playground/rowScore";
import type { RowScore } from "../../node/scoring/scoreRows";
import { grouped } from "../wording";
import { lossText, scoreText } from "./wording";

/** Documents of this scheme are reports, made anew from the scores whenever they are opened. */
const SCHEME = "tunesmith-scores";

/** Lines of a report. More can be scored; the file of scores is the place to look for all. */
const MAX_LINES = 10_000;

/** The loss of a row: that of its first prompt, the chosen answer of a preference row. */
function lossOf({ prompts }: RowScore): number {
  return prompts[0]?.loss ?? Number.NaN;
}

/** What the scores of a file's rows come to: a list sorted by loss, and diagnostics at the rows that stand out. */
export class ScoreReports implements vscode.Disposable, vscode.TextDocumentContentProvider, vscode.DocumentLinkProvider {
  readonly #reports = new Map<string, { readonly dataset: vscode.Uri; readonly text: string; readonly lines: readonly number[] }>();
  readonly #diagnostics = vscode.languages.createDiagnosticCollection("tunesmith-scores");
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #store: vscode.Disposable;

  constructor() {
    this.#store = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.languages.registerDocumentLinkProvider({ scheme: SCHEME }, this),
      // What was said of rows need not hold for the rows that they become.
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        // Deleting what is not there is told to the window as well.
        if (contentChanges.length > 0 && this.#diagnostics.has(document.uri)) this.#diagnostics.delete(document.uri);
      }),
    );
  }

  /** Shows the scores of a dataset. `done` is false where the scoring was interrupted. */
  async show(dataset: vscode.Uri, model: string, scores: readonly RowScore[], done: boolean): Promise<void> {
    const fence = outlierFence(scores.map(lossOf));
    this.#diagnostics.set(dataset, scores.flatMap((score) => diagnosticOf(score, fence)));
    const sorted = [...scores].sort((a, b) => rank(b) - rank(a)).slice(0, MAX_LINES);
    const head = [
      vscode.l10n.t("{0}: {1} rows scored with {2}, the highest loss first.", vscode.workspace.asRelativePath(dataset), grouped(scores.length), model),
      ...(done ? [] : [vscode.l10n.t("The scoring was stopped. 'Score Dataset' goes on where it was.")]),
      ...(sorted.length < scores.length ? [vscode.l10n.t("The first {0} are listed.", grouped(sorted.length))] : []),
      summary(scores, fence),
      "",
    ];
    const rows = sorted.map((score) => `${vscode.l10n.t("row {0}", score.row).padEnd(12)}${lossText(lossOf(score)).padStart(9)}  ${lineText(score)}`);
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `${dataset.path}.scores`, query: dataset.toString() });
    this.#reports.set(uri.toString(), { dataset, text: [...head, ...rows, ""].join("\n"), lines: [...head.map(() => 0), ...sorted.map(({ line }) => line)] });
    this.#changed.fire(uri);
    await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true, preview: true });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#reports.get(uri.toString())?.text ?? vscode.l10n.t("The scores are gone with the window that they were made in. 'Score Dataset' brings them back at once.");
  }

  provideDocumentLinks(document: vscode.TextDocument): vscode.DocumentLink[] {
    const report = this.#reports.get(document.uri.toString());
    const links: vscode.DocumentLink[] = [];
    report?.lines.forEach((line, index) => {
      if (line === 0 || index >= document.lineCount) return;
      const width = /^\S+ \S+/.exec(document.lineAt(index).text)?.[0].length ?? 0;
      links.push(new vscode.DocumentLink(new vscode.Range(index, 0, index, width), report.dataset.with({ fragment: `L${line}` })));
    });
    return links;
  }

  clear(): void {
    this.#diagnostics.clear();
  }

  dispose(): void {
    this.#store.dispose();
    this.#diagnostics.dispose();
    this.#changed.dispose();
  }
}

/** Rows that spoil a run come first, then by loss, and those without one last. */
function rank(score: RowScore): number {
  if (score.prompts.some(({ nonFinite }) => nonFinite.length > 0)) return Infinity;
  const loss = lossOf(score);
  return Number.isNaN(loss) ? -Infinity : loss;
}

function lineText({ prompts, problem }: RowScore): string {
  return [...prompts.map(scoreText), ...(problem === undefined ? [] : [problem])].join(" — ");
}

function summary(scores: readonly RowScore[], fence: number): string {
  const losses = scores.map(lossOf).filter((loss) => Number.isFinite(loss));
  if (losses.length === 0) return vscode.l10n.t("No row has a loss.");
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  const outliers = losses.filter((loss) => loss > fence).length;
  return vscode.l10n.t("Mean loss {0}; {1} rows stand out with more than {2}.", lossText(mean), grouped(outliers), lossText(fence));
}

function diagnosticOf(score: RowScore, fence: number): readonly vscode.Diagnostic[] {
  const range = new vscode.Range(score.line - 1, 0, score.line - 1, 1);
  const made = (message: string, code: string, severity: vscode.DiagnosticSeverity): vscode.Diagnostic => {
    const diagnostic = new vscode.Diagnostic(range, message, severity);
    diagnostic.source = "Tunesmith";
    diagnostic.code = code;
    return diagnostic;
  };
  const nonFinite = score.prompts.reduce((sum, prompt) => sum + prompt.nonFinite.length, 0);
  if (nonFinite > 0) {
    const message = vscode.l10n.t("{0} predictions of the model for this row are NaN or infinite. Training on it would meet the same.", nonFinite);
    return [made(message, "score/non-finite", vscode.DiagnosticSeverity.Warning)];
  }
  if (!(lossOf(score) > fence)) return [];
  const message = vscode.l10n.t("This row surprises the model more than the others: loss {0}, where most have less than {1}. Look whether it is right.", lossText(lossOf(score)), lossText(fence));
  return [made(message, "score/outlier", vscode.DiagnosticSeverity.Information)];
}
