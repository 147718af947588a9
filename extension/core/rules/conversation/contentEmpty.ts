import type { Sample, TextPiece, Turn } from "../../dataset/conversation";
import { isList, valueAt } from "../../dataset/values";
import type { SampleRule } from "../rule";
import { forEachTurn, isBlank } from "./turns";

/** A message says nothing. */
export const contentEmpty: SampleRule = {
  meta: {
    id: "content/empty",
    severity: "warning",
    description: "A message, or a row of text, is empty or only white space. It teaches nothing, or to answer with nothing.",
  },
  check(sample, report) {
    const { text } = sample;
    if (text !== undefined && isBlank(text.text)) {
      report({ place: { pointer: text.pointer ?? "" }, message: "The text is empty. Remove the row: there is nothing to train on." });
    }
    forEachTurn(sample, (turn) => {
      if (!saysNothing(sample, turn)) return;
      const message =
        turn.role === "assistant"
          ? "The assistant's message is empty: training teaches the model to end its turn at once. Fill it in or remove the row."
          : `The ${turn.role} message is empty. Fill it in or remove it.`;
      report({ place: { pointer: turn.contentPointer ?? turn.pointer }, message, data: { role: turn.role ?? "" } });
    });
  },
};

/** A tool may return nothing, and a turn without a known role has a finding already. */
function saysNothing(sample: Sample, turn: Turn): boolean {
  if (turn.role === undefined || turn.role === "tool") return false;
  if (turn.media.length > 0 || turn.toolCalls.length > 0 || !allBlank(turn.content) || !allBlank(turn.reasoning)) return false;
  if (turn.content.length > 0) return true;
  // Without pieces only an empty list of parts says nothing; null and other values are missing content.
  const parts = turn.contentPointer === null ? undefined : valueAt(sample.value, turn.contentPointer);
  return isList(parts) && (parts.length === 0 || turn.reasoning.length > 0);
}

function allBlank(pieces: readonly TextPiece[]): boolean {
  for (const piece of pieces) {
    if (!isBlank(piece.text)) return false;
  }
  return true;
}
