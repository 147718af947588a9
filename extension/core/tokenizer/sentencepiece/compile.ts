import type { JsonObject } from "../../dataset/conversation";
import type { Allocate } from "../compiled";
import type { Unsupported } from "../normalize/normalizer";
import type { MergeTable } from "../tables/mergeTable";
import { type ModelLists, type TokenBytes } from "../tables/modelLists";
import { readMerges, readVocabulary } from "../tables/readVocabulary";
import { eachCodePoint, utf8Length, writeUtf8 } from "../tables/utf8";
import { HASH_SEED, type VocabularyTable, findToken, hashByte } from "../tables/vocabulary";
import { findJoints } from "./joints";
import { MARK, MARK_UNIT } from "./mark";
import { type SentencePieceShape, sentencePieceShape } from "./shape";
import { byteTokenText } from "../decode/byteAlphabet";

/** Everything that encoding and decoding need, in typed arrays that threads can share. */
export interface SentencePieceTables {
  /** The tokens' strings as UTF-8. */
  readonly vocabulary: VocabularyTable;
  readonly merges: MergeTable;
  /** The id of each UTF-16 unit that is a character by itself; -1 where the vocabulary has none. */
  readonly unitIds: Int32Array;
  /** Characters of two units in rising order, each followed by its id. */
  readonly pairIds: Int32Array;
  /** The id of each byte's token; empty without byte fallback. */
  readonly byteIds: Int32Array;
  /** Where words may end: see joints.ts. */
  readonly joints: Uint8Array;
}

export interface CompiledSentencePiece {
  readonly shape: SentencePieceShape;
  /** The id of the unknown token, -1 where there is none. */
  readonly unknownId: number;
  /** Tokens of the vocabulary in all. */
  readonly count: number;
  readonly tables: SentencePieceTables;
}

const UTF8: TokenBytes = {
  write: writeUtf8,
  copy: (source, from, to, bytes, at) => {
    for (let i = from, end = at; i < to; i++) bytes[end++] = source[i] as number;
    return to - from;
  },
};

/**
 * Makes the tables of a SentencePiece-style BPE tokenizer.
 * @param tokenizer a parsed tokenizer.json; its vocabulary and merges are taken from `lists`. @param allocate gives memory, which hosts may
 * let threads share. @returns why not, where it has something that the fast path does not know.
 */
export function compileSentencePiece(tokenizer: JsonObject, lists: ModelLists, allocate: Allocate): CompiledSentencePiece | Unsupported {
  const shape = sentencePieceShape(tokenizer);
  if ("unsupported" in shape) return shape;
  const read = readVocabulary(lists.tokens, UTF8, allocate);
  if ("unsupported" in read) return read;
  const { vocabulary } = read;
  if (read.others.length > 0) return { unsupported: "it has a token without any character" };
  if (idOf(vocabulary, MARK) < 0) return { unsupported: `it has no token for ${MARK}` };
  const unknownId = shape.unknownToken === undefined ? -1 : idOf(vocabulary, shape.unknownToken);
  const characters = characterIds(vocabulary, allocate);
  const byteIds = shape.byteFallback ? byteTokenIds(vocabulary, characters.unitIds, allocate) : new Int32Array(0);
  if (byteIds === undefined) return { unsupported: "it falls back to bytes, but has no token for some of them" };
  if (!shape.byteFallback && unknownId < 0) return { unsupported: "it has no token for unknown characters" };
  const merges = readMerges(lists.merges, vocabulary, UTF8, allocate);
  if ("unsupported" in merges) return merges;
  // Such symbols stand for other text than they say: what follows from the text of tokens would not hold.
  if (mergesAny(merges, new Set([...byteIds, unknownId]))) return { unsupported: "it merges tokens of bytes or the unknown token" };
  return { shape, unknownId, count: read.count, tables: { vocabulary, merges, ...characters, byteIds, joints: findJoints(vocabulary, merges, shape.splitAtMarks, allocate) } };
}

function idOf(vocabulary: VocabularyTable, token: string): number {
  const bytes = new Uint8Array(utf8Length(token));
  writeUtf8(token, 0, token.length, bytes, 0);
  return findToken(vocabulary, bytes, 0, bytes.length, bytes.reduce(hashByte, HASH_SEED));
}

function characterIds({ bytes, starts }: VocabularyTable, allocate: Allocate): Pick<SentencePieceTables, "unitIds" | "pairIds"> {
  const unitIds = new Int32Array(allocate(4 * 0x10000), 0, 0x10000).fill(-1);
  const pairs: (readonly [number, number])[] = [];
  for (let id = 0; id + 1 < starts.length; id++) {
    const start = starts[id] as number;
    const end = starts[id + 1] as number;
    if (end - start === 0 || end - start > 4) continue;
    let count = 0;
    let code = 0;
    eachCodePoint(bytes, start, end, (character) => {
      code = character;
      count++;
    });
    if (count === 1 && code > 0xffff) pairs.push([code, id]);
    else if (count === 1) unitIds[code] = id;
  }
  unitIds[MARK_UNIT] = unitIds[MARK.charCodeAt(0)] as number;
  pairs.sort((a, b) => a[0] - b[0]);
  const pairIds = new Int32Array(allocate(8 * pairs.length), 0, 2 * pairs.length);
  pairIds.set(pairs.flat());
  return { unitIds, pairIds };
}

/** Undefined where a character could need a byte that has no token. */
function byteTokenIds(vocabulary: VocabularyTable, unitIds: Int32Array, allocate: Allocate): Int32Array | undefined {
  const ids = new Int32Array(allocate(4 * 256), 0, 256);
  for (let byte = 0; byte < 256; byte++) {
    const id = idOf(vocabulary, byteTokenText(byte));
    ids[byte] = id;
    const needed = byte < 0x80 ? (unitIds[byte] as number) < 0 : byte < 0xc0 || (byte >= 0xc2 && byte <= 0xf4);
    if (id < 0 && needed) return undefined;
  }
  return ids;
}

/** Whether a merge is of one of these tokens. */
function mergesAny({ slots }: MergeTable, ids: ReadonlySet<number>): boolean {
  for (let at = 0; at < slots.length; at += 2) {
    const rest = slots[at + 1] as number;
    if (rest === -1) continue;
    const key = slots[at] as number;
    if (ids.has(key >>> 12) || ids.has(((key & 0xfff) << 8) | (rest >>> 24))) return true;
  }
  return false;
}
