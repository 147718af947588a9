import type { Span } from "../../base/text";

/** The endings of files that may say how a model is trained. */
export const CONFIG_EXTENSIONS = ["yaml", "yml", "py", "ipynb"] as const;
/** Folders that hold what others wrote. */
export const NOT_SEARCHED_FOLDERS: readonly string[] = ["node_modules", ".venv", "venv", "site-packages", "__pycache__", ".git"];
/** Larger files are no configurations: the largest notebooks that people train with have a few hundred kilobytes without their output. */
export const MAX_CONFIG_BYTES = 4 * 1024 * 1024;
/** A project of more such files is not about one training run; the nearest to its root are looked at. */
export const MAX_CONFIG_FILES = 1000;
/** Together; configurations have some kilobytes, and the rest of a project is Python. */
export const MAX_ALL_CONFIG_BYTES = 64 * 1024 * 1024;

/** Whether a file of this name, or path, may say how a model is trained. */
export function isConfigFile(name: string): boolean {
  return CONFIG_EXTENSIONS.some((extension) => name.toLowerCase().endsWith(`.${extension}`));
}

/** Whether a text has any of the words that a configuration cannot do without. Cheap: most files have none. */
export function mayHoldTraining(text: string): boolean {
  return /get_peft_model|LoraConfig|full_finetuning|base_model|model_name_or_path/.test(text);
}

export type TrainerName = "unsloth" | "axolotl" | "llama-factory" | "trl" | "peft";

/** How a training run treats the rows of one of the two matrices. */
export type MatrixTraining =
  /** Every row is trained. */
  | { readonly kind: "all" }
  /** Only the rows of these ids. */
  | { readonly kind: "rows"; readonly ids: readonly number[] }
  /** The matrix is frozen and an adapter of low rank is added to it: the rows stay what they are. */
  | { readonly kind: "low-rank" }
  | { readonly kind: "frozen" }
  /** The configuration leaves it to something that cannot be read here, such as a variable. */
  | { readonly kind: "unknown" };

/** What a file in the workspace says of how a model is trained. */
export interface TrainingConfig {
  readonly trainer: TrainerName;
  /** The model's name or path, where it is written there. */
  readonly model: string | undefined;
  readonly input: MatrixTraining;
  readonly output: MatrixTraining;
  /** Axolotl's `fix_untrained_tokens`. */
  readonly fixesUntrained: boolean;
  /** The place in the file that decides it. */
  readonly span: Span;
}

/** The names that models have for the matrix that tokens are looked up in, and for the one that gives their probabilities. */
const INPUT_MODULES: ReadonlySet<string> = new Set(["embed_tokens", "wte", "embed_in", "tok_embeddings", "word_embeddings", "embeddings", "embedding"]);
const OUTPUT_MODULES: ReadonlySet<string> = new Set(["lm_head", "embed_out", "output", "output_layer"]);

/** Which of the two matrices a module's name (`model.embed_tokens`) means; undefined for any other module. */
export function matrixOfModule(module: string): "input" | "output" | undefined {
  const name = module.replace(/\.weight$/, "").split(".").at(-1) ?? "";
  return INPUT_MODULES.has(name) ? "input" : OUTPUT_MODULES.has(name) ? "output" : undefined;
}

/** Names of modules as a configuration lists them. */
export interface ModuleList {
  readonly names: readonly string[];
  /** Whether there may be more, or what there is cannot be read. */
  readonly open: boolean;
}

export const NO_MODULES: ModuleList = { names: [], open: false };

/** `all` and `all-linear` are the layers' linear modules, neither of the two matrices; a pattern is not evaluated. */
export function targetText(text: string): ModuleList {
  if (text === "all" || text === "all-linear") return NO_MODULES;
  if (/[\\^$*+?()[\]|]/.test(text)) return { names: [], open: true };
  return { names: text.split(",").map((name) => name.trim()), open: false };
}

/** What an adapter's configuration says, in PEFT's terms. */
export interface AdapterSettings {
  /** Trained as a whole. */
  readonly modulesToSave: ModuleList;
  /** Adapted at low rank. */
  readonly targetModules: ModuleList;
  /** Rows by matrix; undefined where they cannot be read. */
  readonly rows: Readonly<Partial<Record<"input" | "output", readonly number[]>>> | undefined;
}

/** Ids by matrix from ids by module. */
export function rowsByModule(entries: readonly (readonly [module: string, ids: readonly number[]])[]): NonNullable<AdapterSettings["rows"]> {
  const of = (matrix: "input" | "output"): readonly number[] => entries.filter(([module]) => matrixOfModule(module) === matrix).flatMap(([, ids]) => ids);
  return { input: of("input"), output: of("output") };
}

/** How a matrix is trained beside an adapter. Source: PEFT, `LoraConfig`; what is listed more than once is trained the more. */
export function adapterTraining(matrix: "input" | "output", { modulesToSave, targetModules, rows }: AdapterSettings): MatrixTraining {
  const lists = (modules: ModuleList): boolean => modules.names.some((name) => matrixOfModule(name) === matrix);
  if (lists(modulesToSave)) return { kind: "all" };
  const ids = rows?.[matrix];
  if (ids !== undefined && ids.length > 0) return { kind: "rows", ids };
  if (modulesToSave.open || rows === undefined) return { kind: "unknown" };
  if (lists(targetModules)) return { kind: "low-rank" };
  return targetModules.open ? { kind: "unknown" } : { kind: "frozen" };
}

/** Whether the run trains the row of an id in both matrices; undefined where the file does not tell. */
export function trainsToken({ input, output }: Pick<TrainingConfig, "input" | "output">, id: number): boolean | undefined {
  const trained = [input, output].map((matrix) => {
    if (matrix.kind === "unknown") return undefined;
    return matrix.kind === "all" || (matrix.kind === "rows" && matrix.ids.includes(id));
  });
  if (trained.includes(false)) return false;
  return trained.includes(undefined) ? undefined : true;
}

const TRAINER_NAMES: Readonly<Record<TrainerName, string>> = { unsloth: "Unsloth", axolotl: "Axolotl", "llama-factory": "LLaMA-Factory", trl: "TRL", peft: "PEFT" };

/** What a configuration does about the two matrices, as a sentence without its subject: `trains embed_tokens and lm_head (Axolotl)`. */
export function describeTraining({ trainer, input, output, fixesUntrained }: TrainingConfig): string {
  const name = TRAINER_NAMES[trainer];
  const fixes = fixesUntrained ? ", with fix_untrained_tokens" : "";
  if (JSON.stringify(input) === JSON.stringify(output)) return `${words(input, "embed_tokens and lm_head")} (${name}${fixes})`;
  return `${words(input, "embed_tokens")} and ${words(output, "lm_head")} (${name}${fixes})`;
}

function words(training: MatrixTraining, what: string): string {
  switch (training.kind) {
    case "all":
      return `trains ${what}`;
    case "rows":
      return `trains ${training.ids.length} rows of ${what}`;
    case "low-rank":
      return `only adapts ${what} at low rank`;
    case "frozen":
      return `does not train ${what}`;
    case "unknown":
      return `may or may not train ${what}`;
  }
}
