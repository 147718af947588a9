import type { JsonObject, JsonValue } from "../../dataset/conversation";
import type { Clock } from "../../io/ports";
import { JinjaLimitError } from "../../jinja/errors";
import type { JinjaChatTemplate } from "../environment";
import { refusalOutcome } from "../promptOutcome";
import { type RenderInput, TemplateRefusal } from "../renderer";
import type { Outcome, Rendering } from "./probe";

/** What probes may know of the model that the template belongs to. */
export interface ProbeOptions {
  /** Special tokens and keyword arguments, as for a render. */
  readonly variables: Readonly<Record<string, JsonValue>>;
  /** Whether the tokenizer puts BOS before what it is given. */
  readonly addsBos?: boolean | undefined;
  /** The token ids of a text, as the trainer's tokenizer gives them with its default of adding special tokens. */
  readonly encode?: ((text: string) => readonly number[]) | undefined;
  /** Further texts that are special tokens. */
  readonly specialTokens?: readonly string[] | undefined;
  /** With it, the probes end after {@link MAX_MS}. */
  readonly clock?: Clock | undefined;
}

/** Steps of one render. The conversations of the probes are short: none of 258 real templates takes as many as 10,000. */
const MAX_RENDER_STEPS = 100_000;

/** Characters of one prompt that are looked at; a template that writes more is no chat template. */
const MAX_PROMPT = 1_000_000;

/** After so many renders that came to a bound, the others are not tried. */
const MAX_RUNAWAYS = 2;

/** Milliseconds for all probes of a template together. */
export const MAX_MS = 3_000;

export interface RenderChoice {
  readonly tools?: readonly JsonValue[];
  readonly generation?: boolean;
  readonly variables?: JsonObject;
  /** A variable that is not given, whatever the options say. */
  readonly unset?: string;
  readonly continueFinal?: boolean;
}

/** Renders conversations with one template, each once, until the time is up. */
export class ProbeSession {
  readonly template: JinjaChatTemplate;
  readonly options: ProbeOptions;
  readonly #renderings = new Map<string, Rendering>();
  readonly #started: number;
  #runaways = 0;
  #form: ConversationForm | undefined;

  constructor(template: JinjaChatTemplate, options: ProbeOptions) {
    this.template = template;
    this.options = options;
    this.#started = options.clock?.now() ?? 0;
  }

  /** Whether renders were left out, or cut short. */
  get stopped(): boolean {
    return this.#runaways > 0 || this.#late;
  }

  get #late(): boolean {
    return (this.options.clock?.now() ?? 0) - this.#started > MAX_MS;
  }

  /** Never throws: an error is what came of it. */
  render(messages: readonly JsonObject[], choice: RenderChoice = {}): Rendering {
    const { generation = false, continueFinal = false } = choice;
    const tools = choice.tools ?? (this.form.tools ? ANY_TOOLS : undefined);
    const input: RenderInput = {
      messages,
      ...(tools === undefined ? {} : { tools }),
      addGenerationPrompt: generation,
      variables: variablesOf({ ...this.options.variables, ...choice.variables }, choice.unset),
    };
    const key = JSON.stringify([input, continueFinal]);
    let rendering = this.#renderings.get(key);
    if (rendering === undefined) {
      rendering = { input, continueFinal, outcome: this.#outcome(input, continueFinal) };
      this.#renderings.set(key, rendering);
    }
    return rendering;
  }

  #outcome(input: RenderInput, continueFinal: boolean): Outcome {
    if (this.#runaways >= MAX_RUNAWAYS || this.#late) return { kind: "stopped" };
    try {
      const { text, generation } = this.template.renderInput(input, { continueFinal, maxSteps: MAX_RENDER_STEPS });
      if (text.length <= MAX_PROMPT) return { kind: "prompt", text, generation };
      this.#runaways++;
      return { kind: "stopped" };
    } catch (error) {
      return this.#refusal(error);
    }
  }

  #refusal(error: unknown): Outcome {
    if (error instanceof TemplateRefusal && error.cause instanceof JinjaLimitError) this.#runaways++;
    return refusalOutcome(error);
  }

  /** A message with that text as its content, in the form that the template takes. */
  message(role: string, text: string, fields: JsonObject = {}): JsonObject {
    return { role, content: this.form.parts ? partsOf(text) : text, ...fields };
  }

  /** How conversations must be given so that the template renders them at all. */
  get form(): ConversationForm {
    // While forms are tried, the plainest one holds.
    if (this.#form === undefined) {
      this.#form = FORMS[0];
      this.#form = FORMS.find((form) => this.#takes(form)) ?? FORMS[0];
    }
    return this.#form;
  }

  #takes({ parts, tools }: ConversationForm): boolean {
    const text = "Is this taken?";
    const message = { role: "user", content: parts ? partsOf(text) : text };
    return textOf(this.render([message], tools ? { tools: ANY_TOOLS } : {}))?.includes(text) === true;
  }
}

/** How a template wants its conversations. */
export interface ConversationForm {
  /** Content must be a list of parts, as templates of models that also see may want it. */
  readonly parts: boolean;
  /** There must be tools, as a template for nothing else may want it. */
  readonly tools: boolean;
}

const FORMS: readonly [ConversationForm, ...ConversationForm[]] = [
  { parts: false, tools: false },
  { parts: true, tools: false },
  { parts: false, tools: true },
  { parts: true, tools: true },
];

const ANY_TOOLS: readonly JsonValue[] = [
  {
    type: "function",
    function: {
      name: "wait",
      description: "Waits.",
      parameters: { type: "object", properties: { seconds: { type: "integer", description: "How long." } }, required: ["seconds"] },
    },
  },
];

function partsOf(text: string): JsonValue {
  return [{ type: "text", text }];
}

function variablesOf(given: JsonObject, unset: string | undefined): JsonObject {
  return unset === undefined ? given : Object.fromEntries(Object.entries(given).filter(([name]) => name !== unset));
}

/** The prompt, or undefined where there is none. */
export function textOf({ outcome }: Rendering): string | undefined {
  return outcome.kind === "prompt" ? outcome.text : undefined;
}

export function isRefused({ outcome }: Rendering): boolean {
  return outcome.kind === "refusal";
}
