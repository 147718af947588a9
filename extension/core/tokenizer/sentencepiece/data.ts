import type { JsonObject } from "../../dataset/conversation";
import { type CompiledTables, tableNamed } from "../compiled";
import { mergeTableFrom, namedTables, vocabularyFrom } from "../tables/named";
import type { CompiledSentencePiece } from "./compile";

/** A SentencePiece-style tokenizer as plain data: tables by names, and the rest as JSON. */
export interface SentencePieceData {
  readonly tables: CompiledTables;
  readonly settings: JsonObject;
}

export function sentencePieceData({ shape, unknownId, count, tables }: CompiledSentencePiece): SentencePieceData {
  const { vocabulary, merges, ...own } = tables;
  return {
    tables: { ...own, ...namedTables("vocabulary", vocabulary), ...namedTables("merges", merges) },
    settings: { shape: { ...shape, unknownToken: shape.unknownToken ?? null }, unknownId, count },
  };
}

/** What {@link sentencePieceData} was given. @throws TunesmithError `compiled-tokenizer` where tables are missing. */
export function sentencePieceFrom({ tables, settings }: SentencePieceData): CompiledSentencePiece {
  const { shape, unknownId, count } = settings as unknown as Omit<CompiledSentencePiece, "tables">;
  return {
    shape,
    unknownId,
    count,
    tables: {
      vocabulary: vocabularyFrom(tables),
      merges: mergeTableFrom(tables),
      unitIds: tableNamed(tables, "unitIds", Int32Array),
      pairIds: tableNamed(tables, "pairIds", Int32Array),
      byteIds: tableNamed(tables, "byteIds", Int32Array),
      joints: tableNamed(tables, "joints", Uint8Array),
    },
  };
}
