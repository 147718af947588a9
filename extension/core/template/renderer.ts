import type { JsonValue } from "../dataset/conversation";

/** What a chat template is rendered with, as `apply_chat_template` passes it. */
export interface RenderInput {
  readonly messages: readonly JsonValue[];
  readonly tools?: readonly JsonValue[] | undefined;
  readonly documents?: readonly JsonValue[] | undefined;
  readonly addGenerationPrompt: boolean;
  /** Special tokens and keyword arguments of the template. */
  readonly variables: Readonly<Record<string, JsonValue>>;
}

/** A parsed chat template. */
export interface ChatTemplate {
  /** The name under which the model has it. */
  readonly name: string;
  /** @throws TemplateRefusal with the template's own or the engine's message when it cannot be rendered. */
  render(input: RenderInput): string;
}

/** The chat template refuses its input: it raised an exception, or used a value in a way that fails. */
export class TemplateRefusal extends Error {
  override readonly name = "TemplateRefusal";
}
