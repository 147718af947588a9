import type { Fault, Sample, Turn } from "../../dataset/conversation";
import { isUnreadable } from "../../dataset/turn/turn";
import { describeKind, valueAt } from "../../dataset/values";
import { findNode } from "../../jsonl/pointer";
import type { NodeId } from "../../jsonl/tree";
import { insertEntry, quoted, replaceNode, writtenObject } from "../../jsonl/treeEdits";
import { type Fix, type FixableRow, chosenFix, safeFix } from "../fix/fix";
import { isShareGpt, removeTurn, turnAt } from "../fix/turns";
import type { FindingDraft, Found, SampleRule } from "../rule";
import { forEachTurn } from "./turns";

/** A message has no content, or none that can be read. */
export const contentMissing: SampleRule = {
  meta: {
    id: "content/missing",
    severity: "error",
    description: "A message has no content and calls no tool, or its content is neither text nor parts. Trainers stop, or train on the word None.",
  },
  check(sample, report) {
    for (const fault of sample.faults) {
      if (fault.kind === "content") report(describeFault(sample, fault));
    }
    forEachTurn(sample, (turn) => {
      if (turn.content.length > 0 || turn.media.length > 0 || turn.toolCalls.length > 0 || isUnreadable(turn)) return;
      const draft = describeAbsence(sample, turn);
      if (draft !== undefined) report(draft);
    });
  },
  fix: contents,
};

function contents(row: FixableRow, found: Found): readonly Fix[] {
  const place = turnAt(row, found.pointer);
  if (place === undefined) return [];
  const { tree, style } = row;
  const remove = chosenFix("remove-turn", "Remove this turn", removeTurn(row, place));
  if (found.pointer === place.turn.pointer) {
    const name = isShareGpt(place) ? "value" : "content";
    const member = `"${name}"${style.colon}""`;
    return [chosenFix("add-content", `Add an empty '${name}'`, [insertEntry(tree, place.node, tree.children(place.node).length, member, style)]), remove];
  }
  const node = findNode(tree, found.pointer);
  if (node === undefined) return [remove];
  return [...asText(row, node, found.pointer === place.turn.contentPointer), remove];
}

/** The value as a text, or as a part with that text where it stands among parts. */
function asText({ tree, style }: FixableRow, node: NodeId, isContent: boolean): readonly Fix[] {
  switch (tree.kind(node)) {
    case "null":
      return isContent ? [chosenFix("empty-text", "Replace null with an empty text", [replaceNode(tree, node, '""')])] : [];
    case "number":
    case "true":
    case "false":
      return [safeFix("as-text", `Write it as a text: "${tree.source(node)}"`, [replaceNode(tree, node, `"${tree.source(node)}"`)])];
    case "object":
      return isContent ? [chosenFix("as-json-text", "Write it as a JSON text", [replaceNode(tree, node, quoted(tree.source(node), style))])] : [];
    case "string":
      return [safeFix("as-part", "Make it a text part", [replaceNode(tree, node, writtenObject([["type", '"text"'], ["text", tree.source(node)]], style))])];
    default:
      return [];
  }
}

function describeFault(sample: Sample, fault: Fault): FindingDraft {
  const found = describeKind(valueAt(sample.value, fault.pointer));
  return { place: { pointer: fault.pointer }, message: faultMessage(fault, found), data: { field: fault.field, found } };
}

function faultMessage(fault: Fault, found: string): string {
  switch (fault.expected) {
    case "content part":
      if (fault.field === "type") return `The type of a content part must be a string such as "text" or "image_url", but is ${found}.`;
      return `A content part must be an object such as {"type": "text", "text": "…"}, but this is ${found}${found === "an object" ? " of unknown kind" : ""}.`;
    case "part text":
      return `The text of a content part must be a string, but ${found === "an object" ? "this part has none" : `this is ${found}`}.`;
    default:
      return `\`${fault.field}\` must be a string or a list of content parts, but is ${found}.`;
  }
}

function describeAbsence(sample: Sample, turn: Turn): FindingDraft | undefined {
  if (turn.contentPointer === null) {
    const name = turn.rolePointer?.endsWith("/from") === true ? "value" : "content";
    return { place: { pointer: turn.pointer }, message: `This message has no \`${name}\`. Only an assistant message that calls tools may leave it out.` };
  }
  if (valueAt(sample.value, turn.contentPointer) !== null) return undefined;
  const message = "The content is null. Only an assistant message that calls tools may have none; many templates render null as the word None.";
  return { place: { pointer: turn.contentPointer }, message };
}
