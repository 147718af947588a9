import type { Span } from "../../../base/text";
import { type ParsedTemplate, parseTemplate } from "../../jinja/syntax/parser";
import type { Token } from "../../jinja/syntax/token";
import { Names } from "./names";
import { type Tag, tagsOf } from "./tags";

/** A template as the language features see it; what takes time is done when it is first asked for. */
export class TemplateText {
  readonly source: string;
  #parsed: ParsedTemplate | undefined;
  #names: Names | undefined;
  #tags: readonly Tag[] | undefined;

  constructor(source: string) {
    this.source = source;
  }

  get parsed(): ParsedTemplate {
    this.#parsed ??= parseTemplate(this.source);
    return this.#parsed;
  }

  get names(): Names {
    this.#names ??= new Names(this.parsed.tree, this.source);
    return this.#names;
  }

  get tags(): readonly Tag[] {
    this.#tags ??= tagsOf(this.parsed.tokens);
    return this.#tags;
  }

  /** The token that holds the character at `offset`; at the end of a word the word. */
  tokenAt(offset: number): Token | undefined {
    const { tokens } = this.parsed;
    const at = tokens.findIndex(({ end }) => end > offset);
    const before = tokens[(at === -1 ? tokens.length : at) - 1];
    return before?.end === offset && before.kind === "name" ? before : tokens[at];
  }

  text({ start, end }: Span): string {
    return this.source.slice(start, end);
  }
}

/** File names of chat templates, and folders whose templates are. */
const CHAT_FILE = /(?:^|\/)(?:chat_template[^/]*|(?:additional_)?chat_templates\/[^/]*)$/i;

/**
 * Whether a Jinja template is a chat template and not one for web pages or configuration files: by its place, or because it
 * reads `messages`.
 */
export function isChatTemplate(path: string, template: TemplateText): boolean {
  return CHAT_FILE.test(path.replaceAll("\\", "/")) || template.parsed.tokens.some(({ kind, value }) => kind === "name" && value === "messages");
}
