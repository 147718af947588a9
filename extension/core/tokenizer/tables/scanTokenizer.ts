import type { JsonObject } from "../../dataset/conversation";
import { decodeUtf8 } from "../../jsonl/utf8";

/** Where the tokens and merges of a tokenizer.json stand in its bytes: strings `[start, end)` without their quotes. */
export interface ScannedLists {
  readonly bytes: Uint8Array;
  /** Start, end and id of each token in turn. */
  readonly vocab: Int32Array;
  /** Start and end of the left token and of the right one, for each merge in turn. */
  readonly merges: Int32Array;
  /** The strings that are written with escapes, by their starts. */
  readonly escaped: ReadonlyMap<number, string>;
}

export interface ScannedTokenizer {
  /** The parsed tokenizer.json, but for `model.vocab` and `model.merges`, which are empty. */
  readonly json: JsonObject;
  readonly lists: ScannedLists;
}

/**
 * Finds the vocabulary and the merges of a BPE tokenizer.json without making an object of half a million strings, which takes longer than
 * all the rest. Undefined for anything that is not as tokenizers write it, broken or not: the JSON parser is to say what it is.
 */
export function scanTokenizer(bytes: Uint8Array): ScannedTokenizer | undefined {
  try {
    return new TokenizerScanner(bytes).scan();
  } catch (error) {
    if (error === NOT_AS_USUAL || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const NOT_AS_USUAL = new Error("not a tokenizer.json as it is usually written");

const [TAB, SPACE, QUOTE, COMMA, MINUS, ZERO, NINE, COLON] = [0x09, 0x20, 0x22, 0x2c, 0x2d, 0x30, 0x39, 0x3a] as const;
const [OPEN_LIST, ESCAPE, CLOSE_LIST, OPEN, CLOSE] = [0x5b, 0x5c, 0x5d, 0x7b, 0x7d] as const;

/** Larger numbers are no ids. */
const MAX_DIGITS = 9;

class TokenizerScanner {
  readonly #bytes: Uint8Array;
  readonly #escaped = new Map<number, string>();
  #at = 0;
  /** The last string: its bytes without the quotes, and whether it has escapes. */
  #start = 0;
  #end = 0;
  #isEscaped = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  scan(): ScannedTokenizer {
    let lists: Parts | undefined;
    this.#members((key) => {
      if (key !== "model") this.#skip();
      else if (lists === undefined) lists = this.#model();
      else throw NOT_AS_USUAL;
    });
    this.#spaces();
    if (lists === undefined || this.#at !== this.#bytes.length) throw NOT_AS_USUAL;
    const { vocab, merges } = lists;
    return { json: this.#rest(vocab, merges), lists: { bytes: this.#bytes, vocab: vocab.numbers, merges: merges.numbers, escaped: this.#escaped } };
  }

  #model(): Parts {
    const found: { vocab?: Part; merges?: Part } = {};
    this.#members((key) => {
      if (key !== "vocab" && key !== "merges") this.#skip();
      else if (found[key] !== undefined) throw NOT_AS_USUAL;
      else found[key] = this.#part((numbers) => (key === "vocab" ? this.#vocab(numbers) : this.#merges(numbers)));
    });
    const { vocab, merges } = found;
    if (vocab === undefined || merges === undefined) throw NOT_AS_USUAL;
    return { vocab, merges };
  }

  #part(read: (numbers: Numbers) => void): Part {
    this.#spaces();
    const start = this.#at;
    const numbers = new Numbers();
    read(numbers);
    return { start, end: this.#at, numbers: numbers.taken() };
  }

  /** The whole but for the two lists, of which nothing but their brackets is left. */
  #rest(...parts: readonly [Part, Part]): JsonObject {
    const [first, second] = parts[0].start < parts[1].start ? parts : [parts[1], parts[0]];
    const text = (from: number, to: number): string => decodeUtf8(this.#bytes.subarray(from, to)).text;
    return JSON.parse(text(0, first.start + 1) + text(first.end - 1, second.start + 1) + text(second.end - 1, this.#bytes.length)) as JsonObject;
  }

  #vocab(numbers: Numbers): void {
    this.#expect(OPEN);
    if (this.#isNext(CLOSE)) return;
    do {
      this.#string();
      this.#decodeEscapes(this.#start, this.#end);
      numbers.add(this.#start, this.#end);
      this.#expect(COLON);
      numbers.add(this.#integer());
    } while (this.#isNext(COMMA));
    this.#expect(CLOSE);
  }

  #merges(numbers: Numbers): void {
    this.#expect(OPEN_LIST);
    if (this.#isNext(CLOSE_LIST)) return;
    do {
      if (this.#isNext(OPEN_LIST)) this.#pair(numbers);
      else this.#spacedPair(numbers);
    } while (this.#isNext(COMMA));
    this.#expect(CLOSE_LIST);
  }

  #pair(numbers: Numbers): void {
    this.#string();
    this.#decodeEscapes(this.#start, this.#end);
    numbers.add(this.#start, this.#end);
    this.#expect(COMMA);
    this.#string();
    this.#decodeEscapes(this.#start, this.#end);
    numbers.add(this.#start, this.#end);
    this.#expect(CLOSE_LIST);
  }

  #spacedPair(numbers: Numbers): void {
    this.#string();
    let space = this.#start;
    while (space < this.#end && this.#bytes[space] !== SPACE) space++;
    if (space === this.#end) throw NOT_AS_USUAL;
    if (this.#decodeEscapes(this.#start, space)?.includes(" ") === true) throw NOT_AS_USUAL;
    this.#decodeEscapes(space + 1, this.#end);
    numbers.add(this.#start, space);
    numbers.add(space + 1, this.#end);
  }

  /** Keeps the text of a part of the last string, where it has escapes. */
  #decodeEscapes(start: number, end: number): string | undefined {
    if (!this.#isEscaped || !this.#bytes.subarray(start, end).includes(ESCAPE)) return undefined;
    const text = JSON.parse(`"${decodeUtf8(this.#bytes.subarray(start, end)).text}"`) as string;
    if (!text.isWellFormed()) throw NOT_AS_USUAL;
    this.#escaped.set(start, text);
    return text;
  }

  // ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The members of the object here; the value is for `take` to pass. */
  #members(take: (key: string) => void): void {
    this.#expect(OPEN);
    if (this.#isNext(CLOSE)) return;
    do {
      this.#string();
      if (this.#isEscaped) throw NOT_AS_USUAL;
      const key = String.fromCharCode(...this.#bytes.subarray(this.#start, Math.min(this.#end, this.#start + MAX_KEY)));
      this.#expect(COLON);
      take(key);
    } while (this.#isNext(COMMA));
    this.#expect(CLOSE);
  }

  #spaces(): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let byte = bytes[at]; byte === SPACE || (byte !== undefined && byte >= TAB && byte <= 0x0d && byte !== 0x0b && byte !== 0x0c); byte = bytes[at]) at++;
    this.#at = at;
  }

  #isNext(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte) {
      this.#spaces();
      if (this.#bytes[this.#at] !== byte) return false;
    }
    this.#at++;
    return true;
  }

  #expect(byte: number): void {
    if (!this.#isNext(byte)) throw NOT_AS_USUAL;
  }

  #string(): void {
    this.#expect(QUOTE);
    const bytes = this.#bytes;
    let at = this.#at;
    let isEscaped = false;
    for (let byte = bytes[at]; byte !== QUOTE; byte = bytes[at]) {
      if (byte === undefined || byte < SPACE) throw NOT_AS_USUAL;
      if (byte >= 0x80) at += sequenceLength(bytes, at);
      else if (byte === ESCAPE) {
        isEscaped = true;
        at += 2;
      } else at++;
    }
    this.#start = this.#at;
    this.#end = at;
    this.#isEscaped = isEscaped;
    this.#at = at + 1;
  }

  #integer(): number {
    this.#spaces();
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    let value = 0;
    for (let byte = bytes[at] as number; byte >= ZERO && byte <= NINE; byte = bytes[at] as number) {
      value = 10 * value + (byte - ZERO);
      at++;
    }
    this.#at = at;
    const isPlain = at > start && at - start <= MAX_DIGITS && (bytes[start] !== ZERO || at === start + 1);
    // What follows a number that is no integer is neither a comma nor a bracket.
    if (!isPlain) throw NOT_AS_USUAL;
    return value;
  }

  /** Passes a value of any kind; whether it is JSON is for the parser to say, which reads it later. */
  #skip(): void {
    this.#spaces();
    const bytes = this.#bytes;
    let depth = 0;
    do {
      const byte = bytes[this.#at];
      if (byte === undefined) throw NOT_AS_USUAL;
      if (byte === QUOTE) this.#string();
      else if (isPartOfWord(byte)) while (isPartOfWord(bytes[this.#at])) this.#at++;
      else {
        if (byte === OPEN || byte === OPEN_LIST) depth++;
        else if (byte === CLOSE || byte === CLOSE_LIST) depth--;
        this.#at++;
      }
    } while (depth > 0);
    if (depth < 0) throw NOT_AS_USUAL;
  }
}

/** The keys that matter are shorter. */
const MAX_KEY = 64;

/** What numbers, true, false and null are written with. */
function isPartOfWord(byte: number | undefined): boolean {
  return byte !== undefined && (byte === MINUS || byte === 0x2b || byte === 0x2e || (byte >= ZERO && byte <= NINE) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a));
}

/** Bytes of the well-formed UTF-8 sequence above U+007F that begins here. Source: Unicode, table 3-7. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number;
  const next = bytes[at + 1] as number;
  if ((next & 0xc0) !== 0x80) throw NOT_AS_USUAL;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (((bytes[at + 2] as number) & 0xc0) !== 0x80) throw NOT_AS_USUAL;
  if (lead >= 0xe0 && lead < 0xf0 && (lead !== 0xe0 || next >= 0xa0) && (lead !== 0xed || next < 0xa0)) return 3;
  if (((bytes[at + 3] as number) & 0xc0) !== 0x80) throw NOT_AS_USUAL;
  if (lead >= 0xf0 && lead < 0xf5 && (lead !== 0xf0 || next >= 0x90) && (lead !== 0xf4 || next < 0x90)) return 4;
  throw NOT_AS_USUAL;
}

/** Where a list stands, and what it has. */
interface Part {
  readonly start: number;
  readonly end: number;
  readonly numbers: Int32Array;
}

interface Parts {
  readonly vocab: Part;
  readonly merges: Part;
}

/** A list of numbers that grows. */
class Numbers {
  #numbers = new Int32Array(1 << 12);
  #count = 0;

  add(first: number, second?: number): void {
    if (this.#count + 2 > this.#numbers.length) {
      const larger = new Int32Array(2 * this.#numbers.length);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#count++] = first;
    if (second !== undefined) this.#numbers[this.#count++] = second;
  }

  taken(): Int32Array {
    return this.#numbers.subarray(0, this.#count);
  }
}
