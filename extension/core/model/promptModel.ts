import { TunesmithError } from "../../base/errors";
import type { PromptCounter } from "../analysis/checkRow";
import type { Conversation } from "../dataset/conversation";
import { chooseTemplate } from "../template/discovery";
import { type JinjaChatTemplate, parseChatTemplate } from "../template/environment";
import { type AssistantMask, assistantMask } from "../template/masks";
import { type RenderInput, TemplateRefusal } from "../template/renderer";
import { type EngineDifference, engineDiffers, secondEngine } from "../template/secondOpinion";
import { openTokenizer } from "../tokenizer/open";
import type { Tokenizer } from "../tokenizer/tokenizer";
import { type ModelFiles, specialTokenVariables } from "./modelFolder";

export interface PromptModelOptions {
  /** A template to use instead of the model's own. */
  readonly template?: { readonly name: string; readonly source: string } | undefined;
  readonly templateName?: string | undefined;
  readonly now?: number | undefined;
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
  readonly #files: ModelFiles;
  readonly #options: PromptModelOptions;
  readonly #parsed = new Map<string, JinjaChatTemplate>();

  /** @throws TunesmithError when the tokenizer is missing or cannot be used, or the template does not parse. */
  constructor(files: ModelFiles, options: PromptModelOptions) {
    if (files.tokenizer === undefined) {
      throw new TunesmithError("no-tokenizer", `${files.id} has no tokenizer.json, so its tokens cannot be counted. Choose a model folder that has one.`);
    }
    this.tokenizer = openTokenizer(files.tokenizer, files.tokenizerConfig, (byteLength) => new ArrayBuffer(byteLength)).tokenizer;
    this.variables = specialTokenVariables(files.tokenizerConfig);
    this.#files = files;
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
    const name = template?.name ?? chooseTemplate(this.#files.templates, templateName, hasTools);
    if (name === undefined) return undefined;
    let parsed = this.#parsed.get(name);
    if (parsed === undefined) {
      parsed = parseForModel(template?.source ?? this.#files.templates.get(name) ?? "", name, now);
      this.#parsed.set(name, parsed);
    }
    return parsed;
  }

  /** The prompt that a trainer would see, or undefined without a chat template. @throws TemplateRefusal */
  render(conversation: Conversation): string | undefined {
    return this.#templateFor(conversation)?.render(this.#inputOf(conversation));
  }

  countConversation(conversation: Conversation): number | undefined {
    const prompt = this.#countedPrompt(conversation);
    return prompt === undefined ? undefined : this.tokenizer.count(prompt, { specialTokens: false });
  }

  countText(text: string): number {
    return this.tokenizer.count(text, { specialTokens: true });
  }

  engineDifference(conversation: Conversation): EngineDifference | undefined {
    const template = this.#templateFor(conversation);
    return template === undefined ? undefined : engineDiffers(template, this.#inputOf(conversation));
  }

  /**
   * The tokens of a rendered prompt, and the assistant mask that belongs to its generation spans.
   * @throws TemplateRefusal where the reference fails to make the mask.
   */
  promptTokens(text: string, generation: readonly (readonly [number, number])[]): PromptTokens {
    const encoding = this.tokenizer.encode(text, { specialTokens: false });
    const ids = Array.from(encoding.ids);
    return { ids, mask: encoding.exact ? assistantMask(generation, ids.map((_, token) => encoding.rangeOf(token))) : undefined };
  }

  /**
   * Counts stay those of the prompt that `@huggingface/jinja` renders until our engine has passed the long differential run
   * (CONTRIBUTING.md); where it cannot even parse the template, ours renders.
   */
  #countedPrompt(conversation: Conversation): string | undefined {
    const template = this.#templateFor(conversation);
    if (template === undefined) return undefined;
    const engine = secondEngine(template);
    return (engine instanceof Error ? template : engine).render(this.#inputOf(conversation));
  }

  #templateFor({ tools }: Conversation): JinjaChatTemplate | undefined {
    return this.template(tools !== undefined && tools.length > 0);
  }

  #inputOf({ messages, tools }: Conversation): RenderInput {
    return { messages, tools, addGenerationPrompt: false, variables: this.variables };
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
