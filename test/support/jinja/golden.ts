import { readFileSync } from "node:fs";
import * as path from "node:path";
import { gunzipSync } from "node:zlib";
import { chatArguments, readData, specialTokenValues } from "../../../extension/cli/render/request";
import { type JinjaChatTemplate, type PromptOptions, type RenderedPrompt, parseChatTemplate } from "../../../extension/core/template/environment";
import { FIXTURES } from "../fixtures";
import { type Case, ExactJson, type Outcome, outcomeOf } from "./case";

/** One line of golden/transformers/renders.jsonl.gz. */
export interface GoldenRender {
  readonly template: string;
  readonly context: string;
  readonly text?: string;
  readonly generation_spans?: readonly (readonly [number, number])[];
  readonly error?: string;
  readonly message?: string;
}

/** One line of golden/transformers/masks.jsonl.gz. */
export interface GoldenMask {
  readonly tokenizer: "llama3_1" | "qwen3";
  readonly context: string;
  readonly template?: string;
  readonly name?: string;
  readonly source?: string;
  readonly ids?: readonly number[];
  readonly mask?: string;
  readonly error?: string;
  readonly message?: string;
}

/** At which length the goldens cut messages. */
const MESSAGE_LIMIT = 400;

/** The renders of the reference, and how to do them again. */
export class Golden {
  readonly renders: readonly GoldenRender[];
  readonly masks: readonly GoldenMask[];
  readonly contexts: Readonly<Record<string, { readonly messages: readonly unknown[] }>>;
  readonly #exact: ExactJson;
  readonly #special: Readonly<Record<string, string>>;
  readonly #now: number;
  readonly #parsed = new Map<string, JinjaChatTemplate>();

  constructor() {
    const folder = path.join(FIXTURES, "golden/transformers");
    const text = readFileSync(path.join(folder, "contexts.json"), "utf8");
    const { contexts, special_tokens: special, now } = JSON.parse(text) as {
      contexts: Golden["contexts"];
      special_tokens: Record<string, string>;
      now: string;
    };
    this.contexts = contexts;
    this.#exact = new ExactJson(text);
    this.#special = special;
    this.#now = Date.parse(now);
    this.renders = readLines(path.join(folder, "renders.jsonl.gz"));
    this.masks = readLines(path.join(folder, "masks.jsonl.gz"));
  }

  /** The source of a template of the fixtures. */
  source(template: string): string {
    return readFileSync(path.join(FIXTURES, "templates", template), "utf8");
  }

  /** @throws TemplateRefusal */
  template(name: string, source = this.source(name)): JinjaChatTemplate {
    let parsed = this.#parsed.get(source);
    if (parsed === undefined) {
      parsed = parseChatTemplate(source, { name, now: this.#now });
      this.#parsed.set(source, parsed);
    }
    return parsed;
  }

  /** @throws TemplateRefusal */
  render(template: JinjaChatTemplate, context: string, options: PromptOptions = {}): RenderedPrompt {
    const data = readData(this.#exact.source(`/contexts/${context}`), options.provenance === true);
    return template.renderChat(chatArguments(data, specialTokenValues(this.#special)), { ...options, continueFinal: data.continueFinal });
  }

  cases(): Case[] {
    return this.renders.map((golden) => ({
      suite: "transformers",
      name: `${golden.template} × ${golden.context}`,
      expected: expectedOf(golden),
      messageLimit: MESSAGE_LIMIT,
      run: () => outcomeOf(() => {
        const { text, generation } = this.render(this.template(golden.template), golden.context);
        return { text, generation };
      }),
    }));
  }
}

function expectedOf({ text, generation_spans: spans, error, message }: GoldenRender): Outcome {
  if (text === undefined) return { error: error ?? "", message };
  return { text, generation: spans?.map(([start, end]) => [unitAt(text, start), unitAt(text, end)] as const) };
}

/** The UTF-16 unit of a code point's index; an index behind the end stays as far behind it. */
export function unitAt(text: string, codePoint: number): number {
  let unit = 0;
  for (let i = 0; i < codePoint; i++) unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
  return unit;
}

function readLines<T>(file: string): T[] {
  const text = gunzipSync(readFileSync(file)).toString("utf8");
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as T);
}
