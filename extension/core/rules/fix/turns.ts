import type { Conversation, Role, Turn } from "../../dataset/conversation";
import { SHAREGPT_NAMES } from "../../dataset/turn/roles";
import { insertion, insertEntry, quoted, removeEntries, replaceNode, writtenObject } from "../../jsonl/treeEdits";
import type { TextEdit } from "../../jsonl/edits";
import { findNode, pointerSteps } from "../../jsonl/pointer";
import type { NodeId } from "../../jsonl/tree";
import { isBlank } from "../conversation/turns";
import type { FixableRow } from "./fix";

/** A turn that is an object in a list of turns, and where it stands. Other turns have nothing to insert, move or remove. */
export interface ListedTurn {
  readonly turn: Turn;
  readonly conversation: Conversation;
  /** The turn's place in the conversation. */
  readonly index: number;
  /** The list, and the turn's place in it. */
  readonly list: NodeId;
  readonly element: number;
  readonly node: NodeId;
}

/** The turn that a finding at `pointer` is about: one that stands there, or holds the value that does. */
export function turnAt(row: FixableRow, pointer: string): ListedTurn | undefined {
  for (const conversation of row.sample?.conversations ?? []) {
    const index = conversation.turns.findIndex((turn) => pointer === turn.pointer || pointer.startsWith(`${turn.pointer}/`));
    if (index !== -1) return listedTurn(row, conversation, index);
  }
  return undefined;
}

/** The turn at `index` of a conversation. */
export function listedTurn(row: FixableRow, conversation: Conversation, index: number): ListedTurn | undefined {
  const turn = conversation.turns[index];
  if (turn === undefined || (turn.rolePointer === null && turn.role !== undefined)) return undefined;
  const { tree } = row;
  const node = findNode(tree, turn.pointer);
  const list = findNode(tree, turn.pointer.slice(0, turn.pointer.lastIndexOf("/")));
  if (turn.pointer === "" || node === undefined || list === undefined || tree.kind(list) !== "array") return undefined;
  return { turn, conversation, index, list, element: Number(pointerSteps(turn.pointer).at(-1)), node };
}

/** Whether the list of the turn is written as ShareGPT does. */
export function isShareGpt({ conversation }: ListedTurn): boolean {
  return conversation.turns.some(({ rolePointer }) => rolePointer?.endsWith("/from") === true);
}

export function removeTurn(row: FixableRow, { list, element }: ListedTurn, count = 1): TextEdit[] {
  return removeEntries(row.tree, list, element, count);
}

/**
 * Appends what the second turn says to the first one, with an empty line between, and removes the second. Undefined where
 * the second one says something that the first has no place for.
 */
export function mergeTurns(row: FixableRow, first: ListedTurn, second: ListedTurn): TextEdit[] | undefined {
  const content = mergedContent(row, first.turn, second.turn);
  const members = addedMembers(row, first, second);
  if (content === undefined || members === undefined) return undefined;
  return [...content, ...members, ...removeTurn(row, second)];
}

function mergedContent(row: FixableRow, first: Turn, second: Turn): TextEdit[] | undefined {
  const { tree, style } = row;
  const a = contentNode(row, first);
  const b = contentNode(row, second);
  if (a === undefined || b === undefined) return undefined;
  const aIsList = tree.kind(a) === "array";
  const bIsList = tree.kind(b) === "array";
  if ((!aIsList && tree.kind(a) !== "string") || (!bIsList && tree.kind(b) !== "string")) return undefined;
  if (!aIsList && !bIsList) return mergedText(row, a, b);
  const asPart = (node: NodeId): string => writtenObject([["type", '"text"'], ["text", tree.source(node)]], style);
  const added = bIsList ? tree.source(b).slice(1, -1).trim() : asPart(b);
  if (aIsList) return added === "" ? [] : [insertEntry(tree, a, tree.children(a).length, added, style)];
  return [replaceNode(tree, a, `[${[asPart(a), added].filter((part) => part !== "").join(style.comma)}]`)];
}

