import { TunesmithError } from "../../base/errors";
import type { JsonObject, JsonValue } from "../dataset/conversation";
import type { Folder } from "../io/ports";
import { discoverTemplates } from "../template/discovery";
import { parseJsonFile } from "./jsonFile";
import { type TokenizerSource, findTokenizer } from "./tokenizerSource";

/** What a model has that says how it reads text: the files of a folder, or the metadata of a GGUF file. */
export interface ModelFiles {
  readonly id: string;
  readonly tokenizer: TokenizerSource | undefined;
  readonly tokenizerConfig: JsonObject;
  readonly config: JsonObject;
  /** Chat templates by name, in the order in which the model has them. */
  readonly templates: ReadonlyMap<string, string>;
}

/**
 * Reads a model folder. A missing file is no error; a broken one is, the tokenizer's only when it is read.
 * @throws TunesmithError `model-broken` naming the file and the place, `not-a-model` when nothing of a model is there.
 */
export async function readModelFolder(folder: Folder): Promise<ModelFiles> {
  const tokenizerConfig = await readObject(folder, "tokenizer_config.json");
  const tokenizer = await findTokenizer(folder, tokenizerConfig ?? {});
  const config = await readObject(folder, "config.json");
  const templates = await discoverTemplates(folder, tokenizerConfig ?? {});
  if (tokenizer === undefined && tokenizerConfig === undefined && config === undefined && templates.size === 0) {
    throw new TunesmithError(
      "not-a-model",
      `${folder.name} holds no model: none of tokenizer.json, tokenizer.model, tokenizer_config.json, chat_template.jinja and config.json is there.`,
    );
  }
  return { id: folder.name, tokenizer, tokenizerConfig: tokenizerConfig ?? {}, config: config ?? {}, templates };
}

async function readObject(folder: Folder, file: string): Promise<JsonObject | undefined> {
  const bytes = await folder.read(file);
  return bytes === undefined ? undefined : parseJsonFile(file, bytes);
}

const SPECIAL_TOKENS = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token", "additional_special_tokens"];

/** The special tokens of tokenizer_config.json as a template sees them: texts, whether written as text or as an added-token object. */
export function specialTokenVariables(tokenizerConfig: JsonObject): Record<string, JsonValue> {
  const variables: Record<string, JsonValue> = {};
  for (const name of SPECIAL_TOKENS) {
    const value = tokenText(tokenizerConfig[name]);
    if (value !== undefined) variables[name] = value;
  }
  return variables;
}

function tokenText(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((entry) => tokenText(entry) ?? null);
  if (typeof value === "object" && value !== null) return tokenText((value as JsonObject)["content"]);
  return undefined;
}
