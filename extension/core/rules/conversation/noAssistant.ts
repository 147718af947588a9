import { type Fix, type FixableRow, chosenFix, isIn } from "../fix/fix";
import { insertTurn, listedTurn } from "../fix/turns";
import type { Found, SampleRule } from "../rule";
import { lacksAssistant, rolePlace } from "./turns";

/** Nothing in the conversation is the model's to learn. */
export const noAssistant: SampleRule = {
  meta: {
    id: "conversation/no-assistant",
    severity: "error",
    description: "A conversation has no assistant turn, so that there is nothing to train on. OpenAI and Together refuse the file.",
  },
  check(sample, report) {
    let reported: string | undefined;
    for (const conversation of sample.conversations) {
      if (!lacksAssistant(conversation) || conversation.pointer === reported) continue;
      reported = conversation.pointer;
      const lastTurn = conversation.turns.at(-1);
      report({
        // The answer is missing behind the last turn.
        place: lastTurn === undefined ? { pointer: conversation.pointer } : rolePlace(lastTurn),
        message: "No turn of this conversation is the assistant's, so there is nothing to train on. Add the answer that the model shall learn.",
        data: { turns: conversation.turns.length },
      });
    }
  },
  fix: answers,
};

function answers(row: FixableRow, found: Found): readonly Fix[] {
  const conversation = row.sample?.conversations.find((each) => lacksAssistant(each) && isIn(each, found.pointer));
  const last = conversation === undefined ? undefined : listedTurn(row, conversation, conversation.turns.length - 1);
  if (last === undefined) return [];
  return [chosenFix("insert-answer", "Add an assistant turn for the answer", insertTurn(row, last, last.element + 1, { role: "assistant" }))];
}
