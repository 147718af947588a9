import { readFileSync } from "node:fs";
import type { JsonObject } from "../../../extension/core/dataset/conversation";
import { realTokenizerFile } from "./byteLevel";

/** Tokens of the model below: unknown token, bytes, first merges, and the characters of some scripts. */
const FIRST_CHARACTERS = 28_700;
const MERGED = 3000;

let model: JsonObject | undefined;

/** A SentencePiece-style tokenizer.json with a part of a real vocabulary, in the shape of Llama 2 unless `parts` say otherwise. */
export function smallSentencePiece(parts: JsonObject = {}): JsonObject {
  model ??= smallModel();
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: { type: "Sequence", normalizers: [{ type: "Prepend", prepend: "▁" }, { type: "Replace", pattern: { String: " " }, content: "▁" }] },
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: "Sequence", decoders: [{ type: "Replace", pattern: { String: "▁" }, content: " " }, { type: "ByteFallback" }, { type: "Fuse" }, { type: "Strip", content: " ", start: 1, stop: 0 }] },
    ...parts,
    model: { ...model, ...(parts["model"] as JsonObject | undefined) },
  };
}

function smallModel(): JsonObject {
  const whole = JSON.parse(readFileSync(realTokenizerFile("llama2"), "utf8")) as { readonly model: { readonly vocab: Readonly<Record<string, number>>; readonly merges: readonly string[] } };
  const inOrder = Object.entries(whole.model.vocab).sort((a, b) => a[1] - b[1]);
  const kept = inOrder.filter(([, id]) => id < MERGED || (id >= FIRST_CHARACTERS && id < FIRST_CHARACTERS + 600));
  const vocab = Object.fromEntries(kept.map(([token], id) => [token, id]));
  const merges = whole.model.merges.filter((merge) => {
    const [left = "", right = ""] = merge.split(" ");
    return [left, right, left + right].every((token) => Object.hasOwn(vocab, token));
  });
  return { type: "BPE", dropout: null, unk_token: "<unk>", continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: true, byte_fallback: true, ignore_merges: false, vocab, merges };
}

/** The number of tokens of {@link smallSentencePiece}, from which added ones count. */
export const FIRST_ADDED_PIECE = MERGED + 600;
