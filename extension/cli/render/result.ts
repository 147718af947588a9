import type { RenderedPrompt } from "../../core/template/environment";
import { TemplateRefusal } from "../../core/template/renderer";
import type { PromptModel, PromptTokens } from "../../core/model/promptModel";
import { chatArguments, type RenderData } from "./request";
import type { JinjaChatTemplate } from "../../core/template/environment";
import type { Value } from "../../core/jinja/value/types";

/** What became of one render. */
export type RenderOutcome =
  | { readonly prompt: RenderedPrompt; readonly tokens: PromptTokens | undefined }
  | { readonly refusal: TemplateRefusal };

export interface RenderSettings {
  readonly segments: boolean;
  readonly specialTokens: ReadonlyMap<string, Value>;
  /** Gives the tokens, where they are asked for. */
  readonly tokens: PromptModel | undefined;
}

/** Renders, as a conversation where there are messages, else as any template. Never throws for what the template does. */
export function renderOne(getTemplate: () => JinjaChatTemplate, data: RenderData, settings: RenderSettings): RenderOutcome {
  try {
    const template = getTemplate();
    const options = { provenance: settings.segments, continueFinal: data.continueFinal };
    const prompt = data.chat
      ? template.renderChat(chatArguments(data, settings.specialTokens), options)
      : template.renderPlain(new Map([...settings.specialTokens, ...data.variables]), options);
    return { prompt, tokens: settings.tokens?.promptTokens(prompt.text, data.continueFinal === false ? prompt.generation : []) };
  } catch (error) {
    if (error instanceof TemplateRefusal) return { refusal: error };
    throw error;
  }
}

/** The members of a result as cli.md has them, without the `id`. */
export function resultFields(outcome: RenderOutcome, data: RenderData | undefined): Record<string, unknown> {
  if ("refusal" in outcome) return { error: errorFields(outcome.refusal) };
  const { prompt, tokens } = outcome;
  // The reference makes no mask of a message that is to be continued.
  const masked = prompt.hasGeneration && data?.continueFinal === false;
  return {
    text: prompt.text,
    ...(prompt.hasGeneration ? { generation: prompt.generation } : {}),
    ...(prompt.segments === undefined ? {} : { segments: prompt.segments }),
    ...(tokens === undefined ? {} : { ids: tokens.ids }),
    ...(tokens?.mask === undefined || !masked ? {} : { mask: tokens.mask.mask.join("") }),
  };
}

function errorFields({ type, message, place }: TemplateRefusal): Record<string, unknown> {
  return { type, message, ...(place === undefined ? {} : { line: place.line, column: place.column }) };
}
