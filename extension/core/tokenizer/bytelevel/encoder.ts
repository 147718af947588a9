import type { AlignedText } from "../normalize/alignedText";
import { prepend } from "../normalize/textSteps";
import { eachPiece } from "../split/pieces";
import { Scanner, astralClass } from "../split/scanner";
import { END_UNIT, PAIR, type SplitTables } from "../split/splitTables";
import type { StretchEncoder } from "../stretchEncoder";
import { MAX_CACHED_TOKENS, emitWord, packToken } from "../words/emit";
import { placeInOriginal } from "../words/original";
import type { TokenBuffer } from "../words/tokenBuffer";
import { MAX_CACHED_UNITS, PART, WHOLE, WordCache, type WordKind } from "../words/wordCache";
import type { CompiledByteLevel } from "./compile";
import { areJoined } from "./joints";
import { WordTokens } from "./wordTokens";

/** Units whose memory is kept for the next stretch. */
const MAX_KEPT_UNITS = 1 << 20;

const SEED = 0x2545f491;
const PRIME = 0x01000193;

/** From here on scripts write no spaces between words: Thai, ideographs, kana; and Hangul, emoji. */
const FIRST_UNSPACED = 0x0e00;

const withSpace = prepend(" ");

/** The last level, where it is of the kind that all known tokenizers have: words are what it finds, what is between, or both. */
interface LastLevel {
  readonly tables: SplitTables;
  readonly keepsFound: boolean;
  readonly keepsBetween: boolean;
}

/**
 * Encodes stretches of text with a byte-level tokenizer: splits them into words, each looked up in a cache. For one thread: the tables
 * are shared, the cache and the buffers are its own.
 */
export class ByteLevelEncoder implements StretchEncoder {
  readonly #compiled: CompiledByteLevel;
  readonly #scanners: readonly Scanner[];
  readonly #last: LastLevel | undefined;
  readonly #tokens: WordTokens;
  readonly #cache = new WordCache();
  readonly #packed = new Int32Array(MAX_CACHED_TOKENS);
  #units = new Uint16Array(4096);
  /** Where unit 0 stands in the text that the places are of. */
  #base = 0;

  constructor(compiled: CompiledByteLevel) {
    this.#compiled = compiled;
    this.#scanners = compiled.tables.levels.map(({ tables }) => new Scanner(tables));
    this.#last = lastLevel(compiled);
    this.#tokens = new WordTokens(compiled);
  }

