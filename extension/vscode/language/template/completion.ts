import * as vscode from "vscode";
import { type Completion, type CompletionKind, completionsAt } from "../../../core/language/template/completion";
import { completionContextAt } from "../../../core/language/template/completionContext";
import { modelFoldersOf } from "../../templates/templateFiles";
import { templateTextOf } from "../../templates/templateTexts";
import type { TemplateWorker } from "../../templates/templateWorker";

const KINDS: Readonly<Record<CompletionKind, vscode.CompletionItemKind>> = {
  tag: vscode.CompletionItemKind.Keyword,
  filter: vscode.CompletionItemKind.Function,
  test: vscode.CompletionItemKind.Operator,
  function: vscode.CompletionItemKind.Function,
  variable: vscode.CompletionItemKind.Variable,
  macro: vscode.CompletionItemKind.Function,
  field: vscode.CompletionItemKind.Field,
  method: vscode.CompletionItemKind.Method,
  keyword: vscode.CompletionItemKind.Keyword,
  "special-token": vscode.CompletionItemKind.Constant,
};

/** Completion of tags, names, fields, filters, tests and special tokens. */
export async function templateCompletions(
  worker: TemplateWorker,
  document: vscode.TextDocument,
  position: vscode.Position,
  token: vscode.CancellationToken,
): Promise<vscode.CompletionItem[] | undefined> {
  const template = templateTextOf(document);
  const offset = document.offsetAt(position);
  const wanted = completionContextAt(template.source, offset)?.kind === "special-token";
  // Without the model's tokens the list is still of use.
  const special = wanted ? await worker.ask("templateTokens", { folders: modelFoldersOf(document.uri) }, token).catch(() => []) : [];
  const completions = completionsAt(template, offset, special);
  if (completions === undefined) return undefined;
  const range = new vscode.Range(document.positionAt(completions.start), position);
  return completions.items.map((item) => itemOf(item, range));
}

function itemOf({ label, kind, insert, doc, rank }: Completion, range: vscode.Range): vscode.CompletionItem {
  const item = new vscode.CompletionItem(label, KINDS[kind]);
  item.insertText = insert;
  item.range = range;
  item.sortText = `${rank.toFixed(1)} ${label}`;
  // `<|im_end|>` is not matched by the word at the cursor alone.
  item.filterText = label;
  if (doc !== undefined) {
    item.detail = doc.signature;
    item.documentation = new vscode.MarkdownString(doc.text);
  }
  return item;
}
