import type { Conversation } from "../../dataset/conversation";
import type { FindingDraft, SampleRule } from "../rule";
import type { Misplaced } from "./order";
import { misplacedTurns } from "./order";
import { lacksAssistant, rolePlace, sharedTurns } from "./turns";

/** Turns follow each other in an order that templates and trainers do not take. */
export const alternation: SampleRule = {
  meta: {
    id: "conversation/alternation",
    severity: "warning",
    description:
      "User and assistant do not alternate, or a tool result and its call do not stand together. Many templates raise an error, " +
      "LLaMA-Factory drops the row.",
  },
  check(sample, report) {
    for (let i = 0; i < sample.conversations.length; i++) {
      const conversation: Conversation | undefined = sample.conversations[i];
      if (conversation === undefined || lacksAssistant(conversation)) continue;
      const judged = sharedTurns(sample, i);
      for (const misplaced of misplacedTurns(conversation.turns)) {
        if (misplaced.index >= judged) report(describe(misplaced));
      }
    }
  },
};

function describe(misplaced: Misplaced): FindingDraft {
  const { turn, previous, disorder } = misplaced;
  const draft = {
    place: rolePlace(turn),
    message: messageFor(misplaced),
    data: { role: turn.role ?? "", disorder, ...(previous?.role === undefined ? {} : { previous: previous.role }) },
  };
  return previous === undefined ? draft : { ...draft, related: [{ place: rolePlace(previous), message: "The turn before." }] };
}

function messageFor({ turn, previous, disorder }: Misplaced): string {
  switch (disorder) {
    case "first":
      return `The conversation begins with ${article(turn.role)} turn, but the user must speak first. Many templates refuse this.`;
    case "repeated":
      return (
        `Two ${turn.role} turns follow each other. Join them, or add the turn that is missing between them: ` +
        "many templates refuse this and LLaMA-Factory drops the row."
      );
    case "no tool result":
      return `The assistant calls a tool, but ${article(turn.role)} turn follows instead of the tool's result. Add the tool turn.`;
    case "no tool call":
      return `A tool turn follows ${article(previous?.role)} turn that calls no tool. Add the call to the assistant turn before it.`;
  }
}

function article(role: string | undefined): string {
  return role === "assistant" ? "an assistant" : `a ${role}`;
}
