import * as vscode from "vscode";
import type { Span } from "../../../base/text";
import { foldsOf } from "../../../core/language/template/folding";
import { type OutlineEntry, type OutlineKind, outlineOf } from "../../../core/language/template/outline";
import { templateTextOf } from "../../templates/templateTexts";

const SYMBOLS: Readonly<Record<OutlineKind, vscode.SymbolKind>> = {
  macro: vscode.SymbolKind.Function,
  block: vscode.SymbolKind.Namespace,
  loop: vscode.SymbolKind.Array,
  branch: vscode.SymbolKind.Boolean,
  variable: vscode.SymbolKind.Variable,
  generation: vscode.SymbolKind.Event,
  section: vscode.SymbolKind.Object,
};

/** Outline and breadcrumbs of a template. */
export function symbolsOf(document: vscode.TextDocument): vscode.DocumentSymbol[] {
  return outlineOf(templateTextOf(document)).map((entry) => symbolOf(document, entry));
}

export function foldingRangesOf(document: vscode.TextDocument): vscode.FoldingRange[] {
  return foldsOf(templateTextOf(document)).map(({ startLine, endLine, kind }) => new vscode.FoldingRange(startLine, endLine, kind === "comment" ? vscode.FoldingRangeKind.Comment : undefined));
}

function symbolOf(document: vscode.TextDocument, { name, detail, kind, span, selection, children }: OutlineEntry): vscode.DocumentSymbol {
  const symbol = new vscode.DocumentSymbol(name, detail, SYMBOLS[kind], spanRange(document, span), spanRange(document, selection));
  symbol.children = children.map((child) => symbolOf(document, child));
  return symbol;
}

export function spanRange(document: vscode.TextDocument, { start, end }: Span): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}
