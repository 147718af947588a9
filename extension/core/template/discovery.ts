import { TunesmithError } from "../../base/errors";
import type { JsonObject, JsonValue } from "../dataset/conversation";
import type { Folder } from "../io/ports";
import { decodeUtf8 } from "../jsonl/utf8";

/** Where a model folder keeps further templates: today's place, and the one of older releases. */
const FURTHER = ["additional_chat_templates", "chat_templates"] as const;

const EXTENSION = ".jinja";

/**
 * The chat templates of a model folder by name, in the order of the choices: template files override tokenizer_config.json.
 * Source: `transformers`, PreTrainedTokenizerBase.from_pretrained and ProcessorMixin.get_processor_dict.
 * @throws TunesmithError `model-broken` where a processor's chat_template.json stands beside template files.
 */
export async function discoverTemplates(folder: Folder, tokenizerConfig: JsonObject): Promise<ReadonlyMap<string, string>> {
  const files = await templateFiles(folder);
  const legacy = await folder.read("chat_template.json");
  if (files.size === 0) return withLegacy(configuredTemplates(tokenizerConfig), legacy);
  if (legacy !== undefined) {
    throw new TunesmithError(
      "model-broken",
      `${folder.name} has both chat_template.json and template files (${[...files.keys()].join(", ")}), which transformers refuses. Remove chat_template.json.`,
    );
  }
  return files;
}

async function templateFiles(folder: Folder): Promise<Map<string, string>> {
  const templates = new Map<string, string>();
  const own = await folder.read("chat_template.jinja");
  if (own !== undefined) templates.set("default", decodeUtf8(own).text);
  for (const place of FURTHER) {
    const names = (await folder.list(place)).filter((name) => name.endsWith(EXTENSION)).sort();
    for (const name of names) {
      const bytes = await folder.read(`${place}/${name}`);
      if (bytes !== undefined) templates.set(name.slice(0, -EXTENSION.length), decodeUtf8(bytes).text);
    }
    if (names.length > 0) break;
  }
  return templates;
}

/** The chat templates of a parsed tokenizer_config.json by name. */
export function configuredTemplates(tokenizerConfig: JsonObject): ReadonlyMap<string, string> {
  const templates = new Map<string, string>();
  const written = tokenizerConfig["chat_template"];
  if (typeof written === "string") templates.set("default", written);
  else if (Array.isArray(written)) {
    for (const entry of written as readonly JsonValue[]) {
      if (typeof entry !== "object" || entry === null || Array.isArray(entry)) continue;
      const { name, template } = entry as JsonObject;
      if (typeof name === "string" && typeof template === "string") templates.set(name, template);
    }
  }
  return templates;
}

/** A processor has its template in a file of its own; a tokenizer's stands in the configuration. */
function withLegacy(configured: ReadonlyMap<string, string>, legacy: Uint8Array | undefined): ReadonlyMap<string, string> {
  const template = configured.size > 0 || legacy === undefined ? undefined : legacyTemplate(legacy);
  return template === undefined ? configured : new Map([["default", template]]);
}

function legacyTemplate(bytes: Uint8Array): string | undefined {
  try {
    const value = JSON.parse(decodeUtf8(bytes).text) as { readonly chat_template?: unknown } | null;
    return typeof value?.chat_template === "string" ? value.chat_template : undefined;
  } catch {
    throw new TunesmithError("model-broken", "chat_template.json is not JSON. Download it again.");
  }
}

/**
 * The name of the template to use: the one asked for, else `tool_use` when tools are given, else `default`; undefined when
 * the model has none. Source: `transformers`, get_chat_template.
 * @throws TunesmithError `no-such-template` naming the choices.
 */
export function chooseTemplate(templates: ReadonlyMap<string, string>, asked: string | undefined, hasTools: boolean): string | undefined {
  if (asked !== undefined) {
    if (templates.has(asked)) return asked;
    throw new TunesmithError("no-such-template", `The model has no chat template '${asked}'. ${choices(templates)}`);
  }
  if (templates.size === 0) return undefined;
  if (hasTools && templates.has("tool_use")) return "tool_use";
  if (templates.has("default")) return "default";
  throw new TunesmithError("no-such-template", `The model has several chat templates and none is called 'default'. ${choices(templates)}`);
}

function choices(templates: ReadonlyMap<string, string>): string {
  return templates.size === 0 ? "It has none at all." : `Choose one of ${[...templates.keys()].join(", ")} with --template-name.`;
}
