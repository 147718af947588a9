import { TunesmithError } from "../base/errors";
import { fieldsFrom } from "../core/dataset/fields";
import type { WorkerContract, WorkerHostContract } from "../core/analysis/workerContract";
import type { PromptModel } from "../core/model/promptModel";
import { chatPrompt } from "../core/playground/chatPrompt";
import { rowTokens } from "../core/playground/rowTokens";
import type { Channel } from "../protocol/channel";

/** Makes prompts of conversations and rows with the model that `getModel` gives. */
export function registerPlayground(channel: Channel<WorkerHostContract, WorkerContract>, getModel: () => PromptModel | undefined): void {
  const model = (): PromptModel => {
    const found = getModel();
    if (found === undefined) throw new TunesmithError("no-model", "No model is chosen. Choose one with 'Tunesmith: Select Model…'.");
    return found;
  };
  channel.handle("chatPrompt", (params) => chatPrompt(model(), params));
  channel.handle("countTokens", ({ text }) => model().tokenizer.count(text, { specialTokens: false }));
  channel.handle("tokenTexts", ({ ids }) => Array.from(ids, (id) => model().tokenizer.decode([id])));
  channel.handle("rowTokens", ({ row, fields }) => rowTokens(model(), row, fieldsFrom(fields)));
}
