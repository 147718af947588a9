import type { Severity } from "../core/rules/rule";
import { oneOf, parseOptions, single, suggestion, usageError, type OptionSpec, type ParsedOptions } from "./options";

/** The trainers and services whose checks can be asked for. */
export const PROFILES = [
  "unsloth",
  "trl",
  "axolotl",
  "llama-factory",
  "torchtune",
  "mistral",
  "openai",
  "together",
  "fireworks",
] as const;

export const FORMATS = ["text", "json", "sarif", "github"] as const;
export type ReportFormat = (typeof FORMATS)[number];

const RENDER_FORMATS = ["text", "json"] as const;

const LEVELS = ["off", "hint", "info", "warning", "error"] as const satisfies readonly (Severity | "off")[];

/** The options that every command has. */
export const COMMON_OPTIONS: readonly OptionSpec[] = [
  { name: "model", value: "<folder|file.gguf|hub-id>", help: "The model whose tokenizer and chat template are used" },
  { name: "template", value: "<file.jinja>", help: "A chat template instead of the model's own" },
  { name: "template-name", value: "<name>", help: "Which of the model's templates, where it has several" },
  { name: "now", value: "<ISO time>", help: "The time that strftime_now gives, instead of the present" },
  { name: "verbose", help: "Say more, with stack traces of errors" },
  { name: "version", help: "Print the version" },
  { name: "help", short: "h", help: "Print this help" },
];

/** The options of `check`, without the common ones. */
export const CHECK_OPTIONS: readonly OptionSpec[] = [
  { name: "profile", value: "NAME", multiple: true, help: `Also check what a trainer requires: ${PROFILES.join(", ")}. Repeatable` },
  { name: "training", value: "FILE|none", help: "How the model is trained: a configuration of Axolotl, LLaMA-Factory or TRL, or Python with get_peft_model; the one beside the data if not given" },
  { name: "max-length", value: "N", help: "The longest row, in tokens, that the training run takes" },
  { name: "severity", value: "RULE=LEVEL", multiple: true, help: `Change a rule's level: ${LEVELS.join(", ")}. Repeatable` },
  { name: "format", value: FORMATS.join("|"), help: "How to report; text if not given" },
  { name: "output", value: "FILE", help: "Write the report to a file instead of standard output" },
  { name: "jobs", value: "N", help: "How many worker threads; as many as cores if not given" },
];

/** The options of `render`, without the common ones. */
export const RENDER_OPTIONS: readonly OptionSpec[] = [
  { name: "data", value: "FILE.json", help: "The variables: messages, tools, documents, add_generation_prompt, …; - for standard input" },
  { name: "batch", value: "FILE.jsonl|-", help: "Render many: one JSON object a line in, one a line out" },
  { name: "segments", help: "Tell where every character of the prompt comes from" },
  { name: "tokens", help: "Add the token ids, and the assistant mask; needs --model" },
  { name: "format", value: RENDER_FORMATS.join("|"), help: "How to print one prompt; text if not given" },
];

/** The arguments of `check`, validated. */
export interface CheckArguments {
  readonly paths: readonly string[];
  readonly model: string | undefined;
  readonly template: string | undefined;
  readonly templateName: string | undefined;
  /** Milliseconds. */
  readonly now: number | undefined;
  readonly profiles: readonly string[];
  /** A file, or `none`. */
  readonly training: string | undefined;
  readonly maxLength: number | undefined;
  readonly severities: Readonly<Record<string, Severity | "off">>;
  readonly format: ReportFormat;
  readonly output: string | undefined;
  readonly jobs: number;
}

/** What the validation of `check`'s arguments is made against. */
export interface ArgumentContext {
  /** The ids of all rules. */
  readonly rules: readonly string[];
  /** The default of `--jobs`. */
  readonly parallelism: number;
}

/**
 * Reads what follows `tunesmith check`.
 *
 * @throws TunesmithError `usage`, in one sentence that says what to write instead.
 */
