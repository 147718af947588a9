import type { JsonObject, JsonValue } from "../../dataset/conversation";
import { type GgufMetadata, metadataBoolean, metadataNumber, metadataNumbers, metadataText, metadataTexts } from "../../weights/gguf/metadata";
import { VocabularyError } from "./errors";
import { type PieceKind, type SentencePieceModel } from "./sentencePieceModel";
import { tokenizerOfSentencePiece } from "./sentencePieceTokenizer";
import { splittingNamed } from "./splitPatterns";
import { BYTE_LEVEL, type SpecialId, addedToken, byteLevelBpe, templateProcessing, wholeTokenizer } from "./tokenizerJson";

/**
 * The tokenizer of a GGUF file as tokenizer.json would have it. @param metadata with the arrays under `tokenizer.ggml.`.
 * @throws VocabularyError `vocabulary-damaged`, or `vocabulary-unsupported` for a kind of vocabulary or splitting that is not known.
 */
export function tokenizerOfGguf(metadata: GgufMetadata): JsonObject {
  return tokenizerOf(readVocabulary(metadata));
}

/** What tokenizer_config.json would have: the special tokens' texts and the chat templates, as far as the file has them. */
export function configOfGguf(metadata: GgufMetadata): JsonObject {
  const config: Record<string, JsonValue> = { ...boundaries(metadata) };
  for (const [name, key] of [["bos", "bos_token"], ["eos", "eos_token"], ["unknown", "unk_token"], ["padding", "pad_token"]] as const) {
    const token = specialToken(metadata, name);
    if (token !== undefined) config[key] = token.content;
  }
  const templates = chatTemplates(metadata);
  if (templates.length > 0) config["chat_template"] = templates;
  return config;
}

interface GgufVocabulary {
  readonly metadata: GgufMetadata;
  readonly tokens: readonly string[];
  readonly kinds: readonly PieceKind[];
}

/** By the values of `tokenizer.ggml.token_type`. */
const KINDS: readonly (PieceKind | undefined)[] = [undefined, "normal", "unknown", "control", "userDefined", "unused", "byte"];

function readVocabulary(metadata: GgufMetadata): GgufVocabulary {
  const tokens = Array.from(metadataTexts(metadata, "tokenizer.ggml.tokens") ?? []);
  if (tokens.length === 0) throw new VocabularyError("vocabulary-damaged", "The GGUF file has no tokens (tokenizer.ggml.tokens): it holds weights only.");
  const types = metadataNumbers(metadata, "tokenizer.ggml.token_type");
  return { metadata, tokens, kinds: tokens.map((_, id) => KINDS[types?.[id] ?? 1] ?? "normal") };
}

function tokenizerOf(vocabulary: GgufVocabulary): JsonObject {
  const model = metadataText(vocabulary.metadata, "tokenizer.ggml.model");
  if (model === "gpt2") return byteLevelTokenizer(vocabulary);
  if (model === "llama") return tokenizerOfSentencePiece(sentencePieceModel(vocabulary, "bpe"), boundaries(vocabulary.metadata));
  if (model === "t5") return tokenizerOfSentencePiece(sentencePieceModel(vocabulary, "unigram"), boundaries(vocabulary.metadata));
  if (model === "bert") return wordPieceTokenizer(vocabulary);
  throw new VocabularyError("vocabulary-unsupported", `The GGUF file's vocabulary is of the kind ${model ?? "that it does not name"}. Use the model's tokenizer.json.`);
}

// ── ids and flags ────────────────────────────────────────────────────────────────────────────────────────────────────────

function specialToken(metadata: GgufMetadata, name: string): SpecialId | undefined {
  const id = metadataNumber(metadata, `tokenizer.ggml.${name}_token_id`);
  const tokens = metadataTexts(metadata, "tokenizer.ggml.tokens");
  return id === undefined || tokens === undefined || !Number.isInteger(id) || id < 0 || id >= tokens.length ? undefined : { id, content: tokens.at(id) };
}

function boundaries(metadata: GgufMetadata): JsonObject {
  const flags = { add_bos_token: metadataBoolean(metadata, "tokenizer.ggml.add_bos_token"), add_eos_token: metadataBoolean(metadata, "tokenizer.ggml.add_eos_token") };
  return Object.fromEntries(Object.entries(flags).filter((entry): entry is [string, boolean] => entry[1] !== undefined));
}

