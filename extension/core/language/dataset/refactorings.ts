import type { Span } from "../../../base/text";
import { applyEdits, type TextEdit } from "../../jsonl/edits";
import { argumentsNode, convertAllArguments, convertArguments } from "../../rules/fix/convert/arguments";
import { messagesFromShareGpt } from "../../rules/fix/convert/shareGpt";
import type { FixableRow } from "../../rules/fix/fix";
import { checkRow } from "../../analysis/checkRow";
import { type FixContext, fixableRow } from "./fixes";

/** A change of a row that has nothing wrong with it. */
export interface Refactoring {
  /** Names the kind of change, so that the same can be done to all rows. */
  readonly id: "to-messages" | "arguments-object" | "arguments-text";
  readonly title: string;
  readonly edits: readonly TextEdit[];
}

/** What can be rewritten where the cursor is, or in the selection: turns in another format, arguments of calls in another form. */
export function refactoringsIn(text: string, span: Span, context: FixContext): readonly Refactoring[] {
  const row = fixableRow(text, context.fields);
  const found = [...argumentChanges(row, span)];
  const messages = messagesFromShareGpt(row);
  if (messages !== undefined) found.push({ id: "to-messages", title: "Convert ShareGPT turns to messages", edits: messages });
  return found.filter(({ edits }) => bringsNoError(text, edits, context));
}

/** The same change made to all that a row has of it; undefined where there is nothing to change. */
export function refactorRow(text: string, id: Refactoring["id"], context: FixContext): readonly TextEdit[] | undefined {
  const row = fixableRow(text, context.fields);
  const edits = id === "to-messages" ? messagesFromShareGpt(row) : convertAllArguments(row, id === "arguments-object" ? "object" : "text");
  return edits === undefined || edits.length === 0 || !bringsNoError(text, edits, context) ? undefined : edits;
}

function argumentChanges(row: FixableRow, span: Span): readonly Refactoring[] {
  for (const { turns } of row.sample?.conversations ?? []) {
    for (const call of turns.flatMap((turn) => turn.toolCalls)) {
      const node = argumentsNode(row, call);
      if (node === undefined) continue;
      const place = row.tree.span(node);
      if (place.start > span.end || place.end < span.start) continue;
      const object = convertArguments(row, node, "object");
      const written = convertArguments(row, node, "text");
      if (object !== undefined) return [{ id: "arguments-object", title: "Write the arguments as an object", edits: [object] }];
      if (written !== undefined) return [{ id: "arguments-text", title: "Write the arguments as a JSON text", edits: [written] }];
    }
  }
  return [];
}

function bringsNoError(text: string, edits: readonly TextEdit[], context: FixContext): boolean {
  const errors = (row: string): number => checkRow({ text: row, invalid: [] }, context).findings.filter(({ rule }) => rule.severity === "error").length;
  return errors(applyEdits(text, edits)) <= errors(text);
}
