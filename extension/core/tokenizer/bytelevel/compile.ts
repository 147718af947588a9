import type { JsonObject, JsonValue } from "../../dataset/conversation";
import type { Allocate } from "../compiled";
import type { Unsupported } from "../normalize/normalizer";
import type { Level } from "../split/levels";
import { type SplitTables, compileSplit } from "../split/splitTables";
import { MAX_ID, MAX_MERGES, type MergeTable, addMerge, createMergeTable } from "../tables/mergeTable";
import { HASH_SEED, type VocabularyTable, createVocabulary, findToken, hashByte, indexToken } from "../tables/vocabulary";
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
}

/**
 * Makes the tables of a byte-level BPE tokenizer.
 * @param tokenizer a parsed tokenizer.json. @param allocate gives memory, which hosts may let threads share.
 * @returns why not, where it has something that the fast path does not know.
 */
export function compileByteLevel(tokenizer: JsonObject, allocate: Allocate): CompiledByteLevel | Unsupported {
  const shape = byteLevelShape(tokenizer);
  if ("unsupported" in shape) return shape;
  const { splitting, ignoreMerges } = shape;
  const levels = compileLevels(splitting.levels, allocate);
  const byteLevels = compileLevels(splitting.byteLevels, allocate);
  if (levels === undefined || byteLevels === undefined) return { unsupported: "its pre-tokenizer's expression is too large, or may find nothing" };
  const model = tokenizer["model"] as JsonObject;
  const read = readVocabulary(model["vocab"], allocate);
  if ("unsupported" in read) return read;
  const byteIds = byteTokenIds(read.vocabulary, allocate);
  if (byteIds === undefined) return { unsupported: "it has no token for some bytes" };
  const merges = readMerges(model["merges"], read.vocabulary, allocate);
  if ("unsupported" in merges) return merges;
  const joints = findJoints(read.vocabulary, merges, allocate);
  const tables = { vocabulary: read.vocabulary, merges, byteIds, joints, levels, byteLevels };
  return { tables, ignoreMerges, prefixSpace: splitting.prefixSpace, others: read.others };
}

function compileLevels(levels: readonly Level[], allocate: Allocate): readonly CompiledLevel[] | undefined {
  const compiled = levels.flatMap(({ pattern, behavior, invert }) => {
    const tables = compileSplit(pattern, allocate);
    return tables === undefined ? [] : [{ behavior, invert, tables }];
  });
  return compiled.length === levels.length ? compiled : undefined;
}

const MADE_TO_COLLIDE: Unsupported = { unsupported: "its tokens or merges are made to be slow to find" };

// ── vocabulary ───────────────────────────────────────────────────────────────────────────────────────────────────────────

interface ReadVocabulary {
  readonly vocabulary: VocabularyTable;
  readonly others: CompiledByteLevel["others"];
}

function readVocabulary(vocab: JsonValue | undefined, allocate: Allocate): ReadVocabulary | Unsupported {
  if (typeof vocab !== "object" || vocab === null || Array.isArray(vocab)) return { unsupported: "it has no vocabulary" };
  const byId: string[] = [];
  let units = 0;
  // Half the time that entries would take.
  for (const token of Object.keys(vocab)) {
    const id = (vocab as JsonObject)[token];
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id >= MAX_ID) return { unsupported: "it has ids beyond what is usual" };
    if (byId[id] !== undefined) return { unsupported: `it has two tokens with id ${id}` };
    byId[id] = token;
    units += token.length;
  }
  const vocabulary = createVocabulary(byId.length, units, allocate);
  const { bytes, starts } = vocabulary;
  const others: (readonly [number, string])[] = [];
  let end = 0;
  for (let id = 0; id < byId.length; id++) {
    const token = byId[id];
    const length = token === undefined ? 0 : writeBytes(token, 0, token.length, bytes, end);
    if (token !== undefined && length <= 0) others.push([id, token]);
    end += Math.max(0, length);
    starts[id + 1] = end;
    if (length > 0 && !indexToken(vocabulary, id)) return MADE_TO_COLLIDE;
  }
  return { vocabulary, others };
}

/** Writes the bytes that `text[from, to)` stands for, and returns their number; -1 where it has a character outside the alphabet. */
function writeBytes(text: string, from: number, to: number, bytes: Uint8Array, at: number): number {
  for (let i = from; i < to; i++) {
    const byte = byteOfUnit(text.charCodeAt(i));
    if (byte < 0) return -1;
    bytes[at + i - from] = byte;
  }
  return to - from;
}

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

// ── merges ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

function readMerges(value: JsonValue | undefined, vocabulary: VocabularyTable, allocate: Allocate): MergeTable | Unsupported {
  const list = Array.isArray(value) ? (value as readonly JsonValue[]) : [];
  if (list.length > MAX_MERGES) return { unsupported: `it has more than ${MAX_MERGES} merges` };
  const table = createMergeTable(list.length, allocate);
  const reader = new MergeReader(vocabulary);
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
  #bytes = new Uint8Array(1024);
  left = -1;
  right = -1;
  merged = -1;

  constructor(vocabulary: VocabularyTable) {
    this.#vocabulary = vocabulary;
  }

  /** False for a merge of characters outside the alphabet, which no text has. */
  read(merge: JsonValue): boolean {
    const whole = typeof merge === "string" ? merge : Array.isArray(merge) ? merge.join(" ") : "";
    const space = whole.indexOf(" ");
    if (this.#bytes.length < whole.length) this.#bytes = new Uint8Array(2 * whole.length);
    const bytes = this.#bytes;
    if (space < 0 || writeBytes(whole, 0, space, bytes, 0) < 0 || writeBytes(whole, space + 1, whole.length, bytes, space) < 0) return false;
    const end = whole.length - 1;
    let hash = HASH_SEED;
    for (let i = 0; i < space; i++) hash = hashByte(hash, bytes[i] as number);
    this.left = findToken(this.#vocabulary, bytes, 0, space, hash);
    let own = HASH_SEED;
    for (let i = space; i < end; i++) {
      hash = hashByte(hash, bytes[i] as number);
      own = hashByte(own, bytes[i] as number);
    }
    this.right = findToken(this.#vocabulary, bytes, space, end, own);
    this.merged = findToken(this.#vocabulary, bytes, 0, end, hash);
    return true;
  }
}
