import { LineMap, type Span } from "../../base/text";
import { messageOf } from "../../base/errors";
import type { JsonValue } from "../dataset/conversation";
import { JinjaError } from "../jinja/errors";
import { bindArguments } from "../jinja/filter/arguments";
import { type CompiledTemplate, type Segment, compileTemplate } from "../jinja/runtime/template";
import { countWork } from "../jinja/value/budget";
import { fromJson } from "../jinja/value/json";
import { str } from "../jinja/value/repr";
import { isStr, textOf } from "../jinja/value/text";
import { Markup, PyDict, PyFunction, type Value, isList, typeName } from "../jinja/value/types";
import { cutAtTag, tagFinalMessage } from "./continueFinal";
import { type ChatTemplate, type RenderInput, type TemplatePlace, TemplateRefusal } from "./renderer";
import { stepsFor } from "./renderSteps";
import { strftime } from "./strftime";

export interface EnvironmentOptions {
  readonly name: string;
  /** What `strftime_now` takes as now, in milliseconds since the epoch; the time of the call when left out. */
  readonly now?: number | undefined;
  /** True unless given, as in the environment that chat templates are rendered in. */
  readonly trimBlocks?: boolean | undefined;
  /** True unless given. */
  readonly lstripBlocks?: boolean | undefined;
  /** False unless given. */
  readonly keepTrailingNewline?: boolean | undefined;
}

export interface PromptOptions {
  /** Whether `segments` are wanted: where every character of the prompt comes from. It costs time. */
  readonly provenance?: boolean | undefined;
  /** `continue_final_message`: true, or the message's key that is to be continued. */
  readonly continueFinal?: boolean | string | undefined;
  /** Steps that the render may take, where it shall be fewer than the engine allows. */
  readonly maxSteps?: number | undefined;
}

/** A prompt, and what is known about it. Offsets are UTF-16 units. */
export interface RenderedPrompt {
  readonly text: string;
  /** The spans of `{% generation %}` blocks as the reference counts them, in the order in which the blocks ended. */
  readonly generation: readonly (readonly [number, number])[];
  /** Whether the template has the tag. */
  readonly hasGeneration: boolean;
  /** Cover the text without gap. Only there when provenance was asked for. */
  readonly segments?: readonly Segment[];
}

/** What `apply_chat_template` is called with, as the template will see it. */
export interface ChatArguments {
  readonly messages: Value;
  readonly tools: Value;
  readonly documents: Value;
  readonly addGenerationPrompt: Value;
  /** Special tokens and keyword arguments; of equal names the last was set. */
  readonly variables: ReadonlyMap<string, Value>;
}

const SYNTAX_OPTIONS = { trimBlocks: true, lstripBlocks: true, keepTrailingNewline: false };

/** How the reference's own helper functions are called in messages about their arguments. */
const HELPER_PREFIX = "_cached_compile_jinja_template.<locals>.";

/**
 * Parses a chat template for the environment that `transformers` renders it in.
 * @throws TemplateRefusal with Python's class and message, and the place, when it does not parse.
 */
export function parseChatTemplate(source: string, options: EnvironmentOptions): JinjaChatTemplate {
  return new JinjaChatTemplate(source, options);
}

/** A chat template on the product's own engine. */
export class JinjaChatTemplate implements ChatTemplate {
  readonly name: string;
  readonly source: string;
  readonly #compiled: CompiledTemplate;
  /** What `strftime_now` takes as now; undefined for the time of the call. */
  readonly now: number | undefined;
  readonly #globals: ReadonlyMap<string, Value>;
  #lines: LineMap | undefined;

