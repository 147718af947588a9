import type { JsonObject } from "../../dataset/conversation";
import type { Unsupported } from "../normalize/normalizer";
import { type WordModel, vocabularyOf } from "./wordModel";

/** WordPiece: from left to right the longest token that fits; a word with a part that none fits is unknown as a whole. */
export function createWordPieceModel(model: JsonObject): WordModel | Unsupported {
  const ids = vocabularyOf(model);
  const unknown = ids.get(typeof model["unk_token"] === "string" ? model["unk_token"] : "[UNK]");
  if (unknown === undefined) return { unsupported: "it has no token for unknown words" };
  const prefix = typeof model["continuing_subword_prefix"] === "string" ? model["continuing_subword_prefix"] : "##";
  const longest = typeof model["max_input_chars_per_word"] === "number" ? model["max_input_chars_per_word"] : 100;
  return {
    encode(word, add) {
      const parts = word.length > 2 * longest ? undefined : partsOf(word, longest, (part, start) => ids.get(start === 0 ? part : prefix + part));
      if (parts === undefined) add(unknown, 0, word.length);
      else for (const { id, start, end } of parts) add(id, start, end);
    },
  };
}

interface Part {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

/** Undefined where some part has no token, or the word has more than `longest` characters. */
function partsOf(word: string, longest: number, find: (part: string, start: number) => number | undefined): readonly Part[] | undefined {
  const ends: number[] = [];
  for (const character of word) ends.push((ends.at(-1) ?? 0) + character.length);
  if (ends.length > longest) return undefined;
  const parts: Part[] = [];
  let start = 0;
  let first = 0;
  while (first < ends.length) {
    let last = ends.length - 1;
    let id: number | undefined;
    while (last >= first && id === undefined) id = find(word.slice(start, ends[last--]), start);
    if (id === undefined) return undefined;
    const end = ends[last + 1] as number;
    parts.push({ id, start, end });
    start = end;
    first = last + 2;
  }
  return parts;
}
