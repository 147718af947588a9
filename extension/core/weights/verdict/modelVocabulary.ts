import type { JsonObject, JsonValue } from "../../dataset/conversation";
import { specialTokenVariables } from "../../model/modelFolder";
import { SPECIAL_NAMES, type SpecialIds, type Vocabulary } from "./vocabulary";

/** A model's tokens as `tokenizer.json` and `tokenizer_config.json` have them. */
export interface ModelVocabulary {
  readonly vocabulary: Vocabulary;
  readonly special: SpecialIds;
}

/**
 * The vocabulary of a parsed `tokenizer.json`, without a codec: most do without one, and `codecOfFile` takes a second of a large
 * vocabulary to make it.
 * @param padding ids that only fill the vocabulary up: these count as if no token had them.
 */
export function modelVocabulary(tokenizer: JsonObject, config: JsonObject, padding: ReadonlySet<number> = new Set()): ModelVocabulary {
  const tokens = tokenTable(tokenizer);
  for (const id of padding) tokens[id] = undefined;
  return {
    vocabulary: {
      size: tokens.length,
      token: (id) => tokens[id],
      has: (id) => tokens[id] !== undefined,
      codec: undefined,
    },
    special: specialIds(tokens, config),
  };
}

/** The vocabulary of a model that comes without tokenizer: as many tokens as rows, which are called by their ids. */
export function unknownVocabulary(rows: number): ModelVocabulary {
  const has = (id: number): boolean => id < rows;
  return { vocabulary: { size: rows, token: (id) => (has(id) ? `#${id}` : undefined), has, codec: undefined }, special: { additional: [] } };
}

/** The largest id that is believed: a table is as long as its largest id, and vocabularies have fewer than a million. */
const MAX_ID = 4_194_304;

/** Tokens by id. Written to directly: the table of a hostile file must not be larger than the file's own entries. */
function tokenTable(tokenizer: JsonObject): (string | undefined)[] {
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
