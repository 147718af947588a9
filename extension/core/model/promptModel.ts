import { TunesmithError } from "../../base/errors";
import type { PromptCounter } from "../analysis/checkRow";
import { PromptTrace, traceText } from "../analysis/promptTrace";
import type { Conversation, JsonValue, TextPiece } from "../dataset/conversation";
import type { RowSource } from "../jsonl/rowSource";
import { chooseTemplate } from "../template/discovery";
import { type JinjaChatTemplate, type RenderedPrompt, parseChatTemplate } from "../template/environment";
import { type AssistantMask, assistantMask } from "../template/masks";
import { type PrintedStructure, findPrintedStructures } from "../template/printedStructures";
import { renderConversation } from "../template/renderConversation";
import { TemplateRefusal } from "../template/renderer";
import { type EngineDifference, engineDiffers } from "../template/secondOpinion";
import type { Tokenizer } from "../tokenizer/tokenizer";
import { type ModelFiles, specialTokenVariables } from "./modelFolder";

export interface PromptModelOptions {
  /** A template to use instead of the model's own. */
  readonly template?: { readonly name: string; readonly source: string } | undefined;
  readonly templateName?: string | undefined;
  readonly now?: number | undefined;
}

/** How the prompt of a row is rendered. */
export interface RowPromptOptions {
  /** Whether `segments` are wanted. */
  readonly provenance?: boolean | undefined;
  readonly addGenerationPrompt?: boolean | undefined;
  /** Keyword arguments of the template, such as `enable_thinking`; of equal names they win over the special tokens. */
  readonly variables?: Readonly<Record<string, JsonValue>> | undefined;
}

/** The tokens of a prompt, and which of them are trained on. */
export interface PromptTokens {
  readonly ids: readonly number[];
  /** Undefined where it is not known exactly where the tokens stand. */
  readonly mask: AssistantMask | undefined;
}

/** A model as far as text goes: its chat template and its tokenizer. */
export class PromptModel implements PromptCounter {
  readonly tokenizer: Tokenizer;
  /** The special tokens as templates see them. */
  readonly variables: ReturnType<typeof specialTokenVariables>;
  readonly #templates: ReadonlyMap<string, string>;
  readonly #options: PromptModelOptions;
  readonly #parsed = new Map<string, JinjaChatTemplate>();

  /** @throws TunesmithError when the template does not parse, or it is not clear which it is. */
  constructor({ tokenizerConfig, templates }: Pick<ModelFiles, "tokenizerConfig" | "templates">, tokenizer: Tokenizer, options: PromptModelOptions) {
    this.tokenizer = tokenizer;
    this.variables = specialTokenVariables(tokenizerConfig);
    this.#templates = templates;
    this.#options = options;
    this.template(false);
  }

  /** The name of the template for conversations without tools, or undefined without any template. */
  get templateName(): string | undefined {
    return this.template(false)?.name;
  }

