import { docTable } from "./entry";

/** The functions that the environment of chat templates offers. */
export const FUNCTION_DOCS = docTable([
  ["raise_exception", "raise_exception(message)", "Refuses the conversation: rendering ends with a `TemplateError` of that message, and the trainer stops or skips the row."],
  ["strftime_now", "strftime_now(format)", "The local date and time, written by Python's `strftime` format. The prompt changes from day to day: trained rows show the day of the training."],
  ["namespace", "namespace(**values)", "An object whose attributes can be set from inside loops: `{% set ns.found = true %}`. A plain `set` in a loop is forgotten when the loop's turn ends."],
  ["range", "range(stop) or range(start, stop, step=1)", "Numbers from `start` up to, and without, `stop`; at most 100,000 of them."],
  ["dict", "dict(**values)", "A mapping of the named arguments."],
  ["cycler", "cycler(*items)", "An object whose `next()` gives the items in turn, again and again."],
  ["joiner", "joiner(separator=', ')", "A function that gives nothing at its first call, and the separator at all others."],
  ["lipsum", "lipsum(n=5, html=true, min=20, max=100)", "Blind text by chance. Not for prompts."],
]);

/** What the template is given besides: `apply_chat_template`'s arguments. */
export const VARIABLE_DOCS = docTable([
  ["messages", "messages", "The conversation: a list of messages, each a mapping with `role` and mostly `content`."],
  ["tools", "tools", "The tools that the model may call, as JSON schemas in OpenAI's form; `none` where there are none."],
  ["documents", "documents", "Documents to answer from, each with `title` and `text`; `none` where there are none."],
  ["add_generation_prompt", "add_generation_prompt", "Whether the prompt must end with the beginning of the assistant's turn: true at inference, false in training."],
  ["bos_token", "bos_token", "The model's beginning-of-sequence token. Where the tokenizer adds one too, the model sees two."],
  ["eos_token", "eos_token", "The model's end-of-sequence token."],
  ["pad_token", "pad_token", "The token that fills up short rows of a batch."],
  ["unk_token", "unk_token", "The token for what the vocabulary does not have."],
  ["enable_thinking", "enable_thinking", "A switch that several models have for reasoning. A keyword argument: undefined unless the caller gives it."],
]);
