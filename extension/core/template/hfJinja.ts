import { Template } from "@huggingface/jinja";
import { TunesmithError, messageOf } from "../../base/errors";
import { type ChatTemplate, type RenderInput, TemplateRefusal } from "./renderer";
import { strftime } from "./strftime";

export interface HfJinjaOptions {
  readonly name: string;
  /** What `strftime_now` takes as now; the time of the call when left out. */
  readonly now?: number | undefined;
}

/**
 * Parses a chat template with `@huggingface/jinja`.
 * @throws TunesmithError `template-syntax` when it does not parse.
 */
export function parseWithHfJinja(source: string, options: HfJinjaOptions): ChatTemplate {
  const template = parse(source, options.name);
  const clock = (format: string): string => strftime(options.now === undefined ? new Date() : new Date(options.now), format);
  return {
    name: options.name,
    render(input: RenderInput): string {
      try {
        return template.render({
          ...input.variables,
          messages: input.messages,
          tools: input.tools ?? null,
          documents: input.documents ?? null,
          add_generation_prompt: input.addGenerationPrompt,
          strftime_now: clock,
        });
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
