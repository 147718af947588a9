import { TunesmithError } from "../../base/errors";
import type { JsonObject, JsonValue } from "../dataset/conversation";
import { readAddedTokens } from "./added/addedTokens";
import { byteLevelFrom } from "./bytelevel/data";
import { ByteLevelEncoder } from "./bytelevel/encoder";
import { byteLevelVocabulary } from "./bytelevel/vocabulary";
import { COMPILED_VERSION, type CompiledTokenizer } from "./compiled";
import { createDecode } from "./decode/decodeIds";
import { FastTokenizer } from "./fastTokenizer";
import { type Normalizer, createNormalizer } from "./normalize/normalizer";
import { createPostProcessor } from "./post/postProcessor";
import { TokenSpaces } from "./post/trimOffsets";
import { sentencePieceFrom } from "./sentencepiece/data";
import { SentencePieceEncoder } from "./sentencepiece/encoder";
import { sentencePieceVocabulary } from "./sentencepiece/vocabulary";
import type { StretchEncoder, Vocabulary } from "./stretchEncoder";
import type { AddedToken, Tokenizer } from "./tokenizer";

/**
 * A tokenizer over tables that `compileTokenizer` made, here or in another thread, now or earlier. It has a cache of its own of 2.5 to 5 MB.
 * @throws TunesmithError `compiled-tokenizer` for tables of another version, or where some are missing.
 */
export function createTokenizer(compiled: CompiledTokenizer): Tokenizer {
  const { version, meta } = compiled;
  if (version !== COMPILED_VERSION) throw invalid(`is of version ${version}, not ${COMPILED_VERSION}`);
  const addedTokens = readAddedTokens({ added_tokens: meta.addedTokens } satisfies JsonObject);
  const { vocabulary, encoder, normalizer } = meta.kind === "byte-level" ? byteLevelParts(compiled) : sentencePieceParts(compiled, addedTokens);
  const postProcessor = createPostProcessor(meta.postProcessor, new TokenSpaces(vocabulary, addedTokens));
  if ("unsupported" in postProcessor) throw invalid("has a post-processor that is not known");
  // As they are found in a text, so they are written back.
  const whole = normalizerOf(meta.normalizer);
  const written = new Map(addedTokens.map(({ id, content, normalized }) => [id, normalized ? whole.normalize(content).text : content]));
  const decode = createDecode(meta.decoder, vocabulary, written);
  if (decode === undefined) throw invalid("has a decoder that is not known");
  return new FastTokenizer({ addedTokens, normalizer, encoder, postProcessor, vocabulary, decode, written });
}

/** What is different for each kind. */
interface KindParts {
  readonly vocabulary: Vocabulary;
  readonly encoder: StretchEncoder;
  readonly normalizer: Normalizer;
}

function byteLevelParts({ tables, meta }: CompiledTokenizer): KindParts {
  const compiled = byteLevelFrom({ tables, settings: meta.settings });
  return { vocabulary: byteLevelVocabulary(compiled), encoder: new ByteLevelEncoder(compiled), normalizer: normalizerOf(meta.normalizer) };
}

function sentencePieceParts({ tables, meta }: CompiledTokenizer, addedTokens: readonly AddedToken[]): KindParts {
  const compiled = sentencePieceFrom({ tables, settings: meta.settings });
  const { shape } = compiled;
  // The encoder replaces spaces and puts one before the text by itself, which costs nothing; not so where added tokens are looked for behind that.
  const isWhole = addedTokens.some(({ normalized, content }) => normalized && content !== "");
  const encoder = new SentencePieceEncoder(compiled, isWhole && shape.prefixIsNormal ? "never" : shape.prefix);
  return { vocabulary: sentencePieceVocabulary(compiled), encoder, normalizer: normalizerOf(isWhole ? meta.normalizer : shape.normalizer) };
}

function normalizerOf(value: JsonValue): Normalizer {
  const normalizer = createNormalizer(value);
  if ("unsupported" in normalizer) throw invalid("has a normalizer that is not known");
  return normalizer;
}

function invalid(what: string): TunesmithError {
  return new TunesmithError("compiled-tokenizer", `The compiled tokenizer ${what}. Make it again from tokenizer.json.`);
}
