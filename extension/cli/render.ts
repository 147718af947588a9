import { resolve } from "node:path";
import { TunesmithError } from "../base/errors";
import { LineMap } from "../base/text";
import { decodeUtf8 } from "../core/jsonl/utf8";
import type { RenderedPrompt } from "../core/template/environment";
import { TemplateRefusal } from "../core/template/renderer";
import { readWhole } from "../node/files";
import type { RenderArguments } from "./arguments";
import { EXIT_CLEAN, EXIT_ERRORS } from "./check";
import type { CliHost } from "./host";
import { usageError } from "./options";
import { linesOf } from "./render/lines";
import { idOfLine, readBatchLine, readData, type BatchRequest, type RenderData } from "./render/request";
import { renderOne, resultFields, type RenderOutcome, type RenderSettings } from "./render/result";
import { loadRenderModel, TemplateCache, type RenderModel } from "./render/templates";
import { StreamSink } from "./sink";
import { batchBytes } from "./streams";
import { visible } from "./terminal/display";

/**
 * Runs `tunesmith render` and returns the exit code: 1 when a template refused its data.
 *
 * @throws TunesmithError when it cannot run.
 */
export async function renderCommand(args: RenderArguments, host: CliHost): Promise<number> {
  const model = args.model === undefined ? undefined : await loadRenderModel(args.model, host.cwd, { templateName: args.templateName, withTokens: args.tokens });
  const render = new Renderer(args, host, model);
  return args.batch === undefined ? render.single() : render.batch(args.batch);
}

interface NamedSource {
  readonly name: string;
  readonly source: string;
}

class Renderer {
  readonly #args: RenderArguments;
  readonly #host: CliHost;
  readonly #model: RenderModel | undefined;
  readonly #templates: TemplateCache;
  readonly #settings: RenderSettings;
  readonly #sink: StreamSink;
  #toldOfMasks = false;

  constructor(args: RenderArguments, host: CliHost, model: RenderModel | undefined) {
    this.#args = args;
    this.#host = host;
    this.#model = model;
    this.#templates = new TemplateCache(host.cwd, args.now);
    this.#settings = { segments: args.segments, specialTokens: model?.specialTokens ?? new Map(), tokens: model?.tokens };
    this.#sink = host.lifetime.add(new StreamSink(host.stdout, { signal: host.signal }));
  }

