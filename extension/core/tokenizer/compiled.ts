import { TunesmithError } from "../../base/errors";
import type { JsonObject, JsonValue } from "../dataset/conversation";

/** Changes when what the tables hold changes: a cache file of another version is made anew. */
export const COMPILED_VERSION = 2;

export type CompiledTable = Uint8Array | Uint16Array | Uint32Array | Int32Array;

/**
 * Everything a fast tokenizer needs, as plain data: made once from a tokenizer.json, kept in a cache file, shared between threads.
 */
export interface CompiledTokenizer {
  readonly version: number;
  readonly meta: CompiledMeta;
  /** Large arrays by name; what makes one also reads it. */
  readonly tables: CompiledTables;
}

export interface CompiledTables {
  readonly [name: string]: CompiledTable;
}

/** What is small, as JSON. */
export interface CompiledMeta {
  /** How text becomes words and words become symbols; each kind has a runtime. */
  readonly kind: "byte-level" | "sentencepiece";
  readonly addedTokens: JsonValue;
  /** The fields of tokenizer.json that are read again when a tokenizer is made of the tables. */
  readonly normalizer: JsonValue;
  readonly postProcessor: JsonValue;
  readonly decoder: JsonValue;
  /** Whatever else the kind needs. */
  readonly settings: JsonObject;
}

/** Gives memory for tables; hosts may let threads share it. At least as long as asked for, aligned for any typed array. */
export type Allocate = (byteLength: number) => ArrayBufferLike;

/** A table by its name. @throws TunesmithError `compiled-tokenizer` where there is none of that type. */
export function tableNamed<T extends CompiledTable>(tables: CompiledTables, name: string, type: abstract new (...args: never[]) => T): T {
  const table = tables[name];
  if (table instanceof type) return table;
  throw new TunesmithError("compiled-tokenizer", `The compiled tokenizer has no table ${name}. Make it again from tokenizer.json.`);
}
