import type { Sample, TextPiece, Turn } from "../../dataset/conversation";
import { isList, valueAt } from "../../dataset/values";
import { type Fix, type FixableRow, chosenFix } from "../fix/fix";
import { listedTurn, removeTurn, turnAt } from "../fix/turns";
import type { Found, SampleRule } from "../rule";
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
  fix: removals,
};

function removals(row: FixableRow, found: Found): readonly Fix[] {
  const place = turnAt(row, found.pointer);
  if (place === undefined) return [];
  const before = listedTurn(row, place.conversation, place.index - 1);
  const isExchange = place.turn.role === "assistant" && before?.turn.role === "user" && before.list === place.list;
  return [
    ...(isExchange ? [chosenFix("remove-exchange", "Remove the empty answer and its question", removeTurn(row, before, 2))] : []),
    chosenFix("remove-turn", "Remove the empty turn", removeTurn(row, place)),
  ];
}

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
