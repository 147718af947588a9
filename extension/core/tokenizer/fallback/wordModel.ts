import type { JsonObject } from "../../dataset/conversation";

/** Takes the tokens of a word: ids, and which of the word's UTF-16 units they stand for. */
export type AddToken = (id: number, start: number, end: number) => void;

/** Makes tokens of words. */
export interface WordModel {
  encode(word: string, add: AddToken): void;
}

/** A vocabulary that is written as an object. */
export function vocabularyOf(model: JsonObject): ReadonlyMap<string, number> {
  const entries = Object.entries((model["vocab"] ?? {}) as JsonObject);
  return new Map(entries.filter((entry): entry is [string, number] => typeof entry[1] === "number"));
}
