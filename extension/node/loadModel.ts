import { basename } from "node:path";
import { TunesmithError } from "../base/errors";
import type { LoadedModel, ModelSpec } from "../core/analysis/workerContract";
import { decodeUtf8 } from "../core/jsonl/utf8";
import type { ModelFiles } from "../core/model/modelFolder";
import { PromptModel, type PromptModelOptions } from "../core/model/promptModel";
import type { TemplateFile } from "../core/model/templatePlaces";
import type { SharedModel } from "../core/model/sharedModel";
import { createTokenizer } from "../core/tokenizer/create";
import type { TokenizerEngine } from "../core/tokenizer/tokenizer";
import { type CachedTokenizer, openCachedTokenizer } from "./cache/tokenizerCache";
import { readWhole } from "./files";
import { readModel } from "./readModel";
import { templateFiles } from "./templateFiles";

/** A model with what is to be told of it. */
export interface OpenedModel {
  readonly model: PromptModel;
  readonly loaded: LoadedModel;
  /** What {@link openSharedModel} makes the same of in another thread; undefined where each has to load it for itself. */
  readonly shared: SharedModel | undefined;
}

/**
 * Loads a model's tokenizer and chat template.
 * @throws TunesmithError naming the file, the place and what to do.
 */
export async function loadModel({ source, templateFile, templateName, now }: ModelSpec): Promise<OpenedModel> {
  const files = await readModel(source);
  const template = templateFile === undefined ? undefined : await readTemplate(templateFile);
  const { tokenizer, compiled, hash } = await openModelTokenizer(files);
  const { id, tokenizerConfig, templates } = files;
  const options: PromptModelOptions = { template, templateName, now };
  const model = new PromptModel({ tokenizerConfig, templates }, tokenizer, options);
  const summary = { id, tokenizer: `sha256:${hash.slice(0, 16)}`, template: model.templateName ?? null, engine: tokenizer.engine };
  const place = templateFile === undefined ? await ownTemplatePlace(source, templates.get(model.templateName ?? "")) : { file: templateFile, pointer: undefined };
  const loaded: LoadedModel = {
    model: summary,
    vocabulary: tokenizer.vocabularySize,
    notes: notesOn(id, model, tokenizer.engine),
    ...(place === undefined ? {} : { templateFile: place.file }),
    ...(place?.pointer === undefined ? {} : { templatePointer: place.pointer }),
  };
  return { model, loaded, shared: compiled === undefined ? undefined : { compiled, tokenizerConfig, templates, options, loaded } };
}

/** The same model over the same tables; costs what a thread has for itself. */
export function openSharedModel(shared: SharedModel): OpenedModel {
  const { compiled, tokenizerConfig, templates, options, loaded } = shared;
  return { model: new PromptModel({ tokenizerConfig, templates }, createTokenizer(compiled), options), loaded, shared };
}

/** A model's tokenizer, from the cache where it is there. @throws TunesmithError `no-tokenizer` where the model has none. */
export async function openModelTokenizer({ id, tokenizer, tokenizerConfig }: ModelFiles): Promise<CachedTokenizer> {
  if (tokenizer === undefined) {
    throw new TunesmithError("no-tokenizer", `${id} has no tokenizer (tokenizer.json, tokenizer.model, or vocab.json with merges.txt), so its tokens cannot be counted. Choose a model that has one.`);
  }
  return await openCachedTokenizer(tokenizer, tokenizerConfig);
}

function notesOn(id: string, { templateName }: PromptModel, { kind, reason }: TokenizerEngine): readonly string[] {
  const notes: string[] = [];
  if (templateName === undefined) {
    notes.push(`${id} has no chat template, so conversations are not rendered or counted. Put a chat_template.jinja into its folder.`);
  }
  if (kind === "library") {
    const why = reason === undefined ? "" : `, because ${reason}`;
    notes.push(`The tokens of ${id} are counted with @huggingface/tokenizers, which is slower and does not always know where they stand${why}.`);
  }
  return notes;
}

/** The file that a model's folder keeps its template in, where that is one. */
async function ownTemplatePlace(source: string, template: string | undefined): Promise<Pick<TemplateFile, "file" | "pointer"> | undefined> {
  return template === undefined ? undefined : (await templateFiles({ source })).get(template);
}

async function readTemplate(path: string): Promise<{ readonly name: string; readonly source: string }> {
  const bytes = await readWhole(path);
  if (bytes === undefined) throw new TunesmithError("no-such-template", `There is no template file ${path}.`);
  return { name: basename(path), source: decodeUtf8(bytes).text };
}
