import type { JsonObject, JsonValue } from "../../dataset/conversation";
import { VocabularyError } from "./errors";
import { splittingNamed } from "./splitPatterns";
import { BYTE_LEVEL, addedToken, byteLevelBpe, wholeTokenizer } from "./tokenizerJson";

/** What a tokenizer class of `transformers` makes of vocab.json and merges.txt. Source: its convert_slow_tokenizer.py. */
interface TokenizerClass {
  /** A name of {@link splittingNamed}. */
  readonly splitting: "gpt-2" | "qwen2";
  readonly prefixSpace: boolean;
  /** The special tokens that it has where tokenizer_config.json names no others. */
  readonly special: readonly string[];
  /** Whether `<s>` and `</s>` stand around each text. */
  readonly surrounded?: boolean;
}

const GPT2: TokenizerClass = { splitting: "gpt-2", prefixSpace: false, special: ["<|endoftext|>"] };
const ROBERTA: TokenizerClass = { splitting: "gpt-2", prefixSpace: false, special: ["<s>", "<pad>", "</s>", "<unk>", "<mask>"], surrounded: true };
const QWEN2: TokenizerClass = { splitting: "qwen2", prefixSpace: false, special: ["<|endoftext|>"] };

/** By `tokenizer_class`, without a `Fast` at its end. */
const CLASSES: Readonly<Record<string, TokenizerClass>> = {
  GPT2Tokenizer: GPT2,
  CodeGenTokenizer: GPT2,
  RobertaTokenizer: ROBERTA,
  BartTokenizer: ROBERTA,
  LongformerTokenizer: ROBERTA,
  Qwen2Tokenizer: QWEN2,
};

/** Longer merges would make the search for their parts slow. */
const MAX_LINE = 4096;

/**
 * The tokenizer.json that `transformers` makes of a vocabulary and merges in files of their own.
 * @param vocab the parsed vocab.json. @param merges the text of merges.txt. @param config the parsed tokenizer_config.json: `tokenizer_class`,
 * `add_prefix_space` and the special tokens. @throws VocabularyError `vocabulary-unsupported`, `vocabulary-damaged`.
 */
export function tokenizerOfMerges(vocab: JsonObject, merges: string, config: JsonObject): JsonObject {
  const { splitting: name, prefixSpace, special, surrounded } = classOf(config, vocab);
  const splitting = splittingNamed(name);
  const spaced = config["add_prefix_space"] === undefined ? prefixSpace : config["add_prefix_space"] === true;
  const idOf = (content: string): number | undefined => (Object.hasOwn(vocab, content) && typeof vocab[content] === "number" ? vocab[content] : undefined);
  const contents = new Set([...special, ...["bos_token", "eos_token", "unk_token", "pad_token"].flatMap((key) => contentOf(config[key]))]);
  const added = Array.from(contents, (content) => [content, idOf(content)] as const).filter((entry): entry is readonly [string, number] => entry[1] !== undefined);
  return wholeTokenizer({
    addedTokens: added.sort((a, b) => a[1] - b[1]).map(([content, id]) => ({ ...addedToken(id, content, true), lstrip: content === "<mask>" })),
    normalizer: splitting?.normalizer ?? null,
    preTokenizer: withPrefixSpace(splitting?.preTokenizer ?? null, spaced),
    postProcessor: surrounded === true ? robertaProcessing(idOf, spaced) : BYTE_LEVEL,
    decoder: BYTE_LEVEL,
    model: byteLevelBpe(vocab, mergesIn(merges), false),
  });
}

function classOf(config: JsonObject, vocab: JsonObject): TokenizerClass {
  const name = config["tokenizer_class"];
  if (typeof name !== "string") {
    // GPT-2's own folder names none.
    if (Object.hasOwn(vocab, "<|endoftext|>")) return GPT2;
    throw unsupported("tokenizer_config.json has no tokenizer_class");
  }
  const known = name.replace(/Fast$/, "");
  const found = Object.hasOwn(CLASSES, known) ? CLASSES[known] : undefined;
  if (found === undefined) throw unsupported(`it is for ${name}, which is not known here`);
  return found;
}

function unsupported(why: string): VocabularyError {
  return new VocabularyError(
    "vocabulary-unsupported",
    `How this vocabulary splits a text is not known: ${why}. Make a tokenizer.json of it: AutoTokenizer.from_pretrained(folder).save_pretrained(folder), in Python.`,
  );
}

function contentOf(token: JsonValue | undefined): readonly string[] {
  if (typeof token === "string") return [token];
  const { content } = typeof token === "object" && token !== null ? (token as JsonObject) : {};
  return typeof content === "string" ? [content] : [];
}

function withPrefixSpace(preTokenizer: JsonValue, spaced: boolean): JsonValue {
  const node = preTokenizer as JsonObject;
  return spaced && node["type"] === "ByteLevel" ? { ...node, add_prefix_space: true } : node;
}

function robertaProcessing(idOf: (content: string) => number | undefined, spaced: boolean): JsonValue {
  const [first, last] = [idOf("<s>"), idOf("</s>")];
  if (first === undefined || last === undefined) throw new VocabularyError("vocabulary-damaged", "The vocabulary has no <s> or no </s>, which its tokenizer puts around each text.");
  return { type: "RobertaProcessing", sep: ["</s>", last], cls: ["<s>", first], trim_offsets: true, add_prefix_space: spaced };
}

/** A merge a line: two tokens and a space between them, below a line with the version. */
function mergesIn(text: string): [string, string][] {
  const merges: [string, string][] = [];
  for (const [index, whole] of text.split("\n").entries()) {
    const line = whole.replace(/\r$/, "");
    if (line === "" || line.startsWith("#version")) continue;
    const [left = "", right = "", ...more] = line.split(" ");
    if (left === "" || right === "" || more.length > 0 || line.length > MAX_LINE) {
      throw new VocabularyError("vocabulary-damaged", `Line ${index + 1} is not two tokens with a space between them: the file is damaged or no list of merges.`);
    }
    merges.push([left, right]);
  }
  return merges;
}
