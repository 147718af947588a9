import type { JsonObject } from "../../dataset/conversation";
import { type AlignedText, spanEnd, spanStart } from "../normalize/alignedText";
import { type Normalizer, type Unsupported, createNormalizer } from "../normalize/normalizer";
import { createWordModel } from "./models";
import { type PreTokenizer, createPreTokenizer } from "./preTokenizers";
import type { AddToken, WordModel } from "./wordModel";

/**
 * Normalizer, pre-tokenizer and model of a tokenizer, as the Rust library runs them one after the other. It knows more kinds of
 * them than the fast paths do, and takes ten times as long.
 */
export interface Pipeline {
  readonly normalizer: Normalizer;
  /**
   * Adds the tokens of a stretch between added tokens, with their places in it.
   * @param first whether the stretch is the beginning of the text.
   */
  encode(stretch: string, first: boolean, add: AddToken): void;
  /** The same for a stretch that has been normalized. */
  encodeNormalized(stretch: AlignedText, first: boolean, add: AddToken): void;
}

/** The pipeline of a parsed tokenizer.json, or what it has that is not known. */
export function createPipeline(tokenizer: JsonObject): Pipeline | Unsupported {
  const normalizer = createNormalizer(tokenizer["normalizer"]);
  if ("unsupported" in normalizer) return normalizer;
  const preTokenizer = createPreTokenizer(tokenizer["pre_tokenizer"]);
  if ("unsupported" in preTokenizer) return preTokenizer;
  const model = createWordModel((tokenizer["model"] ?? {}) as JsonObject);
  if ("unsupported" in model) return model;
  const encodeNormalized = encoderOf(preTokenizer, new CachingModel(model));
  return { normalizer, encodeNormalized, encode: (stretch, first, add) => encodeNormalized(normalizer.normalize(stretch), first, add) };
}

function encoderOf(preTokenizer: PreTokenizer, model: WordModel): Pipeline["encodeNormalized"] {
  return (normalized, first, add) => {
    if (normalized.text === "") return;
    for (const word of preTokenizer(normalized, first)) {
      if (word.text === "") continue;
      model.encode(word.text, (id, start, end) => add(id, spanStart(word, start), spanEnd(word, end - 1)));
    }
  };
}

/** Words that are kept with their tokens; then all of them are forgotten. */
const MAX_WORDS = 20_000;

/** Longer words hardly come again. */
const MAX_WORD_UNITS = 40;

class CachingModel implements WordModel {
  readonly #model: WordModel;
  readonly #words = new Map<string, readonly number[]>();

  constructor(model: WordModel) {
    this.#model = model;
  }

  encode(word: string, add: AddToken): void {
    if (word.length > MAX_WORD_UNITS) {
      this.#model.encode(word, add);
      return;
    }
    const tokens = this.#words.get(word) ?? this.#remember(word);
    for (let i = 0; i < tokens.length; i += 3) add(tokens[i] as number, tokens[i + 1] as number, tokens[i + 2] as number);
  }

  #remember(word: string): readonly number[] {
    const tokens: number[] = [];
    this.#model.encode(word, (id, start, end) => tokens.push(id, start, end));
    if (this.#words.size >= MAX_WORDS) this.#words.clear();
    this.#words.set(word, tokens);
    return tokens;
  }
}
