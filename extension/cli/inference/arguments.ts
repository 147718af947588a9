import { COMMON_OPTIONS, frozenTime } from "../arguments";
import { oneOf, parseOptions, single, usageError, type OptionSpec, type ParsedOptions } from "../options";

const FORMATS = ["text", "json"] as const;
const ENGINES = ["onnx", "gguf", "openai"] as const;
const DEVICES = ["auto", "cpu", "webgpu", "cuda", "dml", "coreml"] as const;

const RUN_OPTIONS: readonly OptionSpec[] = [
  { name: "download", help: "Download the weights of a model of the hub where the cache does not have them" },
  { name: "engine", value: ENGINES.join("|"), help: "What runs the model; its format decides if not given" },
  { name: "device", value: DEVICES.join("|"), help: "Where it runs; the fastest that works if not given" },
];

/** The options of `generate`, without the common ones. */
export const GENERATE_OPTIONS: readonly OptionSpec[] = [
  { name: "messages", value: "FILE|-", help: "A JSON array of messages, or an object with messages and tools; - for standard input" },
  { name: "prompt", value: "S", anyValue: true, help: "A text that the answer goes on, instead of messages" },
  ...RUN_OPTIONS,
  { name: "base-url", value: "URL", help: "An OpenAI-compatible server, such as http://localhost:8000/v1. Its key is taken from TUNESMITH_API_KEY" },
  { name: "max-new-tokens", value: "N", help: "The longest answer; 256 if not given" },
  { name: "temperature", value: "T", help: "0, the default, takes the most probable token each time" },
  { name: "top-p", value: "P", help: "Only the most probable tokens that together reach P" },
  { name: "seed", value: "S", help: "The same seed gives the same text on the same device" },
  { name: "stop", value: "TEXT", multiple: true, anyValue: true, help: "A text that ends the answer, and is not part of it; repeat for several" },
  { name: "format", value: FORMATS.join("|"), help: "text streams the answer; json tells tokens and times too" },
];

/** The options of `score`, without the common ones. */
export const SCORE_OPTIONS: readonly OptionSpec[] = RUN_OPTIONS;

export interface RunArguments {
  readonly model: string;
  readonly template: string | undefined;
  readonly templateName: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number | undefined;
  readonly engine: (typeof ENGINES)[number] | undefined;
  readonly device: (typeof DEVICES)[number];
  /** Whether weights may be downloaded. */
  readonly download: boolean;
}

export interface GenerateArguments extends RunArguments {
  readonly input: { readonly messages: string } | { readonly prompt: string };
  readonly baseUrl: string | undefined;
  readonly maxNewTokens: number;
  readonly temperature: number;
  readonly topP: number | undefined;
  readonly seed: number | undefined;
  readonly stopTexts: readonly string[];
  readonly format: (typeof FORMATS)[number];
}

export interface ScoreArguments extends RunArguments {
  readonly file: string;
}

/** Reads what follows `tunesmith generate`. @throws TunesmithError `usage`, in one sentence that says what to write instead. */
export function parseGenerateArguments(argv: readonly string[]): GenerateArguments {
  const options = parseOptions(argv, [...GENERATE_OPTIONS, ...COMMON_OPTIONS]);
  const [extra] = options.positionals;
  if (extra !== undefined) throw usageError(`generate takes no file without an option: write --messages ${extra}.`);
  const messages = single(options, "messages");
  const prompt = single(options, "prompt");
  if ((messages === undefined) === (prompt === undefined)) throw usageError("Give either --messages FILE for a conversation or --prompt S for a text.");
  const run = runArguments(options, "generate");
  const baseUrl = single(options, "base-url");
  if (baseUrl !== undefined && run.engine !== undefined && run.engine !== "openai") throw usageError(`--base-url is for --engine openai, not ${run.engine}.`);
  if (baseUrl === undefined && run.engine === "openai") throw usageError("--engine openai needs the server: --base-url http://localhost:8000/v1.");
  return {
    ...run,
    engine: baseUrl === undefined ? run.engine : "openai",
    input: messages === undefined ? { prompt: prompt ?? "" } : { messages },
    baseUrl,
    maxNewTokens: number(options, "max-new-tokens", { least: 1, whole: true }) ?? 256,
    temperature: number(options, "temperature", { least: 0 }) ?? 0,
    topP: number(options, "top-p", { least: 1e-6, most: 1 }),
    seed: number(options, "seed", { least: 0, most: 2 ** 32 - 1, whole: true }),
    stopTexts: options.values.get("stop") ?? [],
    format: oneOf("--format", single(options, "format") ?? "text", FORMATS),
  };
}

/** Reads what follows `tunesmith score`. @throws TunesmithError `usage`, in one sentence that says what to write instead. */
export function parseScoreArguments(argv: readonly string[]): ScoreArguments {
  const options = parseOptions(argv, [...SCORE_OPTIONS, ...COMMON_OPTIONS]);
  const [file, extra] = options.positionals;
  if (file === undefined) throw usageError("No file to score: tunesmith score --model M data/train.jsonl.");
  if (extra !== undefined) throw usageError(`score reads one file at a time; leave out ${extra}.`);
  const run = runArguments(options, "score");
  if (run.engine === "openai") throw usageError("Servers do not tell the probabilities of a given text reliably; score with onnx or gguf.");
  return { ...run, file };
}

function runArguments(options: ParsedOptions, command: string): RunArguments {
  const model = single(options, "model");
  if (model === undefined) throw usageError(`No model to run: tunesmith ${command} --model M ….`);
  const engine = single(options, "engine");
  return {
    model,
    template: single(options, "template"),
    templateName: single(options, "template-name"),
    now: frozenTime(options),
    engine: engine === undefined ? undefined : oneOf("--engine", engine, ENGINES),
    download: options.switches.has("download"),
    device: oneOf("--device", single(options, "device") ?? "auto", DEVICES),
  };
}

interface Range {
  readonly least: number;
  readonly most?: number;
  readonly whole?: boolean;
}

function number(options: ParsedOptions, name: string, { least, most = Infinity, whole = false }: Range): number | undefined {
  const text = single(options, name);
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= least && value <= most && (!whole || Number.isSafeInteger(value))) return value;
  const kind = whole ? "a whole number" : "a number";
  const range = Number.isFinite(most) ? `from ${least} to ${most}` : `of at least ${least}`;
  throw usageError(`--${name} must be ${kind} ${range}, not "${text}".`);
}
