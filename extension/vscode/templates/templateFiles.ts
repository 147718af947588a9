import * as path from "node:path";
import * as vscode from "vscode";
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

/** Folders that may hold the template's model: its own, that above one of further templates, and the one that the settings name. */
export function modelFoldersOf(uri: vscode.Uri): string[] {
  const file = configTemplateAddress(uri)?.file ?? uri;
  const bound = modelFor(file, readSetting("models", file))?.folder;
  if (file.scheme !== "file") return bound === undefined ? [] : [bound];
  const own = path.dirname(file.fsPath);
  const outer = /^(?:additional_)?chat_templates$/.test(path.basename(own)) ? [path.dirname(own)] : [];
  return [own, ...outer, ...(bound === undefined ? [] : [bound])];
}
