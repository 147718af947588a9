import * as vscode from "vscode";
import { TEMPLATE_EXTENSIONS, TEMPLATE_LANGUAGE } from "../../manifest/languages";

/**
 * Gives templates our language where no extension has given them one. Claiming their extensions in the manifest would take
 * them from other extensions, which colour the text around the tags.
 */
export function adoptTemplateLanguage(): vscode.Disposable {
  // A document that changes its language is closed and opened, as the same object: somebody has chosen that.
  const closed = new WeakSet<vscode.TextDocument>();
  const adopt = (document: vscode.TextDocument): void => {
    if (document.languageId !== "plaintext" || closed.has(document)) return;
    if (!TEMPLATE_EXTENSIONS.some((extension) => document.uri.path.toLowerCase().endsWith(extension))) return;
    void vscode.languages.setTextDocumentLanguage(document, TEMPLATE_LANGUAGE).then(undefined, () => undefined);
  };
  for (const document of vscode.workspace.textDocuments) adopt(document);
  return vscode.Disposable.from(
    vscode.workspace.onDidCloseTextDocument((document) => closed.add(document)),
    vscode.workspace.onDidOpenTextDocument(adopt),
  );
}
