import type { ToolCall } from "../../../dataset/conversation";
import { isObject, parseJsonText } from "../../../dataset/values";
import type { TextEdit } from "../../../jsonl/edits";
import { findNode } from "../../../jsonl/pointer";
import type { NodeId } from "../../../jsonl/tree";
import { onOneLine, quoted, replaceNode } from "../../../jsonl/treeEdits";
import type { FixableRow } from "../fix";

/** OpenAI writes the arguments of a call as a JSON text; most templates want the object. */
export type ArgumentsForm = "object" | "text";

/** The arguments of a call, where they stand in the row by themselves. */
export function argumentsNode({ tree }: FixableRow, call: ToolCall): NodeId | undefined {
  return findNode(tree, `${call.pointer}/function/arguments`) ?? findNode(tree, `${call.pointer}/arguments`);
}

/** Writes the arguments in the other form. Undefined where they have it already, or hold nothing that could be written so. */
export function convertArguments({ tree, style }: FixableRow, node: NodeId, form: ArgumentsForm): TextEdit | undefined {
  const kind = tree.kind(node);
  if (form === "text") return kind === "object" ? replaceNode(tree, node, quoted(tree.source(node), style)) : undefined;
  if (kind !== "string") return undefined;
  const text = tree.string(node);
  return isObject(parseJsonText(text)) ? replaceNode(tree, node, onOneLine(text)) : undefined;
}

/** The arguments of all calls of the row in one form. Empty where all have it. */
export function convertAllArguments(row: FixableRow, form: ArgumentsForm): TextEdit[] {
  const edits = new Map<NodeId, TextEdit>();
  for (const { turns } of row.sample?.conversations ?? []) {
    for (const call of turns.flatMap((turn) => turn.toolCalls)) {
      const node = argumentsNode(row, call);
      const edit = node === undefined ? undefined : convertArguments(row, node, form);
      if (node !== undefined && edit !== undefined) edits.set(node, edit);
    }
  }
  return [...edits.values()];
}
