import { TunesmithError } from "../../base/errors";
import type { PromptCounter } from "../analysis/checkRow";
import type { Conversation } from "../dataset/conversation";
import { parseWithHfJinja } from "../template/hfJinja";
import type { ChatTemplate } from "../template/renderer";
import { createHfTokenizer } from "../tokenizer/hfTokenizer";
import type { Tokenizer } from "../tokenizer/tokenizer";
import { type ModelFiles, chooseTemplate, specialTokenVariables } from "./modelFolder";

export interface PromptModelOptions {
  /** A template to use instead of the model's own. */
  readonly template?: { readonly name: string; readonly source: string } | undefined;
  readonly templateName?: string | undefined;
  readonly now?: number | undefined;
}

/** A model as far as text goes: its chat template and its tokenizer. */
export class PromptModel implements PromptCounter {
  readonly tokenizer: Tokenizer;
  readonly #files: ModelFiles;
  readonly #options: PromptModelOptions;
  readonly #parsed = new Map<string, ChatTemplate>();
  readonly #variables: ReturnType<typeof specialTokenVariables>;

  /** @throws TunesmithError when the tokenizer is missing or cannot be used, or the template does not parse. */
  constructor(files: ModelFiles, options: PromptModelOptions) {
    if (files.tokenizer === undefined) {
      throw new TunesmithError("no-tokenizer", `${files.id} has no tokenizer.json, so its tokens cannot be counted. Choose a model folder that has one.`);
    }
    this.tokenizer = createHfTokenizer(files.tokenizer, files.tokenizerConfig);
    this.#files = files;
    this.#options = options;
    this.#variables = specialTokenVariables(files.tokenizerConfig);
    this.template(false);
  }

  /** The name of the template for conversations without tools, or undefined without any template. */
  get templateName(): string | undefined {
    return this.template(false)?.name;
  }

  /** The template that a conversation is rendered with. @throws TunesmithError when the choice is not clear or it does not parse. */
  template(hasTools: boolean): ChatTemplate | undefined {
    const { template, templateName, now } = this.#options;
    const name = template?.name ?? chooseTemplate(this.#files.templates, templateName, hasTools);
    if (name === undefined) return undefined;
    let parsed = this.#parsed.get(name);
    if (parsed === undefined) {
      parsed = parseWithHfJinja(template?.source ?? this.#files.templates.get(name) ?? "", { name, now });
      this.#parsed.set(name, parsed);
    }
    return parsed;
  }

  /** The prompt that a trainer would see, or undefined without a chat template. @throws TemplateRefusal */
  render(conversation: Conversation): string | undefined {
    const { messages, tools } = conversation;
    const template = this.template(tools !== undefined && tools.length > 0);
    return template?.render({ messages, tools, addGenerationPrompt: false, variables: this.#variables });
  }

  countConversation(conversation: Conversation): number | undefined {
    const prompt = this.render(conversation);
    return prompt === undefined ? undefined : this.tokenizer.encode(prompt, { specialTokens: false }).length;
  }

  countText(text: string): number {
    return this.tokenizer.encode(text, { specialTokens: true }).length;
  }
}
