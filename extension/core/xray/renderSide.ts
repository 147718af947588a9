import { TunesmithError } from "../../base/errors";
import type { Span } from "../../base/text";
import type { PromptNote, PromptResult, PromptSource } from "../../protocol/webview/promptData";
import { PromptTrace, traceText } from "../analysis/promptTrace";
import type { TokenVerdicts } from "../analysis/tokenVerdicts";
import type { Conversation, JsonObject, TextPiece } from "../dataset/conversation";
import type { RowSource } from "../jsonl/rowSource";
import type { PromptModel } from "../model/promptModel";
import { type JinjaChatTemplate, type RenderedPrompt, parseChatTemplate } from "../template/environment";
import { parseWithHfJinja } from "../template/hfJinja";
import { renderConversation } from "../template/renderConversation";
import { type RenderInput, TemplateRefusal } from "../template/renderer";
import type { Tokenizer } from "../tokenizer/tokenizer";
import type { XrayRequest, XraySide } from "./contract";
import { showPrompt } from "./showPrompt";

/** A model as the X-ray uses it. */
export interface XrayModel {
  readonly name: string;
  readonly prompts: PromptModel;
  /** What is known of its embedding rows; undefined where its weights were not read. */
  readonly verdicts: TokenVerdicts | undefined;
}

/** One prompt of the X-ray, and what is needed to answer questions about it. */
export interface RenderedSide {
  readonly result: PromptResult;
  /** Undefined where there is no prompt. */
  readonly trace: PromptTrace | undefined;
  readonly template: JinjaChatTemplate | undefined;
  readonly tokenizer: Tokenizer | undefined;
  readonly verdicts: TokenVerdicts | undefined;
  /** What the template was given, for another engine; undefined without a template. */
  readonly input: RenderInput | undefined;
}

/** What is to be rendered: a conversation of a row, or its text. */
export type Subject = { readonly source: RowSource } & (
  | { readonly kind: "conversation"; readonly conversation: Conversation }
  | { readonly kind: "text"; readonly text: TextPiece }
);

/** Parses templates, and keeps the last few: most updates change the conversation, or one of two templates. */
export class TemplateCache {
  readonly #parsed = new Map<string, JinjaChatTemplate>();

  /** @throws TemplateRefusal */
  get(source: string, name: string): JinjaChatTemplate {
    const found = this.#parsed.get(source) ?? parseChatTemplate(source, { name });
    this.#parsed.delete(source);
    this.#parsed.set(source, found);
    const [oldest] = this.#parsed.keys();
    if (this.#parsed.size > KEPT_TEMPLATES && oldest !== undefined) this.#parsed.delete(oldest);
    return found;
  }
}

const KEPT_TEMPLATES = 4;

/** Renders and tokenizes one side. What the template or its author does wrong is part of the result; nothing is thrown for it. */
export function renderSide(subject: Subject, side: XraySide, model: XrayModel | undefined, request: XrayRequest, templates: TemplateCache): RenderedSide {
  const tokenizer = model?.prompts.tokenizer;
  const common = { tokenizer, verdicts: model?.verdicts };
  let source: PromptSource = { template: side.template?.name ?? null, model: model?.name ?? null };
  const none = (note: PromptNote, place: Span | null = null): RenderedSide => ({
    ...common,
    result: { kind: "none", source, notes: [note], place },
    trace: undefined,
    template: undefined,
    input: undefined,
  });
  const show = (trace: PromptTrace, template: JinjaChatTemplate | undefined, input: RenderInput | undefined): RenderedSide => {
    const conversation = subject.kind === "conversation" ? subject.conversation : undefined;
    return { ...common, result: showPrompt(trace, { source, conversation, model, tokenizer }), trace, template, input };
  };
  try {
    if (subject.kind === "text") return show(traceText(subject.text, () => encodeWith(tokenizer, subject.text.text, true)), undefined, undefined);
    const { conversation } = subject;
    const hasTools = request.tools && (conversation.tools?.length ?? 0) > 0;
    const template = side.template === null ? model?.prompts.template(hasTools) : templates.get(side.template.source, side.template.name);
    if (template === undefined) return none(noTemplate(model));
    source = { ...source, template: template.name };
    const variables = { ...model?.prompts.variables, ...request.variables };
    const input = inputOf(conversation, hasTools, variables, request.addGenerationPrompt);
    const prompt = side.engine === "transformers.js" ? renderElsewhere(template, input) : renderConversation(template, conversation, subject.source, { ...input, tools: hasTools, provenance: true });
    const encode = (): ReturnType<Tokenizer["encode"]> => encodeWith(tokenizer, prompt.text, false);
    return show(new PromptTrace(prompt, { template: template.source, encode }), template, input);
  } catch (error) {
    if (error instanceof TemplateRefusal) return none(refusalNote(error), error.place?.span ?? null);
    if (error instanceof TunesmithError) return none({ severity: "error", text: error.message, action: null });
    throw error;
  }
}

function inputOf({ messages, tools }: Conversation, hasTools: boolean, { documents, ...variables }: JsonObject, addGenerationPrompt: boolean): RenderInput {
  const list = Array.isArray(documents) ? (documents as RenderInput["documents"]) : undefined;
  return { messages, tools: hasTools ? tools : undefined, documents: list, addGenerationPrompt, variables };
}

/** What transformers.js renders: nobody knows where its characters come from. */
function renderElsewhere({ source, name, now }: JinjaChatTemplate, input: RenderInput): RenderedPrompt {
  const text = parseWithHfJinja(source, { name, now }).render(input);
  const segments = text === "" ? [] : [{ start: 0, end: text.length, template: [0, 0] as const }];
  return { text, generation: [], hasGeneration: false, segments };
}

function encodeWith(tokenizer: Tokenizer | undefined, text: string, specialTokens: boolean): ReturnType<Tokenizer["encode"]> {
  if (tokenizer === undefined) throw new TunesmithError("no-tokenizer", "Without a model there are no tokens.");
  return tokenizer.encode(text, { specialTokens });
}

function noTemplate(model: XrayModel | undefined): PromptNote {
  const text =
    model === undefined
      ? "There is no template to render the conversation with. Choose a template, or a model that has one."
      : `${model.name} has no chat template. Choose a template file.`;
  return { severity: "info", text, action: null };
}

function refusalNote({ message, type, place }: TemplateRefusal): PromptNote {
  const where = place === undefined ? "" : ` (line ${place.line}, column ${place.column})`;
  const what = type === "TemplateError" ? "The template refuses this conversation" : type === "TemplateSyntaxError" ? "The template cannot be parsed" : `The template fails with ${type}`;
  return { severity: "error", text: `${what}${where}: ${message}`, action: place === undefined ? null : "showTemplatePlace" };
}
