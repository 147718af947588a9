import type { Span } from "../../base/text";
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

/** Where in the template something went wrong: its range, and its beginning as people read it. */
export interface TemplatePlace {
  /** UTF-16 units of the template's source. */
  readonly span: Span;
  readonly line: number;
  readonly column: number;
}

export interface RefusalOptions {
  /** Python's class name; `TemplateError` when left out, as `raise_exception` raises it. */
  readonly type?: string;
  readonly place?: TemplatePlace | undefined;
  readonly messageIndex?: number | undefined;
  readonly cause?: unknown;
}

/** The chat template refuses its input: it raised an exception, or used a value in a way that fails; or it does not parse. */
export class TemplateRefusal extends Error {
  override readonly name = "TemplateRefusal";
  /** The class of what Python would raise; the message is Python's too. */
  readonly type: string;
  /** Undefined where the error is not the template's own, such as an empty conversation. */
  readonly place: TemplatePlace | undefined;
  /** Which of the messages a loop of the template was at; undefined where it was at none. */
  readonly messageIndex: number | undefined;

  constructor(message: string, options: RefusalOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.type = options.type ?? "TemplateError";
    this.place = options.place;
    this.messageIndex = options.messageIndex;
  }
}
