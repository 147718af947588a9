import type { RuleMeta } from "./rule";

/** Rules that are found where a file is read or a prompt is made, rather than by looking at one readable row. */
export const BUILTIN = {
  jsonSyntax: {
    id: "json/syntax",
    severity: "error",
    description: "A row is not JSON. Loaders stop at the first such row, or drop it.",
  },
  jsonDuplicateKey: {
    id: "json/duplicate-key",
    severity: "warning",
    description: "An object has a key twice. Loaders keep the last value and drop the others without a word.",
  },
  jsonLoneSurrogate: {
    id: "json/lone-surrogate",
    severity: "error",
    description: "A text holds half a surrogate pair, which UTF-8 cannot write. Tokenizers fail on it or see U+FFFD.",
  },
  jsonNumberRange: {
    id: "json/number-range",
    severity: "warning",
    description: "A number is too large or too exact for a 64-bit float, so that loaders read different values.",
  },
  jsonBom: {
    id: "json/bom",
    severity: "warning",
    description: "The file begins with a byte order mark. Python's json refuses it; save the file as UTF-8 without one.",
  },
  jsonUtf8: {
    id: "json/utf8",
    severity: "error",
    description: "Bytes of the file are not UTF-8. Loaders refuse the file, or train on replacement characters.",
  },
  formatUnknown: {
    id: "format/unknown",
    severity: "error",
    description: "A row has none of the columns that a training format is made of. Trainers stop, or skip the row.",
  },
  formatMixed: {
    id: "format/mixed",
    severity: "warning",
    description: "A row has another format than most of its file. Trainers read a file in one format and fail on, or drop, the others.",
  },
  templateRefused: {
    id: "template/refused",
    severity: "error",
    description: "The chat template raises an error for a conversation, so that it cannot be trained on.",
  },
  templatePrintsStructure: {
    id: "template/prints-structure",
    severity: "warning",
    description: "A message's content is a list of parts, or an object, and the chat template only takes text: the prompt has it as Python writes it, with brackets and quotes, and the model is trained on that.",
  },
  templateEngineDiffers: {
    id: "template/engine-differs",
    severity: "hint",
    description: "A conversation is rendered differently by transformers.js, so that a model in the browser sees another prompt than it was trained on.",
  },
  tokensDoubleBos: {
    id: "tokens/double-bos",
    severity: "warning",
    description: "A row begins with the BOS token that the chat template, or the tokenizer, adds as well. The model is trained on two of them, and never sees two again.",
  },
  tokensOverLength: {
    id: "tokens/over-length",
    severity: "warning",
    description: "A prompt has more tokens than the limit. Trainers cut it off, often in the answer, or drop the row.",
  },
  fileEmpty: {
    id: "file/empty",
    severity: "error",
    description: "The file has no rows.",
  },
  fileUnsupported: {
    id: "file/unsupported",
    severity: "error",
    description: "The file is not JSON text: it is compressed, a table, or in another format such as Parquet.",
  },
  fileUnreadable: {
    id: "file/unreadable",
    severity: "error",
    description: "The file cannot be opened.",
  },
  fileRowTooLong: {
    id: "file/row-too-long",
    severity: "error",
    description: "A row is too long to be read. Such rows are usually a file without line ends.",
  },
  fileRowUnchecked: {
    id: "file/row-unchecked",
    severity: "error",
    description: "A row was not checked, because checking it took far too long or more memory than there is. The rows after it were.",
  },
  fileChanged: {
    id: "file/changed",
    severity: "error",
    description: "The file changed while it was read, so that the findings may be about what is no longer there.",
  },
} as const satisfies Readonly<Record<string, RuleMeta>>;

/** The rules that live elsewhere, in the order of the documentation. */
export const ROW_RULES: readonly RuleMeta[] = Object.values(BUILTIN);
