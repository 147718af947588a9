import type { Vocabulary } from "../stretchEncoder";
import { utf8Length, writeUtf8 } from "../tables/utf8";
import { HASH_SEED, findToken, hashByte } from "../tables/vocabulary";
import type { CompiledSentencePiece } from "./compile";
import { MARK } from "./mark";

/** The strings and bytes of a SentencePiece-style vocabulary. A token's bytes have a space where its string has ▁. */
export function sentencePieceVocabulary({ count, tables: { vocabulary, byteIds } }: CompiledSentencePiece): Vocabulary {
  const { bytes, starts } = vocabulary;
  const byteOf = new Map(Array.from(byteIds, (id, byte) => [id, byte] as const));
  const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  const textOf = (id: number): string | undefined => {
    const start = starts[id];
    const end = starts[id + 1];
    // A copy, since the host's decoder takes no shared memory.
    return start === undefined || end === undefined || start === end ? undefined : utf8.decode(bytes.slice(start, end));
  };
  return {
    count,
    text: textOf,
    bytes: (id) => {
      const byte = byteOf.get(id);
      return byte === undefined ? encoded(textOf(id)?.replaceAll(MARK, " ")) : Uint8Array.of(byte);
    },
    id: (text) => {
      const own = encoded(text) ?? new Uint8Array(0);
      const id = own.length === 0 ? -1 : findToken(vocabulary, own, 0, own.length, own.reduce(hashByte, HASH_SEED));
      return id < 0 ? undefined : id;
    },
  };
}

function encoded(text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined;
  const bytes = new Uint8Array(utf8Length(text));
  writeUtf8(text, 0, text.length, bytes, 0);
  return bytes;
}
