import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { FIXTURES } from "../fixtures";
import type { GgufMetadata } from "../weights/gguf";
import { writeGguf } from "../weights/gguf";
import { ggufConfig, ggufTensors } from "./ggufLlama";
import type { LlamaWeights } from "./llama";
import { onnxDecoder } from "./onnxDecoder";
import { readStories } from "./stories";

/** Writes stories260K as a model folder with an ONNX file, as ONNX Runtime GenAI lays one out, and as a GGUF file. */
export function writeStories(folder: string): { readonly folder: string; readonly genAi: string; readonly gguf: string } {
  const weights = readStories();
  const { vocabulary, context } = weights.config;
  mkdirSync(path.join(folder, "onnx"), { recursive: true });
  writeFileSync(path.join(folder, "onnx", "model.onnx"), onnxDecoder(weights, { precision: "fp32" }));
  // llama2.c's program ends a text at the first token, BOS.
  writeFileSync(path.join(folder, "config.json"), JSON.stringify({ model_type: "llama", vocab_size: vocabulary, max_position_embeddings: context, eos_token_id: 1 }));
  const pieces = readPieces();
  writeFileSync(path.join(folder, "tokenizer.json"), JSON.stringify(tokenizerOf(pieces)));
  const gguf = path.join(folder, "stories.gguf");
  writeFileSync(gguf, writeGguf([...ggufTensors(weights, "F32")], { metadata: { ...ggufConfig(weights, "stories260K"), ...vocabularyOf(pieces) } }));
  return { folder, genAi: writeGenAi(`${folder}-genai`, weights), gguf };
}

/** Queries, keys and values in one matrix, and all that is known of the model in genai_config.json. */
function writeGenAi(folder: string, weights: LlamaWeights): string {
  const { vocabulary, context, layers, heads, kvHeads, hidden } = weights.config;
  const decoder = {
    filename: "decoder.onnx",
    head_size: hidden / heads,
    hidden_size: hidden,
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    num_hidden_layers: layers,
    inputs: { input_ids: "input_ids", attention_mask: "attention_mask", past_key_names: "past_key_values.%d.key", past_value_names: "past_key_values.%d.value" },
    outputs: { logits: "logits", present_key_names: "present.%d.key", present_value_names: "present.%d.value" },
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, decoder.filename), onnxDecoder(weights, { precision: "fp32", packed: true }));
  writeFileSync(path.join(folder, "genai_config.json"), JSON.stringify({ model: { type: "llama", bos_token_id: 1, eos_token_id: [1], context_length: context, vocab_size: vocabulary, decoder }, search: { max_length: context } }));
  writeFileSync(path.join(folder, "tokenizer.json"), JSON.stringify(tokenizerOf(readPieces())));
  return folder;
}

interface Piece {
  readonly text: string;
  readonly score: number;
}

/** llama2.c's tokenizer: the longest length, then score, length and bytes of each piece. Spaces stand as themselves. */
function readPieces(): readonly Piece[] {
  const bytes = readFileSync(path.join(FIXTURES, "models", "stories260K", "tok512.bin"));
  const pieces: Piece[] = [];
  for (let at = 4; at < bytes.length; ) {
    const length = bytes.readInt32LE(at + 4);
    pieces.push({ score: bytes.readFloatLE(at), text: bytes.toString("utf8", at + 8, at + 8 + length).replaceAll(" ", "▁") });
    at += 8 + length;
  }
  return pieces;
}

/** Enough to write ids out; the prompts' ids come with the reference. */
function tokenizerOf(pieces: readonly Piece[]): object {
  const special = ["<unk>", "<s>", "</s>"].map((content, id) => ({ id, content, special: true, single_word: false, lstrip: false, rstrip: false, normalized: false }));
  const vocab = pieces.map(({ text, score }, id) => [id < 3 ? special[id]!.content : text, score]);
  const decoders = [{ type: "Replace", pattern: { String: "▁" }, content: " " }, { type: "ByteFallback" }, { type: "Fuse" }, { type: "Strip", content: " ", start: 1, stop: 0 }];
  return {
    version: "1.0",
    added_tokens: special,
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: "Sequence", decoders },
    model: { type: "Unigram", unk_id: 0, vocab, byte_fallback: true },
  };
}

function vocabularyOf(pieces: readonly Piece[]): GgufMetadata {
  const types = pieces.map((_, id) => (id === 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1));
  return {
    "tokenizer.ggml.model": { type: "string", value: "llama" },
    "tokenizer.ggml.tokens": { type: "array", of: "string", value: pieces.map(({ text }, id) => ["<unk>", "<s>", "</s>"][id] ?? text) },
    "tokenizer.ggml.scores": { type: "array", of: "f32", value: pieces.map(({ score }) => score) },
    "tokenizer.ggml.token_type": { type: "array", of: "i32", value: types },
    "tokenizer.ggml.bos_token_id": { type: "u32", value: 1 },
    "tokenizer.ggml.eos_token_id": { type: "u32", value: 1 },
  };
}
