import type { TextEdit } from "./edits";
import type { JsonTree, NodeId } from "./tree";

// Edits of a JSON text that keep every byte that they need not change, and write what they add as the text around is written.

/** How a text separates what it holds. */
export interface JsonStyle {
  /** Between a key and its value. */
  readonly colon: string;
  /** Between members or elements that stand on one line. */
  readonly comma: string;
  /** Whether characters beyond ASCII are written as escapes. */
  readonly ascii: boolean;
}

/** How the text is written; as Python's `json.dumps` writes where it does not say. */
export function styleOf(tree: JsonTree): JsonStyle {
  let colon: string | undefined;
  let comma: string | undefined;
  for (let node: NodeId = 0; node < tree.size && (colon === undefined || comma === undefined); node++) {
    if (tree.isKey(node)) colon ??= between(tree, node, tree.valueOf(node));
    const kind = tree.kind(node);
    if (comma !== undefined || tree.isKey(node) || (kind !== "object" && kind !== "array")) continue;
    const [first, second] = tree.children(node);
    if (first === undefined || second === undefined) continue;
    const found = between(tree, entryEnd(tree, first), second);
    if (!/[\r\n]/.test(found)) comma = found;
  }
  const ascii = /\\u(?!d[89a-f]|00)[0-9a-f]{4}/i.test(tree.text) && !/[^\u0000-\u007f]/.test(tree.text);
  return { colon: colon ?? ": ", comma: comma ?? ", ", ascii };
}

/** `value` as a JSON string in the text's style. */
export function quoted(value: string, style: JsonStyle): string {
  const written = JSON.stringify(value);
  if (!style.ascii) return written;
  return written.replace(/[^\u0000-\u007f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A JSON object of members that are already written. */
export function writtenObject(members: readonly (readonly [key: string, value: string])[], style: JsonStyle): string {
  return `{${members.map(([key, value]) => JSON.stringify(key) + style.colon + value).join(style.comma)}}`;
}

/** A JSON text without its line breaks and the indentation behind them; strings have none of either. */
export function onOneLine(json: string): string {
  return json.trim().replace(/[\r\n]+[ \t]*/g, "");
}

/** Removes `count` elements of an array, or members of an object, from the one at `index` on, each with one comma. */
export function removeEntries(tree: JsonTree, container: NodeId, index: number, count = 1): TextEdit[] {
  const entries = tree.children(container);
  const first = entries[index];
  const last = entries[index + count - 1];
  if (first === undefined || last === undefined) return [];
  const next = entries[index + count];
  const previous = entries[index - 1];
  if (next !== undefined) return [{ start: tree.span(first).start, end: tree.span(next).start, text: "" }];
  const start = previous === undefined ? tree.span(first).start : tree.span(entryEnd(tree, previous)).end;
  return [{ start, end: tree.span(entryEnd(tree, last)).end, text: "" }];
}

/** Inserts what is already written as the entry at `index`, separated as the container separates its entries. */
export function insertEntry(tree: JsonTree, container: NodeId, index: number, written: string, style: JsonStyle): TextEdit {
  const entries = tree.children(container);
  const next = entries[index];
  const previous = entries[index - 1] ?? entries.at(-1);
  const separator = separatorOf(tree, container, entries, style);
  if (next !== undefined) return insertion(tree.span(next).start, written + separator);
  if (previous !== undefined) return insertion(tree.span(entryEnd(tree, previous)).end, separator + written);
  return insertion(tree.span(container).start + 1, written);
}

/** Moves the element at `from` before the one at `to`, an earlier one. */
export function moveElement(tree: JsonTree, array: NodeId, from: number, to: number, style: JsonStyle): TextEdit[] {
  const element = tree.children(array)[from];
  if (element === undefined) return [];
  return [insertEntry(tree, array, to, tree.source(element), style), ...removeEntries(tree, array, from)];
}

/** Replaces a value, or a key with its quotes. */
export function replaceNode(tree: JsonTree, node: NodeId, written: string): TextEdit {
  return { ...tree.span(node), text: written };
}

export function insertion(at: number, text: string): TextEdit {
  return { start: at, end: at, text };
}

/** What stands between two entries of the container, or would. */
function separatorOf(tree: JsonTree, container: NodeId, entries: readonly NodeId[], style: JsonStyle): string {
  const [first, second] = entries;
  if (first === undefined) return "";
  if (second !== undefined) return between(tree, entryEnd(tree, first), second);
  const lead = tree.text.slice(tree.span(container).start + 1, tree.span(first).start);
  return /[\r\n]/.test(lead) ? `,${lead}` : style.comma;
}

/** The node with which an entry ends: the element, or the value that belongs to the key. */
function entryEnd(tree: JsonTree, entry: NodeId): NodeId {
  return tree.isKey(entry) ? tree.valueOf(entry) : entry;
}

function between(tree: JsonTree, before: NodeId, after: NodeId): string {
  return tree.text.slice(tree.span(before).end, tree.span(after).start);
}
