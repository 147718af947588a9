import { COMMON_OPTIONS } from "../arguments";
import { parseOptions, suggestion, usageError, type OptionSpec } from "../options";

const FORMATS = ["text", "json"] as const;

/** The options of `untrained`, without the common ones. */
export const UNTRAINED_OPTIONS: readonly OptionSpec[] = [{ name: "format", value: FORMATS.join("|"), help: "How to report; text if not given" }];

/** The arguments of `untrained`, validated. */
export interface UntrainedArguments {
  readonly model: string;
  readonly format: (typeof FORMATS)[number];
}

/**
 * Reads what follows `tunesmith untrained`.
 *
 * @throws TunesmithError `usage`, in one sentence that says what to write instead.
 */
export function parseUntrainedArguments(argv: readonly string[]): UntrainedArguments {
  const { positionals, values } = parseOptions(argv, [...UNTRAINED_OPTIONS, ...COMMON_OPTIONS]);
  const [model, extra] = [...positionals, ...(values.get("model") ?? [])];
  if (model === undefined) throw usageError("No model given. Name a folder, a GGUF file or a model of the hub: tunesmith untrained models/Llama-3-8B.");
  if (extra !== undefined) throw usageError(`untrained looks at one model at a time; leave out ${extra}.`);
  const name = values.get("format")?.[0] ?? "text";
  const format = FORMATS.find((known) => known === name);
  if (format === undefined) throw usageError(`--format does not know "${name}".${suggestion(name, FORMATS)} It is one of: ${FORMATS.join(", ")}.`);
  return { model, format };
}
