import * as path from "node:path";
import * as vscode from "vscode";
import { TemplateText, isChatTemplate } from "../../core/language/template/templateText";
import { TEMPLATE_EXTENSIONS, TEMPLATE_LANGUAGE } from "../../manifest/languages";
import { readSetting } from "../configuration";
import { modelFor } from "../models/models";
import { configTemplateAddress } from "./configTemplateUri";

/** Templates, whatever language their file has been given. */
export const TEMPLATE_SELECTOR: vscode.DocumentSelector = [
  { language: TEMPLATE_LANGUAGE },
  { pattern: `**/*.{${TEMPLATE_EXTENSIONS.map((extension) => extension.slice(1)).join(",")}}` },
];

export function isTemplateDocument(document: vscode.TextDocument): boolean {
  return vscode.languages.match(TEMPLATE_SELECTOR, document) > 0;
}

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

/** Folders that may hold the template's model: its own, that above one of further templates, and the one that the settings name. */
export function modelFoldersOf(uri: vscode.Uri): string[] {
  const file = configTemplateAddress(uri)?.file ?? uri;
  const bound = modelFor(file, readSetting("models", file))?.folder;
  if (file.scheme !== "file") return bound === undefined ? [] : [bound];
  const own = path.dirname(file.fsPath);
  const outer = /^(?:additional_)?chat_templates$/.test(path.basename(own)) ? [path.dirname(own)] : [];
  return [own, ...outer, ...(bound === undefined ? [] : [bound])];
}
