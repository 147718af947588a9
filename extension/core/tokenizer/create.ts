import { TunesmithError } from "../../base/errors";
import type { JsonObject } from "../dataset/conversation";
import { readAddedTokens } from "./added/addedTokens";
import { byteLevelFrom } from "./bytelevel/data";
import { ByteLevelEncoder } from "./bytelevel/encoder";
import { byteLevelVocabulary } from "./bytelevel/vocabulary";
import { COMPILED_VERSION, type CompiledTokenizer } from "./compiled";
import { createDecode } from "./decode/decodeIds";
import { FastTokenizer } from "./fastTokenizer";
import { createNormalizer } from "./normalize/normalizer";
import { createPostProcessor } from "./post/postProcessor";
import { TokenSpaces } from "./post/trimOffsets";
import type { Tokenizer } from "./tokenizer";

/**
 * A tokenizer over tables that `compileTokenizer` made, here or in another thread, now or earlier. It has a cache of its own of 10 MB.
 * @throws TunesmithError `compiled-tokenizer` for tables of another version, or where some are missing.
 */
export function createTokenizer({ version, meta, tables }: CompiledTokenizer): Tokenizer {
  if (version !== COMPILED_VERSION) throw invalid(`is of version ${version}, not ${COMPILED_VERSION}`);
  const addedTokens = readAddedTokens({ added_tokens: meta.addedTokens } satisfies JsonObject);
  const compiled = byteLevelFrom({ tables, settings: meta.settings });
  const vocabulary = byteLevelVocabulary(compiled);
  const normalizer = createNormalizer(meta.normalizer);
  const postProcessor = createPostProcessor(meta.postProcessor, new TokenSpaces(vocabulary, addedTokens));
  if ("unsupported" in normalizer || "unsupported" in postProcessor) throw invalid("has parts that are not known");
  // As they are found in a text, so they are written back.
  const written = new Map(addedTokens.map(({ id, content, normalized }) => [id, normalized ? normalizer.normalize(content).text : content]));
  const decode = createDecode(meta.decoder, vocabulary, written);
  if (decode === undefined) throw invalid("has a decoder that is not known");
  return new FastTokenizer({ addedTokens, normalizer, encoder: new ByteLevelEncoder(compiled), postProcessor, vocabulary, decode, written });
}

function invalid(what: string): TunesmithError {
  return new TunesmithError("compiled-tokenizer", `The compiled tokenizer ${what}. Make it again from tokenizer.json.`);
}
