import { TunesmithError } from "../../base/errors";
import type { JsonObject, JsonValue } from "../dataset/conversation";
import type { Folder } from "../io/ports";
import { decodeUtf8 } from "../jsonl/utf8";
import { withAddedTokens } from "../tokenizer/sources/addedTokens";
import { readSentencePieceModel } from "../tokenizer/sources/sentencePieceModel";
import { tokenizerOfSentencePiece } from "../tokenizer/sources/sentencePieceTokenizer";
import { isTiktokenModel, tokenizerOfTiktoken } from "../tokenizer/sources/tiktokenModel";
import { parseJsonFile } from "./jsonFile";

/** What a model has that says how its texts become tokens, in whatever form. */
export interface TokenizerSource {
  /** The name of the file. */
  readonly file: string;
  /** All bytes that decide, for telling whether it is the same as another. */
  readonly bytes: readonly Uint8Array[];
  /** The tokenizer as tokenizer.json has it. @throws TunesmithError naming the file and the place where it is broken, or what is not known. */
  read(): JsonObject;
}

/** Where vocabularies stand that have no tokenizer.json: SentencePiece models and tiktoken files, the latter under both names. */
const VOCABULARY_FILES = ["tokenizer.model", "tiktoken.model", "original/tokenizer.model"] as const;

/** The tokenizer of a folder: its tokenizer.json, else its vocabulary file with what tokenizer_config.json and added_tokens.json say. */
export async function findTokenizer(folder: Folder, config: JsonObject): Promise<TokenizerSource | undefined> {
  const json = await folder.read("tokenizer.json");
  if (json !== undefined) return { file: "tokenizer.json", bytes: [json], read: () => parseJsonFile("tokenizer.json", json) };
  for (const file of VOCABULARY_FILES) {
    const bytes = await folder.read(file);
    if (bytes === undefined) continue;
    const added = await folder.read("added_tokens.json");
    const described = new TextEncoder().encode(JSON.stringify(config));
    return {
      file,
      bytes: [bytes, described, ...(added === undefined ? [] : [added])],
      read: () => tokenizerOfVocabulary(file, bytes, config, added === undefined ? {} : parseJsonFile("added_tokens.json", added)),
    };
  }
  return undefined;
}

function tokenizerOfVocabulary(file: string, bytes: Uint8Array, config: JsonObject, added: { readonly [content: string]: JsonValue }): JsonObject {
  try {
    const tokenizer = isTiktokenModel(bytes) ? tokenizerOfTiktoken(decodeUtf8(bytes).text) : tokenizerOfSentencePiece(readSentencePieceModel(bytes), config);
    return withAddedTokens(tokenizer, config, added);
  } catch (error) {
    if (!(error instanceof TunesmithError)) throw error;
    throw new TunesmithError(error.code, `${file}: ${error.message}`, { cause: error });
  }
}
