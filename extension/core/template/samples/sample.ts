import type { JsonObject, JsonValue } from "../../dataset/conversation";
import type { RenderInput } from "../renderer";

/** A conversation that templates are tried with. */
export interface SampleConversation {
  /** Stable: it stands in settings and in stored state. */
  readonly id: string;
  /** A few words for a list. */
  readonly title: string;
  /** One sentence that says what it shows. */
  readonly description: string;
  readonly messages: readonly JsonObject[];
  readonly tools?: readonly JsonValue[];
  readonly documents?: readonly JsonValue[];
  /** Whether the prompt asks for an answer: the conversation ends before the assistant's turn. */
  readonly addGenerationPrompt: boolean;
  /** Keyword arguments of the template, such as `enable_thinking`. */
  readonly variables?: JsonObject;
}

/**
 * What a template is rendered with for a sample.
 * @param variables special tokens of the model, and choices of the user; where the sample has a variable of its own, theirs wins
 */
export function inputOfSample(sample: SampleConversation, variables: JsonObject): RenderInput {
  const { messages, tools, documents, addGenerationPrompt } = sample;
  return {
    messages,
    ...(tools === undefined ? {} : { tools }),
    ...(documents === undefined ? {} : { documents }),
    addGenerationPrompt,
    variables: { ...sample.variables, ...variables },
  };
}
