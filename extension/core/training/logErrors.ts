import type { Span } from "../../base/text";

/** A message of a trainer that is known here. */
export interface LogError {
  /** Names the message, stable. */
  readonly kind: string;
  readonly trainer: "Unsloth" | "Axolotl" | "TRL" | "LLaMA-Factory" | "transformers" | "PyTorch";
  /** Which versions print it, for people; undefined where it has always been the same. */
  readonly versions: string | undefined;
  /** What it means. */
  readonly meaning: string;
  /** What to do about it. */
  readonly advice: string;
  /** The rule that finds the places that it is about. */
  readonly rule: string | undefined;
  /** Token ids that it names. */
  readonly ids: readonly number[];
  /** Rows that it names, counted from 0, in the order that the trainer had them in. */
  readonly rows: readonly number[];
  /** Text of tokens or of the row that it quotes; undefined where it quotes none. */
  readonly quoted: string | undefined;
  /** Where the message stands in the log. */
  readonly span: Span;
}

type Known = Omit<LogError, "ids" | "rows" | "quoted" | "span"> & {
  /** Groups `ids`, `rows` and `quoted` are read. White space stands for any: what is pasted loses its line breaks. */
  readonly pattern: RegExp;
};

const TRAIN_OR_REPLACE = "Replace the tokens in the data, use the instruct version of the model, or train embed_tokens and lm_head as well.";
const USES_UNTRAINED = "The data, or the chat template, uses tokens whose embedding rows were never trained, and neither embed_tokens nor lm_head is trained: the loss becomes NaN.";
const UNTRAINED_RULE = "tokens/untrained";

const text = (pattern: TemplateStringsArray): RegExp => new RegExp(pattern.raw[0]?.replaceAll(" ", "\\s+") ?? "", "gsu");

