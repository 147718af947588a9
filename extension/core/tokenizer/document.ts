import type { JsonObject } from "../dataset/conversation";
import type { ModelLists } from "./tables/modelLists";
import { parsedLists } from "./tables/parsedLists";
import { scanTokenizer } from "./tables/scanTokenizer";
import { scannedLists } from "./tables/scannedLists";

/** A tokenizer.json, of which the vocabulary and the merges may still be bytes. */
export interface TokenizerDocument {
  /** The parsed file; `model.vocab` and `model.merges` may be empty. */
  readonly json: JsonObject;
  readonly lists: ModelLists;
  /** The parsed file with all that is in it. */
  whole(): JsonObject;
}

export function parsedDocument(json: JsonObject): TokenizerDocument {
  return { json, lists: parsedLists(json), whole: () => json };
}

/** The document in a file's bytes. @param parse reads all of them as JSON, for what is not as usual and for engines that need it; what it throws is thrown. */
export function readDocument(bytes: Uint8Array, parse: () => JsonObject): TokenizerDocument {
  const scanned = scanTokenizer(bytes);
  return scanned === undefined ? parsedDocument(parse()) : { json: scanned.json, lists: scannedLists(scanned.lists), whole: parse };
}