function mergedText({ tree }: FixableRow, a: NodeId, b: NodeId): TextEdit[] {
  const between = isBlank(tree.string(a)) || isBlank(tree.string(b)) ? "" : "\\n\\n";
  return [insertion(tree.span(a).end - 1, between + tree.source(b).slice(1, -1))];
}

/** Members besides role and content: calls are taken over, others must be the same in both turns. */
function addedMembers({ tree, style }: FixableRow, first: ListedTurn, second: ListedTurn): TextEdit[] | undefined {
  const added: TextEdit[] = [];
  for (const key of tree.children(second.node)) {
    const name = tree.string(key);
    if (name === lastStep(second.turn.rolePointer) || name === lastStep(second.turn.contentPointer)) continue;
    const own = tree.member(first.node, name);
    if (own !== undefined && tree.source(tree.valueOf(own)) === tree.source(tree.valueOf(key))) continue;
    const value = tree.valueOf(key);
    if (tree.kind(value) === "null") continue;
    if (own !== undefined || name !== "tool_calls" || added.length > 0) return undefined;
    const { start } = tree.span(key);
    added.push(insertEntry(tree, first.node, tree.children(first.node).length, tree.text.slice(start, tree.span(value).end), style));
  }
  return added;
}

/** Where the content of a turn stands. */
export function contentNode({ tree }: FixableRow, { contentPointer }: Turn): NodeId | undefined {
  return contentPointer === null ? undefined : findNode(tree, contentPointer);
}

export interface NewTurn {
  readonly role: Role;
  readonly text?: string;
  /** More members, already written. */
  readonly members?: readonly (readonly [key: string, value: string])[];
}

/** Inserts a turn before the element `at` of the list that `sibling` is in, written as the list's other turns are. */
export function insertTurn(row: FixableRow, sibling: ListedTurn, at: number, turn: NewTurn): TextEdit[] {
  const { tree, style } = row;
  const text = quoted(turn.text ?? "", style);
  const content = contentNode(row, sibling.turn);
  // A column with texts in some rows and lists in others cannot be loaded.
  const asParts = content !== undefined && tree.kind(content) === "array";
  const shareGpt = isShareGpt(sibling);
  const role = [shareGpt ? "from" : "role", quoted(roleWord(sibling, turn.role), style)] as const;
  const said = [shareGpt ? "value" : "content", asParts ? `[${writtenObject([["type", '"text"'], ["text", text]], style)}]` : text] as const;
  const contentFirst = tree.children(sibling.node).findIndex((key) => tree.string(key) === said[0]) === 0;
  const members = contentFirst ? [said, role] : [role, said];
  return [insertEntry(tree, sibling.list, at, writtenObject([...members, ...(turn.members ?? [])], style), style)];
}

/** The word for a role: the one that the conversation uses, or its format's own. */
export function roleWord(sibling: ListedTurn, role: Role): string {
  const list = sibling.turn.pointer.slice(0, sibling.turn.pointer.lastIndexOf("/") + 1);
  for (const turn of sibling.conversation.turns) {
    if (turn.role === role && turn.pointer.startsWith(list) && turn.toolCalls.length === 0 && typeof turn.rawRole === "string") return turn.rawRole;
  }
  return isShareGpt(sibling) ? SHAREGPT_NAMES[role] : role;
}

/** Who should speak at the place of the turn, going by the turns around it. */
export function expectedRole({ conversation, index }: ListedTurn): Role {
  const before = conversation.turns.slice(0, index).findLast((turn) => turn.role !== undefined && turn.role !== "system" && turn.role !== "developer");
  switch (before?.role) {
    case "user":
    case "tool":
      return "assistant";
    case "assistant":
      return before.toolCalls.length > 0 ? "tool" : "user";
    default:
      return conversation.turns[index + 1]?.role === "user" ? "system" : "user";
  }
}

function lastStep(pointer: string | null): string | undefined {
  return pointer === null ? undefined : pointerSteps(pointer).at(-1);
}
