import * as vscode from "vscode";
import type { DocumentCompletion } from "../../core/language/dataset/contract";
import { DATASET_LANGUAGE } from "../../manifest/languages";
import type { Documents } from "../documents/documents";
import { positionOf, rangeOf } from "./places";

/** Roles, keys and turns, as the format of the file has them. */
export function registerCompletion(documents: Documents): vscode.Disposable {
  return vscode.languages.registerCompletionItemProvider(
    { language: DATASET_LANGUAGE },
    {
      async provideCompletionItems(document, position, token) {
        const entries = await documents.ask(document, "datasetCompletions", { position: positionOf(position) }, token);
        return entries?.map((entry, index) => itemOf(document, entry, index));
      },
    },
    ...TRIGGERS,
  );
}

/** A key, or a value, begins behind these. */
const TRIGGERS = ['"', "{", "[", ",", ":"] as const;

const KINDS: Readonly<Record<DocumentCompletion["kind"], vscode.CompletionItemKind>> = {
  key: vscode.CompletionItemKind.Property,
  value: vscode.CompletionItemKind.EnumMember,
  turn: vscode.CompletionItemKind.Struct,
};

function itemOf(document: vscode.TextDocument, entry: DocumentCompletion, index: number): vscode.CompletionItem {
  const item = new vscode.CompletionItem(entry.label, KINDS[entry.kind]);
  item.detail = entry.detail;
  item.insertText = new vscode.SnippetString(entry.snippet);
  item.range = rangeOf(entry.range);
  // What was typed is compared with the text that is replaced, quotes and all.
  item.filterText = document.getText(item.range).startsWith('"') ? `"${entry.label}"` : entry.label;
  item.sortText = String(index).padStart(3, "0");
  return item;
}
