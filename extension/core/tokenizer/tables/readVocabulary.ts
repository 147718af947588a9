import type { Allocate } from "../compiled";
import type { Unsupported } from "../normalize/normalizer";
import { MAX_MERGES, type MergeTable, addMerge, createMergeTable } from "./mergeTable";
import type { MergeList, TokenBytes, TokenList } from "./modelLists";
import { HASH_SEED, type VocabularyTable, createVocabulary, findToken, hashByte, indexToken } from "./vocabulary";

export interface ReadVocabulary {
  readonly vocabulary: VocabularyTable;
  /** How many tokens it has, the others included. */
  readonly count: number;
  /** Tokens that no text becomes: id and string. */
  readonly others: readonly (readonly [number, string])[];
}

const MADE_TO_COLLIDE: Unsupported = { unsupported: "its tokens or merges are made to be slow to find, or given twice" };

export function readVocabulary(tokens: TokenList | Unsupported, alphabet: TokenBytes, allocate: Allocate): ReadVocabulary | Unsupported {
  if ("unsupported" in tokens) return tokens;
  const { size, byteLength } = tokens;
  const bytes = new Uint8Array(byteLength);
  const starts = new Uint32Array(size + 1);
  const others: (readonly [number, string])[] = [];
  let count = 0;
  let end = 0;
  for (let id = 0; id < size; id++) {
    const length = tokens.write(id, alphabet, bytes, end);
    if (length > 0) count++;
    else {
      const text = tokens.text(id);
      if (text !== undefined) others.push([id, text]);
    }
    end += Math.max(0, length);
    starts[id + 1] = end;
  }
  const vocabulary = createVocabulary(size, end, allocate);
  vocabulary.bytes.set(bytes.subarray(0, end));
  vocabulary.starts.set(starts);
  for (let id = 0; id < size; id++) if (starts[id] !== starts[id + 1] && !indexToken(vocabulary, id)) return MADE_TO_COLLIDE;
  return { vocabulary, count: count + others.length, others };
}

export function readMerges(list: MergeList, vocabulary: VocabularyTable, alphabet: TokenBytes, allocate: Allocate): MergeTable | Unsupported {
  const { count } = list;
  if (count > MAX_MERGES) return { unsupported: `it has more than ${MAX_MERGES} merges` };
  const table = createMergeTable(count, allocate);
  let bytes = new Uint8Array(1024);
  for (let rank = 0; rank < count; rank++) {
    const size = list.byteLength(rank);
    if (bytes.length < size) bytes = new Uint8Array(2 * size);
    const middle = list.write(rank, alphabet, bytes);
    if (middle < 0) continue;
    const { end } = list;
    const whole = hashOf(bytes, 0, middle, HASH_SEED);
    const left = findToken(vocabulary, bytes, 0, middle, whole);
    const right = findToken(vocabulary, bytes, middle, end, hashOf(bytes, middle, end, HASH_SEED));
    const merged = findToken(vocabulary, bytes, 0, end, hashOf(bytes, middle, end, whole));
    if (left < 0 || right < 0 || merged < 0) return { unsupported: `merge ${rank + 1} is of tokens that it does not have` };
    if (!addMerge(table, left, right, rank, merged)) return MADE_TO_COLLIDE;
  }
  return table;
}

function hashOf(bytes: Uint8Array, from: number, to: number, seed: number): number {
  let hash = seed;
  for (let i = from; i < to; i++) hash = hashByte(hash, bytes[i] as number);
  return hash;
}
