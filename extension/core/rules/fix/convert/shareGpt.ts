import type { TextEdit } from "../../../jsonl/edits";
import { parseJson } from "../../../jsonl/parse";
import { findKey, findNode } from "../../../jsonl/pointer";
import type { JsonTree, NodeId } from "../../../jsonl/tree";
import { insertEntry, onOneLine, quoted, removeEntries, replaceNode, writtenObject } from "../../../jsonl/treeEdits";
import type { FixableRow } from "../fix";
import { type ListedTurn, listedTurn } from "../turns";

/** The usual names of the column, which `messages` takes the place of; a name of the user's own stays. */
const COLUMNS: ReadonlySet<string> = new Set(["/conversations", "/conversation"]);

/**
 * Rewrites the ShareGPT turns of a row (`from`, `value`) as messages (`role`, `content`), its `system` text as a message,
 * and its `function_call` turns as `tool_calls`. Undefined where there are none, or they cannot be told in messages.
 */
export function messagesFromShareGpt(row: FixableRow): TextEdit[] | undefined {
  const turns = shareGptTurns(row);
  const edits: TextEdit[] = [];
  for (const turn of turns.values()) {
    const edit = messageEdits(row, turn);
    if (edit === undefined) return undefined;
    edits.push(...edit);
  }
  if (edits.length === 0) return undefined;
  return [...edits, ...columnEdits(row), ...systemEdits(row)];
}

/** Each turn once, also where two conversations share their prompt. */
function shareGptTurns(row: FixableRow): ReadonlyMap<NodeId, ListedTurn> {
  const found = new Map<NodeId, ListedTurn>();
  for (const conversation of row.sample?.conversations ?? []) {
    for (const [index, { rolePointer }] of conversation.turns.entries()) {
      const turn = rolePointer?.endsWith("/from") === true ? listedTurn(row, conversation, index) : undefined;
      if (turn !== undefined) found.set(turn.node, turn);
    }
  }
  return found;
}

function messageEdits(row: FixableRow, { turn, node }: ListedTurn): TextEdit[] | undefined {
  const { tree, style } = row;
  const from = findKey(tree, `${turn.pointer}/from`);
  const value = findKey(tree, `${turn.pointer}/value`);
  if (from === undefined || value === undefined || turn.role === undefined || tree.member(node, "role") !== undefined) return undefined;
  const role = [replaceNode(tree, from, '"role"'), replaceNode(tree, tree.valueOf(from), quoted(turn.role, style))];
  if (turn.toolCalls.length === 0 || tree.kind(tree.valueOf(value)) !== "string") return [...role, replaceNode(tree, value, '"content"')];
  const calls = toolCalls(row, tree.string(tree.valueOf(value)));
  return calls === undefined ? undefined : [...role, { ...spanOfMember(tree, value), text: `"content"${style.colon}""${style.comma}"tool_calls"${style.colon}${calls}` }];
}

/** The calls of a JSON text as OpenAI writes them, names and arguments as they were written. */
function toolCalls({ style }: FixableRow, text: string): string | undefined {
  const { tree, problems } = parseJson(onOneLine(text));
  if (problems.length > 0) return undefined;
  const calls = (tree.kind(0) === "array" ? tree.children(0) : [0]).map((call) => {
    const name = tree.member(call, "name");
    const given = tree.member(call, "arguments");
    if (name === undefined) return undefined;
    const body = [
      ["name", tree.source(tree.valueOf(name))],
      ["arguments", given === undefined ? "{}" : tree.source(tree.valueOf(given))],
    ] as const;
    return writtenObject([["type", '"function"'], ["function", writtenObject(body, style)]], style);
  });
  return calls.includes(undefined) ? undefined : `[${calls.join(style.comma)}]`;
}

function columnEdits({ tree, sample }: FixableRow): TextEdit[] {
  const column = sample?.conversations[0]?.pointer ?? "";
  const key = COLUMNS.has(column) && tree.member(0, "messages") === undefined ? findKey(tree, column) : undefined;
  return key === undefined ? [] : [replaceNode(tree, key, '"messages"')];
}

/** ShareGPT keeps the system text beside the turns; messages begin with it. */
function systemEdits({ tree, style, sample }: FixableRow): TextEdit[] {
  const conversation = sample?.conversations[0];
  const system = conversation?.turns[0];
  const list = conversation === undefined ? undefined : findNode(tree, conversation.pointer);
  if (system?.role !== "system" || system.rolePointer !== null || list === undefined || tree.kind(list) !== "array") return [];
  const key = findKey(tree, system.pointer);
  if (key === undefined) return [];
  const message = writtenObject([["role", '"system"'], ["content", tree.source(tree.valueOf(key))]], style);
  return [...removeEntries(tree, 0, tree.children(0).indexOf(key)), insertEntry(tree, list, 0, message, style)];
}

function spanOfMember(tree: JsonTree, key: NodeId): { readonly start: number; readonly end: number } {
  return { start: tree.span(key).start, end: tree.span(tree.valueOf(key)).end };
}
