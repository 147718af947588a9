import type { CompiledSentencePiece, SentencePieceTables } from "./compile";
import { MARK_UNIT } from "./compile";
import { areJoined } from "./joints";
import { Symbols } from "./symbols";
import type { TokenBuffer } from "./tokenBuffer";
import { MAX_CACHED_UNITS, WordCache } from "./wordCache";

const MARK = 0x2581;

/**
 * Encodes stretches of text, by words that BPE cannot cross (joints.ts says why), each looked up in a cache. For one thread: the
 * tables are shared, the cache and the buffers are its own.
 */
export class SentencePieceEncoder {
  readonly #tables: SentencePieceTables;
  readonly #unknownId: number;
  readonly #fuse: boolean;
  readonly #symbols: Symbols;
  readonly #cache = new WordCache();
  readonly #places = new Uint16Array(4 * MAX_CACHED_UNITS);
  #units = new Uint16Array(4096);

  constructor({ tables, shape, unknownId }: CompiledSentencePiece) {
    this.#tables = tables;
    this.#unknownId = unknownId;
    this.#fuse = shape.fuseUnknown && !shape.byteFallback;
    this.#symbols = new Symbols(tables.merges);
  }

  /**
   * Adds the tokens of `text[start, end)`, which is well-formed, with their places in `text`.
   * @param prefixed whether ▁ stands before it; what covers only that has the place of the first character.
   */
  encode(text: string, start: number, end: number, prefixed: boolean, output: TokenBuffer): void {
    if (start === end) return;
    const prefix = prefixed ? 1 : 0;
    const count = this.#load(text, start, end, prefix);
    const first = output.count;
    this.#words(count, start - prefix, output);
    if (prefixed) {
      output.starts[first] = start;
      if (output.ends[first] === start) output.ends[first] = start + ((text.codePointAt(start) as number) > 0xffff ? 2 : 1);
    }
    if (this.#units.length > MAX_KEPT_UNITS) this.#units = new Uint16Array(4096);
  }

  #load(text: string, start: number, end: number, prefix: number): number {
    const count = end - start + prefix;
    if (this.#units.length < count) this.#units = new Uint16Array(Math.max(count, 2 * this.#units.length));
    const units = this.#units;
    if (prefix === 1) units[0] = MARK_UNIT;
    for (let from = start, to = prefix; from < end; from++, to++) {
      const unit = text.charCodeAt(from);
      units[to] = unit === MARK ? MARK_UNIT : unit;
    }
    return count;
  }

  #words(count: number, base: number, output: TokenBuffer): void {
    const units = this.#units;
    const { joints, unitIds } = this.#tables;
    const fuse = this.#fuse;
    let at = 0;
    while (at < count) {
      const start = at;
      let unit = units[at++] as number;
      let hash = unit;
      while (at < count) {
        const next = units[at] as number;
        if (!areJoined(joints, unit, next) && !(fuse && (unitIds[unit] as number) < 0 && (unitIds[next] as number) < 0)) break;
        hash = (Math.imul(hash, 0x01000193) ^ next) | 0;
        unit = next;
        at++;
      }
      const length = at - start;
      if (length === 1 && (unitIds[unit] as number) >= 0) output.add(unitIds[unit] as number, base + start, base + at);
      else this.#word(start, length, hash ^ (hash >>> 15), base, output);
    }
  }

  #word(start: number, length: number, hash: number, base: number, output: TokenBuffer): void {
    const cache = this.#cache;
    if (length > MAX_CACHED_UNITS) {
      const symbols = this.#merged(start, length);
      for (let i = 0; i < symbols.count; i++) output.add(symbols.ids[i] as number, base + (symbols.starts[i] as number), base + (symbols.ends[i] as number));
      symbols.release();
      return;
    }
    if (!cache.find(this.#units, start, length, hash)) this.#keep(start, length, hash);
    const { ids, places, first, count } = cache;
    for (let i = first; i < first + count; i++) {
      const place = places[i] as number;
      output.add(ids[i] as number, base + start + (place >>> 8), base + start + (place & 0xff));
    }
  }

  #keep(start: number, length: number, hash: number): void {
    const symbols = this.#merged(start, length);
    const places = this.#places;
    for (let i = 0; i < symbols.count; i++) places[i] = (((symbols.starts[i] as number) - start) << 8) | ((symbols.ends[i] as number) - start);
    this.#cache.add(this.#units, start, length, hash, symbols.ids, places, 0, symbols.count);
    this.#cache.find(this.#units, start, length, hash);
  }

  #merged(start: number, length: number): Symbols {
    const symbols = this.#symbols;
    symbols.count = 0;
    const units = this.#units;
    const { unitIds } = this.#tables;
    for (let at = start; at < start + length; at++) {
      const unit = units[at] as number;
      const id = unitIds[unit] as number;
      if (id >= 0) symbols.add(id, at, at + 1);
      else if ((unit & 0xfc00) === 0xd800) this.#addPair(at++);
      else this.#addUnknown(unit, at, at + 1);
    }
    symbols.merge();
    return symbols;
  }

  #addPair(at: number): void {
    const code = (((this.#units[at] as number) & 0x3ff) << 10) + ((this.#units[at + 1] as number) & 0x3ff) + 0x10000;
    const id = this.#pairId(code);
    if (id >= 0) this.#symbols.add(id, at, at + 2);
    else this.#addUnknown(code, at, at + 2);
  }

  #pairId(code: number): number {
    const { pairIds } = this.#tables;
    let low = 0;
    let high = pairIds.length >> 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairIds[2 * middle] as number) < code) low = middle + 1;
      else high = middle;
    }
    return pairIds[2 * low] === code ? (pairIds[2 * low + 1] as number) : -1;
  }

  /** A character without a token: its bytes, each with the character's place, or the unknown token. */
  #addUnknown(code: number, start: number, end: number): void {
    const symbols = this.#symbols;
    const { byteIds } = this.#tables;
    if (byteIds.length === 0) {
      const last = symbols.count - 1;
      if (this.#fuse && last >= 0 && symbols.ids[last] === this.#unknownId) symbols.ends[last] = end;
      else symbols.add(this.#unknownId, start, end);
      return;
    }
    if (code < 0x80) symbols.add(byteIds[code] as number, start, end);
    else if (code < 0x800) symbols.add(byteIds[0xc0 | (code >> 6)] as number, start, end);
    else if (code < 0x10000) symbols.add(byteIds[0xe0 | (code >> 12)] as number, start, end);
    else {
      symbols.add(byteIds[0xf0 | (code >> 18)] as number, start, end);
      symbols.add(byteIds[0x80 | ((code >> 12) & 63)] as number, start, end);
    }
    if (code >= 0x800) symbols.add(byteIds[0x80 | ((code >> 6) & 63)] as number, start, end);
    if (code >= 0x80) symbols.add(byteIds[0x80 | (code & 63)] as number, start, end);
  }
}

/** Units whose memory is kept for the next stretch. */
const MAX_KEPT_UNITS = 1 << 20;
