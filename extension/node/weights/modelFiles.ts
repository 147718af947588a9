import { hasCode, messageOf } from "../../base/errors";
import type { JsonObject } from "../../core/dataset/conversation";
import type { FileSource, Folder } from "../../core/io/ports";
import { readModelFolder } from "../../core/model/modelFolder";
import { VocabularyError } from "../../core/tokenizer/sources/errors";
import { configOfGguf, tokenizerOfGguf } from "../../core/tokenizer/sources/ggufTokenizer";
import { readGgufHeader } from "../../core/weights/gguf/header";
import { metadataNumbers, metadataText } from "../../core/weights/gguf/metadata";
import { openRequired } from "../../core/weights/openedFile";

/** What stands beside a model's weights, as far as it says something about their rows. */
export interface ModelDescription {
  /** As config.json; of a GGUF file, the parts of it that its metadata have. */
  readonly config: JsonObject;
  /** As tokenizer.json; undefined where the model has none that is known here. */
  readonly tokenizer: JsonObject | undefined;
  readonly tokenizerConfig: JsonObject;
  /** Ids that the vocabulary lists only to fill it up. */
  readonly padding: ReadonlySet<number>;
  readonly notes: readonly string[];
}

const NO_PADDING: ReadonlySet<number> = new Set();

/** Reads the small files of a folder. A folder of weights alone is no error. @throws TunesmithError `model-broken`. */
export async function describeFolder(folder: Folder): Promise<ModelDescription> {
  try {
    const { config, tokenizer, tokenizerConfig } = await readModelFolder(folder);
    try {
      return { config, tokenizer: (await tokenizer?.read())?.whole(), tokenizerConfig, padding: NO_PADDING, notes: [] };
    } catch (error) {
      if (!hasCode(error, "vocabulary-unsupported")) throw error;
      return { config, tokenizer: undefined, tokenizerConfig, padding: NO_PADDING, notes: [messageOf(error)] };
    }
  } catch (error) {
    if (!hasCode(error, "not-a-model")) throw error;
    return { config: {}, tokenizer: undefined, tokenizerConfig: {}, padding: NO_PADDING, notes: [] };
  }
}

/** `token_type` of a token that the vocabulary does not use; converters fill it up with these, named `[PAD151936]`. */
const UNUSED = 5;
const FILLER = /^\[PAD\d+\]$/;

/**
 * Reads the metadata of a GGUF file.
 * @param file of several parts, any.
 * @throws WeightsError where the file's head is broken.
 */
export async function describeGguf(files: FileSource, file: string): Promise<ModelDescription> {
  // Of several parts, the first has the vocabulary.
  const opened = await openRequired(files, file.replace(/\d{5}(?=-of-\d{5}\.gguf$)/i, "00001"));
  try {
    const { metadata } = await readGgufHeader(opened, { keepArray: (key) => key.startsWith("tokenizer.ggml.") });
    const config = definedMembers({ model_type: metadataText(metadata, "general.architecture"), _name_or_path: metadataText(metadata, "general.name") });
    try {
      const tokenizer = tokenizerOfGguf(metadata);
      const types = metadataNumbers(metadata, "tokenizer.ggml.token_type") ?? [];
      const tokens = Object.entries(vocabOf(tokenizer));
      const padding = new Set(tokens.filter(([token, id]) => types[id] === UNUSED && FILLER.test(token)).map(([, id]) => id));
      return { config, tokenizer, tokenizerConfig: configOfGguf(metadata), padding, notes: [] };
    } catch (error) {
      if (!(error instanceof VocabularyError)) throw error;
      return { config, tokenizer: undefined, tokenizerConfig: {}, padding: NO_PADDING, notes: [messageOf(error)] };
    }
  } finally {
    await opened.access.close();
  }
}

function vocabOf(tokenizer: JsonObject): Readonly<Record<string, number>> {
  const vocab = (tokenizer["model"] as JsonObject)["vocab"];
  return Array.isArray(vocab) ? {} : (vocab as Readonly<Record<string, number>>);
}

function definedMembers(members: Readonly<Record<string, string | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(members).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
