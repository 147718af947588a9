import { DEFAULT_FIELDS } from "../core/dataset/fields";
import type { Severity } from "../core/rules/rule";

/** The section that all settings are in. */
export const SETTINGS_SECTION = "tunesmith";

/** What a rule can be set to. */
export const RULE_LEVELS = ["off", "hint", "info", "warning", "error"] as const satisfies readonly (Severity | "off")[];
export type RuleLevel = (typeof RULE_LEVELS)[number];

/** Where models can run, those first that most will want. */
export const DEVICES = ["auto", "cpu", "webgpu", "cuda", "dml", "coreml"] as const;

/** The values of the settings, by their names below the section. */
export interface SettingValues {
  readonly "check.enabled": boolean;
  readonly models: Readonly<Record<string, string>>;
  readonly maxLength: number | null;
  readonly rules: Readonly<Record<string, RuleLevel>>;
  readonly fields: Readonly<Record<string, string>>;
  readonly tokenCounts: boolean;
  readonly "inference.device": (typeof DEVICES)[number];
  readonly "server.url": string;
  readonly "server.model": string;
  readonly "server.prompts": string;
}

export type SettingName = keyof SettingValues;

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What the manifest says of a setting, and how its value is read. */
export interface SettingSpec<Value> {
  readonly default: Value;
  readonly scope: "resource" | "window" | "machine";
  readonly markdownDescription: string;
  /** The rest of the setting's JSON schema. */
  readonly schema: Readonly<Record<string, Json>>;
  /** True where an untrusted workspace must not set it. */
  readonly restricted?: true;
  /** The part of a value that fits; settings files are written by hand. */
  read(value: unknown): Value;
}

/** Every setting, in the order in which the Settings editor shows them. */
export const SETTINGS: { readonly [Name in SettingName]: SettingSpec<SettingValues[Name]> } = {
  "check.enabled": {
    default: true,
    scope: "resource",
    markdownDescription: "Check datasets (JSON Lines) while they are open in an editor.",
    schema: { type: "boolean" },
    read: (value) => value !== false,
  },
  models: {
    default: {},
    scope: "resource",
    restricted: true,
    markdownDescription:
      "The model that a dataset is for: a glob pattern for the datasets, and a folder that holds the model's `tokenizer.json`, " +
      "a GGUF file, a model of the Hugging Face hub as `hf://owner/name`, or `embedded` for the small model that comes with Tunesmith. " +
      "A pattern without `/` is matched against the file name, any other against the path below the workspace folder; where " +
      "several match, the longest one counts. A path may be absolute, begin with `~`, or be relative to the workspace folder; " +
      "an empty text means no model. Without a model nothing is rendered and no tokens are counted.\n\n" +
      "`Tunesmith: Select Model…` fills this in.",
    schema: { type: "object", additionalProperties: { type: "string" } },
    read: (value) => entriesOf(value, (_, folder) => typeof folder === "string"),
  },
  maxLength: {
    default: null,
    scope: "resource",
    markdownDescription:
      "The number of tokens that the training cuts a prompt at. Longer ones are reported by `tokens/over-length`. " +
      "Needs a model, see `#tunesmith.models#`.",
    schema: { type: ["integer", "null"], minimum: 1 },
    read: (value) => (typeof value === "number" && Number.isInteger(value) && value >= 1 ? value : null),
  },
  rules: {
    default: {},
    scope: "resource",
    markdownDescription: "How severe a finding of a rule is; `off` silences the rule.",
    // The rules themselves are added where the manifest is generated.
    schema: { type: "object", additionalProperties: false },
    read: (value) => entriesOf(value, (_, level): level is RuleLevel => RULE_LEVELS.some((known) => known === level)),
  },
  fields: {
    default: {},
    scope: "resource",
    markdownDescription:
      'Names of the columns that your datasets use in place of the usual ones, such as `{"messages": "dialogue"}`. ' +
      "The usual names stay valid.",
    schema: {
      type: "object",
      properties: Object.fromEntries(Object.keys(DEFAULT_FIELDS).map((field) => [field, { type: "string", minLength: 1 }])),
      additionalProperties: false,
    },
    read: (value) =>
      entriesOf(value, (field, column): column is string => Object.hasOwn(DEFAULT_FIELDS, field) && typeof column === "string" && column !== ""),
  },
  tokenCounts: {
    default: true,
    scope: "resource",
    markdownDescription:
      "Show the number of tokens before each row of an open dataset; rows over `#tunesmith.maxLength#` get a sign. " +
      "Needs a model, see `#tunesmith.models#`, and `#editor.inlayHints.enabled#`.",
    schema: { type: "boolean" },
    read: (value) => value !== false,
  },
  "inference.device": {
    default: "auto",
    scope: "machine",
    markdownDescription:
      "Where models run: `auto` takes the fastest device that works. ONNX models run on `cpu`, `webgpu` (any GPU), `cuda`, `dml` " +
      "(Windows) or `coreml` (macOS); for GGUF models everything but `cpu` asks for the GPU.",
    schema: { type: "string", enum: DEVICES },
    read: (value) => DEVICES.find((device) => device === value) ?? "auto",
  },
  "server.url": {
    default: "",
    scope: "machine",
    restricted: true,
    markdownDescription:
      "The base URL of an OpenAI-compatible server (vLLM, SGLang, TGI, llama.cpp, Ollama, or a hosted one) whose model the playground can talk to, " +
      "such as `http://localhost:8000/v1`. Conversations are sent there, and nowhere else. `Tunesmith: Connect to Server…` fills this in, and keeps " +
      "the server's key in VS Code's secret storage.",
    schema: { type: "string" },
    read: (value) => (typeof value === "string" ? value.trim() : ""),
  },
  "server.model": {
    default: "",
    scope: "machine",
    restricted: true,
    markdownDescription: "What `#tunesmith.server.url#` calls the model.",
    schema: { type: "string" },
    read: (value) => (typeof value === "string" ? value.trim() : ""),
  },
  "server.prompts": {
    default: "",
    scope: "machine",
    restricted: true,
    markdownDescription:
      "The model whose chat template and tokenizer make the prompts for `#tunesmith.server.url#`, written as in `#tunesmith.models#`. The server " +
      "gets token ids then, and the prompt is shown. Empty to send messages, of which the server makes a prompt with a template of its own.",
    schema: { type: "string" },
    read: (value) => (typeof value === "string" ? value.trim() : ""),
  },
};

/** The entries of an object that `accepts` takes; an empty object for anything else. */
function entriesOf<Value>(value: unknown, accepts: (key: string, value: unknown) => value is Value): Readonly<Record<string, Value>> {
  if (typeof value !== "object" || value === null) return {};
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  return Object.fromEntries(entries.filter((entry): entry is [string, Value] => accepts(entry[0], entry[1])));
}
