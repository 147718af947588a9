import { TunesmithError } from "../../base/errors";
import { type TracedPrompt, traceRow } from "../analysis/rowTrace";
import type { PromptTrace } from "../analysis/promptTrace";
import { DEFAULT_FIELDS } from "../dataset/fields";
import { RowSource } from "../jsonl/rowSource";
import type { PromptModel } from "../model/promptModel";
import type { ChatPrompt, PlaygroundMethods } from "./workerMethods";

/** Renders and encodes a conversation. @throws TunesmithError `template-refused`, `no-template` */
export function chatPrompt(model: PromptModel, params: PlaygroundMethods["chatPrompt"]["params"]): ChatPrompt {
  const { messages, tools, addGenerationPrompt, variables } = params;
  const value = { messages, ...(tools === undefined ? {} : { tools }) };
  const source = new RowSource(JSON.stringify(value), { value });
  const [prompt] = traceRow(source, model, DEFAULT_FIELDS, { addGenerationPrompt, variables }).prompts;
  if (prompt === undefined) throw new TunesmithError("template-refused", "There is no turn yet. Write one first.");
  const { text, encoding } = traceOf(prompt);
  return { text, ids: encoding.ids, offsets: encoding.offsets };
}

/** The prompt, or the reason why there is none as an error. @throws TunesmithError `template-refused`, `no-template` */
export function traceOf(prompt: TracedPrompt): PromptTrace {
  switch (prompt.kind) {
    case "prompt":
      return prompt.trace;
    case "refused":
      throw new TunesmithError("template-refused", `The chat template refuses this conversation: ${prompt.refusal.message}`, { cause: prompt.refusal });
    case "no-template":
      throw new TunesmithError("no-template", "The model has no chat template, so no prompt can be made. Put a chat_template.jinja into its folder.");
  }
}