  /** @throws TemplateRefusal when the source does not parse. */
  constructor(source: string, options: EnvironmentOptions) {
    this.name = options.name;
    this.source = source;
    this.now = options.now;
    this.#globals = new Map([["raise_exception", raiseException], ["strftime_now", clock(options.now)]]);
    const { trimBlocks, lstripBlocks, keepTrailingNewline } = options;
    this.#compiled = this.#guard(() => compileTemplate(source, {
      trimBlocks: trimBlocks ?? SYNTAX_OPTIONS.trimBlocks,
      lstripBlocks: lstripBlocks ?? SYNTAX_OPTIONS.lstripBlocks,
      keepTrailingNewline: keepTrailingNewline ?? SYNTAX_OPTIONS.keepTrailingNewline,
    }));
  }

  render(input: RenderInput): string {
    return this.renderInput(input).text;
  }

  /** Renders a conversation as `JSON.parse` gives it. Pointers of segments begin at the input: `/messages/0/content`. @throws TemplateRefusal */
  renderInput(input: RenderInput, options: PromptOptions = {}): RenderedPrompt {
    return this.renderChat(argumentsOf(input, options.provenance === true), options);
  }

  /** Renders a conversation as `apply_chat_template` does, with its checks of the arguments. @throws TemplateRefusal */
  renderChat(args: ChatArguments, options: PromptOptions = {}): RenderedPrompt {
    return this.#guard(() => {
      checkArguments(args);
      const { continueFinal } = options;
      if (continueFinal === undefined || continueFinal === false || continueFinal === "") return this.#run(variablesOf(args), options);
      const tagged = tagFinalMessage(args, continueFinal, this.source);
      return cutAtTag(this.#run(variablesOf({ ...args, messages: tagged.messages }), options), tagged.finalText);
    }, args.messages);
  }

  /** Renders with these variables and nothing else: any Jinja template, chat or not. @throws TemplateRefusal */
  renderPlain(variables: ReadonlyMap<string, Value>, options: PromptOptions = {}): RenderedPrompt {
    return this.#guard(() => this.#run(variables, options));
  }

  #run(given: ReadonlyMap<string, Value>, options: PromptOptions): RenderedPrompt {
    return this.#compiled.render({
      variables: given,
      globals: this.#globals,
      provenance: options.provenance === true,
      ...(this.now === undefined ? {} : { now: this.now }),
      maxSteps: options.maxSteps ?? stepsFor(given.get("messages") ?? null),
    });
  }

  /** @param messages those that `work` renders */
  #guard<T>(work: () => T, messages?: Value): T {
    try {
      return work();
    } catch (error) {
      throw this.#refusal(error, messages);
    }
  }

  #refusal(error: unknown, messages: Value | undefined): TemplateRefusal {
    if (error instanceof TemplateRefusal) return error;
    if (error instanceof JinjaError) {
      const { type, message, span, within } = error;
      return new TemplateRefusal(message, { type, place: this.#place(span), messageIndex: indexOfAny(messages, within), cause: error });
    }
    // The engine bounds its own depth; whatever nests deeper than the stack ends as it does in Python.
    if (error instanceof RangeError) return new TemplateRefusal("maximum recursion depth exceeded", { type: "RecursionError", cause: error });
    return new TemplateRefusal(`The template engine failed: ${messageOf(error)}`, { type: "RuntimeError", cause: error });
  }

  #place(span: Span | undefined): TemplatePlace | undefined {
    if (span === undefined) return undefined;
    this.#lines ??= new LineMap(this.source);
    return { span: { start: span.start, end: span.end }, ...this.#lines.positionAt(span.start) };
  }
}

function argumentsOf(input: RenderInput, provenance: boolean): ChatArguments {
  const value = (json: JsonValue | undefined, name: string): Value => {
    if (json === undefined) return null;
    return provenance ? fromJson(json, `/${name}`) : fromJson(json);
  };
  const variables = new Map<string, Value>();
  for (const [name, json] of Object.entries(input.variables)) variables.set(name, value(json, name));
  return {
    messages: value(input.messages, "messages"),
    tools: value(input.tools, "tools"),
    documents: value(input.documents, "documents"),
    addGenerationPrompt: input.addGenerationPrompt,
    variables,
  };
}

/** The index of the first of `values` that is a message; undefined where none is. */
function indexOfAny(messages: Value | undefined, values: readonly Value[]): number | undefined {
  if (messages === undefined || !isList(messages)) return undefined;
  const message = values.find((value) => value instanceof PyDict && messages.includes(value));
  return message === undefined ? undefined : messages.indexOf(message);
}

function variablesOf(args: ChatArguments): ReadonlyMap<string, Value> {
  const variables = new Map(args.variables);
  variables.set("messages", args.messages);
  variables.set("tools", args.tools);
  variables.set("documents", args.documents);
  variables.set("add_generation_prompt", args.addGenerationPrompt);
  return variables;
}

/** What `apply_chat_template` refuses before it renders. Messages: `transformers`, chat_template_utils and tokenization_utils_base. */
function checkArguments({ messages, tools, documents }: ChatArguments): void {
  if (isList(messages) && messages.length === 0) throw new JinjaError("IndexError", "list index out of range");
  if (isList(tools) && tools.some((tool) => !(tool instanceof PyDict))) {
    throw new JinjaError(
      "ValueError",
      "Tools should either be a JSON schema, or a callable function with type hints and a docstring suitable for auto-conversion to a schema.",
    );
  }
  if (isList(documents) && documents.some((document) => !(document instanceof PyDict))) {
    throw new JinjaError("TypeError", "Documents should be a list of dicts with 'title' and 'text' keys!");
  }
}

const raiseException = new PyFunction(
  "raise_exception",
  (args) => {
    const [message] = bindArguments(`${HELPER_PREFIX}raise_exception`, [{ name: "message" }], args);
    throw new JinjaError("TemplateError", textOf(str(message ?? null)));
  },
  { repr: `<function ${HELPER_PREFIX}raise_exception at 0x…>` },
);

function clock(now: number | undefined): PyFunction {
  return new PyFunction(
    "strftime_now",
    (args) => {
      const [format] = bindArguments(`${HELPER_PREFIX}strftime_now`, [{ name: "format" }], args);
      const text = formatText(format ?? null);
      countWork(2 * text.length);
      return strftime(now === undefined ? new Date() : new Date(now), text);
    },
    { repr: `<function ${HELPER_PREFIX}strftime_now at 0x…>` },
  );
}

function formatText(format: Value): string {
  if (format instanceof Markup) return textOf(format.text);
  if (isStr(format)) return textOf(format);
  throw new JinjaError("TypeError", `strftime() argument 1 must be str, not ${format === null ? "None" : typeName(format)}`);
}
