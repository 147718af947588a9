import type { JsonObject, JsonValue } from "../../dataset/conversation";
import type { DecodeIds, Vocabulary } from "../stretchEncoder";
import { byteLevelBytes } from "./byteAlphabet";
import { createDecoder } from "./decoder";

/**
 * What the field `decoder` of a tokenizer.json makes of ids; undefined where it is of an unknown kind. Unknown ids stand for nothing.
 * @param added what added tokens stand for.
 */
export function createDecode(value: JsonValue | undefined, vocabulary: Vocabulary, added: ReadonlyMap<number, string>): DecodeIds | undefined {
  if ((value as JsonObject | null | undefined)?.["type"] === "ByteLevel") return decodeBytes(vocabulary, added);
  const decoder = createDecoder(value);
  if (decoder === undefined) return undefined;
  return (ids) => decoder.decode(ids.map((id) => added.get(id) ?? vocabulary.text(id)).filter((text) => text !== undefined));
}

const lossy = new TextDecoder("utf-8", { ignoreBOM: true });

/** The same as by way of strings, without making any. An added token in the alphabet's characters stands for its bytes too. */
function decodeBytes(vocabulary: Vocabulary, added: ReadonlyMap<number, string>): DecodeIds {
  const utf8 = new TextEncoder();
  const addedBytes = new Map(Array.from(added, ([id, content]) => [id, byteLevelBytes(content) ?? utf8.encode(content)]));
  return (ids) => {
    const parts = ids.map((id) => addedBytes.get(id) ?? vocabulary.bytes(id));
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + (part?.length ?? 0), 0));
    let at = 0;
    for (const part of parts) {
      if (part === undefined) continue;
      bytes.set(part, at);
      at += part.length;
    }
    return lossy.decode(bytes);
  };
}
