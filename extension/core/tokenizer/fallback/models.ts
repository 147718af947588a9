import type { JsonObject } from "../../dataset/conversation";
import type { Unsupported } from "../normalize/normalizer";
import { createBpeModel } from "./bpeModel";
import { createUnigramModel } from "./unigramModel";
import { type WordModel, vocabularyOf } from "./wordModel";
import { createWordPieceModel } from "./wordPieceModel";

/** The model that the field `model` of a tokenizer.json describes, as the Rust library `tokenizers` has it. */
export function createWordModel(model: JsonObject): WordModel | Unsupported {
  const type = typeof model["type"] === "string" ? model["type"] : guessedType(model);
  switch (type) {
    case "WordPiece":
      return createWordPieceModel(model);
    case "Unigram":
      return createUnigramModel(model);
    case "BPE":
      return createBpeModel(model);
    case "WordLevel":
      return createWordLevelModel(model);
    default:
      return { unsupported: `its model is ${type}` };
  }
}

/** Old files do not name it. */
function guessedType(model: JsonObject): string {
  if (Array.isArray(model["vocab"])) return "Unigram";
  if (model["merges"] !== undefined) return "BPE";
  return model["continuing_subword_prefix"] === undefined ? "WordLevel" : "WordPiece";
}

function createWordLevelModel(model: JsonObject): WordModel | Unsupported {
  const ids = vocabularyOf(model);
  const unknown = typeof model["unk_token"] === "string" ? ids.get(model["unk_token"]) : undefined;
  if (unknown === undefined) return { unsupported: "it has no token for unknown words" };
  return { encode: (word, add) => add(ids.get(word) ?? unknown, 0, word.length) };
}
