import { Symbols } from "../bpe/symbols";
import type { AlignedText } from "../normalize/alignedText";
import type { StretchEncoder } from "../stretchEncoder";
import { MAX_CACHED_TOKENS, emitWord, packToken } from "../words/emit";
import { placeInOriginal } from "../words/original";
import type { TokenBuffer } from "../words/tokenBuffer";
import { MAX_CACHED_UNITS, WHOLE, WordCache } from "../words/wordCache";
import type { CompiledSentencePiece, SentencePieceTables } from "./compile";
import { areJoined } from "./joints";
import { MARK_UNIT, marked } from "./mark";
import type { PrefixRule } from "./shape";

const PRIME = 0x01000193;

/** Units whose memory is kept for the next stretch. */
const MAX_KEPT_UNITS = 1 << 20;

/**
 * Encodes stretches of text, by words that BPE cannot cross (joints.ts says why), each looked up in a cache. For one thread: the
 * tables are shared, the cache and the buffers are its own.
 */
export class SentencePieceEncoder implements StretchEncoder {
  readonly #tables: SentencePieceTables;
  readonly #prefix: PrefixRule;
  readonly #unknownId: number;
  readonly #fuse: boolean;
  readonly #symbols: Symbols;
  readonly #cache = new WordCache();
  readonly #packed = new Int32Array(MAX_CACHED_TOKENS);
  #units = new Uint16Array(4096);

  /** @param prefix the rule to follow; another than the shape's where the text that comes has the space already. */
  constructor({ tables, shape, unknownId }: CompiledSentencePiece, prefix: PrefixRule) {
    this.#tables = tables;
    this.#prefix = prefix;
    this.#unknownId = unknownId;
    this.#fuse = shape.fuseUnknown && !shape.byteFallback;
    this.#symbols = new Symbols(tables.merges);
  }

  encode(stretch: AlignedText, base: number, isFirst: boolean, output: TokenBuffer): void {
    const { text, spans } = stretch;
    if (text === "") return;
    const prefix = this.#isPrefixed(text, isFirst) ? 1 : 0;
    const count = this.#load(text, prefix);
    const first = output.count;
    const start = spans === undefined ? base : 0;
    this.#words(count, start - prefix, output);
    if (output.placed) {
      if (prefix === 1) this.#placePrefix(output, first, start, (text.codePointAt(0) as number) > 0xffff ? 2 : 1);
      if (spans !== undefined) placeInOriginal(output, first, stretch, base);
    }
    if (this.#units.length > MAX_KEPT_UNITS) this.#units = new Uint16Array(4096);
  }

  #isPrefixed(text: string, isFirst: boolean): boolean {
    if (this.#prefix === "never" || (this.#prefix === "firstUnlessSpaced" && !isFirst)) return false;
    return this.#prefix === "always" || marked(text.charCodeAt(0)) !== MARK_UNIT;
  }

  /** What stands for the space that was put before the text has the place of the first character. */
  #placePrefix({ offsets }: TokenBuffer, first: number, start: number, size: number): void {
    offsets[2 * first] = start;
    if (offsets[2 * first + 1] === start) offsets[2 * first + 1] = start + size;
  }

  #load(text: string, prefix: number): number {
    const count = text.length + prefix;
    if (this.#units.length < count) this.#units = new Uint16Array(Math.max(count, 2 * this.#units.length));
    const units = this.#units;
    if (prefix === 1) units[0] = MARK_UNIT;
    for (let from = 0, to = prefix; to < count; from++, to++) units[to] = marked(text.charCodeAt(from));
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
        hash = Math.imul(hash, PRIME) ^ next;
        unit = next;
        at++;
      }
      const length = at - start;
      if (length === 1 && (unitIds[unit] as number) >= 0) output.add(unitIds[unit] as number, base + start, base + at);
      else this.#word(start, length, hash, base + start, output);
    }
  }

  #word(start: number, length: number, hash: number, place: number, output: TokenBuffer): void {
    if (length > MAX_CACHED_UNITS) {
      this.#long(start, length, place, output);
      return;
    }
    const cache = this.#cache;
    const found = cache.find(this.#units, start, length, hash, WHOLE);
    emitWord(cache, found === 0 ? this.#keep(start, length, hash) : found, length, place, output);
  }

  #keep(start: number, length: number, hash: number): number {
    this.#merge(start, length);
    const { ids, ends, count } = this.#symbols;
    const packed = this.#packed;
    let from = start;
    for (let i = 0; i < count; i++) {
      packed[i] = packToken(ids[i] as number, from - start, this.#endOf(i, from) - start);
      from = ends[i] as number;
    }
    return this.#cache.add(this.#units, start, length, hash, WHOLE, packed, 0, count);
  }

  #long(start: number, length: number, place: number, output: TokenBuffer): void {
    this.#merge(start, length);
    const { ids, ends, count } = this.#symbols;
    let from = start;
    for (let i = 0; i < count; i++) {
      output.add(ids[i] as number, place + from - start, place + this.#endOf(i, from) - start);
      from = ends[i] as number;
    }
    this.#symbols.release();
  }

  /** Bytes of a character, but for the last one, end where they begin: each has the place of the whole character. */
  #endOf(symbol: number, start: number): number {
    const end = this.#symbols.ends[symbol] as number;
    return end > start ? end : start + (((this.#units[start] as number) & 0xfc00) === 0xd800 ? 2 : 1);
  }

  // ── one word ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  #merge(start: number, length: number): void {
    const symbols = this.#symbols;
    symbols.count = 0;
    const units = this.#units;
    const { unitIds } = this.#tables;
    for (let at = start; at < start + length; at++) {
      const unit = units[at] as number;
      const id = unitIds[unit] as number;
      if (id >= 0) symbols.add(id, at + 1);
      else if ((unit & 0xfc00) === 0xd800) this.#addPair(at++);
      else this.#addUnknown(unit, at, at + 1);
    }
    symbols.merge();
  }

  #addPair(at: number): void {
    const code = (((this.#units[at] as number) & 0x3ff) << 10) + ((this.#units[at + 1] as number) & 0x3ff) + 0x10000;
    const id = this.#pairId(code);
    if (id >= 0) this.#symbols.add(id, at + 2);
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

  /** A character without a token: its bytes, or the unknown token. */
  #addUnknown(code: number, start: number, end: number): void {
    const symbols = this.#symbols;
    const { byteIds } = this.#tables;
    if (byteIds.length === 0) {
      const last = symbols.count - 1;
      if (this.#fuse && last >= 0 && symbols.ids[last] === this.#unknownId) symbols.ends[last] = end;
      else symbols.add(this.#unknownId, end);
      return;
    }
    if (code < 0x80) {
      symbols.add(byteIds[code] as number, end);
      return;
    }
    if (code < 0x800) symbols.add(byteIds[0xc0 | (code >> 6)] as number, start);
    else {
      if (code < 0x10000) symbols.add(byteIds[0xe0 | (code >> 12)] as number, start);
      else {
        symbols.add(byteIds[0xf0 | (code >> 18)] as number, start);
        symbols.add(byteIds[0x80 | ((code >> 12) & 63)] as number, start);
      }
      symbols.add(byteIds[0x80 | ((code >> 6) & 63)] as number, start);
    }
    symbols.add(byteIds[0x80 | (code & 63)] as number, end);
  }
}
