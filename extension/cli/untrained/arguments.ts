import { COMMON_OPTIONS } from "../arguments";
import { oneOf, parseOptions, single, usageError, type OptionSpec } from "../options";

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
  const options = parseOptions(argv, [...UNTRAINED_OPTIONS, ...COMMON_OPTIONS]);
  const [model, extra] = [...options.positionals, ...(options.values.get("model") ?? [])];
  if (model === undefined) throw usageError("No model given. Name a folder, a GGUF file or a model of the hub: tunesmith untrained models/Llama-3-8B.");
  if (extra !== undefined) throw usageError(`untrained looks at one model at a time; leave out ${extra}.`);
  return { model, format: oneOf("--format", single(options, "format") ?? "text", FORMATS) };
}
