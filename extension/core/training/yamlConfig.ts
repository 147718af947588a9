import { isMap, isScalar, parseDocument, type YAMLMap } from "yaml";
import type { Span } from "../../base/text";
import { type AdapterSettings, adapterTraining, type MatrixTraining, type ModuleList, NO_MODULES, rowsByModule, targetText, type TrainingConfig } from "./trainingConfig";

/** Aliases may repeat what they stand for this often: a file of a few lines can name gigabytes otherwise. */
const MAX_ALIASES = 100;
/** Brackets in brackets beyond this take the parser seconds, and are in no configuration. */
const MAX_BRACKETS = 100;

/** A configuration's members with the places of their keys. */
interface Fields {
  readonly values: Readonly<Record<string, unknown>>;
  /** The place of the first of the keys that is there, or the first line. */
  place(...keys: readonly string[]): Span;
}

/** What an Axolotl, LLaMA-Factory or TRL configuration says; undefined where the text is none of these. */
export function readYamlConfig(text: string): TrainingConfig | undefined {
  // Parsing takes long; most YAML files of a workspace are something else.
  if (!/^(?:base_model|model_name_or_path)[ \t]*:/m.test(text)) return undefined;
  const fields = bracketDepth(text) > MAX_BRACKETS ? undefined : fieldsOf(text);
  if (fields === undefined) return undefined;
  const { values } = fields;
  if (typeof values["base_model"] === "string") return axolotl(fields);
  if (typeof values["model_name_or_path"] !== "string") return undefined;
  return LLAMA_FACTORY_KEYS.some((key) => Object.hasOwn(values, key)) ? llamaFactory(fields) : trl(fields);
}

/** Keys that only LLaMA-Factory has; TRL shares the others. */
const LLAMA_FACTORY_KEYS = ["finetuning_type", "stage", "template", "dataset_dir", "cutoff_len", "lora_target", "additional_target"];

function fieldsOf(text: string): Fields | undefined {
  try {
    const document = parseDocument(text, { logLevel: "silent", prettyErrors: false });
    if (document.errors.length > 0 || !isMap(document.contents)) return undefined;
    const values = document.toJS({ maxAliasCount: MAX_ALIASES }) as Readonly<Record<string, unknown>>;
    const keys = keyPlaces(document.contents);
    const firstLine = { start: 0, end: Math.max(0, text.search(/\r?\n|$/)) };
    return { values, place: (...names) => names.map((name) => keys.get(name)).find((span) => span !== undefined) ?? firstLine };
  } catch {
    // Too many aliases, or nested too deeply: no configuration that a trainer would read.
    return undefined;
  }
}

/** How deep brackets nest, those of texts and comments too. */
function bracketDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth = Math.max(0, depth + (bracket === "[" || bracket === "{" ? 1 : -1));
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function keyPlaces(map: YAMLMap): ReadonlyMap<string, Span> {
  const places = new Map<string, Span>();
  for (const { key } of map.items) {
    if (isScalar(key) && key.range !== undefined && key.range !== null) places.set(String(key.value), { start: key.range[0], end: key.range[1] });
  }
  return places;
}

/** Source: axolotl, `utils/schemas/peft.py` and `utils/schemas/config.py`, `loaders/adapter.py`. */
function axolotl({ values, place }: Fields): TrainingConfig {
  const adapter = values["adapter"];
  const common = { trainer: "axolotl", model: String(values["base_model"]), fixesUntrained: isSet(values["fix_untrained_tokens"]) } as const;
  if (!isSet(adapter)) {
    const unfrozen = values["unfrozen_parameters"];
    const both = (matrix: string): MatrixTraining => (Array.isArray(unfrozen) ? { kind: unfrozen.some((pattern) => String(pattern).includes(matrix)) ? "all" : "frozen" } : { kind: "all" });
    return { ...common, input: both("embed_tokens"), output: both("lm_head"), span: place("unfrozen_parameters", "base_model") };
  }
  const settings: AdapterSettings = {
    modulesToSave: listed(values["lora_modules_to_save"]),
    targetModules: listed(values["lora_target_modules"]),
    rows: tokenRows(values["peft_trainable_token_indices"]),
  };
  const known = adapter === "lora" || adapter === "qlora";
  const span = place("lora_modules_to_save", "peft_trainable_token_indices", "lora_target_modules", "adapter");
  return { ...common, ...(known ? bothMatrices(settings) : UNKNOWN), span };
}

/** Source: LLaMA-Factory, `hparams/finetuning_args.py` and `model/adapter.py`. */
function llamaFactory({ values, place }: Fields): TrainingConfig {
  const common = { trainer: "llama-factory", model: String(values["model_name_or_path"]), fixesUntrained: false } as const;
  const type = values["finetuning_type"] ?? "lora";
  if (type === "full") return { ...common, ...ALL, span: place("finetuning_type") };
  if (type === "freeze") {
    const extra = { modulesToSave: listed(values["freeze_extra_modules"]), targetModules: NO_MODULES, rows: {} };
    return { ...common, ...bothMatrices(extra), span: place("freeze_extra_modules", "finetuning_type") };
  }
  const span = place("additional_target", "resize_vocab", "lora_target", "finetuning_type", "model_name_or_path");
  if (type !== "lora") return { ...common, ...UNKNOWN, span };
  // It trains both matrices of a vocabulary that it resized, unless it is told which modules to train.
  if (values["additional_target"] === undefined && values["resize_vocab"] === true) return { ...common, ...ALL, span };
  return { ...common, ...bothMatrices({ modulesToSave: listed(values["additional_target"]), targetModules: listed(values["lora_target"]), rows: {} }), span };
}

/** Source: TRL, `trainer/model_config.py`. */
function trl({ values, place }: Fields): TrainingConfig {
  const common = { trainer: "trl", model: String(values["model_name_or_path"]), fixesUntrained: false } as const;
  if (values["use_peft"] !== true) return { ...common, ...ALL, span: place("use_peft", "model_name_or_path") };
  const settings = { modulesToSave: listed(values["lora_modules_to_save"]), targetModules: listed(values["lora_target_modules"]), rows: {} };
  return { ...common, ...bothMatrices(settings), span: place("lora_modules_to_save", "lora_target_modules", "use_peft") };
}

const ALL: { readonly input: MatrixTraining; readonly output: MatrixTraining } = { input: { kind: "all" }, output: { kind: "all" } };
const UNKNOWN: typeof ALL = { input: { kind: "unknown" }, output: { kind: "unknown" } };

function bothMatrices(settings: AdapterSettings): typeof ALL {
  return { input: adapterTraining("input", settings), output: adapterTraining("output", settings) };
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== "" && !(Array.isArray(value) && value.length === 0);
}

/** Modules as a list, or as a text with commas between. */
function listed(value: unknown): ModuleList {
  if (value === undefined || value === null) return NO_MODULES;
  if (typeof value === "string") return targetText(value);
  if (!Array.isArray(value)) return { names: [], open: true };
  const names = value.filter((entry) => typeof entry === "string");
  return { names, open: names.length < value.length };
}

/** `trainable_token_indices`: ids of the input matrix, or ids by matrix. */
function tokenRows(value: unknown): AdapterSettings["rows"] {
  if (value === undefined || value === null) return {};
  if (Array.isArray(value)) return { input: numbersOf(value) };
  if (typeof value !== "object") return undefined;
  return rowsByModule(Object.entries(value).map(([module, ids]) => [module, Array.isArray(ids) ? numbersOf(ids) : []]));
}

function numbersOf(values: readonly unknown[]): number[] {
  return values.filter((value) => typeof value === "number");
}
