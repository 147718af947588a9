import type { FieldMapping } from "../dataset/fields";
import type { Conversation, JsonObject, JsonValue, Sample, TextPiece } from "../dataset/conversation";
import { readSample } from "../dataset/formats";
import { isObject } from "../dataset/values";
import type { RowSource } from "../jsonl/rowSource";
import { TemplateRefusal } from "../template/renderer";
import type { PromptModel } from "../model/promptModel";
import type { PromptTrace } from "./promptTrace";

/** How prompts are rendered, apart from what the row says. */
export interface TraceOptions {
  readonly addGenerationPrompt?: boolean | undefined;
  /** Keyword arguments of the template, such as `enable_thinking`. */
  readonly variables?: Readonly<Record<string, JsonValue>> | undefined;
}

/** One prompt of a row, or why there is none. `conversation` is undefined where the row is a text, which is its own prompt. */
export type TracedPrompt = { readonly conversation: Conversation | undefined } & (
  | { readonly kind: "prompt"; readonly trace: PromptTrace }
  | /** The chat template raises an error. */
  { readonly kind: "refused"; readonly refusal: TemplateRefusal }
  | /** The model has no chat template. */
  { readonly kind: "no-template" }
);

/** A row with its prompts and the way between them and the characters of the row's text. */
export interface RowTrace {
  readonly source: RowSource;
  /** Undefined where the row is plain text, no JSON, or has no known format. */
  readonly sample: Sample | undefined;
  /** In the order of the row: one for most formats, chosen and rejected for a preference row. */
  readonly prompts: readonly TracedPrompt[];
}

/**
 * Renders a row's prompts with the origin of every character. Rendering is done here; tokens and masks when they are asked for.
 * A row that is no JSON or has no known format has no prompts.
 */
export function traceRow(source: RowSource, model: PromptModel, fields: FieldMapping, options: TraceOptions = {}): RowTrace {
  if (source.plain) return { source, sample: undefined, prompts: [textPrompt({ text: source.text, pointer: "" }, model)] };
  const value = objectOf(source);
  const sample = value === undefined ? undefined : readSample(value, fields);
  return { source, sample, prompts: sample === undefined ? [] : traceSample(sample, source, model, options) };
}

/** The same for a row that is already read. @param source the row, `sample` having been read from `source.value` */
export function traceSample(sample: Sample, source: RowSource, model: PromptModel, options: TraceOptions = {}): readonly TracedPrompt[] {
  const prompts = sample.conversations.map((conversation) => traceConversation(conversation, source, model, options));
  return sample.text === undefined ? prompts : [textPrompt(sample.text, model), ...prompts];
}

function objectOf(source: RowSource): JsonObject | undefined {
  try {
    return isObject(source.value) ? source.value : undefined;
  } catch {
    return undefined;
  }
}

function traceConversation(conversation: Conversation, source: RowSource, model: PromptModel, options: TraceOptions): TracedPrompt {
  try {
    const trace = model.tracePrompt(conversation, source, options);
    return trace === undefined ? { conversation, kind: "no-template" } : { conversation, kind: "prompt", trace };
  } catch (error) {
    if (error instanceof TemplateRefusal) return { conversation, kind: "refused", refusal: error };
    throw error;
  }
}

/** The prompt that a text is by itself. */
function textPrompt(piece: TextPiece, model: PromptModel): TracedPrompt {
  return { conversation: undefined, kind: "prompt", trace: model.traceText(piece) };
}
