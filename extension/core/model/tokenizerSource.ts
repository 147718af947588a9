import { TunesmithError } from "../../base/errors";
import type { JsonObject, JsonValue } from "../dataset/conversation";
import type { Folder } from "../io/ports";
import { decodeUtf8 } from "../jsonl/utf8";
import { type TokenizerDocument, parsedDocument, readDocument } from "../tokenizer/document";
import { withAddedTokens } from "../tokenizer/sources/addedTokens";
import { readSentencePieceModel } from "../tokenizer/sources/sentencePieceModel";
import { tokenizerOfSentencePiece } from "../tokenizer/sources/sentencePieceTokenizer";
import { isTiktokenModel, tokenizerOfTiktoken } from "../tokenizer/sources/tiktokenModel";
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

/** Where vocabularies stand that have no tokenizer.json: SentencePiece models and tiktoken files, the latter under both names. */
const VOCABULARY_FILES = ["tokenizer.model", "tiktoken.model", "original/tokenizer.model"] as const;

/** The tokenizer of a folder: its tokenizer.json, else its vocabulary file with what tokenizer_config.json and added_tokens.json say. */
export async function findTokenizer(folder: Folder, config: JsonObject): Promise<TokenizerSource | undefined> {
  const identity = await folder.identity?.(TOKENIZER_JSON);
  // Where the file is known to be there, whoever knows its content already need not read it.
  if (identity !== undefined) return { ...tokenizerJson(() => folder.read(TOKENIZER_JSON)), identity };
  const json = await folder.read(TOKENIZER_JSON);
  if (json !== undefined) return tokenizerJson(() => Promise.resolve(json));
  for (const file of VOCABULARY_FILES) {
    const bytes = await folder.read(file);
    if (bytes === undefined) continue;
    const added = await folder.read("added_tokens.json");
    const described = new TextEncoder().encode(JSON.stringify(config));
    return {
      file,
      bytes: () => [bytes, described, ...(added === undefined ? [] : [added])],
      read: () => parsedDocument(tokenizerOfVocabulary(file, bytes, config, added === undefined ? {} : parseJsonFile("added_tokens.json", added))),
    };
  }
  return undefined;
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
  try {
    const tokenizer = isTiktokenModel(bytes) ? tokenizerOfTiktoken(decodeUtf8(bytes).text) : tokenizerOfSentencePiece(readSentencePieceModel(bytes), config);
    return withAddedTokens(tokenizer, config, added);
  } catch (error) {
    if (!(error instanceof TunesmithError)) throw error;
    throw new TunesmithError(error.code, `${file}: ${error.message}`, { cause: error });
  }
}
