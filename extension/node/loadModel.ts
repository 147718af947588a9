import { createHash } from "node:crypto";
import { basename } from "node:path";
import { stat } from "node:fs/promises";
import { TunesmithError } from "../base/errors";
import type { LoadedModel, ModelSpec } from "../core/analysis/workerContract";
import { readModelFolder } from "../core/model/modelFolder";
import { PromptModel } from "../core/model/promptModel";
import { decodeUtf8 } from "../core/jsonl/utf8";
import { folderAt, readWhole } from "./files";

/**
 * Loads a model folder's tokenizer and chat template.
 * @throws TunesmithError naming the file, the place and what to do.
 */
export async function loadModel(spec: ModelSpec): Promise<{ readonly model: PromptModel; readonly loaded: LoadedModel }> {
  await requireFolder(spec.folder);
  const files = await readModelFolder(folderAt(spec.folder));
  const template = spec.templateFile === undefined ? undefined : await readTemplate(spec.templateFile);
  const model = new PromptModel(files, { template, templateName: spec.templateName, now: spec.now });
  const notes: string[] = [];
  if (model.templateName === undefined) {
    notes.push(`${files.id} has no chat template, so conversations are not rendered or counted. Put a chat_template.jinja into its folder.`);
  }
  const hash = createHash("sha256").update(files.tokenizerBytes ?? new Uint8Array(0));
  return {
    model,
    loaded: {
      model: { id: files.id, tokenizer: `sha256:${hash.digest("hex").slice(0, 16)}`, template: model.templateName ?? null },
      vocabulary: model.tokenizer.vocabularySize,
      notes,
    },
  };
}

async function requireFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  if (found !== undefined) {
    throw new TunesmithError("not-a-model", `${path} is not a folder. Give the folder that holds the model's tokenizer.json.`);
  }
  throw new TunesmithError("not-a-model", `There is no model folder ${path}. Give a folder that holds tokenizer.json.`);
}

async function readTemplate(path: string): Promise<{ readonly name: string; readonly source: string }> {
  const bytes = await readWhole(path);
  if (bytes === undefined) throw new TunesmithError("no-such-template", `There is no template file ${path}.`);
  return { name: basename(path), source: decodeUtf8(bytes).text };
}
