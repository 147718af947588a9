import * as vscode from "vscode";
import type { DocumentEdit, OfferedFix } from "../../core/language/dataset/contract";
import type { FixChoice } from "../../core/language/dataset/fixes";
import { DATASET_LANGUAGE } from "../../manifest/languages";
import type { Documents } from "../documents/documents";
import { positionRangeOf, rangeOf, workspaceEdit } from "./places";

/** What a save runs when `editor.codeActionsOnSave` names it, and what the menu of source actions shows. */
const FIX_ALL_KIND = vscode.CodeActionKind.SourceFixAll.append("tunesmith");

/** Quick fixes of findings, the same fix for a whole file, and the source action that makes all safe ones. */
export function registerCodeActions(documents: Documents): vscode.Disposable {
  return vscode.languages.registerCodeActionsProvider({ language: DATASET_LANGUAGE }, new FixProvider(documents), {
    providedCodeActionKinds: [vscode.CodeActionKind.QuickFix, vscode.CodeActionKind.RefactorRewrite, FIX_ALL_KIND],
  });
}

/** A change that is made to every row; its edits take time and are only made when it is chosen. */
class WholeFileAction extends vscode.CodeAction {
  /** The edits, or undefined where there is no answer any more. */
  readonly makeEdit: (token: vscode.CancellationToken) => Promise<vscode.WorkspaceEdit | undefined>;

  constructor(title: string, kind: vscode.CodeActionKind, makeEdit: WholeFileAction["makeEdit"]) {
    super(title, kind);
    this.makeEdit = makeEdit;
  }
}

class FixProvider implements vscode.CodeActionProvider {
  readonly #documents: Documents;

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  async provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    context: vscode.CodeActionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.CodeAction[]> {
    const actions: vscode.CodeAction[] = [];
    if (context.only !== undefined && FIX_ALL_KIND.intersects(context.only)) {
      actions.push(this.#fixAll(vscode.l10n.t("Fix what can be fixed without losing data"), FIX_ALL_KIND, document, "safe"));
    }
    if (context.only === undefined || vscode.CodeActionKind.QuickFix.intersects(context.only)) {
      const fixes = await this.#documents.ask(document, "datasetFixes", { range: positionRangeOf(range) }, token);
      actions.push(...this.#quickFixes(document, fixes ?? [], context.diagnostics));
    }
    if (context.only === undefined || vscode.CodeActionKind.RefactorRewrite.intersects(context.only)) {
      actions.push(...(await this.#refactorings(document, range, token)));
    }
    return actions;
  }

  async resolveCodeAction(action: vscode.CodeAction, token: vscode.CancellationToken): Promise<vscode.CodeAction> {
    const edit = action instanceof WholeFileAction ? await action.makeEdit(token) : undefined;
    if (edit !== undefined) action.edit = edit;
    return action;
  }

  /** Fixes of findings, and behind them those for the whole file, one of each kind. */
  #quickFixes(document: vscode.TextDocument, fixes: readonly OfferedFix[], diagnostics: readonly vscode.Diagnostic[]): vscode.CodeAction[] {
    const single = fixes.map((fix) => quickFix(document, fix, diagnostics));
    const all = new Map<string, vscode.CodeAction>();
    const counts = findingsByRule(document.uri);
    for (const { rule, id, title } of fixes) {
      if ((counts.get(rule) ?? 0) < 2 || all.has(`${rule} ${id}`)) continue;
      const allTitle = vscode.l10n.t("{0} – for all '{1}' in this file", title, rule);
      all.set(`${rule} ${id}`, this.#fixAll(allTitle, vscode.CodeActionKind.QuickFix, document, { rule, id }));
    }
    return [...single, ...all.values()];
  }

  #fixAll(title: string, kind: vscode.CodeActionKind, document: vscode.TextDocument, choice: FixChoice): vscode.CodeAction {
    return new WholeFileAction(title, kind, async (token) => {
      const edits = await this.#documents.ask(document, "datasetFixAll", { choice }, token);
      return edits === undefined ? undefined : editOf(document, edits, choice, title);
    });
  }

  async #refactorings(document: vscode.TextDocument, range: vscode.Range, token: vscode.CancellationToken): Promise<vscode.CodeAction[]> {
    const found = await this.#documents.ask(document, "datasetRefactorings", { range: positionRangeOf(range) }, token);
    return (found ?? []).flatMap(({ id, title, edits }) => {
      const single = new vscode.CodeAction(title, vscode.CodeActionKind.RefactorRewrite);
      single.edit = workspaceEdit(document.uri, edits);
      const allTitle = vscode.l10n.t("{0} – in all rows of this file", title);
      const all = new WholeFileAction(allTitle, vscode.CodeActionKind.RefactorRewrite, async (allToken) => {
        const allEdits = await this.#documents.ask(document, "datasetRefactorAll", { id }, allToken);
        return allEdits === undefined ? undefined : workspaceEdit(document.uri, allEdits);
      });
      return [single, all];
    });
  }
}

function quickFix(document: vscode.TextDocument, fix: OfferedFix, diagnostics: readonly vscode.Diagnostic[]): vscode.CodeAction {
  const action = new vscode.CodeAction(fix.title, vscode.CodeActionKind.QuickFix);
  const range = rangeOf(fix.range);
  action.diagnostics = diagnostics.filter((diagnostic) => ruleOf(diagnostic) === fix.rule && diagnostic.range.isEqual(range));
  action.isPreferred = fix.safe;
  action.edit = workspaceEdit(document.uri, fix.edits);
  return action;
}

/** Rows are not deleted all over a file before somebody has seen which. */
function editOf(document: vscode.TextDocument, edits: readonly DocumentEdit[], choice: FixChoice, label: string): vscode.WorkspaceEdit {
  const needsConfirmation = choice !== "safe" && choice.id === "delete-row";
  return workspaceEdit(document.uri, edits, needsConfirmation ? { label, needsConfirmation } : undefined);
}

function findingsByRule(uri: vscode.Uri): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const rule of vscode.languages.getDiagnostics(uri).map(ruleOf)) if (rule !== undefined) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return counts;
}

/** The rule of a diagnostic of ours. */
function ruleOf({ source, code }: vscode.Diagnostic): string | undefined {
  return source === "Tunesmith" && typeof code === "object" ? String(code.value) : undefined;
}
