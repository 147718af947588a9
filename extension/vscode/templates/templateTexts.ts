import type * as vscode from "vscode";
import { TemplateText, isChatTemplate } from "../../core/language/template/templateText";

/** A template as it was when it was last read. */
const read = new WeakMap<vscode.TextDocument, { readonly version: number; readonly text: TemplateText }>();

/** The document's text as language features see it. Read once a version. */
export function templateTextOf(document: vscode.TextDocument): TemplateText {
  const known = read.get(document);
  if (known?.version === document.version) return known.text;
  const text = new TemplateText(document.getText());
  read.set(document, { version: document.version, text });
  return text;
}

/** The text of a chat template: what other templates do is not ours to judge, and they cannot be rendered as one. */
export function chatTemplateOf(document: vscode.TextDocument): TemplateText | undefined {
  const text = templateTextOf(document);
  return document.uri.scheme === "untitled" || isChatTemplate(document.uri.path, text) ? text : undefined;
}
