import type { Fault, Sample, Turn } from "../../dataset/conversation";
import { isUnreadable } from "../../dataset/turn/turn";
import { describeKind, valueAt } from "../../dataset/values";
import type { FindingDraft, SampleRule } from "../rule";
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
};

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
