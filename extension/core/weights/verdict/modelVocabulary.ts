import { Tokenizer as HfTokenizer } from "@huggingface/tokenizers";
import type { JsonObject, JsonValue } from "../../dataset/conversation";
import { specialTokenVariables } from "../../model/modelFolder";
import { SPECIAL_NAMES, type SpecialIds, type TokenCodec, type Vocabulary } from "./vocabulary";

/** A model's tokens as `tokenizer.json` and `tokenizer_config.json` have them. */
export interface ModelVocabulary {
  readonly vocabulary: Vocabulary;
  readonly special: SpecialIds;
}

/** The vocabulary of a parsed `tokenizer.json`. Its codec is missing where the tokenizer is of a kind that cannot be used. */
export function modelVocabulary(tokenizer: JsonObject, config: JsonObject): ModelVocabulary {
  const tokens = tokenTable(tokenizer);
  return {
    vocabulary: { size: tokens.length, token: (id) => tokens[id], codec: codecOf(tokenizer, config) },
    special: specialIds(tokens, config),
  };
}

/** The largest id that is believed: a table is as long as its largest id, and vocabularies have fewer than a million. */
const MAX_ID = 16_777_216;

/** Tokens by id. Written to directly: the table of a hostile file must not be larger than the file's own entries. */
function tokenTable(tokenizer: JsonObject): readonly (string | undefined)[] {
  const tokens: (string | undefined)[] = [];
  const put = (id: JsonValue | undefined, token: JsonValue | undefined): void => {
    if (typeof id === "number" && Number.isInteger(id) && id >= 0 && id <= MAX_ID && typeof token === "string") tokens[id] = token;
  };
  const vocab = objectOf(tokenizer["model"])["vocab"];
  // Unigram models have a list of tokens with their scores, others a table.
  if (Array.isArray(vocab)) for (const [id, entry] of (vocab as readonly JsonValue[]).entries()) put(id, Array.isArray(entry) ? (entry as readonly JsonValue[])[0] : undefined);
  else if (typeof vocab === "object" && vocab !== null) for (const [token, id] of Object.entries(vocab as JsonObject)) put(id, token);
  const added = tokenizer["added_tokens"];
  if (Array.isArray(added)) for (const entry of (added as readonly JsonValue[]).map(objectOf)) put(entry["id"], entry["content"]);
  return tokens;
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function specialIds(tokens: readonly (string | undefined)[], config: JsonObject): SpecialIds {
  const texts = specialTokenVariables(config);
  const idOf = (text: JsonValue | undefined): number | undefined => {
    const id = typeof text === "string" ? tokens.lastIndexOf(text) : -1;
    return id === -1 ? undefined : id;
  };
  const named = Object.fromEntries(SPECIAL_NAMES.map((name) => [name, idOf(texts[`${name}_token`])]));
  const additional = texts["additional_special_tokens"];
  const ids = Array.isArray(additional) ? (additional as readonly JsonValue[]).map(idOf) : [];
  return { ...named, additional: ids.filter((id) => id !== undefined) };
}

function codecOf(tokenizer: JsonObject, config: JsonObject): TokenCodec | undefined {
  try {
    const inner = new HfTokenizer(tokenizer, config);
    return {
      decode: (ids) => (ids.length === 0 ? "" : inner.decode([...ids], { skip_special_tokens: false, clean_up_tokenization_spaces: false })),
      encode: (text) => (text === "" ? [] : inner.encode(text, { add_special_tokens: false }).ids),
    };
  } catch {
    return undefined;
  }
}
