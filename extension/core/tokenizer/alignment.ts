import type { JsonObject, JsonValue } from "../dataset/conversation";

/** Offsets of a token in the text, UTF-16 units, half-open. */
export type TokenOffsets = readonly [start: number, end: number];

/** Finds the characters of tokens. */
export interface TokenAligner {
  /**
   * The offsets of `ids` in `text`, as `tokenizers` gives them: a token that holds a part of a character has the whole of it.
   * Undefined where the tokens are not the text's, byte for byte.
   */
  align(text: string, ids: readonly number[]): readonly TokenOffsets[] | undefined;
}

/**
 * An aligner for a byte-level BPE tokenizer, from its parsed tokenizer.json; undefined for any other kind, whose tokens do
 * not say which bytes they are made of.
 */
export function createAligner(tokenizer: JsonObject): TokenAligner | undefined {
  const normalizer = normalizerOf(tokenizer["normalizer"]);
  if (normalizer === undefined || !mentions(tokenizer["decoder"], "ByteLevel")) return undefined;
  const tokens = tokenTable(tokenizer);
  if (tokens === undefined) return undefined;
  const trim = trimsOffsets(tokenizer["post_processor"]);
  return {
    align(text, ids) {
      const normal = normalizer === "NFC" ? normalized(text) : { text, map: undefined };
      return normal === undefined ? undefined : walk(normal, ids, tokens, { trim, end: text.length });
    },
  };
}

// ── what tokenizer.json says ─────────────────────────────────────────────────────────────────────────────────────────────

interface TokenEntry {
  readonly bytes: Uint8Array;
  /** White space at its sides, which some post-processors leave out of the offsets. */
  readonly leading: number;
  readonly trailing: number;
}

type TokenTable = ReadonlyMap<number, TokenEntry>;

function normalizerOf(value: JsonValue | undefined): "none" | "NFC" | undefined {
  if (value === undefined || value === null) return "none";
  const { type, normalizers } = value as JsonObject;
  if (type === "NFC") return "NFC";
  if (type !== "Sequence" || !Array.isArray(normalizers)) return undefined;
  const kinds = (normalizers as readonly JsonValue[]).map(normalizerOf);
  if (kinds.includes(undefined)) return undefined;
  return kinds.includes("NFC") ? "NFC" : "none";
}

function mentions(value: JsonValue | undefined, type: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (!Array.isArray(value) && (value as JsonObject)["type"] === type) return true;
  return Object.values(value).some((inner: JsonValue) => mentions(inner, type));
}

/** `trim_offsets` of the post-processor's ByteLevel; true where it is not written. */
function trimsOffsets(value: JsonValue | undefined): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { type, trim_offsets: trim, processors } = value as JsonObject;
  if (type === "ByteLevel") return trim !== false;
  return Array.isArray(processors) && (processors as readonly JsonValue[]).some(trimsOffsets);
}

function tokenTable(tokenizer: JsonObject): TokenTable | undefined {
  const vocab = (tokenizer["model"] as JsonObject | undefined)?.["vocab"];
  if (typeof vocab !== "object" || vocab === null || Array.isArray(vocab)) return undefined;
  const written = new Map<number, string>();
  for (const [token, id] of Object.entries(vocab as JsonObject)) if (typeof id === "number") written.set(id, token);
  const added = new Map<number, string>();
  for (const entry of (tokenizer["added_tokens"] ?? []) as readonly JsonObject[]) {
    const { id, content } = entry;
    if (typeof id === "number" && typeof content === "string") added.set(id, content);
  }
  return new LazyTable(written, added);
}

/** Decodes a token when it is first asked for: a prompt uses few of a vocabulary. */
class LazyTable extends Map<number, TokenEntry> {
  readonly #written: ReadonlyMap<number, string>;
  readonly #added: ReadonlyMap<number, string>;

  constructor(written: ReadonlyMap<number, string>, added: ReadonlyMap<number, string>) {
    super();
    this.#written = written;
    this.#added = added;
  }

  override get(id: number): TokenEntry | undefined {
    let entry = super.get(id);
    if (entry !== undefined) return entry;
    const added = this.#added.get(id);
    const token = added ?? this.#written.get(id);
    if (token === undefined) return undefined;
    const bytes = added === undefined ? byteLevelBytes(token) : utf8.encode(token);
    if (bytes === undefined) return undefined;
    entry = { bytes, leading: /^[Ġ\s]*/u.exec(token)?.[0].length ?? 0, trailing: /[Ġ\s]*$/u.exec(token)?.[0].length ?? 0 };
    this.set(id, entry);
    return entry;
  }
}

