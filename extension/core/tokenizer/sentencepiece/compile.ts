import type { JsonObject, JsonValue } from "../../dataset/conversation";
import type { Unsupported } from "../normalize/normalizer";
import { JOINTS_SIZE, markJoints } from "./joints";
import { type MergeTable, addMerge, createMergeTable } from "./mergeTable";
import { SPACE_MARK, type SentencePieceShape, sentencePieceShape } from "./shape";

/** Everything that encoding needs, in typed arrays that threads can share. Unit 32 stands for ▁ in all of them: no text has spaces here. */
export interface SentencePieceTables {
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
  readonly tables: SentencePieceTables;
}

/** Where a space stands in the tables, and ▁ with it. */
export const MARK_UNIT = 0x20;

/** Ranks above make a heap's numbers inexact. */
const MAX_MERGES = 2 ** 25;

/**
 * Makes the tables of a SentencePiece-style BPE tokenizer.
 * @param tokenizer a parsed tokenizer.json. @param allocate gives memory, which hosts may let threads share.
 * @returns why not, where it has something that the fast path does not know.
 */
export function compileSentencePiece(tokenizer: JsonObject, allocate: (byteLength: number) => ArrayBufferLike): CompiledSentencePiece | Unsupported {
  const shape = sentencePieceShape(tokenizer);
  if ("unsupported" in shape) return shape;
  const { vocab, merges } = tokenizer["model"] as JsonObject;
  const ids = new Map(Object.entries(vocab as { readonly [token: string]: number }));
  const unknownId = shape.unknownToken === undefined ? -1 : (ids.get(shape.unknownToken) ?? -1);
  const byteIds = shape.byteFallback ? byteTokenIds(ids) : new Int32Array(0);
  if (byteIds === undefined) return { unsupported: "it falls back to bytes, but has no token for some of them" };
  if (!shape.byteFallback && unknownId < 0) return { unsupported: "it has no token for unknown characters" };
  if (!ids.has(SPACE_MARK)) return { unsupported: `it has no token for ${SPACE_MARK}` };
  const list = (merges ?? []) as readonly JsonValue[];
  if (list.length > MAX_MERGES) return { unsupported: `it has more than ${MAX_MERGES} merges` };
  const compiled = compileMerges(list, ids, shape, unknownId, allocate);
  if ("unsupported" in compiled) return compiled;
  const characters = characterIds(ids, allocate);
  const shared = new Int32Array(allocate(byteIds.byteLength), 0, byteIds.length);
  shared.set(byteIds);
  return { shape, unknownId, tables: { ...compiled, ...characters, byteIds: shared } };
}

/** Undefined where a character could need a byte that has no token. */
function byteTokenIds(ids: ReadonlyMap<string, number>): Int32Array | undefined {
  const result = Int32Array.from({ length: 256 }, (_, byte) => ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`) ?? -1);
  const needed = (byte: number): boolean => (byte < 0x80 ? !ids.has(String.fromCharCode(byte)) : byte < 0xc0 || (byte >= 0xc2 && byte <= 0xf4));
  return result.every((id, byte) => id >= 0 || byte === MARK_UNIT || !needed(byte)) ? result : undefined;
}

function compileMerges(
  list: readonly JsonValue[],
  ids: ReadonlyMap<string, number>,
  shape: SentencePieceShape,
  unknownId: number,
  allocate: (byteLength: number) => ArrayBufferLike,
): Pick<SentencePieceTables, "merges" | "joints"> | Unsupported {
  const table = createMergeTable(list.length, allocate);
  const joints = new Uint8Array(allocate(JOINTS_SIZE), 0, JOINTS_SIZE);
  for (const [rank, merge] of list.entries()) {
    const [left, right] = partsOf(merge);
    const leftId = ids.get(left);
    const rightId = ids.get(right);
    const merged = left + right;
    const id = ids.get(merged);
    if (leftId === undefined || rightId === undefined || id === undefined) return { unsupported: `merge ${rank + 1} is of tokens that it does not have` };
    // Such symbols stand for other text than they say: what follows from the text of tokens would not hold.
    if (BYTE_TOKEN.test(left) || BYTE_TOKEN.test(right) || leftId === unknownId || rightId === unknownId) return { unsupported: "it merges tokens of bytes" };
    addMerge(table, leftId, rightId, rank, id);
    if (!merged.includes(" ")) markJoints(joints, merged, shape.splitAtMarks);
  }
  return { merges: table, joints };
}

const BYTE_TOKEN = /^<0x[0-9A-F]{2}>$/;

function partsOf(merge: JsonValue): readonly [string, string] {
  if (typeof merge === "string") {
    const at = merge.indexOf(" ");
    return [merge.slice(0, at), merge.slice(at + 1)];
  }
  const [left, right] = Array.isArray(merge) ? (merge as readonly JsonValue[]) : [];
  // A merge of anything but two strings joins no tokens.
  return [typeof left === "string" ? left : "", typeof right === "string" ? right : ""];
}

function characterIds(ids: ReadonlyMap<string, number>, allocate: (byteLength: number) => ArrayBufferLike): Pick<SentencePieceTables, "unitIds" | "pairIds"> {
  const unitIds = new Int32Array(allocate(4 * 0x10000), 0, 0x10000).fill(-1);
  const pairs: [number, number][] = [];
  for (const [token, id] of ids) {
    const code = token.codePointAt(0) ?? 0;
    if (token.length === 1) unitIds[code] = id;
    else if (token.length === 2 && code > 0xffff) pairs.push([code, id]);
  }
  unitIds[MARK_UNIT] = ids.get(SPACE_MARK) ?? -1;
  pairs.sort((a, b) => a[0] - b[0]);
  const pairIds = new Int32Array(allocate(8 * pairs.length), 0, 2 * pairs.length);
  pairIds.set(pairs.flat());
  return { unitIds, pairIds };
}