/** The one without a name is the default; the others stand under theirs. */
function chatTemplates(metadata: GgufMetadata): JsonObject[] {
  const names = Array.from(metadataTexts(metadata, "tokenizer.chat_templates") ?? []);
  const named = names.map((name) => [name, metadataText(metadata, `tokenizer.chat_template.${name}`)] as const);
  const all = [["default", metadataText(metadata, "tokenizer.chat_template")] as const, ...named];
  return all.flatMap(([name, template]) => (template === undefined ? [] : [{ name, template }]));
}

function addedTokens({ tokens, kinds }: GgufVocabulary): JsonObject[] {
  return tokens.flatMap((token, id) => {
    const kind = kinds[id];
    if (kind === "userDefined") return [addedToken(id, token, false)];
    return kind === "control" || kind === "unknown" ? [addedToken(id, token, true)] : [];
  });
}

// ── kinds of vocabularies ────────────────────────────────────────────────────────────────────────────────────────────────

function byteLevelTokenizer(vocabulary: GgufVocabulary): JsonObject {
  const { metadata, tokens } = vocabulary;
  const name = metadataText(metadata, "tokenizer.ggml.pre") ?? "gpt-2";
  const splitting = splittingNamed(name);
  if (splitting === undefined) {
    throw new VocabularyError("vocabulary-unsupported", `How a text is split for this vocabulary (tokenizer.ggml.pre: ${name}) is not known. Use the model's tokenizer.json.`);
  }
  const wanted = boundaries(vocabulary.metadata);
  const bos = wanted["add_bos_token"] === true ? specialToken(vocabulary.metadata, "bos") : undefined;
  const eos = wanted["add_eos_token"] === true ? specialToken(vocabulary.metadata, "eos") : undefined;
  return wholeTokenizer({
    addedTokens: addedTokens(vocabulary),
    normalizer: splitting.normalizer,
    preTokenizer: splitting.preTokenizer,
    postProcessor: templateProcessing(bos, eos),
    decoder: BYTE_LEVEL,
    model: byteLevelBpe(Object.fromEntries(tokens.map((token, id) => [token, id])), Array.from(metadataTexts(metadata, "tokenizer.ggml.merges") ?? [], twoParts), splitting.ignoreMerges),
  });
}

function twoParts(merge: string): [string, string] {
  const at = merge.indexOf(" ", 1);
  return [merge.slice(0, at), merge.slice(at + 1)];
}

function sentencePieceModel(vocabulary: GgufVocabulary, type: "bpe" | "unigram"): SentencePieceModel {
  const { metadata, tokens, kinds } = vocabulary;
  const charsmap = metadataNumbers(metadata, "tokenizer.ggml.precompiled_charsmap");
  const id = (name: string): number => metadataNumber(metadata, `tokenizer.ggml.${name}_token_id`) ?? -1;
  return {
    type,
    pieces: tokens,
    scores: Float32Array.from(metadataNumbers(metadata, "tokenizer.ggml.scores") ?? new Float32Array(tokens.length)),
    kinds,
    byteFallback: kinds.includes("byte"),
    addDummyPrefix: metadataBoolean(metadata, "tokenizer.ggml.add_space_prefix") ?? true,
    removeExtraWhitespaces: metadataBoolean(metadata, "tokenizer.ggml.remove_extra_whitespaces") ?? false,
    escapeWhitespaces: true,
    charsmap: charsmap === undefined ? new Uint8Array(0) : Uint8Array.from(charsmap),
    unknownId: Math.max(0, id("unknown")),
    bosId: id("bos"),
    eosId: id("eos"),
  };
}

/** In these files a word begins with ▁, and what goes on has nothing before it, instead of ##. */
function wordPieceTokenizer(vocabulary: GgufVocabulary): JsonObject {
  const { tokens, kinds } = vocabulary;
  const written = tokens.map((token, id) => {
    if (kinds[id] !== "normal" || /^\[.+\]$/.test(token)) return token;
    return token.startsWith("▁") ? token.slice(1) : `##${token}`;
  });
  const first = specialToken(vocabulary.metadata, "cls") ?? specialToken(vocabulary.metadata, "bos");
  const last = specialToken(vocabulary.metadata, "seperator") ?? specialToken(vocabulary.metadata, "separator") ?? specialToken(vocabulary.metadata, "eos");
  return wholeTokenizer({
    addedTokens: addedTokens(vocabulary),
    normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
    preTokenizer: { type: "BertPreTokenizer" },
    postProcessor: templateProcessing(first, last),
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: specialToken(vocabulary.metadata, "unknown")?.content ?? "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(written.map((token, id) => [token, id])),
    },
  });
}
