import type { Conversation, Turn } from "../../dataset/conversation";
import type { SampleRule } from "../rule";
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
};

/** The last turn, where the assistant speaks earlier but not there, and the turn has no other finding that says so. */
function unansweredTurn(conversation: Conversation): Turn | undefined {
  if (conversation.promptOnly) return undefined;
  const last = conversation.turns.findLast((turn) => !isSystem(turn));
  if (last?.role !== "user" && last?.role !== "tool") return undefined;
  if (!conversation.turns.some((turn) => turn.role === "assistant")) return undefined;
  return misplacedTurns(conversation.turns).at(-1)?.turn === last ? undefined : last;
}
