import { TunesmithError } from "../../base/errors";
import type { JsonObject, JsonValue } from "../dataset/conversation";
import type { Folder } from "../io/ports";
import { parseJson } from "../jsonl/parse";
import { LineMap } from "../../base/text";
import { decodeUtf8 } from "../jsonl/utf8";
import { discoverTemplates } from "../template/discovery";

/** The files of a model folder that say how it reads text. */
export interface ModelFiles {
  readonly id: string;
  readonly tokenizer: JsonObject | undefined;
  /** The bytes that `tokenizer` was parsed from. */
  readonly tokenizerBytes: Uint8Array | undefined;
  readonly tokenizerConfig: JsonObject;
  readonly config: JsonObject;
  /** Chat templates by name, in the order in which the model has them. */
  readonly templates: ReadonlyMap<string, string>;
}

/**
 * Reads a model folder. A missing file is no error; a broken one is.
 * @throws TunesmithError `model-broken` naming the file and the place, `not-a-model` when nothing of a model is there.
 */
export async function readModelFolder(folder: Folder): Promise<ModelFiles> {
  const tokenizerBytes = await folder.read("tokenizer.json");
  const tokenizer = tokenizerBytes === undefined ? undefined : parseFile("tokenizer.json", tokenizerBytes);
  const tokenizerConfig = await readObject(folder, "tokenizer_config.json");
  const config = await readObject(folder, "config.json");
  const templates = await discoverTemplates(folder, tokenizerConfig ?? {});
  if (tokenizer === undefined && tokenizerConfig === undefined && config === undefined && templates.size === 0) {
    throw new TunesmithError(
      "not-a-model",
      `${folder.name} holds no model: none of tokenizer.json, tokenizer_config.json, chat_template.jinja and config.json is there.`,
    );
  }
  return { id: folder.name, tokenizer, tokenizerBytes, tokenizerConfig: tokenizerConfig ?? {}, config: config ?? {}, templates };
}

async function readObject(folder: Folder, file: string): Promise<JsonObject | undefined> {
  const bytes = await folder.read(file);
  return bytes === undefined ? undefined : parseFile(file, bytes);
}

function parseFile(file: string, bytes: Uint8Array): JsonObject {
  const { text } = decodeUtf8(bytes);
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    throw brokenFile(file, text);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TunesmithError("model-broken", `${file} must hold a JSON object. Download the model's files again.`);
  }
  return value as JsonObject;
}

function brokenFile(file: string, text: string): TunesmithError {
  const problem = parseJson(text).problems[0];
  const { line, column } = new LineMap(text).positionAt(problem?.start ?? 0);
  const what = problem?.message ?? "It is not JSON.";
  return new TunesmithError("model-broken", `${file} is broken at line ${line}, column ${column}: ${what} Download it again.`);
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
