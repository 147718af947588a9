import * as vscode from "vscode";
import type { Position } from "../../base/text";
import type { PositionRange } from "../../core/analysis/finding";
import type { DocumentEdit } from "../../core/language/dataset/contract";

/** VS Code counts lines and columns from 0, reports and the core from 1. */
export function rangeOf({ start, end }: PositionRange): vscode.Range {
  return new vscode.Range(start.line - 1, start.column - 1, end.line - 1, end.column - 1);
}

export function positionOf({ line, character }: vscode.Position): Position {
  return { line: line + 1, column: character + 1 };
}

export function positionRangeOf({ start, end }: vscode.Range): PositionRange {
  return { start: positionOf(start), end: positionOf(end) };
}

/** The edits of one document as one step that can be undone. */
export function workspaceEdit(uri: vscode.Uri, edits: readonly DocumentEdit[], metadata?: vscode.WorkspaceEditEntryMetadata): vscode.WorkspaceEdit {
  const edit = new vscode.WorkspaceEdit();
  for (const { range, text } of edits) edit.replace(uri, rangeOf(range), text, metadata);
  return edit;
}