const utf8 = new TextEncoder();

/** GPT-2's alphabet: printable bytes stand for themselves, the others follow from U+0100. */
const BYTE_OF_CHARACTER = byteAlphabet();

function byteAlphabet(): ReadonlyMap<number, number> {
  const alphabet = new Map<number, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    alphabet.set(printable ? byte : next++, byte);
  }
  return alphabet;
}

function byteLevelBytes(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = BYTE_OF_CHARACTER.get(token.charCodeAt(i));
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}

// ── the text that the tokens are made of ─────────────────────────────────────────────────────────────────────────────────

interface NormalText {
  readonly text: string;
  /** Where each UTF-16 unit of `text` stands in the original, as pairs of start and end; undefined where nothing changed. */
  readonly map: readonly TokenOffsets[] | undefined;
}

/** A character with the marks, or the parts of a syllable, that may be composed with it. */
const COMPOSABLE = /[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff\uac00-\ud7a3]+|\P{M}?\p{M}*/gsu;

/** NFC, character by character, with the way back. */
function normalized(text: string): NormalText | undefined {
  const whole = text.normalize("NFC");
  if (whole === text) return { text, map: undefined };
  const map: TokenOffsets[] = [];
  let result = "";
  for (const { 0: chunk, index } of text.matchAll(COMPOSABLE)) {
    const composed = chunk.normalize("NFC");
    result += composed;
    mapChunk(chunk, composed, index, map);
  }
  return result === whole ? { text: whole, map } : undefined;
}

/** A composed character has the place of the first of its parts, as in `tokenizers`; the others have no token. */
function mapChunk(chunk: string, composed: string, at: number, map: TokenOffsets[]): void {
  const from = Array.from(chunk);
  let unit = at;
  let index = 0;
  for (const character of composed) {
    const original = from[index] ?? from.at(-1) ?? character;
    const span: TokenOffsets = [unit, unit + original.length];
    map.push(...Array.from({ length: character.length }, () => span));
    const parts = composed === chunk ? 1 : Math.max(1, Array.from(character.normalize("NFD")).length);
    for (let i = 0; i < parts && index < from.length - 1; i++) unit += (from[index++] ?? "").length;
  }
}

// ── walking both ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function walk(normal: NormalText, ids: readonly number[], tokens: TokenTable, options: { readonly trim: boolean; readonly end: number }): TokenOffsets[] | undefined {
  const bytes = utf8.encode(normal.text);
  const units = unitsOfBytes(normal.text, bytes.length);
  const offsets: TokenOffsets[] = [];
  let at = 0;
  for (const id of ids) {
    const entry = tokens.get(id);
    if (entry === undefined || !sameBytes(bytes, at, entry.bytes)) return undefined;
    const end = at + entry.bytes.length;
    const [start, stop] = [units[at] ?? 0, units[end - 1] ?? 0];
    const last = stop + (isPair(normal.text, stop) ? 2 : 1);
    const spot: TokenOffsets = normal.map === undefined ? [start, last] : [normal.map[start]?.[0] ?? options.end, normal.map[stop]?.[1] ?? options.end];
    offsets.push(options.trim ? trimmed(spot, entry) : spot);
    at = end;
  }
  return at === bytes.length ? offsets : undefined;
}

function sameBytes(text: Uint8Array, at: number, token: Uint8Array): boolean {
  if (at + token.length > text.length || token.length === 0) return false;
  for (let i = 0; i < token.length; i++) if (text[at + i] !== token[i]) return false;
  return true;
}

/** The UTF-16 unit at which the character of each byte begins. */
function unitsOfBytes(text: string, length: number): Uint32Array {
  const units = new Uint32Array(length);
  let byte = 0;
  for (let unit = 0; unit < text.length; unit++) {
    const code = text.charCodeAt(unit);
    const pair = isPair(text, unit);
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : pair ? 4 : 3;
    units.fill(unit, byte, byte + size);
    byte += size;
    if (pair) unit++;
  }
  return units;
}

function isPair(text: string, unit: number): boolean {
  return (text.codePointAt(unit) ?? 0) > 0xffff;
}

function trimmed([start, end]: TokenOffsets, { leading, trailing }: TokenEntry): TokenOffsets {
  const from = leading > 0 ? Math.min(start + leading, end) : start;
  return [from, trailing > 0 && end >= trailing ? Math.max(end - trailing, from) : end];
}
