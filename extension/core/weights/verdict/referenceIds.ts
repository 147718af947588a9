import type { Vocabulary } from "./vocabulary";

/** Ids `[from, to]` that Magikarp takes for untrained in a family of models. */
interface KnownReference {
  readonly modelTypes: readonly string[];
  /** A token that the family's vocabulary has at `from`, so that a model of the same type with another vocabulary is not mistaken. */
  readonly token: RegExp;
  readonly from: number;
  readonly to: number;
}

/** Those of Magikarp's table that {@link unreached} does not find. */
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
  return unreached(vocabulary, rows);
}

/** Bytes from F5 on, which begin no character. */
const UNUSED_BYTES = range(0xf5, 0xff);
const NAMED_BYTES: ReadonlySet<string> = new Set(UNUSED_BYTES.map((byte) => `<0x${byte.toString(16).toUpperCase()}>`));
/** GPT-2's alphabet has the character of that number for each byte from AE on. */
const BYTE_CHARACTERS: ReadonlySet<string> = new Set(UNUSED_BYTES.map((byte) => String.fromCharCode(byte)));
/** Its sign for the space: without it, the characters above are letters. */
const BYTE_SPACE = "Ġ";
const PLACEHOLDER = /^<(?:unused|extra_id_|\|reserved_special_token_|\|extra_?)\d+/;

/** Of each kind of row that no text reaches, those there are; the first kind that there is. In one pass: there are many tokens. */
function unreached(vocabulary: Vocabulary, rows: number): readonly number[] {
  const named: number[] = [];
  const characters: number[] = [];
  const placeholders: number[] = [];
  const unnamed: number[] = [];
  let isByteLevel = false;
  for (let id = 0; id < rows; id++) {
    const token = vocabulary.token(id);
    if (token === undefined) unnamed.push(id);
    else if (token.length === 1) {
      if (BYTE_CHARACTERS.has(token)) characters.push(id);
      isByteLevel ||= token === BYTE_SPACE;
    } else if (token.startsWith("<")) {
      if (NAMED_BYTES.has(token)) named.push(id);
      else if (PLACEHOLDER.test(token)) placeholders.push(id);
    }
  }
  return [named, isByteLevel ? characters : [], placeholders, unnamed].find((found) => found.length > 0) ?? [];
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}