  async single(): Promise<number> {
    const { data: path, format } = this.#args;
    const bytes = path === undefined || path === "-" ? await this.#readInput() : await readWhole(resolve(this.#host.cwd, path));
    if (bytes === undefined) throw usageError(`There is no file ${path ?? ""}. Check the path of --data.`);
    const data = this.#dataOf(decodeUtf8(bytes).text, path ?? "-");
    const source = await this.#source(undefined, data);
    const outcome = renderOne(() => this.#templates.parse(source.source, source.name, {}), data, this.#settings);
    this.#tellOfMasks(outcome);
    if (format === "json") this.#sink.write(`${JSON.stringify({ version: 1, ...resultFields(outcome, data) })}\n`);
    else this.#writeText(outcome, source);
    await this.#sink.finish();
    return "refusal" in outcome ? EXIT_ERRORS : EXIT_CLEAN;
  }

  async batch(path: string): Promise<number> {
    let refused = false;
    let line = 0;
    for await (const bytes of linesOf(batchBytes(path, this.#host))) {
      line++;
      const { text } = decodeUtf8(bytes);
      if (text.trim() === "") continue;
      const { id, outcome, data } = await this.#batchLine(text, line);
      refused ||= "refusal" in outcome;
      this.#tellOfMasks(outcome);
      const fields = JSON.stringify(resultFields(outcome, data));
      // The id goes back as it came: JSON has numbers that JavaScript has not.
      this.#sink.write(`{"id":${id},${fields.slice(1)}\n`);
      await this.#sink.ready();
      if (this.#sink.closed) break;
    }
    await this.#sink.finish();
    return refused ? EXIT_ERRORS : EXIT_CLEAN;
  }

  async #batchLine(text: string, line: number): Promise<{ readonly id: string; readonly outcome: RenderOutcome; readonly data: RenderData | undefined }> {
    let request: BatchRequest;
    try {
      request = readBatchLine(text, line, this.#args.segments);
    } catch (error) {
      if (error instanceof TemplateRefusal) return { id: idOfLine(text), outcome: { refusal: error }, data: undefined };
      throw error;
    }
    const { id, data, syntax } = request;
    try {
      const source = await this.#source(request, data);
      return { id, outcome: renderOne(() => this.#templates.parse(source.source, source.name, syntax), data, this.#settings), data };
    } catch (error) {
      if (!(error instanceof TunesmithError)) throw error;
      // One line without a template is no reason to stop the others.
      return { id, outcome: { refusal: new TemplateRefusal(error.message, { type: "TemplateNotFound", cause: error }) }, data };
    }
  }

  /** The template of a request: its own, else the one of the options, else the model's. */
  async #source(request: BatchRequest | undefined, data: RenderData): Promise<NamedSource> {
    if (request?.source !== undefined) return { name: "source", source: request.source };
    const file = request?.templateFile ?? this.#args.template;
    if (file !== undefined) return { name: file, source: await this.#templates.file(file) };
    // `transformers` asks whether tools are given at all.
    const tools = data.variables.get("tools") ?? null;
    const own = this.#model?.source(tools !== null);
    if (own !== undefined) return own;
    if (this.#model === undefined) throw usageError("No template: give --template FILE or --model M, or a batch line its own \"template\" or \"source\".");
    throw new TunesmithError("no-such-template", `${this.#args.model ?? "The model"} has no chat template. Give one with --template FILE.`);
  }

  #dataOf(text: string, path: string): RenderData {
    try {
      return readData(text, this.#args.segments);
    } catch (error) {
      if (!(error instanceof TemplateRefusal)) throw error;
      throw new TunesmithError("usage", `${path}:${error.place?.line ?? 1}:${error.place?.column ?? 1}: ${error.message}`);
    }
  }

  #writeText(outcome: RenderOutcome, source: NamedSource): void {
    if ("refusal" in outcome) {
      const { type, message, place } = outcome.refusal;
      const where = place === undefined ? source.name : `${source.name}:${place.line}:${place.column}`;
      this.#host.stderr.write(`${visible(where)}: ${type}: ${visible(message)}\n`);
      return;
    }
    const { prompt, tokens } = outcome;
    this.#sink.write(this.#args.segments ? segmentLines(prompt, source.source) : prompt.text);
    if (tokens !== undefined) {
      this.#sink.write(`${prompt.text.endsWith("\n") ? "" : "\n"}${tokens.ids.join(" ")}\n`);
      if (tokens.mask !== undefined && prompt.hasGeneration) this.#sink.write(`${tokens.mask.mask.join("")}\n`);
    } else if (this.#host.stdout.isTTY === true && !prompt.text.endsWith("\n")) this.#sink.write("\n");
  }

  /** A mask that is missing must not be taken for one that is empty. */
  #tellOfMasks(outcome: RenderOutcome): void {
    if (this.#toldOfMasks || "refusal" in outcome || !outcome.prompt.hasGeneration || outcome.tokens === undefined || outcome.tokens.mask !== undefined) return;
    this.#toldOfMasks = true;
    this.#host.stderr.write("tunesmith: no assistant masks: the places of this tokenizer's tokens are not known exactly.\n");
  }

  async #readInput(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#host.stdin) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
}

/** One line a segment: its span in the prompt, its place in the template, where its text comes from, and the text. */
function segmentLines(prompt: RenderedPrompt, source: string): string {
  const lines = new LineMap(source);
  return (prompt.segments ?? [])
    .map(({ start, end, template, pointer, source: range }) => {
      const { line, column } = lines.positionAt(template[0]);
      const from = pointer === undefined ? "" : `${pointer}${range === undefined ? "" : `[${range[0]}:${range[1]}]`}`;
      return `${start}-${end}\t${line}:${column}\t${from}\t${JSON.stringify(prompt.text.slice(start, end))}\n`;
    })
    .join("");
}
