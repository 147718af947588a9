import type { TextEdit } from "../../jsonl/edits";
import type { JsonTree, NodeId } from "../../jsonl/tree";
import { replaceNode, writtenObject } from "../../jsonl/treeEdits";
import { messagesFromShareGpt } from "./convert/shareGpt";
import { type Fix, type FixableRow, chosenFix, safeFix } from "./fix";

/** A list of turns under a name that no format has, or under none. */
export function unknownFormatFixes({ tree, style }: FixableRow): readonly Fix[] {
  if (tree.kind(0) === "array") {
    const column = columnFor(tree, 0);
    return column === undefined ? [] : [safeFix("wrap", `Put the list into '${column}'`, [replaceNode(tree, 0, writtenObject([[column, tree.source(0)]], style))])];
  }
  const fixes: Fix[] = [];
  for (const key of tree.children(0)) {
    const column = columnFor(tree, tree.valueOf(key));
    if (column !== undefined) fixes.push(chosenFix("rename-column", `Rename '${tree.string(key)}' to '${column}'`, [replaceNode(tree, key, `"${column}"`)]));
  }
  return [...fixes, ...respelled(tree)];
}

/** The column that a list of turns belongs into. */
function columnFor(tree: JsonTree, list: NodeId): string | undefined {
  const first = tree.kind(list) === "array" ? tree.children(list)[0] : undefined;
  if (first === undefined) return undefined;
  if (tree.member(first, "role") !== undefined) return "messages";
  return tree.member(first, "from") === undefined ? undefined : "conversations";
}

/** Column names as formats have them; those that are only written with other letters can be put right together. */
const COLUMNS: ReadonlySet<string> = new Set(["messages", "conversations", "system", "instruction", "input", "output", "prompt", "completion", "chosen", "rejected", "question", "answer", "text"]);

function respelled(tree: JsonTree): readonly Fix[] {
  const edits: TextEdit[] = [];
  const names: string[] = [];
  for (const key of tree.children(0)) {
    const name = tree.string(key);
    const lower = name.trim().toLowerCase();
    if (lower === name || !COLUMNS.has(lower) || tree.member(0, lower) !== undefined) continue;
    edits.push(replaceNode(tree, key, `"${lower}"`));
    names.push(`'${lower}'`);
  }
  return edits.length === 0 ? [] : [safeFix("respell-columns", `Write the columns as ${names.join(", ")}`, edits)];
}

export function mixedFormatFixes(row: FixableRow): readonly Fix[] {
  const edits = row.expectedFormat === "messages" ? messagesFromShareGpt(row) : undefined;
  return edits === undefined ? [] : [safeFix("to-messages", "Convert ShareGPT turns to messages", edits)];
}
