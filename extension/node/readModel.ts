import { hasCode, TunesmithError } from "../base/errors";
import { readGgufModel } from "../core/model/ggufModel";
import { type ModelFiles, readModelFolder } from "../core/model/modelFolder";
import type { HubOptions } from "./hub/settings";
import { type ModelSource, resolveModel } from "./modelSource";

/**
 * Reads what a model has that says how it reads text: of a folder, a GGUF file or a repository of the hub. A folder or repository
 * with nothing but a GGUF file is that file.
 * @param spec as people give it; see {@link resolveModel}.
 * @throws TunesmithError `not-a-model` where there is none; what the readers of the files throw, naming file and place.
 */
export async function readModel(spec: string, options: HubOptions = {}, cwd: string = process.cwd()): Promise<ModelFiles> {
  const source = await resolveModel(spec, options, cwd);
  const named = source.kind === "folder" ? undefined : source.file;
  if (named !== undefined) return await readGguf(source, named);
  try {
    const files = await readModelFolder(source.folder);
    const gguf = files.tokenizer === undefined ? await onlyGguf(source) : undefined;
    return gguf === undefined ? files : withTemplates(await readGguf(source, gguf), files);
  } catch (error) {
    const gguf = hasCode(error, "not-a-model") ? await onlyGguf(source) : undefined;
    if (gguf === undefined) throw error;
    return await readGguf(source, gguf);
  }
}

async function readGguf({ name, files }: ModelSource, file: string): Promise<ModelFiles> {
  const access = await files.open(file);
  if (access === undefined) throw new TunesmithError("not-a-model", `${name} has no file ${file}.`);
  try {
    return await readGgufModel(name, file, access);
  } finally {
    await access.close();
  }
}

/** The template files that stand beside a GGUF file were put there on purpose. */
function withTemplates(gguf: ModelFiles, { id, templates }: ModelFiles): ModelFiles {
  return { ...gguf, id, templates: templates.size > 0 ? templates : gguf.templates };
}

/** Vision projectors have no vocabulary; of several parts only the first has it. */
const NO_VOCABULARY = /mmproj|-(?!00001)\d{5}-of-\d{5}\.gguf$/i;

/** @throws TunesmithError `not-a-model` where it is not clear which is meant. */
async function onlyGguf({ name, files }: ModelSource): Promise<string | undefined> {
  const found = (await files.list()).filter((file) => /\.gguf$/i.test(file) && !NO_VOCABULARY.test(file)).sort();
  if (found.length < 2) return found[0];
  throw new TunesmithError("not-a-model", `${name} has no tokenizer, but ${found.length} GGUF files. Give one of them, such as ${name}/${found[0] ?? ""}.`);
}