/** Messages by their own words. Of several that match at one place, the first counts. Sources: the trainers' repositories. */
const KNOWN: readonly Known[] = [
  {
    kind: "unsloth-untrained-rows",
    trainer: "Unsloth",
    versions: "since 2025-01-20",
    pattern: text`Unsloth: Untrained tokens in rows \[+(?<rows>[\d, ]{0,20000})\]+ found\.(?: The token ids are \[+(?<ids>[\d, ]{0,20000})\]+(?: and tokens are \[(?<quoted>.{0,2000}?)\]\.)?)?`,
    meaning: USES_UNTRAINED,
    advice: TRAIN_OR_REPLACE,
    rule: UNTRAINED_RULE,
  },
  {
    kind: "unsloth-untrained-listed",
    trainer: "Unsloth",
    versions: "from 2024-09-22 to 2025-01-19",
    pattern: text`Unsloth: Untrained tokens of \[+(?<ids>[\d, ]{0,20000})\]+ found, but embed_tokens & lm_head not trainable`,
    meaning: `${USES_UNTRAINED} An empty list means that only the chat template has one.`,
    advice: TRAIN_OR_REPLACE,
    rule: UNTRAINED_RULE,
  },
  {
    kind: "unsloth-untrained-base",
    trainer: "Unsloth",
    versions: "from 2024-06-19 to 2024-09-21",
    pattern: text`Unsloth: Untrained tokens found, but embed_tokens & lm_head not trainable, causing NaNs\..{0,400}?Are you using the .base. model\?`,
    meaning: USES_UNTRAINED,
    advice: TRAIN_OR_REPLACE,
    rule: UNTRAINED_RULE,
  },
  {
    kind: "unsloth-untrained",
    trainer: "Unsloth",
    versions: "from 2024-05-29 to 2024-06-18",
    pattern: text`Unsloth: Untrained tokens found, but embed_tokens & lm_head not trainable`,
    meaning: USES_UNTRAINED,
    advice: TRAIN_OR_REPLACE,
    rule: UNTRAINED_RULE,
  },
  {
    kind: "axolotl-untrained",
    trainer: "Axolotl",
    versions: undefined,
    pattern: text`Untrained tokens of \[+\{?(?<ids>[\d, ]{0,20000})\}?\]+ found, but embed_tokens & lm_head not trainable`,
    meaning: USES_UNTRAINED,
    advice: TRAIN_OR_REPLACE,
    rule: UNTRAINED_RULE,
  },
  {
    kind: "unsloth-repaired",
    trainer: "Unsloth",
    versions: "since 2024-05-29",
    pattern: text`Unsloth: Setting embed_tokens & lm_head untrained tokens to mean\(trained\)`,
    meaning: "No error: embed_tokens and lm_head are trained, so the rows of untrained tokens were set to the mean of the others, and those that the data does not use to zero.",
    advice: "Nothing has to be done. A lower embedding_learning_rate keeps the embeddings of all other tokens.",
    rule: UNTRAINED_RULE,
  },
  {
    kind: "unsloth-notice",
    trainer: "Unsloth",
    versions: "from 2024-04-22 to 2024-05-28",
    pattern: text`Unsloth: Not an error, but your model has \d+ untrained tokens`,
    meaning: "No error: the rows of untrained tokens were set to the mean of the others when the model was loaded.",
    advice: "Later versions do not do that: they stop, or say nothing. Look whether the data uses the tokens.",
    rule: UNTRAINED_RULE,
  },
  {
    kind: "unsloth-out-of-range",
    trainer: "Unsloth",
    versions: undefined,
    pattern: text`Tokens (?<quoted>\[.{0,2000}?\]) with ids \[(?<ids>[\d, ]{0,20000})\] exceeds the max vocab size of \d+`,
    meaning: "The tokenizer has tokens that the embedding matrix has no rows for.",
    advice: "Use the tokenizer that belongs to the model, or resize the embeddings.",
    rule: "tokens/out-of-range",
  },
  {
    kind: "index-out-of-range",
    trainer: "PyTorch",
    versions: undefined,
    pattern: text`IndexError: index out of range in self|srcIndex < srcSelectDimSize|Assertion .index out of bounds.|vectorized_gather_kernel_index_out_of_bounds`,
    meaning: "A token's id is beyond the embedding matrix (or a position beyond the longest context).",
    advice: "Look for tokens without a row; then for rows that are too long.",
    rule: "tokens/out-of-range",
  },
  {
    kind: "unsloth-all-masked",
    trainer: "Unsloth",
    versions: undefined,
    pattern: text`Unsloth: (?:All|Nearly all) labels in your dataset are -100`,
    meaning: "Nothing of the rows is trained on: the markers of train_on_responses_only are not in the prompts, or the answers were cut off.",
    advice: "Look at the prompt of a row, and take the markers from it; then look for rows that are too long.",
    rule: "tokens/over-length",
  },
  {
    kind: "trl-no-assistant-tokens",
    trainer: "TRL",
    versions: undefined,
    pattern: text`You're using .assistant_only_loss=True., but at least one example has no assistant tokens`,
    meaning: "A row has nothing between the template's {% generation %} tags, or its answer was cut off.",
    advice: "Use a template with {% generation %} around the assistant's text, and look for rows without an assistant's turn.",
    rule: "conversation/no-assistant",
  },
  {
    kind: "trl-not-training-compatible",
    trainer: "TRL",
    versions: undefined,
    pattern: text`The chat template is not training-compatible`,
    meaning: "The template changes earlier turns when later ones come, or has no {% generation %} tags.",
    advice: "Open the template: its checks show the two prompts that differ.",
    rule: undefined,
  },
  {
    kind: "trl-prefix",
    trainer: "TRL",
    versions: undefined,
    pattern: text`Mismatch between tokenized prompt and the start of tokenized prompt\+completion`,
    meaning: "The prompt alone has other tokens than the beginning of prompt and completion together, so that the mask is off by some tokens.",
    advice: "Let the completion begin with the space or line break that the prompt ends with.",
    rule: undefined,
  },
  {
    kind: "trl-eos",
    trainer: "TRL",
    versions: undefined,
    pattern: text`The specified .eos_token. \('(?<quoted>[^']{0,200})'\) is not found in the vocabulary`,
    meaning: "The configured end token is no token of this tokenizer.",
    advice: "Take the end token of the chat template, as the tokenizer writes it.",
    rule: undefined,
  },
  {
    kind: "trl-keys",
    trainer: "TRL",
    versions: undefined,
    pattern: text`Invalid keys in the example: (?<quoted>[\[{(].{0,500}?[\]})])`,
    meaning: "A row has none of the columns that a training format is made of.",
    advice: "Rename the columns, or map them with tunesmith.fields.",
    rule: "format/unknown",
  },
  {
    kind: "trl-last-role",
    trainer: "TRL",
    versions: undefined,
    pattern: text`Invalid role in the last message: (?<quoted>\w{0,50})`,
    meaning: "A conversation ends with a turn of a role that a prompt cannot end with.",
    advice: "End it with a user's, a tool's or an assistant's turn.",
    rule: "role/unknown",
  },
  {
    kind: "llama-factory-role",
    trainer: "LLaMA-Factory",
    versions: undefined,
    pattern: text`Invalid role tag in (?<quoted>\[.{0,20000}?\])\.`,
    meaning: "User and assistant do not alternate in a row. The row was dropped.",
    advice: "Join turns of the same role, or add the one that is missing.",
    rule: "conversation/alternation",
  },
  {
    kind: "llama-factory-count",
    trainer: "LLaMA-Factory",
    versions: undefined,
    pattern: text`Invalid message count in (?<quoted>\[.{0,20000}?\])\.`,
    meaning: "A row has an odd number of turns: an answer is missing. The row was dropped.",
    advice: "Add the assistant's turn, or remove the last user turn.",
    rule: "conversation/ends-before-assistant",
  },
  {
    kind: "llama-factory-dropped",
    trainer: "LLaMA-Factory",
    versions: undefined,
    pattern: text`Dropped invalid example: (?<quoted>\[.{0,20000}?\])`,
    meaning: "A row was dropped, because its prompt does not end before exactly one answer.",
    advice: "Look for rows whose turns do not alternate, or that end without an answer.",
    rule: "conversation/alternation",
  },
  {
    kind: "llama-factory-long",
    trainer: "LLaMA-Factory",
    versions: undefined,
    pattern: text`Dropped lengthy example with length \d+ > \d+`,
    meaning: "A row has more tokens than cutoff_len, and was dropped.",
    advice: "Set the limit as tunesmith.maxLength: rows that are too long are then reported.",
    rule: "tokens/over-length",
  },
  {
    kind: "alternation",
    trainer: "transformers",
    versions: undefined,
    pattern: text`Conversation roles must alternate|After the optional system message, conversation roles must alternate`,
    meaning: "The chat template refuses a conversation in which user and assistant do not alternate.",
    advice: "Join turns of the same role, or add the one that is missing.",
    rule: "template/refused",
  },
  {
    kind: "roles",
    trainer: "transformers",
    versions: undefined,
    pattern: text`Only user and assistant roles are supported!|System role not supported`,
    meaning: "The chat template refuses a conversation with a system or tool turn.",
    advice: "Put the system text into the first user turn, or use another template.",
    rule: "template/refused",
  },
  {
    kind: "nan",
    trainer: "PyTorch",
    versions: undefined,
    pattern: text`'(?:loss|grad_norm)':\s?'?nan`,
    meaning: "The loss is not a number. Untrained embedding rows are one cause: most trainers say nothing of them.",
    advice: "Look for untrained tokens; then for rows in which nothing is trained on, and for a learning rate that is too high.",
    rule: UNTRAINED_RULE,
  },
];

/** Longer logs are looked at from their end: errors come last. */
export const MAX_LOG_LENGTH = 1024 * 1024;
/** Numbers that are kept of a message. */
const MAX_NUMBERS = 1000;

/** The known messages in a pasted log, the first of each kind, in the order of the log. */
export function readTrainingErrors(log: string): readonly LogError[] {
  const shown = log.slice(-MAX_LOG_LENGTH);
  const found: LogError[] = [];
  for (const { pattern, ...known } of KNOWN) {
    for (const match of shown.matchAll(pattern)) {
      const span = { start: match.index, end: match.index + match[0].length };
      if (found.some((other) => span.start < other.span.end && other.span.start < span.end)) continue;
      const { ids, rows, quoted } = match.groups ?? {};
      found.push({ ...known, ids: numbersIn(ids), rows: numbersIn(rows), quoted, span });
      break;
    }
  }
  return found.sort((a, b) => a.span.start - b.span.start);
}

function numbersIn(text: string | undefined): readonly number[] {
  return [...new Set((text?.match(/\d{1,9}/g) ?? []).map(Number))].slice(0, MAX_NUMBERS);
}
