import { join } from "node:path";
import type { ModelSpec } from "../core/analysis/workerContract";
import type { JsonObject, JsonValue } from "../core/dataset/conversation";
import { parseJsonText } from "../core/dataset/values";
import { decodeUtf8 } from "../core/jsonl/utf8";
import type { TemplateFile } from "../core/model/templatePlaces";
import { listFiles, readWhole } from "./files";

/** The folders of a model that hold templates; `""` is the model's own. */
const TEMPLATE_FOLDERS = ["", "additional_chat_templates", "chat_templates"] as const;
const JSON_FILES = ["tokenizer_config.json", "chat_template.json"] as const;

/**
 * The files that a model's chat templates are kept in, by the templates' sources; of a model that is not in a folder, only a
 * template file of its own. What cannot be read is left out.
 */
export async function templateFiles({ source: folder, templateFile: own }: ModelSpec): Promise<ReadonlyMap<string, TemplateFile>> {
  const found = new Map<string, TemplateFile>();
  const ownText = own === undefined ? undefined : await textOf(own);
  if (own !== undefined && ownText !== undefined) found.set(ownText, { file: own, text: ownText, pointer: undefined });
  for (const inside of TEMPLATE_FOLDERS) {
    for (const name of (await listFiles(join(folder, inside)).catch(() => [])).filter((file) => file.endsWith(".jinja"))) {
      const file = join(folder, inside, name);
      const text = await textOf(file);
      if (text !== undefined && !found.has(text)) found.set(text, { file, text, pointer: undefined });
    }
  }
  for (const name of JSON_FILES) {
    const file = join(folder, name);
    const text = await textOf(file);
    for (const [pointer, source] of text === undefined ? [] : templatesIn(text)) if (!found.has(source)) found.set(source, { file, text: text ?? "", pointer });
  }
  return found;
}

async function textOf(file: string): Promise<string | undefined> {
  const bytes = await readWhole(file).catch(() => undefined);
  return bytes === undefined ? undefined : decodeUtf8(bytes).text;
}

/** The templates of tokenizer_config.json: one, or a list of them with names. */
function templatesIn(text: string): readonly (readonly [pointer: string, source: string])[] {
  const value = parseJsonText(text);
  const written = typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject)["chat_template"] : undefined;
  if (typeof written === "string") return [["/chat_template", written]];
  if (!Array.isArray(written)) return [];
  return (written as readonly JsonValue[]).flatMap((entry, index) => {
    const source = typeof entry === "object" && entry !== null && !Array.isArray(entry) ? (entry as JsonObject)["template"] : undefined;
    return typeof source === "string" ? [[`/chat_template/${index}/template`, source] as const] : [];
  });
}
