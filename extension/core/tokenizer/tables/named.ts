import { type CompiledTable, type CompiledTables, tableNamed } from "../compiled";
import type { MergeTable } from "./mergeTable";
import type { VocabularyTable } from "./vocabulary";

/** The arrays of a group by the names that they have among all tables of a tokenizer. */
export function namedTables(group: string, tables: object): Record<string, CompiledTable> {
  return Object.fromEntries(Object.entries(tables).flatMap(([key, table]) => (ArrayBuffer.isView(table) ? [[`${group}.${key}`, table as CompiledTable]] : [])));
}

/** The group `vocabulary`. @throws TunesmithError `compiled-tokenizer` where tables are missing. */
export function vocabularyFrom(tables: CompiledTables): VocabularyTable {
  return {
    bytes: tableNamed(tables, "vocabulary.bytes", Uint8Array),
    starts: tableNamed(tables, "vocabulary.starts", Uint32Array),
    slots: tableNamed(tables, "vocabulary.slots", Uint32Array),
  };
}

/** The group `merges`. @throws TunesmithError `compiled-tokenizer` where tables are missing. */
export function mergeTableFrom(tables: CompiledTables): MergeTable {
  return {
    slots: tableNamed(tables, "merges.slots", Int32Array),
    results: tableNamed(tables, "merges.results", Int32Array),
    low: tableNamed(tables, "merges.low", Int32Array),
    filter: tableNamed(tables, "merges.filter", Uint8Array),
  };
}
