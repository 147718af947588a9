import type { Conversation, Turn } from "../../dataset/conversation";
import { type Fix, type FixableRow, chosenFix, safeFix } from "../fix/fix";
import { insertTurn, removeTurn, turnAt } from "../fix/turns";
import type { Found, SampleRule } from "../rule";
import { misplacedTurns } from "./order";
import { isSystem, rolePlace } from "./turns";

/** The conversation stops where the assistant should speak. */
export const endsBeforeAssistant: SampleRule = {
  meta: {
    id: "conversation/ends-before-assistant",
    severity: "warning",
    description: "The last turn is not the assistant's, so that it is context for an answer that is not there. LLaMA-Factory drops such rows.",
  },
  check(sample, report) {
    let reported: Turn | undefined;
    for (const conversation of sample.conversations) {
      const last = unansweredTurn(conversation);
      if (last === undefined || last === reported) continue;
      reported = last;
      report({
        place: rolePlace(last),
        message: `The conversation ends with a ${last.role} turn. Add the assistant's answer, or remove the turn: nothing is learnt from it.`,
        data: { role: last.role ?? "" },
      });
    }
  },
  fix: endings,
};

function endings(row: FixableRow, found: Found): readonly Fix[] {
  const place = turnAt(row, found.pointer);
  if (place === undefined) return [];
  return [
    safeFix("drop-last-turn", `Drop the ${place.turn.role} turn at the end`, removeTurn(row, place)),
    chosenFix("insert-answer", "Add an assistant turn for the answer", insertTurn(row, place, place.element + 1, { role: "assistant" })),
  ];
}

/** The last turn, where the assistant speaks earlier but not there, and the turn has no other finding that says so. */
function unansweredTurn(conversation: Conversation): Turn | undefined {
  if (conversation.promptOnly) return undefined;
  const last = conversation.turns.findLast((turn) => !isSystem(turn));
  if (last?.role !== "user" && last?.role !== "tool") return undefined;
  if (!conversation.turns.some((turn) => turn.role === "assistant")) return undefined;
  return misplacedTurns(conversation.turns).at(-1)?.turn === last ? undefined : last;
}