  encode(stretch: AlignedText, base: number, _first: boolean, output: TokenBuffer): void {
    const prefixed = this.#compiled.prefixSpace && stretch.text !== "" && !stretch.text.startsWith(" ");
    const whole = prefixed ? withSpace(stretch) : stretch;
    const count = this.#load(whole.text);
    const first = output.count;
    this.#base = whole.spans === undefined ? base : 0;
    for (const scanner of this.#scanners) scanner.begin(count);
    if (count > 0) this.#split(0, 0, count, output);
    if (whole.spans !== undefined && output.placed) placeInOriginal(output, first, whole, base);
    if (this.#units.length > MAX_KEPT_UNITS) this.#units = new Uint16Array(4096);
  }

  /** One unit more than the text has is needed for its end. */
  #load(text: string): number {
    const count = text.length;
    if (this.#units.length <= count) this.#units = new Uint16Array(Math.max(count + 1, 2 * this.#units.length));
    const units = this.#units;
    for (let i = 0; i < count; i++) units[i] = text.charCodeAt(i);
    return count;
  }

  /** Splits a part of the text, which is one for itself, by this level and those behind it. */
  #split(level: number, from: number, to: number, output: TokenBuffer): void {
    const scanner = this.#scanners[level];
    const rule = this.#compiled.tables.levels[level];
    if (scanner === undefined || rule === undefined) {
      this.#word(from, to, output);
      return;
    }
    const units = this.#units;
    const behind = units[to] as number;
    units[to] = END_UNIT;
    const isLast = this.#last !== undefined && level === this.#scanners.length - 1;
    const done = isLast ? this.#words(this.#last, from, to, output) : from;
    if (done < to) eachPiece(scanner, rule.behavior, rule.invert, units, done, to, (start, end) => this.#split(level + 1, start, end, output));
    units[to] = behind;
  }

  /**
   * The last level, its scanner and the cache in one loop. Returns how far it came: all the way, but for expressions that make it
   * read the same again and again.
   */
  #words({ tables, keepsFound, keepsBetween }: LastLevel, from: number, to: number, output: TokenBuffer): number {
    const { units: classes, transitions, blocks, astral, stride } = tables;
    const units = this.#units;
    let budget = 4 * (to - from) + 4096;
    let start = from;
    while (start < to && budget > 0) {
      let state = stride;
      let at = start;
      let end = start;
      let hash = SEED;
      let endHash = SEED;
      do {
        const unit = units[at] as number;
        let one = classes[unit] as number;
        if (one === PAIR) {
          // Both halves count for the hash; the state changes once.
          const low = units[at + 1] as number;
          one = astralClass(blocks, astral, unit, low);
          const entry = transitions[state + one] as number;
          if ((entry & 1) !== 0) {
            end = at;
            endHash = hash;
          }
          state = entry >>> 1;
          hash = Math.imul(Math.imul(hash ^ unit, PRIME) ^ low, PRIME);
          at += 2;
        } else {
          const entry = transitions[state + one] as number;
          if ((entry & 1) !== 0) {
            end = at;
            endHash = hash;
          }
          state = entry >>> 1;
          hash = Math.imul(hash ^ unit, PRIME);
          at++;
        }
      } while (state !== 0);
      budget -= at - end;
      if (end === start) {
        start = this.#between(start, to, keepsBetween, output);
        continue;
      }
      if (keepsFound) this.#known(start, end, endHash, output);
      start = end;
    }
    return start;
  }

  /** A stretch in which nothing is found, a word too; returns where it ends. */
  #between(from: number, to: number, keeps: boolean, output: TokenBuffer): number {
    const scanner = this.#scanners[this.#scanners.length - 1] as Scanner;
    const end = scanner.find(this.#units, from, to) ? scanner.start : to;
    if (keeps) this.#word(from, end, output);
    return end;
  }

  #word(from: number, to: number, output: TokenBuffer): void {
    let hash = SEED;
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ (this.#units[i] as number), PRIME);
    this.#known(from, to, hash, output);
  }

  #known(start: number, end: number, hash: number, output: TokenBuffer): void {
    const length = end - start;
    const record = length > MAX_CACHED_UNITS ? 0 : this.#cache.find(this.#units, start, length, hash, WHOLE);
    if (record !== 0) emitWord(this.#cache, record, length, this.#base + start, output);
    else if ((this.#units[end - 1] as number) >= FIRST_UNSPACED && this.#tokens.isOfParts(this.#units, start, length)) this.#parts(start, end, output);
    else if (length > MAX_CACHED_UNITS) this.#long(start, end, false, output);
    else emitWord(this.#cache, this.#keep(start, length, hash, WHOLE), length, this.#base + start, output);
  }

  /** A word of a script without spaces, cut where it may be. */
  #parts(from: number, to: number, output: TokenBuffer): void {
    const units = this.#units;
    const { joints } = this.#compiled.tables;
    for (let start = from; start < to; ) {
      let unit = units[start] as number;
      let hash = Math.imul(SEED ^ unit, PRIME);
      let end = start + 1;
      for (; end < to; end++) {
        const next = units[end] as number;
        if (unit >= FIRST_UNSPACED && next >= FIRST_UNSPACED && !areJoined(joints, unit, next)) break;
        hash = Math.imul(hash ^ next, PRIME);
        unit = next;
      }
      const length = end - start;
      if (length > MAX_CACHED_UNITS) this.#long(start, end, true, output);
      else {
        const record = this.#cache.find(units, start, length, hash, PART);
        emitWord(this.#cache, record === 0 ? this.#keep(start, length, hash, PART) : record, length, this.#base + start, output);
      }
      start = end;
    }
  }

  #keep(start: number, length: number, hash: number, kind: WordKind): number {
    const tokens = this.#tokens;
    tokens.find(this.#units, start, length, kind === PART);
    const packed = this.#packed;
    for (let i = 0; i < tokens.count; i++) packed[i] = packToken(tokens.ids[i] as number, tokens.starts[i] as number, tokens.ends[i] as number);
    return this.#cache.add(this.#units, start, length, hash, kind, packed, 0, tokens.count);
  }

  #long(start: number, end: number, isPart: boolean, output: TokenBuffer): void {
    const tokens = this.#tokens;
    tokens.find(this.#units, start, end - start, isPart);
    const place = this.#base + start;
    for (let i = 0; i < tokens.count; i++) output.add(tokens.ids[i] as number, place + (tokens.starts[i] as number), place + (tokens.ends[i] as number));
    tokens.release();
  }
}

function lastLevel({ tables: { levels } }: CompiledByteLevel): LastLevel | undefined {
  const level = levels.at(-1);
  if (level === undefined || (level.behavior !== "isolated" && level.behavior !== "removed")) return undefined;
  const { behavior, invert, tables } = level;
  return { tables, keepsFound: behavior === "isolated" || invert, keepsBetween: behavior === "isolated" || !invert };
}