export function parseCheckArguments(argv: readonly string[], context: ArgumentContext): CheckArguments {
  const options = parseOptions(argv, [...CHECK_OPTIONS, ...COMMON_OPTIONS]);
  if (options.positionals.length === 0) throw usageError("No file to check. Name files, folders or globs: tunesmith check data/train.jsonl.");
  return {
    paths: options.positionals,
    model: single(options, "model"),
    template: single(options, "template"),
    templateName: single(options, "template-name"),
    now: frozenTime(options),
    profiles: [...new Set((options.values.get("profile") ?? []).map((name) => oneOf("--profile", name, PROFILES)))],
    training: single(options, "training"),
    maxLength: positiveInteger("--max-length", single(options, "max-length")),
    severities: severities(options.values.get("severity") ?? [], context.rules),
    format: oneOf("--format", single(options, "format") ?? "text", FORMATS),
    output: single(options, "output"),
    jobs: positiveInteger("--jobs", single(options, "jobs")) ?? context.parallelism,
  };
}

/** The arguments of `render`, validated: exactly one of `data` and `batch` is there. */
export interface RenderArguments {
  readonly model: string | undefined;
  readonly template: string | undefined;
  readonly templateName: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number | undefined;
  readonly data: string | undefined;
  readonly batch: string | undefined;
  readonly segments: boolean;
  readonly tokens: boolean;
  readonly format: (typeof RENDER_FORMATS)[number];
}

/**
 * Reads what follows `tunesmith render`.
 *
 * @throws TunesmithError `usage`, in one sentence that says what to write instead.
 */
export function parseRenderArguments(argv: readonly string[]): RenderArguments {
  const options = parseOptions(argv, [...RENDER_OPTIONS, ...COMMON_OPTIONS]);
  const [extra] = options.positionals;
  if (extra !== undefined) throw usageError(`render takes no file without an option: write --data ${extra} or --batch ${extra}.`);
  const args: RenderArguments = {
    model: single(options, "model"),
    template: single(options, "template"),
    templateName: single(options, "template-name"),
    now: frozenTime(options),
    data: single(options, "data"),
    batch: single(options, "batch"),
    segments: options.switches.has("segments"),
    tokens: options.switches.has("tokens"),
    format: oneOf("--format", single(options, "format") ?? "text", RENDER_FORMATS),
  };
  if ((args.data === undefined) === (args.batch === undefined)) {
    throw usageError("Give either --data FILE.json for one prompt or --batch FILE.jsonl for many.");
  }
  if (args.data !== undefined && args.template === undefined && args.model === undefined) throw usageError("No template: give --template FILE or --model M.");
  if (args.tokens && args.model === undefined) throw usageError("--tokens needs a tokenizer: give --model M.");
  return args;
}

function positiveInteger(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value < 1 || !Number.isSafeInteger(value)) throw usageError(`${option} must be a whole number of at least 1, not "${text}".`);
  return value;
}

/** What `--now` says, in milliseconds. A date alone is that day's beginning here; JavaScript would take it for UTC. @throws TunesmithError `usage` */
export function frozenTime(options: ParsedOptions): number | undefined {
  const text = single(options, "now");
  if (text === undefined) return undefined;
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(Date.parse(text))) {
    throw usageError(`--now must be an ISO time such as 2025-01-31T09:30:00Z, not "${text}".`);
  }
  return Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text);
}

function severities(entries: readonly string[], rules: readonly string[]): Record<string, Severity | "off"> {
  const result = new Map<string, Severity | "off">();
  for (const entry of entries) {
    const equals = entry.lastIndexOf("=");
    if (equals < 1) throw usageError(`--severity must be RULE=LEVEL, not "${entry}"; LEVEL is one of: ${LEVELS.join(", ")}.`);
    const rule = entry.slice(0, equals);
    if (!rules.includes(rule)) throw usageError(`--severity names the rule "${rule}", which does not exist.${suggestion(rule, rules)}`);
    result.set(rule, oneOf(`--severity ${rule}`, entry.slice(equals + 1), LEVELS));
  }
  return Object.fromEntries(result);
}
