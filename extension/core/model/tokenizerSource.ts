import { TunesmithError } from "../../base/errors";
import type { JsonObject, JsonValue } from "../dataset/conversation";
import type { Folder } from "../io/ports";
import { decodeUtf8 } from "../jsonl/utf8";
import { type TokenizerDocument, parsedDocument, readDocument } from "../tokenizer/document";
import { withAddedTokens } from "../tokenizer/sources/addedTokens";
import { VocabularyError } from "../tokenizer/sources/errors";
import { readSentencePieceModel } from "../tokenizer/sources/sentencePieceModel";
import { tokenizerOfSentencePiece } from "../tokenizer/sources/sentencePieceTokenizer";
import { isTiktokenModel, tokenizerOfTiktoken } from "../tokenizer/sources/tiktokenModel";
import { tokenizerOfMerges } from "../tokenizer/sources/vocabMerges";
import { parseJsonFile } from "./jsonFile";

/** What a model has that says how its texts become tokens, in whatever form. */
export interface TokenizerSource {
  /** The name of the file. */
  readonly file: string;
  /** Names what {@link bytes} gives without reading it; undefined where nothing tells. */
  readonly identity?: string | undefined;
  /** All bytes that decide, for telling whether it is the same as another. */
  bytes(): readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
  /** The tokenizer as tokenizer.json has it. @throws TunesmithError naming the file and the place where it is broken, or what is not known. */
  read(): TokenizerDocument | Promise<TokenizerDocument>;
}

const TOKENIZER_JSON = "tokenizer.json";
const ADDED_TOKENS = "added_tokens.json";

/** Where vocabularies stand that have no tokenizer.json: SentencePiece models and tiktoken files, the latter under both names. */
const VOCABULARY_FILES = ["tokenizer.model", "tiktoken.model", "original/tokenizer.model"] as const;

/** The tokenizer of a folder: its tokenizer.json, else its vocabulary files with what tokenizer_config.json and added_tokens.json say. */
export async function findTokenizer(folder: Folder, config: JsonObject): Promise<TokenizerSource | undefined> {
  const identity = await folder.identity?.(TOKENIZER_JSON);
  // Where the file is known to be there, whoever knows its content already need not read it.
  if (identity !== undefined) return { ...tokenizerJson(() => folder.read(TOKENIZER_JSON)), identity };
  const json = await folder.read(TOKENIZER_JSON);
  if (json !== undefined) return tokenizerJson(() => Promise.resolve(json));
  for (const file of VOCABULARY_FILES) {
    const bytes = await folder.read(file);
    if (bytes === undefined) continue;
    const added = await folder.read(ADDED_TOKENS);
    const described = new TextEncoder().encode(JSON.stringify(config));
    return {
      file,
      bytes: () => [bytes, described, ...(added === undefined ? [] : [added])],
      read: () => parsedDocument(tokenizerOfVocabulary(file, bytes, config, added === undefined ? {} : parseJsonFile(ADDED_TOKENS, added))),
    };
  }
  return (await vocabularyWithMerges(folder, config)) ?? (await qwenTiktoken(folder));
}

const VOCAB = "vocab.json";
const MERGES = "merges.txt";

async function vocabularyWithMerges(folder: Folder, config: JsonObject): Promise<TokenizerSource | undefined> {
  const vocab = await folder.read(VOCAB);
  const merges = vocab === undefined ? undefined : await folder.read(MERGES);
  if (vocab === undefined || merges === undefined) return undefined;
  const added = await folder.read(ADDED_TOKENS);
  return {
    file: VOCAB,
    bytes: () => [vocab, merges, new TextEncoder().encode(JSON.stringify(config)), ...(added === undefined ? [] : [added])],
    read: () =>
      parsedDocument(
        ofFile(MERGES, () => {
          const tokenizer = tokenizerOfMerges(parseJsonFile(VOCAB, vocab), decodeUtf8(merges).text, config);
          return withAddedTokens(tokenizer, config, added === undefined ? {} : parseJsonFile(ADDED_TOKENS, added));
        }),
      ),
  };
}

const QWEN_TIKTOKEN = "qwen.tiktoken";

/** Its special tokens stand in the program that came with the model. */
async function qwenTiktoken(folder: Folder): Promise<TokenizerSource | undefined> {
  const bytes = await folder.read(QWEN_TIKTOKEN);
  if (bytes === undefined) return undefined;
  return {
    file: QWEN_TIKTOKEN,
    bytes: () => [bytes],
    read: () => {
      throw new VocabularyError("vocabulary-unsupported", `${QWEN_TIKTOKEN} is a vocabulary of the first Qwen, whose other tokens stand in a program beside it, which is not run here. Put the tokenizer.json of a later Qwen model or of a conversion into the folder.`);
    },
  };
}

function tokenizerJson(readFile: () => Promise<Uint8Array | undefined>): TokenizerSource {
  let reading: Promise<Uint8Array> | undefined;
  const bytes = async (): Promise<Uint8Array> => {
    const found = await readFile();
    if (found === undefined) throw new TunesmithError("cannot-read", `${TOKENIZER_JSON} is gone. Load the model again.`);
    return found;
  };
  const once = (): Promise<Uint8Array> => (reading ??= bytes());
  return {
    file: TOKENIZER_JSON,
    bytes: async () => [await once()],
    read: async () => {
      const content = await once();
      return readDocument(content, () => parseJsonFile(TOKENIZER_JSON, content));
    },
  };
}

function tokenizerOfVocabulary(file: string, bytes: Uint8Array, config: JsonObject, added: { readonly [content: string]: JsonValue }): JsonObject {
  return ofFile(file, () => {
    const tokenizer = isTiktokenModel(bytes) ? tokenizerOfTiktoken(decodeUtf8(bytes).text) : tokenizerOfSentencePiece(readSentencePieceModel(bytes), config);
    return withAddedTokens(tokenizer, config, added);
  });
}

/** Names the file in what is wrong with it. */
function ofFile(file: string, read: () => JsonObject): JsonObject {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof VocabularyError)) throw error;
    throw new TunesmithError(error.code, `${file}: ${error.message}`, { cause: error });
  }
}
