import type { JsonObject } from "../../dataset/conversation";
import { type CompiledTable, type CompiledTables, tableNamed } from "../compiled";
import type { Behavior } from "../fallback/splitting";
import { mergeTableFrom, namedTables, vocabularyFrom } from "../tables/named";
import type { CompiledByteLevel, CompiledLevel } from "./compile";

/** A byte-level tokenizer as plain data: tables by names, and the rest as JSON. */
export interface ByteLevelData {
  readonly tables: CompiledTables;
  readonly settings: JsonObject;
}

/** What the settings hold, since {@link byteLevelData} wrote them. */
interface Settings extends Omit<CompiledByteLevel, "tables"> {
  readonly levels: readonly LevelSettings[];
  readonly byteLevels: readonly LevelSettings[];
}

interface LevelSettings {
  readonly behavior: Behavior;
  readonly invert: boolean;
  readonly stride: number;
}

export function byteLevelData({ tables, ignoreMerges, prefixSpace, others, count }: CompiledByteLevel): ByteLevelData {
  const { byteIds, joints, vocabulary, merges } = tables;
  const named: Record<string, CompiledTable> = { byteIds, joints, ...namedTables("vocabulary", vocabulary), ...namedTables("merges", merges) };
  const describe = (name: string, levels: readonly CompiledLevel[]): JsonObject[] =>
    levels.map(({ behavior, invert, tables: split }, i) => {
      Object.assign(named, namedTables(`${name}${i}`, split));
      return { behavior, invert, stride: split.stride } satisfies LevelSettings;
    });
  const settings = { ignoreMerges, prefixSpace, others, count, levels: describe("level", tables.levels), byteLevels: describe("byteLevel", tables.byteLevels) };
  return { tables: named, settings };
}

/** What {@link byteLevelData} was given. @throws TunesmithError `compiled-tokenizer` where tables are missing. */
export function byteLevelFrom({ tables, settings }: ByteLevelData): CompiledByteLevel {
  const levels = (name: string, list: readonly LevelSettings[]): CompiledLevel[] =>
    list.map(({ behavior, invert, stride }, i) => ({ behavior, invert, tables: { stride, ...splitTablesOf(tables, `${name}${i}`) } }));
  const read = settings as unknown as Settings;
  return {
    ignoreMerges: read.ignoreMerges,
    prefixSpace: read.prefixSpace,
    others: read.others,
    count: read.count,
    tables: {
      byteIds: tableNamed(tables, "byteIds", Int32Array),
      joints: tableNamed(tables, "joints", Uint8Array),
      vocabulary: vocabularyFrom(tables),
      merges: mergeTableFrom(tables),
      levels: levels("level", read.levels),
      byteLevels: levels("byteLevel", read.byteLevels),
    },
  };
}

function splitTablesOf(tables: CompiledTables, name: string): Omit<CompiledLevel["tables"], "stride"> {
  return {
    units: tableNamed(tables, `${name}.units`, Uint8Array),
    blocks: tableNamed(tables, `${name}.blocks`, Uint16Array),
    astral: tableNamed(tables, `${name}.astral`, Uint8Array),
    transitions: tableNamed(tables, `${name}.transitions`, Uint16Array),
  };
}
