import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { JsonObject } from "../../../extension/core/dataset/conversation";
import { tokenizerOfGguf } from "../../../extension/core/tokenizer/sources/ggufTokenizer";
import { temporaryFolder } from "../cleanup";
import { ggmlMetadata } from "./ggml";

const FIRST = 50_257;
/** The languages stand between, by what the models were trained on most; which name has which id no golden tells apart. */
const LANGUAGES = Array.from({ length: 99 }, (_, i) => (i === 0 ? "<|en|>" : `<|language ${i}|>`));
const WORDS = ["<|startoftranscript|>", ...LANGUAGES, "<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"];

/**
 * The folder of a tokenizer of Whisper for English: GPT-2's vocabulary, and words of its own behind it.
 * @param strip whether these take the white space around them, as in files that newer versions of transformers wrote.
 */
export async function whisperEnglish(strip: boolean): Promise<string> {
  const gpt2 = tokenizerOfGguf(await ggmlMetadata("gpt-2"));
  const special = (content: string): JsonObject => ({ SpecialToken: { id: content, type_id: 0 } });
  const around = ["<|startoftranscript|>", "<|notimestamps|>", "<|endoftext|>"];
  const idOf = (content: string): number => (content === "<|endoftext|>" ? FIRST - 1 : FIRST + WORDS.indexOf(content));
  const tokenizer: JsonObject = {
    ...gpt2,
    added_tokens: [
      ...(gpt2["added_tokens"] as readonly JsonObject[]),
      ...WORDS.map((content, i): JsonObject => ({ id: FIRST + i, content, single_word: false, lstrip: strip, rstrip: strip, normalized: false, special: true })),
    ],
    post_processor: {
      type: "TemplateProcessing",
      single: [special(around[0]!), special(around[1]!), { Sequence: { id: "A", type_id: 0 } }, special(around[2]!)],
      pair: [],
      special_tokens: Object.fromEntries(around.map((content) => [content, { id: content, ids: [idOf(content)], tokens: [content] }])),
    },
  };
  const folder = path.join(temporaryFolder("whisper"), "model");
  mkdirSync(folder);
  writeFileSync(path.join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
  return folder;
}
