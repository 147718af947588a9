import { readFile } from "node:fs/promises";
import * as vscode from "vscode";
import type { Finding } from "../core/analysis/finding";
import type { Severity } from "../core/rules/rule";
import { rangeOf } from "./language/places";

const SEVERITIES: Readonly<Record<Severity, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  info: vscode.DiagnosticSeverity.Information,
  hint: vscode.DiagnosticSeverity.Hint,
};

/** Findings as the Problems view and the editors show them. */
export class Diagnostics implements vscode.Disposable {
  readonly #collection = vscode.languages.createDiagnosticCollection("tunesmith");
  readonly #rulesPage: vscode.Uri;
  /** Line of each rule's heading in the page, 1-based; empty until the page is read. */
  readonly #ruleLines = new Map<string, number>();

  constructor(rulesPage: vscode.Uri) {
    this.#rulesPage = rulesPage;
    void this.#readRuleLines();
  }

  /** Shows `findings` in place of what was shown for `uri`. */
  set(uri: vscode.Uri, findings: readonly Finding[]): void {
    this.#collection.set(
      uri,
      findings.map((finding) => this.#diagnostic(uri, finding)),
    );
  }

  clear(uri: vscode.Uri): void {
    this.#collection.delete(uri);
  }

  dispose(): void {
    this.#collection.dispose();
  }

  #diagnostic(uri: vscode.Uri, finding: Finding): vscode.Diagnostic {
    const diagnostic = new vscode.Diagnostic(rangeOf(finding.range), finding.message, SEVERITIES[finding.severity]);
    diagnostic.source = "Tunesmith";
    diagnostic.code = { value: finding.rule, target: this.#linkTo(finding.rule) };
    if (finding.related !== undefined) {
      diagnostic.relatedInformation = finding.related.map(
        ({ message, range, file }) => new vscode.DiagnosticRelatedInformation(new vscode.Location(file === undefined ? uri : vscode.Uri.file(file), rangeOf(range)), message),
      );
    }
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
