import { TunesmithError } from "../../base/errors";
import type { RandomAccess } from "../io/ports";
import { configuredTemplates } from "../template/discovery";
import { parsedDocument } from "../tokenizer/document";
import { configOfGguf, tokenizerOfGguf } from "../tokenizer/sources/ggufTokenizer";
import { readGgufHeader } from "../weights/gguf/header";
import type { ModelFiles } from "./modelFolder";

/** Longer headers are not read for a vocabulary; the largest known ones have 20 MB. */
const MAX_HEADER_BYTES = 256 * 1024 * 1024;

/**
 * Reads what a GGUF file's metadata say about text: vocabulary, special tokens and chat templates.
 * @param id what people call the model. @param name the file's name, for messages. @param access stays open.
 * @throws WeightsError where it is no GGUF file or a broken one; TunesmithError `too-large`.
 */
export async function readGgufModel(id: string, name: string, access: RandomAccess): Promise<ModelFiles> {
  const { metadata, dataStart } = await readGgufHeader({ name, access }, { keepArray: (key) => key.startsWith("tokenizer.") });
  if (dataStart > MAX_HEADER_BYTES) throw new TunesmithError("too-large", `${name} has ${dataStart} bytes of metadata; at most ${MAX_HEADER_BYTES} are read here.`);
  const header = access.allocate(Math.min(dataStart, access.size));
  await access.read(0, header);
  const tokenizerConfig = configOfGguf(metadata);
  return {
    id,
    tokenizer: { file: name, bytes: () => [header], read: () => parsedDocument(tokenizerOfGguf(metadata)) },
    tokenizerConfig,
    config: {},
    templates: configuredTemplates(tokenizerConfig),
  };
}
