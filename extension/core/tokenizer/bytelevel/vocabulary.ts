import { byteLevelBytes, byteLevelText } from "../decode/byteAlphabet";
import type { Vocabulary } from "../stretchEncoder";
import { HASH_SEED, findToken, hashByte } from "../tables/vocabulary";
import type { CompiledByteLevel } from "./compile";

/** The strings and bytes of a byte-level vocabulary. */
export function byteLevelVocabulary({ tables, others, count }: CompiledByteLevel): Vocabulary {
  const { bytes, starts } = tables.vocabulary;
  const textOf = new Map(others);
  const idOf = new Map(others.map(([id, text]) => [text, id]));
  const bytesOf = (id: number): Uint8Array | undefined => {
    const start = starts[id];
    const end = starts[id + 1];
    return start === undefined || end === undefined || start === end ? undefined : bytes.subarray(start, end);
  };
  return {
    count,
    bytes: (id) => {
      const other = textOf.get(id);
      return other === undefined ? bytesOf(id) : new TextEncoder().encode(other);
    },
    text: (id) => {
      const own = bytesOf(id);
      return own === undefined ? textOf.get(id) : byteLevelText(own);
    },
    id: (text) => {
      const own = byteLevelBytes(text);
      if (own === undefined || own.length === 0) return idOf.get(text);
      const id = findToken(tables.vocabulary, own, 0, own.length, own.reduce(hashByte, HASH_SEED));
      return id < 0 ? undefined : id;
    },
  };
}
