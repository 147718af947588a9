import * as vscode from "vscode";
import type { Finding } from "../../core/analysis/finding";
import { instructName } from "../../core/model/instructName";
import { modelNameOf } from "../../core/model/modelName";
import { nearUntrained } from "../../core/rules/tokens/nearUntrained";
import { untrained } from "../../core/rules/tokens/untrained";
import type { CommandId } from "../../manifest/commands";
import { DATASET_LANGUAGE } from "../../manifest/languages";
import type { Documents, DocumentState } from "../documents/documents";
import { rangeOf } from "../language/places";

/** The rules whose findings training the embedding rows takes away. */
const RULES: ReadonlySet<string> = new Set([untrained.meta.id, nearUntrained.meta.id]);

/** What can be done about untrained tokens elsewhere than in the row: in the training's configuration, or by another model. */
export function registerTokenActions(documents: Documents): vscode.Disposable {
  const provider: vscode.CodeActionProvider = {
    provideCodeActions(document, range, { diagnostics }) {
      const state = documents.stateOf(document.uri);
      const findings = state?.report?.findings.filter((finding) => RULES.has(finding.rule) && rangeOf(finding.range).intersection(range) !== undefined) ?? [];
      return state === undefined || findings.length === 0 ? [] : actionsFor(state, findings, diagnostics.filter(({ code }) => typeof code === "object" && RULES.has(String(code.value))));
    },
  };
  return vscode.languages.registerCodeActionsProvider({ language: DATASET_LANGUAGE }, provider, { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] });
}

function actionsFor({ model }: DocumentState, findings: readonly Finding[], diagnostics: vscode.Diagnostic[]): vscode.CodeAction[] {
  const ids = [...new Set(findings.flatMap(({ data }) => (typeof data["id"] === "number" ? [data["id"]] : [])))];
  const tied = model.kind === "loaded" && model.tokens.kind === "judged" && model.tokens.tied;
  const actions = [action(vscode.l10n.t("Copy a configuration that trains embed_tokens and lm_head…"), "tunesmith.copyTrainingConfiguration", [{ ids, tied }])];
  const instruct = model.kind === "none" ? undefined : instructName(modelNameOf(model.folder));
  if (instruct !== undefined) actions.push(action(vscode.l10n.t("Select the instruct model ({0})…", instruct), "tunesmith.selectModel", []));
  for (const each of actions) each.diagnostics = diagnostics;
  return actions;
}

function action(title: string, command: CommandId, args: readonly unknown[]): vscode.CodeAction {
  const made = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  made.command = { title, command, arguments: [...args] };
  return made;
}
