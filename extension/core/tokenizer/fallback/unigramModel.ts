import type { JsonObject, JsonValue } from "../../dataset/conversation";
import type { Unsupported } from "../normalize/normalizer";
import { PrefixTrie } from "./prefixTrie";
import type { AddToken, WordModel } from "./wordModel";
import { byteTokenText } from "../decode/byteAlphabet";

/** What an unknown character costs more than the worst piece. */
const UNKNOWN_PENALTY = 10;

/** Unigram: of all ways to write a word in pieces the one with the highest sum of scores. */
export function createUnigramModel(model: JsonObject): WordModel | Unsupported {
  const pieces = (model["vocab"] ?? []) as readonly (readonly [string, number])[];
  const unknownId = model["unk_id"];
  const vocabulary = pieces[typeof unknownId === "number" ? unknownId : -1];
  if (typeof unknownId !== "number" || vocabulary === undefined) return { unsupported: "it has no token for unknown characters" };
  const trie = new PrefixTrie();
  const scores = Float64Array.from(pieces, ([, score]) => score);
  for (const [id, [piece]] of pieces.entries()) if (piece !== "") trie.add(piece, id);
  const lowest = scores.reduce((low, score) => Math.min(low, score), Infinity);
  const ids = new Map(pieces.map(([piece], id) => [piece, id]));
  return new UnigramModel({ trie, scores, unknownId, unknownScore: lowest - UNKNOWN_PENALTY, ids, byteIds: byteIdsOf(model["byte_fallback"], ids) });
}

interface UnigramTables {
  readonly trie: PrefixTrie;
  readonly scores: Float64Array;
  readonly unknownId: number;
  readonly unknownScore: number;
  readonly ids: ReadonlyMap<string, number>;
  /** Undefined where characters do not fall back to bytes. */
  readonly byteIds: readonly (number | undefined)[] | undefined;
}

function byteIdsOf(fallback: JsonValue | undefined, ids: ReadonlyMap<string, number>): readonly (number | undefined)[] | undefined {
  if (fallback !== true) return undefined;
  return Array.from({ length: 256 }, (_, byte) => ids.get(byteTokenText(byte)));
}

const utf8 = new TextEncoder();

class UnigramModel implements WordModel {
  readonly #tables: UnigramTables;
  /** For each place in the word the best way to get there: its score, where its last piece begins (-1: none yet), that piece. */
  #best = new Float64Array(64);
  #begins = new Int32Array(64);
  #pieces = new Int32Array(64);

  constructor(tables: UnigramTables) {
    this.#tables = tables;
  }

  encode(word: string, add: AddToken): void {
    this.#search(word);
    const cuts = this.#cuts(word.length);
    for (let i = cuts.length - 1; i > 0; i--) this.#token(word, cuts[i] as number, cuts[i - 1] as number, add);
  }

  #search(word: string): void {
    const { trie, scores, unknownId, unknownScore } = this.#tables;
    this.#reset(word.length + 1);
    let width: number;
    for (let start = 0; start < word.length; start += width) {
      width = (word.codePointAt(start) as number) > 0xffff ? 2 : 1;
      let single = false;
      let node = 0;
      for (let end = start; end < word.length; ) {
        node = trie.child(node, word.charCodeAt(end++));
        if (node < 0) break;
        const id = trie.value(node);
        if (id < 0) continue;
        this.#offer(start, end, scores[id] as number, id);
        if (end - start === width) single = true;
      }
      if (!single) this.#offer(start, start + width, unknownScore, unknownId);
    }
  }

  #reset(count: number): void {
    if (this.#best.length < count) {
      this.#best = new Float64Array(2 * count);
      this.#begins = new Int32Array(2 * count);
      this.#pieces = new Int32Array(2 * count);
    }
    this.#best[0] = 0;
    this.#begins.fill(-1, 0, count);
  }

  #offer(start: number, end: number, score: number, id: number): void {
    const candidate = score + (this.#best[start] as number);
    if ((this.#begins[end] as number) >= 0 && candidate <= (this.#best[end] as number)) return;
    this.#best[end] = candidate;
    this.#begins[end] = start;
    this.#pieces[end] = id;
  }

  /** The places between the tokens from the end to the start; unknown characters in a row are one token. */
  #cuts(length: number): readonly number[] {
    const { unknownId } = this.#tables;
    const cuts = [length];
    for (let end = length; end > 0; ) {
      const start = this.#begins[end] as number;
      const unknown = this.#pieces[end] === unknownId;
      if (unknown && start > 0 && this.#pieces[start] === unknownId) {
        end = start;
        continue;
      }
      cuts.push(start);
      end = start;
    }
    return cuts;
  }

  #token(word: string, start: number, end: number, add: AddToken): void {
    const { ids, unknownId, byteIds } = this.#tables;
    const piece = word.slice(start, end);
    const id = ids.get(piece);
    const bytes = id === undefined && byteIds !== undefined ? Array.from(utf8.encode(piece), (byte) => byteIds[byte]) : [];
    if (bytes.length === 0 || bytes.includes(undefined)) add(id ?? unknownId, start, end);
    else for (const byte of bytes) add(byte as number, start, end);
  }
}
