import type { JsonObject, JsonValue } from "../../dataset/conversation";
import type { Allocate } from "../compiled";
import type { Unsupported } from "../normalize/normalizer";
import { MAX_ID, MAX_MERGES, type MergeTable, addMerge, createMergeTable } from "./mergeTable";
import { HASH_SEED, type VocabularyTable, createVocabulary, findToken, hashByte, indexToken } from "./vocabulary";

/** How the strings of a vocabulary become the bytes that its table holds. */
export interface TokenBytes {
  /** At least as many as {@link write} writes. */
  length(token: string): number;
  /** Writes the bytes of `text[from, to)`, and returns their number; -1 where no text ever becomes such a token. */
  write(text: string, from: number, to: number, bytes: Uint8Array, at: number): number;
}

export interface ReadVocabulary {
  readonly vocabulary: VocabularyTable;
  /** Tokens that no text becomes: id and string. */
  readonly others: readonly (readonly [number, string])[];
}

const MADE_TO_COLLIDE: Unsupported = { unsupported: "its tokens or merges are made to be slow to find" };

/** @param vocab the field `model.vocab` of a BPE tokenizer.json. */
export function readVocabulary(vocab: JsonValue | undefined, alphabet: TokenBytes, allocate: Allocate): ReadVocabulary | Unsupported {
  if (typeof vocab !== "object" || vocab === null || Array.isArray(vocab)) return { unsupported: "it has no vocabulary" };
  const byId: string[] = [];
  let size = 0;
  // Half the time that entries would take.
  for (const token of Object.keys(vocab)) {
    const id = (vocab as JsonObject)[token];
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id >= MAX_ID) return { unsupported: "it has ids beyond what is usual" };
    if (byId[id] !== undefined) return { unsupported: `it has two tokens with id ${id}` };
    byId[id] = token;
    size += alphabet.length(token);
  }
  const vocabulary = createVocabulary(byId.length, size, allocate);
  const { bytes, starts } = vocabulary;
  const others: (readonly [number, string])[] = [];
  let end = 0;
  for (let id = 0; id < byId.length; id++) {
    const token = byId[id];
    const length = token === undefined ? 0 : alphabet.write(token, 0, token.length, bytes, end);
    if (token !== undefined && length <= 0) others.push([id, token]);
    end += Math.max(0, length);
    starts[id + 1] = end;
    if (length > 0 && !indexToken(vocabulary, id)) return MADE_TO_COLLIDE;
  }
  return { vocabulary, others };
}

/** @param value the field `model.merges`, in the old form of strings or the new one of pairs. */
export function readMerges(
  value: JsonValue | undefined,
  vocabulary: VocabularyTable,
  alphabet: TokenBytes,
  allocate: Allocate,
): MergeTable | Unsupported {
  const list = Array.isArray(value) ? (value as readonly JsonValue[]) : [];
  if (list.length > MAX_MERGES) return { unsupported: `it has more than ${MAX_MERGES} merges` };
  const table = createMergeTable(list.length, allocate);
  const reader = new MergeReader(vocabulary, alphabet);
  for (let rank = 0; rank < list.length; rank++) {
    if (!reader.read(list[rank] as JsonValue)) continue;
    const { left, right, merged } = reader;
    if (left < 0 || right < 0 || merged < 0) return { unsupported: `merge ${rank + 1} is of tokens that it does not have` };
    if (!addMerge(table, left, right, rank, merged)) return MADE_TO_COLLIDE;
  }
  return table;
}

/** Looks up the tokens of merges without making strings of their parts: there are up to half a million. */
class MergeReader {
  readonly #vocabulary: VocabularyTable;
  readonly #alphabet: TokenBytes;
  #bytes = new Uint8Array(1024);
  left = -1;
  right = -1;
  merged = -1;

  constructor(vocabulary: VocabularyTable, alphabet: TokenBytes) {
    this.#vocabulary = vocabulary;
    this.#alphabet = alphabet;
  }

  /** False for a merge that no text comes to. */
  read(merge: JsonValue): boolean {
    if (typeof merge === "string") {
      const space = merge.indexOf(" ");
      return space >= 0 && this.#find(merge, space, space + 1);
    }
    const [left, right] = Array.isArray(merge) ? (merge as readonly JsonValue[]) : [];
    return typeof left === "string" && typeof right === "string" && this.#find(left + right, left.length, left.length);
  }

  /** The tokens are `text[0, leftEnd)` and `text[rightStart, …)`. */
  #find(text: string, leftEnd: number, rightStart: number): boolean {
    if (this.#bytes.length < 3 * text.length) this.#bytes = new Uint8Array(6 * text.length);
    const bytes = this.#bytes;
    const middle = this.#alphabet.write(text, 0, leftEnd, bytes, 0);
    if (middle < 0) return false;
    const length = this.#alphabet.write(text, rightStart, text.length, bytes, middle);
    if (length < 0) return false;
    const end = middle + length;
    let hash = HASH_SEED;
    for (let i = 0; i < middle; i++) hash = hashByte(hash, bytes[i] as number);
    this.left = findToken(this.#vocabulary, bytes, 0, middle, hash);
    let own = HASH_SEED;
    for (let i = middle; i < end; i++) {
      hash = hashByte(hash, bytes[i] as number);
      own = hashByte(own, bytes[i] as number);
    }
    this.right = findToken(this.#vocabulary, bytes, middle, end, own);
    this.merged = findToken(this.#vocabulary, bytes, 0, end, hash);
    return true;
  }
}
