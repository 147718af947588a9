import type { SampleRule } from "../rule";
import { lacksAssistant } from "./turns";

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
      report({
        place: { pointer: conversation.pointer },
        message: "No turn of this conversation is the assistant's, so there is nothing to train on. Add the answer that the model shall learn.",
        data: { turns: conversation.turns.length },
      });
    }
  },
};
