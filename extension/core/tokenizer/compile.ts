import type { JsonObject, JsonValue } from "../dataset/conversation";
import { readAddedTokens } from "./added/addedTokens";
import { compileByteLevel } from "./bytelevel/compile";
import { byteLevelData } from "./bytelevel/data";
import { byteLevelVocabulary } from "./bytelevel/vocabulary";
import { type Allocate, COMPILED_VERSION, type CompiledMeta, type CompiledTokenizer } from "./compiled";
import { createDecoder } from "./decode/decoder";
import { type Unsupported, createNormalizer } from "./normalize/normalizer";
import { postProcessorProblem } from "./post/postProcessor";
import { compileSentencePiece } from "./sentencepiece/compile";
import { sentencePieceData } from "./sentencepiece/data";
import { sentencePieceVocabulary } from "./sentencepiece/vocabulary";
import type { Vocabulary } from "./stretchEncoder";
import type { ModelLists } from "./tables/modelLists";
import { parsedLists } from "./tables/parsedLists";

/**
 * Makes the tables of a fast tokenizer.
 * @param tokenizer a parsed tokenizer.json. @param allocate gives memory for tables, which hosts may let threads share.
 * @param lists its vocabulary and merges, where these are not in it. @returns why not, in words for the user, where it has something that the fast
 * path does not know.
 */
export function compileTokenizer(tokenizer: JsonObject, allocate: Allocate, lists: ModelLists = parsedLists(tokenizer)): CompiledTokenizer | Unsupported {
  const problem = commonProblem(tokenizer);
  if (problem !== undefined) return problem;
  const compiled = compileKind(tokenizer, lists, allocate);
  if ("unsupported" in compiled) return compiled;
  const { kind, tables, settings, vocabulary } = compiled;
  const addedProblem = addedIdsProblem(tokenizer, vocabulary);
  if (addedProblem !== undefined) return addedProblem;
  const field = (name: string): JsonValue => tokenizer[name] ?? null;
  return {
    version: COMPILED_VERSION,
    meta: { kind, addedTokens: field("added_tokens"), normalizer: field("normalizer"), postProcessor: field("post_processor"), decoder: field("decoder"), settings },
    tables,
  };
}

interface CompiledKind extends Pick<CompiledTokenizer, "tables">, Pick<CompiledMeta, "kind" | "settings"> {
  readonly vocabulary: Vocabulary;
}

function compileKind(tokenizer: JsonObject, lists: ModelLists, allocate: Allocate): CompiledKind | Unsupported {
  if (!hasByteLevel(tokenizer["pre_tokenizer"])) {
    const compiled = compileSentencePiece(tokenizer, lists, allocate);
    return "unsupported" in compiled ? compiled : { kind: "sentencepiece", ...sentencePieceData(compiled), vocabulary: sentencePieceVocabulary(compiled) };
  }
  const compiled = compileByteLevel(tokenizer, lists, allocate);
  return "unsupported" in compiled ? compiled : { kind: "byte-level", ...byteLevelData(compiled), vocabulary: byteLevelVocabulary(compiled) };
}

/** Whether some part of the pre-tokenizer turns text into bytes. */
function hasByteLevel(preTokenizer: JsonValue | undefined): boolean {
  const { type, pretokenizers: parts } = (preTokenizer ?? {}) as JsonObject;
  return type === "ByteLevel" || (Array.isArray(parts) && (parts as readonly JsonValue[]).some(hasByteLevel));
}

/** Longer added tokens would make a search through a text slow. */
const MAX_ADDED_UNITS = 512;

/** What all kinds have in common. */
function commonProblem(tokenizer: JsonObject): Unsupported | undefined {
  if (createDecoder(tokenizer["decoder"]) === undefined) return { unsupported: "its decoder is of an unknown kind" };
  const normalizer = createNormalizer(tokenizer["normalizer"]);
  if ("unsupported" in normalizer) return normalizer;
  const added = readAddedTokens(tokenizer);
  if (added.some(({ content }) => content.length > MAX_ADDED_UNITS)) return { unsupported: `it has added tokens of more than ${MAX_ADDED_UNITS} characters` };
  if (added.some(({ content, normalized }) => normalized && content !== "" && normalizer.normalize(content).text === "")) {
    return { unsupported: "it has added tokens of which its normalizer leaves nothing" };
  }
  return postProcessorProblem(tokenizer["post_processor"]);
}

/** The Rust library numbers added tokens itself: those of the vocabulary by their place there, others behind it. */
function addedIdsProblem(tokenizer: JsonObject, vocabulary: Vocabulary): Unsupported | undefined {
  const known = new Map<string, number>();
  let next = vocabulary.count;
  for (const { id, content } of readAddedTokens(tokenizer)) {
    const expected = vocabulary.id(content) ?? known.get(content) ?? next;
    if (expected !== id) return { unsupported: `its added token ${content} has id ${id}, where the library counts ${expected}` };
    known.set(content, id);
    next = Math.max(next, id + 1);
  }
  return undefined;
}
