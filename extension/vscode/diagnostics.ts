import { readFile } from "node:fs/promises";
import * as vscode from "vscode";
import type { Finding } from "../core/analysis/finding";
import type { LoadedModel } from "../core/analysis/workerContract";
import type { Severity } from "../core/rules/rule";
import { rangeOf } from "./language/places";
import { configTemplateUri } from "./templates/configTemplateUri";

const SEVERITIES: Readonly<Record<Severity, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  info: vscode.DiagnosticSeverity.Information,
  hint: vscode.DiagnosticSeverity.Hint,
};

/** What is shown of a finding. */
export type ShownFinding = Pick<Finding, "rule" | "severity" | "message" | "range" | "related"> & Partial<Pick<Finding, "data">>;

type TemplateHolder = Pick<LoadedModel, "templateFile" | "templatePointer">;

/** Findings as the Problems view and the editors show them. */
export class Diagnostics implements vscode.Disposable {
  readonly #collection = vscode.languages.createDiagnosticCollection("tunesmith");
  readonly #rulesPage: vscode.Uri;
  readonly #shown = new Map<string, { readonly uri: vscode.Uri; readonly findings: readonly ShownFinding[] }>();
  /** Line of each rule's heading in the page, 1-based; empty until the page is read. */
  readonly #ruleLines = new Map<string, number>();

  constructor(rulesPage: vscode.Uri) {
    this.#rulesPage = rulesPage;
    void this.#readRuleLines();
  }

  /** What is shown of a rule, in all files. */
  findingsOf(rule: string): readonly { readonly uri: vscode.Uri; readonly finding: ShownFinding }[] {
    return [...this.#shown.values()].flatMap(({ uri, findings }) => findings.filter((finding) => finding.rule === rule).map((finding) => ({ uri, finding })));
  }

  /**
   * Shows `findings` in place of what was shown for `uri`.
   * @param model whose chat template leads to the line that refused a row
   */
  set(uri: vscode.Uri, findings: readonly ShownFinding[], model?: TemplateHolder): void {
    this.#shown.set(uri.toString(), { uri, findings });
    this.#collection.set(
      uri,
      findings.map((finding) => this.#diagnostic(uri, finding, model)),
    );
  }

  clear(uri: vscode.Uri): void {
    this.#shown.delete(uri.toString());
    this.#collection.delete(uri);
  }

  dispose(): void {
    this.#collection.dispose();
  }

  #diagnostic(uri: vscode.Uri, finding: ShownFinding, model: TemplateHolder | undefined): vscode.Diagnostic {
    const diagnostic = new vscode.Diagnostic(rangeOf(finding.range), finding.message, SEVERITIES[finding.severity]);
    diagnostic.source = "Tunesmith";
    diagnostic.code = { value: finding.rule, target: this.#linkTo(finding.rule) };
    const related = (finding.related ?? []).map(
      ({ message, range, file }) => new vscode.DiagnosticRelatedInformation(new vscode.Location(file === undefined ? uri : vscode.Uri.file(file), rangeOf(range)), message),
    );
    if (model !== undefined) related.push(...refusingLine(finding, model));
    if (related.length > 0) diagnostic.relatedInformation = related;
    return diagnostic;
  }

  #linkTo(rule: string): vscode.Uri {
    const line = this.#ruleLines.get(rule);
    // VS Code takes the fragment of a file's address for the line to go to.
    return line === undefined ? this.#rulesPage : this.#rulesPage.with({ fragment: `L${line}` });
  }

  async #readRuleLines(): Promise<void> {
    const page = await readFile(this.#rulesPage.fsPath, "utf8").catch(() => "");
    for (const [index, line] of page.split("\n").entries()) {
      const rule = /^## .*?([a-z-]+\/[a-z-]+)$/.exec(line)?.[1];
      if (rule !== undefined) this.#ruleLines.set(rule, index + 1);
    }
  }
}

/** The place in the chat template that refused the row. */
function refusingLine({ data = {} }: ShownFinding, { templateFile, templatePointer }: TemplateHolder): readonly vscode.DiagnosticRelatedInformation[] {
  const { templateLine: line, templateColumn: column } = data;
  if (templateFile === undefined || typeof line !== "number" || typeof column !== "number") return [];
  const file = vscode.Uri.file(templateFile);
  const address = templatePointer === undefined ? file : configTemplateUri({ file, pointer: templatePointer }, "default");
  const place = new vscode.Location(address, new vscode.Position(line - 1, column - 1));
  return [new vscode.DiagnosticRelatedInformation(place, vscode.l10n.t("The chat template refuses the row here."))];
}
