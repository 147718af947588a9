import * as vscode from "vscode";
import { definitionsAt, referencesAt, renameAt, renamingAt } from "../../../core/language/template/references";
import { TEMPLATE_SELECTOR, templateTextOf } from "../../templates/templateFiles";
import { spanRange } from "./structure";

/** Definitions, references, highlights and rename of a template's variables and macros. */
export function registerTemplateNavigation(): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.languages.registerDefinitionProvider(TEMPLATE_SELECTOR, {
      provideDefinition(document, position) {
        const found = definitionsAt(templateTextOf(document), document.offsetAt(position));
        return found?.definitions.map(({ span, statement }): vscode.DefinitionLink => ({
          originSelectionRange: spanRange(document, found.from),
          targetUri: document.uri,
          targetRange: spanRange(document, statement),
          targetSelectionRange: spanRange(document, span),
        }));
      },
    }),
    vscode.languages.registerReferenceProvider(TEMPLATE_SELECTOR, {
      provideReferences(document, position, { includeDeclaration }) {
        return referencesAt(templateTextOf(document), document.offsetAt(position), includeDeclaration).map((span) => new vscode.Location(document.uri, spanRange(document, span)));
      },
    }),
    vscode.languages.registerDocumentHighlightProvider(TEMPLATE_SELECTOR, {
      provideDocumentHighlights(document, position) {
        return referencesAt(templateTextOf(document), document.offsetAt(position), true).map((span) => new vscode.DocumentHighlight(spanRange(document, span)));
      },
    }),
    vscode.languages.registerRenameProvider(TEMPLATE_SELECTOR, {
      prepareRename(document, position) {
        const renaming = renamingAt(templateTextOf(document), document.offsetAt(position));
        if (renaming.kind === "refused") throw new Error(renaming.reason);
        return { range: spanRange(document, renaming.span), placeholder: renaming.variable.name };
      },
      provideRenameEdits(document, position, name) {
        const renaming = renameAt(templateTextOf(document), document.offsetAt(position), name);
        if (renaming.kind === "refused") throw new Error(renaming.reason);
        const edit = new vscode.WorkspaceEdit();
        for (const span of renaming.variable.uses) edit.replace(document.uri, spanRange(document, span), name);
        return edit;
      },
    }),
  );
}
