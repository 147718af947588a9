import type { JsonObject } from "../../dataset/conversation";
import { byteLevelText } from "../decode/byteAlphabet";
import { decodeBase64 } from "../normalize/base64";
import { VocabularyError } from "./errors";
import { LLAMA3_PATTERN } from "./splitPatterns";
import { BYTE_LEVEL, addedToken, byteLevelBpe, splitBytes, wholeTokenizer } from "./tokenizerJson";

/** The largest known ones have 200,000 lines. */
const MAX_LINES = 1 << 21;

/** Tokens longer than this would make the search for their parts slow; known ones have at most 256 bytes. */
const MAX_TOKEN_BYTES = 1024;

/** Whether a file is a tiktoken one: its first line is base64 and a number, which no SentencePiece model begins with. */
export function isTiktokenModel(bytes: Uint8Array): boolean {
  const line = String.fromCharCode(...bytes.subarray(0, 2 * MAX_TOKEN_BYTES)).split("\n")[0] ?? "";
  return /^[A-Za-z0-9+/]+={0,2} \d+\r?$/.test(line);
}

/**
 * The tokenizer.json that `transformers` makes of a tiktoken file (TikTokenConverter, whose pattern is Llama 3's). The file has no
 * special tokens; Llama 3's are known by its size.
 * @throws VocabularyError as {@link readTiktokenModel}.
 */
export function tokenizerOfTiktoken(text: string): JsonObject {
  const model = readTiktokenModel(text);
  const size = Object.keys(model["vocab"] as JsonObject).length;
  return wholeTokenizer({
    addedTokens: size === LLAMA3_SIZE ? LLAMA3_SPECIAL.map((content, i) => addedToken(size + i, content, true)) : [],
    normalizer: null,
    preTokenizer: splitBytes(LLAMA3_PATTERN),
    postProcessor: BYTE_LEVEL,
    decoder: BYTE_LEVEL,
    model,
  });
}

const LLAMA3_SIZE = 128_000;

/** In the order of their ids. Source: meta-llama/llama-models, llama3/tokenizer.py. */
const LLAMA3_SPECIAL: readonly string[] = [
  "<|begin_of_text|>",
  "<|end_of_text|>",
  "<|reserved_special_token_0|>",
  "<|reserved_special_token_1|>",
  "<|finetune_right_pad_id|>",
  "<|step_id|>",
  "<|start_header_id|>",
  "<|end_header_id|>",
  "<|eom_id|>",
  "<|eot_id|>",
  "<|python_tag|>",
  ...Array.from({ length: 245 }, (_, i) => `<|reserved_special_token_${i + 2}|>`),
];

/**
 * The BPE model of a tiktoken file: lines of a token in base64, a space and its rank, which is its id.
 * @returns the field `model` of a tokenizer.json whose byte-level tokens stand for the same bytes.
 * @throws VocabularyError `vocabulary-damaged` or `vocabulary-too-large`.
 */
export function readTiktokenModel(text: string): JsonObject {
  const ranks = new Map<string, number>();
  const lines = text.split("\n");
  if (lines.length > MAX_LINES) throw new VocabularyError("vocabulary-too-large", `The file has more than ${MAX_LINES} lines.`);
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const [base64 = "", rank = ""] = line.trim().split(/\s+/);
    const bytes = decodeBase64(base64);
    if (bytes === undefined || bytes.length > MAX_TOKEN_BYTES || !/^\d{1,9}$/.test(rank)) {
      throw new VocabularyError("vocabulary-damaged", `Line ${index + 1} is not a token in base64 and its rank: the file is damaged or not a tiktoken model.`);
    }
    ranks.set(byteLevelText(bytes), Number(rank));
  }
  if (ranks.size === 0) throw new VocabularyError("vocabulary-damaged", "The file has no tokens: it is not a tiktoken model.");
  return byteLevelBpe(Object.fromEntries(ranks), mergesOfRanks(ranks), true);
}

/** Each way to make a token of two others, in the order of its rank, then of the parts' ranks, as `transformers` derives them. */
function mergesOfRanks(ranks: ReadonlyMap<string, number>): [string, string][] {
  const merges: [string, string][] = [];
  for (const [token] of Array.from(ranks).sort((a, b) => a[1] - b[1])) {
    const ways: { readonly left: string; readonly right: string; readonly leftRank: number; readonly rightRank: number }[] = [];
    for (let at = 1; at < token.length; at++) {
      const left = token.slice(0, at);
      const right = token.slice(at);
      const leftRank = ranks.get(left);
      const rightRank = ranks.get(right);
      if (leftRank !== undefined && rightRank !== undefined) ways.push({ left, right, leftRank, rightRank });
    }
    ways.sort((a, b) => a.leftRank - b.leftRank || a.rightRank - b.rightRank);
    for (const { left, right } of ways) merges.push([left, right]);
  }
  return merges;
}
