import * as vscode from "vscode";
import { definitionsAt, referencesAt, renameAt, renamingAt } from "../../../core/language/template/references";
import { templateTextOf } from "../../templates/templateTexts";
import { spanRange } from "./structure";

/** Where the variable or macro at a place is set. */
export function definitionLinks(document: vscode.TextDocument, position: vscode.Position): vscode.DefinitionLink[] | undefined {
  const found = definitionsAt(templateTextOf(document), document.offsetAt(position));
  return found?.definitions.map(({ span, statement }) => ({
    originSelectionRange: spanRange(document, found.from),
    targetUri: document.uri,
    targetRange: spanRange(document, statement),
    targetSelectionRange: spanRange(document, span),
  }));
}

/** Where the variable or macro at a place is used, and set. */
export function referenceRanges(document: vscode.TextDocument, position: vscode.Position, includeDeclaration: boolean): vscode.Range[] {
  return referencesAt(templateTextOf(document), document.offsetAt(position), includeDeclaration).map((span) => spanRange(document, span));
}

/** What a rename at a place is about. @throws Error that says why there is nothing to rename */
export function renamed(document: vscode.TextDocument, position: vscode.Position): { readonly range: vscode.Range; readonly placeholder: string } {
  const renaming = renamingAt(templateTextOf(document), document.offsetAt(position));
  if (renaming.kind === "refused") throw new Error(renaming.reason);
  return { range: spanRange(document, renaming.span), placeholder: renaming.variable.name };
}

/** @throws Error that says why the name will not do */
export function renameEdit(document: vscode.TextDocument, position: vscode.Position, name: string): vscode.WorkspaceEdit {
  const renaming = renameAt(templateTextOf(document), document.offsetAt(position), name);
  if (renaming.kind === "refused") throw new Error(renaming.reason);
  const edit = new vscode.WorkspaceEdit();
  for (const span of renaming.variable.uses) edit.replace(document.uri, spanRange(document, span), name);
  return edit;
}
