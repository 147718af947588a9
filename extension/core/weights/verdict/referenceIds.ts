import type { Vocabulary } from "./vocabulary";

/** Ids `[from, to]` that Magikarp takes for untrained in a family of models. */
interface KnownReference {
  readonly modelTypes: readonly string[];
  /** A token that the family's vocabulary has at `from`, so that a model of the same type with another vocabulary is not mistaken. */
  readonly token: RegExp;
  readonly from: number;
  readonly to: number;
}

/** Those of Magikarp's table that {@link unusedBytes} does not find. */
const KNOWN: readonly KnownReference[] = [
  { modelTypes: ["gemma", "gemma2"], token: /^<unused0>$/, from: 7, to: 105 },
  { modelTypes: ["llama", "phi3"], token: /^<0x37>$/, from: 58, to: 129 },
  { modelTypes: ["mistral", "mixtral"], token: /^<0x0B>$/, from: 14, to: 130 },
];

/**
 * Rows that no text reaches, whose mean is what untrained rows of a tied matrix look like. Magikarp lists them by model; most of
 * them are the bytes that UTF-8 never uses, which are found in any vocabulary of bytes. Where there are none, placeholders and
 * then rows without tokens are taken. Empty where there is nothing of the kind.
 * @param modelType `model_type` of config.json. @param rows how many rows the matrix has.
 */
export function referenceIds(vocabulary: Vocabulary, modelType: string | undefined, rows: number): readonly number[] {
  const known = KNOWN.find(({ modelTypes, token, from }) => modelTypes.includes(modelType ?? "") && token.test(vocabulary.token(from) ?? ""));
  if (known !== undefined) return range(known.from, known.to);
  const ids = range(0, rows - 1);
  const candidates = [unusedBytes(vocabulary, ids), ids.filter((id) => PLACEHOLDER.test(vocabulary.token(id) ?? "")), ids.filter((id) => vocabulary.token(id) === undefined)];
  return candidates.find((found) => found.length > 0) ?? [];
}

const PLACEHOLDER = /^<(?:unused|extra_id_|\|reserved_special_token_|\|extra_?)\d+/;

/**
 * Bytes from F5 on, which begin no character: as `<0xF5>`, else by GPT-2's alphabet, where a byte from AE on is the character of
 * that number. In a vocabulary of characters that one is a letter; a byte alphabet has its own sign for the space.
 */
function unusedBytes(vocabulary: Vocabulary, ids: readonly number[]): readonly number[] {
  const bytes = range(0xf5, 0xff);
  const named = idsOf(new Set(bytes.map((byte) => `<0x${byte.toString(16).toUpperCase()}>`)), vocabulary, ids);
  if (named.length > 0) return named;
  const isByteLevel = ids.some((id) => vocabulary.token(id) === "Ġ");
  return isByteLevel ? idsOf(new Set(bytes.map((byte) => String.fromCharCode(byte))), vocabulary, ids) : [];
}

function idsOf(tokens: ReadonlySet<string>, vocabulary: Vocabulary, ids: readonly number[]): readonly number[] {
  return ids.filter((id) => tokens.has(vocabulary.token(id) ?? ""));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}
