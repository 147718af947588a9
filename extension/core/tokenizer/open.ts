import type { JsonObject } from "../dataset/conversation";
import { compileTokenizer } from "./compile";
import type { Allocate, CompiledTokenizer } from "./compiled";
import { createTokenizer } from "./create";
import { type TokenizerDocument, parsedDocument } from "./document";
import { createHfTokenizer } from "./hfTokenizer";
import { selfCheckProblem } from "./selfCheck";
import type { Tokenizer } from "./tokenizer";

export interface OpenedTokenizer {
  readonly tokenizer: Tokenizer;
  /** What other threads, or a later run, can make the same tokenizer of; undefined where it is not a fast one. */
  readonly compiled: CompiledTokenizer | undefined;
}

/**
 * The tokenizer of a model: the fast one where it knows all that the file has and passes the self-check, else that on
 * `@huggingface/tokenizers`; `engine` says which, and why.
 * @param config the parsed tokenizer_config.json, or an empty object.
 * @param allocate gives memory for tables, which hosts may let threads share.
 * @throws TunesmithError `tokenizer-unsupported` when neither can use it; what {@link TokenizerDocument.whole} throws.
 */
export function openDocument(document: TokenizerDocument, config: JsonObject, allocate: Allocate): OpenedTokenizer {
  const compiled = compileTokenizer(document.json, allocate, document.lists);
  if ("unsupported" in compiled) return { tokenizer: createHfTokenizer(document.whole(), config, compiled.unsupported), compiled: undefined };
  const fast = createTokenizer(compiled);
  const problem = selfCheckProblem(fast, document, config);
  return problem === undefined ? { tokenizer: fast, compiled } : { tokenizer: createHfTokenizer(document.whole(), config, problem), compiled: undefined };
}

/** {@link openDocument} of a parsed tokenizer.json. */
export function openTokenizer(tokenizer: JsonObject, config: JsonObject, allocate: Allocate): OpenedTokenizer {
  return openDocument(parsedDocument(tokenizer), config, allocate);
}
