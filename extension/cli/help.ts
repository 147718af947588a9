import { CHECK_OPTIONS, COMMON_OPTIONS, RENDER_OPTIONS } from "./arguments";
import { GENERATE_OPTIONS, SCORE_OPTIONS } from "./inference/arguments";
import type { OptionSpec } from "./options";
import { TOKENIZE_OPTIONS } from "./tokenize/arguments";
import { UNTRAINED_OPTIONS } from "./untrained/arguments";

/** The column at which explanations start. */
const EXPLANATION_COLUMN = 26;

/** What `tunesmith --help` prints. */
export function generalHelp(): string {
  return `Checks what a language model is fine-tuned on: datasets (JSON Lines) and chat
templates.

Usage: tunesmith <command> [options]

Commands:
  check                   Check datasets and report findings
  render                  Render a chat template, exactly as transformers does
  tokenize                Give the tokens of texts, and where each stands
  generate                Run a model: the answer to a conversation
  score                   Tell how probable a model finds each row of a dataset
  untrained               List tokens whose embedding rows were never trained

Options:
${optionLines(COMMON_OPTIONS.filter((option) => option.name === "version" || option.name === "help"))}

tunesmith <command> --help explains a command.
`;
}

/** What `tunesmith check --help` prints. */
export function checkHelp(): string {
  return `Checks datasets and reports what is wrong with them, before a trainer does.

Usage: tunesmith check [options] <file|folder|glob>...

A folder is searched for .jsonl, .ndjson, .json and .txt files; hidden folders,
node_modules and well-known files that are no datasets are left out.

Options:
${optionLines(CHECK_OPTIONS)}

${optionLines(COMMON_OPTIONS)}

Exit codes: 0 no errors found, 1 errors found, 2 could not run.
`;
}

/** What `tunesmith render --help` prints. */
export function renderHelp(): string {
  return `Renders a chat template with a conversation, exactly as transformers does.

Usage: tunesmith render (--template FILE | --model M) --data FILE.json [options]
       tunesmith render --batch FILE.jsonl|- [options]

A line of a batch is {"id", "template" (a path) or "source" (the text), "data",
"trim_blocks", "lstrip_blocks", "keep_trailing_newline"}; its result is {"id",
"text", "generation"} or {"id", "error": {"type", "message", "line", "column"}}.
Without messages in the data, any Jinja template is rendered.

Options:
${optionLines(RENDER_OPTIONS)}

${optionLines(COMMON_OPTIONS)}

Exit codes: 0 rendered, 1 a template refused its data, 2 could not run.
`;
}

/** What `tunesmith tokenize --help` prints. */
export function tokenizeHelp(): string {
  return `Gives the token ids of texts, and where in the text each token stands.

Usage: tunesmith tokenize --model M --text S [options]
       tunesmith tokenize --model M --batch FILE.jsonl|- [options]

A line of a batch is {"id", "text"}; its result is {"id", "ids", "offsets"}. An
offset is [start, end) in UTF-16 units; a token that comes from no text, such as
BOS, has [0,0]. M is a model folder, a GGUF file or a model of the hub.

Options:
${optionLines(TOKENIZE_OPTIONS)}

${optionLines(COMMON_OPTIONS.filter(({ name }) => !name.startsWith("template") && name !== "now"))}

Exit codes: 0 done, 2 could not run, or a line could not be read.
`;
}

/** What `tunesmith untrained --help` prints. */
export function untrainedHelp(): string {
  return `Lists the tokens of a model whose embedding rows were never trained.

Usage: tunesmith untrained M [options]

M is a model folder, a file of weights (.safetensors, .gguf, .bin) or a model of
the hub (owner/name, owner/name@revision, owner/name/file.gguf). Only the rows
of two matrices are read; what was found is kept for as long as the files stay
the same. HF_TOKEN, HF_HOME and HF_ENDPOINT count as they do for transformers.

Options:
${optionLines(UNTRAINED_OPTIONS)}

${optionLines(COMMON_OPTIONS.filter(({ name }) => !name.startsWith("template") && name !== "now"))}

Exit codes: 0 done, whatever was found; 2 could not run. What a dataset uses of
these tokens is reported by tunesmith check.
`;
}

/** What `tunesmith generate --help` prints. */
export function generateHelp(): string {
  return `Runs a model and prints its answer as it comes. The prompt is the chat
template's, and goes to the model as tokens.

Usage: tunesmith generate --model M (--messages FILE|- | --prompt S) [options]

M is a folder with ONNX files or a GGUF file, which run here, or with --base-url
a server's model; a folder then gives the template and the tokenizer.

Options:
${optionLines(GENERATE_OPTIONS)}

${optionLines(COMMON_OPTIONS)}

Exit codes: 0 answered, 2 could not run.
`;
}

/** What `tunesmith score --help` prints. */
export function scoreHelp(): string {
  return `Tells how probable a model finds each row of a dataset: one JSON object a row
with "row", "tokens", "trainedTokens", "loss" (the mean over the trained tokens,
in nats, as trainers compute it), "maxSurprisal" {"token", "offset", "nats"} and
"nonFinite"; or "row" and "error" {"code", "message"}.

Usage: tunesmith score --model M [options] FILE.jsonl|-

Options:
${optionLines(SCORE_OPTIONS)}

${optionLines(COMMON_OPTIONS)}

Exit codes: 0 scored, 1 a row cannot be scored or is not finite, 2 could not run.
`;
}

function optionLines(options: readonly OptionSpec[]): string {
  return options.map(optionLine).join("\n");
}

function optionLine(option: OptionSpec): string {
  const name = `  ${option.short === undefined ? "" : `-${option.short}, `}--${option.name}${option.value === undefined ? "" : ` ${option.value}`}`;
  const gap = name.length < EXPLANATION_COLUMN - 1 ? " ".repeat(EXPLANATION_COLUMN - name.length) : `\n${" ".repeat(EXPLANATION_COLUMN)}`;
  return name + gap + fold(option.help);
}

/** Breaks an explanation so that it stays within 80 columns. */
function fold(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines[lines.length - 1] ?? "";
    if (line === "") lines[lines.length - 1] = word;
    else if (EXPLANATION_COLUMN + line.length + 1 + word.length <= 80) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join(`\n${" ".repeat(EXPLANATION_COLUMN)}`);
}
