import { strictText } from "../../../base/text";
import type { JsonObject, JsonValue } from "../../dataset/conversation";
import { byteLevelBytes } from "./byteAlphabet";
import { literalPattern, searchPattern } from "../normalize/searchPattern";

/** Makes text of tokens' own strings. */
export interface Decoder {
  decode(tokens: readonly string[]): string;
}

/** One decoder of a chain: it changes tokens, and may make fewer of them. */
type DecoderStep = (tokens: readonly string[]) => readonly string[];

/**
 * The decoder that the field `decoder` of a tokenizer.json describes, as the Rust library `tokenizers` has it; where there is none,
 * the tokens with a space between each two. Undefined for one that is not known.
 */
export function createDecoder(value: JsonValue | undefined): Decoder | undefined {
  if (value === undefined || value === null) return { decode: (tokens) => tokens.join(" ") };
  const steps = stepsOf(value as JsonObject);
  return steps === undefined ? undefined : { decode: (tokens) => steps.reduce((chain: readonly string[], step) => step(chain), tokens).join("") };
}

function stepsOf(node: JsonObject): readonly DecoderStep[] | undefined {
  switch (node["type"]) {
    case "Sequence": {
      const parts = ((node["decoders"] ?? []) as readonly JsonObject[]).map(stepsOf);
      return parts.every((steps) => steps !== undefined) ? parts.flat() : undefined;
    }
    case "ByteLevel":
      return [fuseBytes];
    case "ByteFallback":
      return [joinByteTokens];
    case "Fuse":
      return [(tokens) => [tokens.join("")]];
    case "Replace":
      return replaceSteps(node);
    case "Strip":
      return [strip(text(node, "content", " "), count(node, "start"), count(node, "stop"))];
    case "Metaspace":
      return [metaspace(text(node, "replacement", "▁"), (node["prepend_scheme"] ?? (node["add_prefix_space"] === false ? "never" : "always")) !== "never")];
    case "WordPiece":
      return [wordPiece(text(node, "prefix", "##"), node["cleanup"] !== false)];
    case "BPEDecoder":
      return [bpe(text(node, "suffix", "</w>"))];
    case "CTC":
      return [ctc(text(node, "pad_token", "<pad>"), text(node, "word_delimiter_token", "|"), node["cleanup"] !== false)];
    default:
      return undefined;
  }
}

function text(node: JsonObject, key: string, byDefault: string): string {
  const value = node[key];
  return typeof value === "string" ? value : byDefault;
}

function count(node: JsonObject, key: string): number {
  const value = node[key];
  return typeof value === "number" ? value : 0;
}

// ── steps ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

const utf8 = new TextEncoder();
const lossy = new TextDecoder("utf-8", { ignoreBOM: true });

/** A token with a character outside the alphabet is taken as the text that it is. */
const fuseBytes: DecoderStep = (tokens) => {
  const parts = tokens.map((token) => byteLevelBytes(token) ?? utf8.encode(token));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return [lossy.decode(bytes)];
};

const BYTE_TOKEN = /^<0x([0-9A-Fa-f]{2})>$/;

/** Bytes in a row become the characters they make up; each of them U+FFFD where they make up none. */
const joinByteTokens: DecoderStep = (tokens) => {
  const result: string[] = [];
  let bytes: number[] = [];
  const flush = (): void => {
    if (bytes.length > 0) result.push(...charactersOf(bytes));
    bytes = [];
  };
  for (const token of tokens) {
    const byte = BYTE_TOKEN.exec(token)?.[1];
    if (byte !== undefined) {
      bytes.push(parseInt(byte, 16));
      continue;
    }
    flush();
    result.push(token);
  }
  flush();
  return result;
};

function charactersOf(bytes: readonly number[]): readonly string[] {
  const text = strictText(Uint8Array.from(bytes));
  return text === undefined ? bytes.map(() => "\uFFFD") : [text];
}

function replaceSteps({ pattern, content }: JsonObject): readonly DecoderStep[] | undefined {
  const { String: literal, Regex: source } = (pattern ?? {}) as JsonObject;
  const search = typeof literal === "string" ? literalPattern(literal) : typeof source === "string" ? searchPattern(source) : undefined;
  if (search === undefined || literal === "" || typeof content !== "string") return undefined;
  return [(tokens) => tokens.map((token) => token.replace(search, () => content))];
}

function strip(content: string, start: number, stop: number): DecoderStep {
  return (tokens) =>
    tokens.map((token) => {
      const characters = Array.from(token);
      let from = 0;
      let to = characters.length;
      while (from < start && characters[from] === content) from++;
      while (characters.length - to < stop && characters[to - 1] === content) to--;
      return characters.slice(from, to).join("");
    });
}

function metaspace(replacement: string, prefixed: boolean): DecoderStep {
  return (tokens) => tokens.map((token, i) => token.replaceAll(replacement, i === 0 && prefixed ? "" : " "));
}

function wordPiece(prefix: string, cleanup: boolean): DecoderStep {
  return (tokens) =>
    tokens.map((token, i) => {
      const spaced = i === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
      return cleanup ? cleaned(spaced) : spaced;
    });
}

/** What people do not put a space before. */
const CLEANUPS: readonly (readonly [string, string])[] = [
  [" .", "."],
  [" ?", "?"],
  [" !", "!"],
  [" ,", ","],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [" do not", " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
];

function cleaned(token: string): string {
  return CLEANUPS.reduce((result, [from, to]) => result.replaceAll(from, to), token);
}

function bpe(suffix: string): DecoderStep {
  return (tokens) => tokens.map((token, i) => token.replaceAll(suffix, i === tokens.length - 1 ? "" : " "));
}

function ctc(pad: string, delimiter: string, cleanup: boolean): DecoderStep {
  return (tokens) =>
    tokens
      .filter((token, i) => i === 0 || token !== tokens[i - 1])
      .map((token) => {
        const kept = token.replaceAll(pad, "");
        return cleanup ? cleaned(kept).replaceAll(delimiter, " ") : kept;
      })
      .filter((token) => token !== "");
}
