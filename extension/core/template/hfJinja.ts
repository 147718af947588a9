import { Environment, Interpreter, Template } from "@huggingface/jinja";
import { TunesmithError, messageOf } from "../../base/errors";
import { type ChatTemplate, type RenderInput, TemplateRefusal } from "./renderer";
import { strftime } from "./strftime";

export interface HfJinjaOptions {
  readonly name: string;
  /** What `strftime_now` takes as now; the time of the call when left out. */
  readonly now?: number | undefined;
}

/** The longest `range` that a template may make; Jinja's sandbox has the same bound (MAX_RANGE). */
const MAX_RANGE = 100_000;

/**
 * Parses a chat template with `@huggingface/jinja`.
 * @throws TunesmithError `template-syntax` when it does not parse.
 */
export function parseWithHfJinja(source: string, options: HfJinjaOptions): ChatTemplate {
  const { parsed } = parse(source, options.name);
  const clock = (format: string): string => strftime(options.now === undefined ? new Date() : new Date(options.now), format);
  return {
    name: options.name,
    render(input: RenderInput): string {
      try {
        // The library's own render() lets nobody replace its clock, so its globals are made here.
        const environment = new Environment();
        for (const [name, value] of Object.entries(variablesOf(input, clock))) environment.set(name, value);
        return (new Interpreter(environment).run(parsed) as { readonly value: string }).value;
      } catch (error) {
        // Whatever this engine throws while it renders stands for what the template refuses; it has no error classes of its own.
        throw new TemplateRefusal(messageOf(error), { cause: error });
      }
    },
  };
}

function parse(source: string, name: string): Template {
  try {
    return new Template(source);
  } catch (error) {
    throw new TunesmithError("template-syntax", `The chat template '${name}' cannot be parsed: ${messageOf(error)}`, { cause: error });
  }
}

function variablesOf(input: RenderInput, clock: (format: string) => string): Record<string, unknown> {
  return {
    true: true,
    True: true,
    false: false,
    False: false,
    none: null,
    None: null,
    range,
    raise_exception: raise,
    strftime_now: clock,
    ...input.variables,
    messages: input.messages,
    tools: input.tools ?? null,
    documents: input.documents ?? null,
    add_generation_prompt: input.addGenerationPrompt,
  };
}

function raise(message: unknown): never {
  throw new TemplateRefusal(String(message));
}

/** Python's `range`. */
function range(first: number, second?: number, step = 1): number[] {
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  if (step === 0) throw new TemplateRefusal("range() arg 3 must not be zero");
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (length > MAX_RANGE) throw new TemplateRefusal(`Range too big. The sandbox blocks ranges larger than MAX_RANGE (${MAX_RANGE}).`);
  return Array.from({ length }, (_, i) => start + i * step);
}
