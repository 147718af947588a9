import type { Conversation, JsonValue } from "../dataset/conversation";
import { fromJson } from "../jinja/value/json";
import type { Value } from "../jinja/value/types";
import type { RowSource } from "../jsonl/rowSource";
import { conversationValues } from "./conversationValues";
import type { JinjaChatTemplate, RenderedPrompt } from "./environment";

/** How a row's conversation is rendered. */
export interface ConversationOptions {
  /** Whether `segments` are wanted. */
  readonly provenance?: boolean | undefined;
  readonly addGenerationPrompt?: boolean | undefined;
  /** Special tokens and keyword arguments of the template. */
  readonly variables: Readonly<Record<string, JsonValue>>;
  /** False where the template is not to be given the conversation's tools. */
  readonly tools?: boolean | undefined;
  readonly documents?: readonly JsonValue[] | undefined;
}

/**
 * The prompt of a row's conversation as a trainer would see it. With provenance the pointers of its segments are those of the
 * row, whatever its format.
 * @param row what the conversation was read from: `readSample(row.value, …)`
 * @throws TemplateRefusal
 */
export function renderConversation(template: JinjaChatTemplate, conversation: Conversation, row: RowSource, options: ConversationOptions): RenderedPrompt {
  const provenance = options.provenance === true;
  const { messages, tools } = conversationValues(conversation, row, provenance);
  const variables = new Map<string, Value>();
  for (const [name, value] of Object.entries(options.variables)) variables.set(name, fromJson(value));
  const documents = fromJson(options.documents ?? null);
  const addGenerationPrompt = options.addGenerationPrompt ?? false;
  return template.renderChat({ messages, tools: options.tools === false ? null : tools, documents, addGenerationPrompt, variables }, { provenance });
}