  /** The template that a conversation is rendered with. @throws TunesmithError when the choice is not clear or it does not parse. */
  template(hasTools: boolean): JinjaChatTemplate | undefined {
    const { template, templateName, now } = this.#options;
    const name = template?.name ?? chooseTemplate(this.#templates, templateName, hasTools);
    if (name === undefined) return undefined;
    let parsed = this.#parsed.get(name);
    if (parsed === undefined) {
      parsed = parseForModel(template?.source ?? this.#templates.get(name) ?? "", name, now);
      this.#parsed.set(name, parsed);
    }
    return parsed;
  }

  /** The template that a conversation is rendered with, or undefined without any. @throws TunesmithError as {@link template} */
  templateFor({ tools }: Conversation): JinjaChatTemplate | undefined {
    return this.template(tools !== undefined && tools.length > 0);
  }

  /**
   * The prompt of a row's conversation as a trainer would see it, or undefined without a chat template. With provenance the
   * pointers of its segments are those of the row, whatever its format.
   * @param row what the conversation was read from: `readSample(row.value, …)`
   * @throws TemplateRefusal
   */
  renderRow(conversation: Conversation, row: RowSource, options: RowPromptOptions = {}): RenderedPrompt | undefined {
    const template = this.templateFor(conversation);
    return template === undefined ? undefined : renderConversation(template, conversation, row, { ...options, variables: { ...this.variables, ...options.variables } });
  }

  /** The same with the origin of every character, and its tokens when they are asked for. @throws as {@link renderRow} */
  tracePrompt(conversation: Conversation, row: RowSource, options: Omit<RowPromptOptions, "provenance"> = {}): PromptTrace | undefined {
    const prompt = this.renderRow(conversation, row, { ...options, provenance: true });
    if (prompt === undefined) return undefined;
    return new PromptTrace(prompt, { template: this.templateFor(conversation)?.source, encode: () => this.tokenizer.encode(prompt.text, { specialTokens: false }) });
  }

  /** A text as its own prompt; trainers add special tokens to it. */
  traceText(piece: TextPiece): PromptTrace {
    return traceText(piece, () => this.tokenizer.encode(piece.text, { specialTokens: true }));
  }

  countConversation(conversation: Conversation, row: RowSource): number | undefined {
    const prompt = this.renderRow(conversation, row);
    return prompt === undefined ? undefined : this.tokenizer.count(prompt.text, { specialTokens: false });
  }

  countText(text: string): number {
    return this.tokenizer.count(text, { specialTokens: true });
  }

  conversationIds(conversation: Conversation, row: RowSource): Uint32Array | undefined {
    const prompt = this.renderRow(conversation, row);
    return prompt === undefined ? undefined : this.tokenizer.encodeIds(prompt.text, { specialTokens: false });
  }

  textIds(text: string): Uint32Array {
    return this.tokenizer.encodeIds(text, { specialTokens: true });
  }

  get bosToken(): string | undefined {
    const bos = this.variables["bos_token"];
    return typeof bos === "string" ? bos : undefined;
  }

  addsBos(conversation: Conversation | undefined, row: RowSource): boolean {
    const bos = this.bosToken;
    if (bos === undefined) return false;
    if (conversation === undefined) return this.tokenizer.encodeIds("", { specialTokens: true })[0] === this.tokenizer.tokenId(bos);
    const prompt = this.renderRow(conversation, row)?.text ?? "";
    return prompt.startsWith(bos) && prompt.includes(bos, bos.length);
  }

  printedStructures(conversation: Conversation, row: RowSource): readonly PrintedStructure[] {
    return findPrintedStructures(conversation, row, (provenance) => this.renderRow(conversation, row, { provenance }));
  }

  engineDifference(conversation: Conversation, row: RowSource): EngineDifference | undefined {
    const template = this.templateFor(conversation);
    if (template === undefined) return undefined;
    try {
      const expected = this.renderRow(conversation, row)?.text ?? "";
      const { messages, tools } = conversation;
      return engineDiffers(template, { messages, tools, addGenerationPrompt: false, variables: this.variables }, expected);
    } catch (error) {
      if (error instanceof TemplateRefusal) return undefined;
      throw error;
    }
  }

  /**
   * The tokens of a rendered prompt, and the assistant mask that belongs to its generation spans.
   * @throws TemplateRefusal where the reference fails to make the mask.
   */
  promptTokens(text: string, generation: readonly (readonly [number, number])[]): PromptTokens {
    const encoding = this.tokenizer.encode(text, { specialTokens: false });
    return { ids: Array.from(encoding.ids), mask: encoding.exact ? assistantMask(generation, encoding.offsets) : undefined };
  }
}

function parseForModel(source: string, name: string, now: number | undefined): JinjaChatTemplate {
  try {
    return parseChatTemplate(source, { name, now });
  } catch (error) {
    if (!(error instanceof TemplateRefusal)) throw error;
    const { place, message } = error;
    const where = place === undefined ? "" : ` at line ${place.line}, column ${place.column}`;
    throw new TunesmithError("template-syntax", `The chat template '${name}' cannot be parsed${where}: ${message}`, { cause: error });
  }
}
