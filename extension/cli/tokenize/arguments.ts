import { COMMON_OPTIONS } from "../arguments";
import { parseOptions, usageError, type OptionSpec } from "../options";

/** The options of `tokenize`, without the common ones. */
export const TOKENIZE_OPTIONS: readonly OptionSpec[] = [
  { name: "text", value: "S", anyValue: true, help: "The text to tokenize" },
  { name: "batch", value: "FILE.jsonl|-", help: "Tokenize many: one JSON object a line in, one a line out" },
  { name: "no-special", help: "Leave out what the tokenizer adds around a text, such as BOS" },
];

/** The arguments of `tokenize`, validated. */
export interface TokenizeArguments {
  readonly model: string;
  readonly specialTokens: boolean;
  readonly input: { readonly text: string } | { readonly batch: string };
}

/**
 * Reads what follows `tunesmith tokenize`.
 *
 * @throws TunesmithError `usage`, in one sentence that says what to write instead.
 */
export function parseTokenizeArguments(argv: readonly string[]): TokenizeArguments {
  const { positionals, values, switches } = parseOptions(argv, [...TOKENIZE_OPTIONS, ...COMMON_OPTIONS]);
  const [model] = values.get("model") ?? [];
  const [text] = values.get("text") ?? [];
  const [batch] = values.get("batch") ?? [];
  const [extra] = positionals;
  if (extra !== undefined) throw usageError(`tokenize takes no file without an option: write --batch ${extra}, or --text for a text.`);
  if (model === undefined) throw usageError("No tokenizer: give --model M.");
  if ((text === undefined) === (batch === undefined)) throw usageError("Give either --text S for one text or --batch FILE.jsonl for many.");
  return { model, specialTokens: !switches.has("no-special"), input: text === undefined ? { batch: batch ?? "-" } : { text } };
}
