import type { JsonObject, JsonValue } from "../../dataset/conversation";
import { splitBytes } from "./tokenizerJson";

/**
 * How byte-level vocabularies split a text into words, by the name that a GGUF file gives under `tokenizer.ggml.pre`. The patterns are
 * those of the models' own tokenizer.json; the names are llama.cpp's (llama-vocab.cpp).
 */
export interface Splitting {
  readonly normalizer: JsonValue;
  readonly preTokenizer: JsonObject;
  /** Whether a word that is a token is that token, without merging. */
  readonly ignoreMerges: boolean;
}

const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";

/** Llama 3: words, up to three digits, punctuation. */
export const LLAMA3_PATTERN = `${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

/** Qwen 2: digits one by one. */
const QWEN2_PATTERN = LLAMA3_PATTERN.replace("\\p{N}{1,3}", "\\p{N}");

const QWEN35_PATTERN = `${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

const UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
const LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";

function casedPattern(suffix: string, digits: string): string {
  const word = `[^\\r\\n\\p{L}\\p{N}]?${UPPER}*${LOWER}+${suffix}|[^\\r\\n\\p{L}\\p{N}]?${UPPER}+${LOWER}*${suffix}`;
  return `${word}|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;
}

/** GPT-4o and Llama 4: words by case. */
export const GPT4O_PATTERN = casedPattern(`${CONTRACTIONS}?`, "\\p{N}{1,3}");

const TEKKEN_PATTERN = casedPattern("", "\\p{N}");

const SEED_CODER_PATTERN = `${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

const BLOOM_PATTERN = " ?[^(\\s|[.,!?…。，、।۔،])]+";

const DEEPSEEK3_PATTERNS = [
  "\\p{N}{1,3}",
  "[一-龥぀-ゟ゠-ヿ]+",
  "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
];

const DEEPSEEK_CODER_PATTERNS = ["[\r\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", "[一-龥ࠀ-一가-퟿]+", "\\p{N}"];

/** Letters of cased scripts, as DeepSeek-LLM's tokenizer.json lists them; escaped are those that NFC would make others of. */
const CASED_LETTERS =
  "A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-\u1f7dᾀ-ᾴᾶ-ᾼ\u1fbeῂ-ῄῆ-ῌῐ-\u1fd3ῖ-\u1fdbῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤ\u2126ℨ\u212a-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃";

const DEEPSEEK_LLM_PATTERNS = ["[\r\n]", `\\s?[${CASED_LETTERS}]+`, "\\s?[!-/:-~！-／：-～‘-‟　-。]+", "\\s+$", "[一-龥ࠀ-一가-퟿]+", "\\p{N}+"];

/** GPT-2's own pattern, which `ByteLevel` has in itself. */
const GPT2: JsonObject = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };

const SINGLE_DIGITS: JsonObject = { type: "Sequence", pretokenizers: [{ type: "Digits", individual_digits: true }, GPT2] };

const FALCON: JsonObject = {
  type: "Sequence",
  pretokenizers: [
    { type: "Punctuation", behavior: "Contiguous" },
    GPT2,
    { type: "Digits", individual_digits: false },
    { type: "Split", pattern: { Regex: "[0-9][0-9][0-9]" }, behavior: "Isolated", invert: false },
  ],
};

const NFC: JsonObject = { type: "NFC" };

function splitting(preTokenizer: JsonObject, normalizer: JsonValue = null, ignoreMerges = false): Splitting {
  return { normalizer, preTokenizer, ignoreMerges };
}

const LLAMA3 = splitting(splitBytes(LLAMA3_PATTERN), null, true);
const LLAMA3_MERGED = splitting(splitBytes(LLAMA3_PATTERN));
const QWEN2 = splitting(splitBytes(QWEN2_PATTERN), NFC);
const PLAIN_GPT2 = splitting(GPT2);
const DIGITS_GPT2 = splitting(SINGLE_DIGITS);
const GPT4O = splitting(splitBytes(GPT4O_PATTERN), null, true);
const BLOOM = splitting(splitBytes(BLOOM_PATTERN));

const SPLITTINGS: Readonly<Record<string, Splitting>> = {
  "llama3": LLAMA3,
  "llama-v3": LLAMA3,
  "llama-bpe": LLAMA3,
  "falcon3": LLAMA3,
  "pixtral": LLAMA3,
  "smaug-bpe": LLAMA3,
  "dbrx": LLAMA3_MERGED,
  "glm4": LLAMA3_MERGED,
  "chatglm-bpe": LLAMA3_MERGED,
  "qwen2": QWEN2,
  "deepseek-r1-qwen": QWEN2,
  "stablelm2": splitting(splitBytes(QWEN2_PATTERN), NFC),
  "hunyuan": splitting(splitBytes(QWEN2_PATTERN)),
  "megrez": QWEN2,
  "qwen35": splitting(splitBytes(QWEN35_PATTERN), NFC),
  "deepseek-llm": splitting(splitBytes(...DEEPSEEK_LLM_PATTERNS)),
  "deepseek-coder": splitting(splitBytes(...DEEPSEEK_CODER_PATTERNS)),
  "deepseek-v3": splitting(splitBytes(...DEEPSEEK3_PATTERNS)),
  "falcon": splitting(FALCON),
  "starcoder": DIGITS_GPT2,
  "refact": DIGITS_GPT2,
  "command-r": splitting(SINGLE_DIGITS, NFC),
  "smollm": DIGITS_GPT2,
  "codeshell": DIGITS_GPT2,
  "exaone": splitting(SINGLE_DIGITS, NFC),
  "minerva-7b": DIGITS_GPT2,
  "gpt-2": PLAIN_GPT2,
  "phi-2": PLAIN_GPT2,
  "jina-es": PLAIN_GPT2,
  "jina-de": PLAIN_GPT2,
  "jina-v1-en": PLAIN_GPT2,
  "jina-v2-es": PLAIN_GPT2,
  "jina-v2-de": PLAIN_GPT2,
  "jina-v2-code": PLAIN_GPT2,
  "roberta-bpe": PLAIN_GPT2,
  "gigachat": PLAIN_GPT2,
  "mpt": splitting(GPT2, NFC),
  "olmo": splitting(GPT2, NFC),
  "jais": PLAIN_GPT2,
  "bloom": BLOOM,
  "poro-chat": BLOOM,
  "gpt3-finnish": BLOOM,
  "tekken": splitting(splitBytes(TEKKEN_PATTERN), null, true),
  "gpt-4o": GPT4O,
  "llama4": GPT4O,
  "seed-coder": splitting(splitBytes(SEED_CODER_PATTERN)),
};

/** Undefined for a name that is not known. */
export function splittingNamed(name: string): Splitting | undefined {
  return Object.hasOwn(SPLITTINGS, name) ? SPLITTINGS[name] : undefined;
}
