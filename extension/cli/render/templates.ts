import { resolve } from "node:path";
import { TunesmithError } from "../../base/errors";
import type { Value } from "../../core/jinja/value/types";
import { decodeUtf8 } from "../../core/jsonl/utf8";
import { specialTokenVariables } from "../../core/model/modelFolder";
import { PromptModel } from "../../core/model/promptModel";
import { chooseTemplate } from "../../core/template/discovery";
import { type JinjaChatTemplate, parseChatTemplate } from "../../core/template/environment";
import { TemplateRefusal } from "../../core/template/renderer";
import { readWhole } from "../../node/files";
import { openModelTokenizer } from "../../node/loadModel";
import { readModel } from "../../node/readModel";
import { specialTokenValues, type SyntaxChoice } from "./request";

/** How many parsed templates, and how many template files, a batch keeps. */
const MAX_KEPT = 256;

/** A model as far as `render` needs it. */
export interface RenderModel {
  /** The source for a conversation, or undefined where the model has no template. @throws TunesmithError when the choice is not clear. */
  source(hasTools: boolean): { readonly name: string; readonly source: string } | undefined;
  readonly specialTokens: ReadonlyMap<string, Value>;
  /** The tokens of prompts; only loaded for `--tokens`. */
  readonly tokens: PromptModel | undefined;
}

/** Loads a model; its tokenizer only when `withTokens` says so. @throws TunesmithError */
export async function loadRenderModel(spec: string, cwd: string, options: { readonly templateName: string | undefined; readonly withTokens: boolean }): Promise<RenderModel> {
  const files = await readModel(spec, {}, cwd);
  const { templateName, withTokens } = options;
  return {
    source: (hasTools) => {
      const name = chooseTemplate(files.templates, templateName, hasTools);
      return name === undefined ? undefined : { name, source: files.templates.get(name) ?? "" };
    },
    specialTokens: specialTokenValues(specialTokenVariables(files.tokenizerConfig)),
    tokens: withTokens ? new PromptModel({ ...files, templates: new Map() }, (await openModelTokenizer(files)).tokenizer, {}) : undefined,
  };
}

/** Parses templates, and keeps what was used last. What does not parse is kept too. */
export class TemplateCache {
  readonly #cwd: string;
  readonly #now: number | undefined;
  readonly #parsed = new Recent<JinjaChatTemplate | TemplateRefusal>();
  readonly #files = new Recent<string>();

  constructor(cwd: string, now: number | undefined) {
    this.#cwd = cwd;
    this.#now = now;
  }

  /** @throws TunesmithError when the file is not there or cannot be read. */
  async file(path: string): Promise<string> {
    const absolute = resolve(this.#cwd, path);
    let source = this.#files.get(absolute);
    if (source === undefined) {
      const bytes = await readWhole(absolute);
      if (bytes === undefined) throw new TunesmithError("no-such-template", `There is no template file ${path}.`);
      source = decodeUtf8(bytes).text;
      this.#files.set(absolute, source);
    }
    return source;
  }

  /** @throws TemplateRefusal when it does not parse. */
  parse(source: string, name: string, syntax: SyntaxChoice): JinjaChatTemplate {
    const key = `${syntax.trimBlocks ?? ""}|${syntax.lstripBlocks ?? ""}|${syntax.keepTrailingNewline ?? ""}|${source}`;
    let parsed = this.#parsed.get(key);
    if (parsed === undefined) {
      parsed = this.#parse(source, name, syntax);
      this.#parsed.set(key, parsed);
    }
    if (parsed instanceof TemplateRefusal) throw parsed;
    return parsed;
  }

  #parse(source: string, name: string, syntax: SyntaxChoice): JinjaChatTemplate | TemplateRefusal {
    try {
      return parseChatTemplate(source, { name, now: this.#now, ...syntax });
    } catch (error) {
      if (error instanceof TemplateRefusal) return error;
      throw error;
    }
  }
}

/** A map of the entries that were used last. */
class Recent<T> {
  readonly #entries = new Map<string, T>();

  get(key: string): T | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: string, value: T): void {
    this.#entries.set(key, value);
    if (this.#entries.size <= MAX_KEPT) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}
