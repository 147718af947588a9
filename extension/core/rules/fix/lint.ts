import { removeEntries, replaceNode } from "../../jsonl/treeEdits";
import type { JsonTree, NodeId } from "../../jsonl/tree";
import type { Found } from "../rule";
import { type Fix, type FixableRow, chosenFix, safeFix } from "./fix";

/** Removes one of the members with the same key: the one that is not read, or the one that is. */
export function duplicateKeyFixes({ tree }: FixableRow, found: Found): readonly Fix[] {
  const later = nodeAt(tree, found.span.start, (node) => tree.isKey(node));
  const object = later === undefined ? undefined : parentOf(tree, later);
  if (later === undefined || object === undefined) return [];
  const keys = tree.children(object);
  const name = tree.string(later);
  const index = keys.indexOf(later);
  const earlier = keys.findLastIndex((key, i) => i < index && tree.string(key) === name);
  return [
    safeFix("remove-earlier", "Remove the earlier one, which is not read", removeEntries(tree, object, earlier)),
    chosenFix("remove-later", "Remove this one, so that the earlier one is read", removeEntries(tree, object, index)),
  ];
}

export function surrogateFixes(_: FixableRow, { span }: Found): readonly Fix[] {
  return [
    safeFix("remove-half", "Remove the half of the surrogate pair", [{ ...span, text: "" }]),
    chosenFix("replacement-character", "Replace it with U+FFFD", [{ ...span, text: "\\ufffd" }]),
  ];
}

export function numberRangeFixes({ tree }: FixableRow, found: Found): readonly Fix[] {
  const node = nodeAt(tree, found.span.start, (each) => tree.kind(each) === "number");
  return node === undefined ? [] : [safeFix("as-text", "Write the number as a text", [replaceNode(tree, node, `"${tree.source(node)}"`)])];
}

function nodeAt(tree: JsonTree, start: number, accept: (node: NodeId) => boolean): NodeId | undefined {
  for (let node: NodeId = 0; node < tree.size; node++) if (tree.span(node).start === start && accept(node)) return node;
  return undefined;
}

/** The object that a key belongs to. */
function parentOf(tree: JsonTree, key: NodeId): NodeId | undefined {
  for (let node = key - 1; node >= 0; node--) if (tree.kind(node) === "object" && tree.after(node) > key) return node;
  return undefined;
}
