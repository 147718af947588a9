import type { JsonObject } from "../../dataset/conversation";
import type { Allocate } from "../compiled";
import type { Unsupported } from "../normalize/normalizer";
import type { Level } from "../split/levels";
import { type SplitTables, compileSplit } from "../split/splitTables";
import type { MergeTable } from "../tables/mergeTable";
import { type ModelLists, type TokenBytes } from "../tables/modelLists";
import { readMerges, readVocabulary } from "../tables/readVocabulary";
import { HASH_SEED, type VocabularyTable, findToken, hashByte } from "../tables/vocabulary";
import { byteOfUnit } from "../decode/byteAlphabet";
import { type Joints, findJoints } from "./joints";
import { byteLevelShape } from "./shape";

/** Everything that encoding and decoding need, in typed arrays that threads can share. */
export interface ByteLevelTables {
  readonly vocabulary: VocabularyTable;
  readonly merges: MergeTable;
  /** The id of each byte's token. */
  readonly byteIds: Int32Array;
  /** Where words may be cut. */
  readonly joints: Joints;
  readonly levels: readonly CompiledLevel[];
  readonly byteLevels: readonly CompiledLevel[];
}

export interface CompiledLevel extends Pick<Level, "behavior" | "invert"> {
  readonly tables: SplitTables;
}

export interface CompiledByteLevel {
  readonly tables: ByteLevelTables;
  readonly ignoreMerges: boolean;
  readonly prefixSpace: boolean;
  /** Tokens of the vocabulary with characters outside the alphabet, which no text becomes: id and string. */
  readonly others: readonly (readonly [number, string])[];
  /** Tokens of the vocabulary in all. */
  readonly count: number;
}

/**
 * Makes the tables of a byte-level BPE tokenizer.
 * @param tokenizer a parsed tokenizer.json; its vocabulary and merges are taken from `lists`. @param allocate gives memory, which hosts may
 * let threads share. @returns why not, where it has something that the fast path does not know.
 */
export function compileByteLevel(tokenizer: JsonObject, lists: ModelLists, allocate: Allocate): CompiledByteLevel | Unsupported {
  const shape = byteLevelShape(tokenizer);
  if ("unsupported" in shape) return shape;
  const { splitting, ignoreMerges } = shape;
  const levels = compileLevels(splitting.levels, allocate);
  const byteLevels = compileLevels(splitting.byteLevels, allocate);
  if (levels === undefined || byteLevels === undefined) return { unsupported: "its pre-tokenizer's expression is too large, or may find nothing" };
  const read = readVocabulary(lists.tokens, ALPHABET, allocate);
  if ("unsupported" in read) return read;
  const byteIds = byteTokenIds(read.vocabulary, allocate);
  if (byteIds === undefined) return { unsupported: "it has no token for some bytes" };
  const merges = readMerges(lists.merges, read.vocabulary, ALPHABET, allocate);
  if ("unsupported" in merges) return merges;
  const joints = findJoints(read.vocabulary, merges, allocate);
  const tables = { vocabulary: read.vocabulary, merges, byteIds, joints, levels, byteLevels };
  return { tables, ignoreMerges, prefixSpace: splitting.prefixSpace, others: read.others, count: read.count };
}

function compileLevels(levels: readonly Level[], allocate: Allocate): readonly CompiledLevel[] | undefined {
  const compiled = levels.flatMap(({ pattern, behavior, invert }) => {
    const tables = compileSplit(pattern, allocate);
    return tables === undefined ? [] : [{ behavior, invert, tables }];
  });
  return compiled.length === levels.length ? compiled : undefined;
}

/** The alphabet's characters as the bytes they stand for; no text becomes a token with another character. */
const ALPHABET: TokenBytes = {
  write: (text, from, to, bytes, at) => {
    for (let i = from; i < to; i++) {
      const byte = byteOfUnit(text.charCodeAt(i));
      if (byte < 0) return -1;
      bytes[at + i - from] = byte;
    }
    return to - from;
  },
  copy: (source, from, to, bytes, at) => {
    let end = at;
    for (let i = from; i < to; ) {
      // The alphabet's characters have one or two bytes.
      const lead = source[i++] as number;
      const byte = byteOfUnit(lead < 0x80 ? lead : lead < 0xe0 ? ((lead & 31) << 6) | ((source[i++] as number) & 63) : END_OF_UNITS);
      if (byte < 0) return -1;
      bytes[end++] = byte;
    }
    return end - at;
  },
};

/** No character of the alphabet. */
const END_OF_UNITS = 0xffff;

/** Undefined where text could have a byte that has no token. */
function byteTokenIds(vocabulary: VocabularyTable, allocate: Allocate): Int32Array | undefined {
  const ids = new Int32Array(allocate(4 * 256), 0, 256);
  const one = new Uint8Array(1);
  for (let byte = 0; byte < 256; byte++) {
    one[0] = byte;
    ids[byte] = findToken(vocabulary, one, 0, 1, hashByte(HASH_SEED, byte));
    const occurs = byte < 0xc0 || (byte >= 0xc2 && byte <= 0xf4);
    if (occurs && (ids[byte] as number) < 0) return undefined;
  }
  return ids;
}
