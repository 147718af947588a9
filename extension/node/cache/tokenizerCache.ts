import { createHash } from "node:crypto";
import { join } from "node:path";
import type { ModelFiles } from "../../core/model/modelFolder";
import type { TokenizerSource } from "../../core/model/tokenizerSource";
import { COMPILED_VERSION, type CompiledMeta, type CompiledTables, type CompiledTokenizer } from "../../core/tokenizer/compiled";
import { createTokenizer } from "../../core/tokenizer/create";
import { type OpenedTokenizer, openTokenizer } from "../../core/tokenizer/open";
import { cacheFolder } from "./cacheFolder";
import { pruneCache, readTables, writeTables } from "./tableFile";

/** What the tables of tokenizers may take on disk: those of some thirty models. */
const MAX_CACHE_BYTES = 1024 * 1024 * 1024;

/** A tokenizer with the hash of what it was made of. */
export interface CachedTokenizer extends OpenedTokenizer {
  /** SHA-256 of the file, in hex. */
  readonly hash: string;
}

/**
 * Opens a model's tokenizer: from tables that were made earlier, where the cache has them for these very bytes; else it makes them, in
 * memory that threads can share, and keeps them. A cache that cannot be read or written costs time, and is no error.
 * @param folder of the cache. @throws what reading the tokenizer throws; TunesmithError `tokenizer-unsupported`.
 */
export async function openCachedTokenizer(
  source: TokenizerSource,
  config: ModelFiles["tokenizerConfig"],
  folder = join(cacheFolder(), "tokenizers"),
): Promise<CachedTokenizer> {
  const hash = hashOf(source);
  const path = join(folder, `${hash}-v${COMPILED_VERSION}.tables`);
  const kept = await readCompiled(path);
  const tokenizer = kept === undefined ? undefined : tokenizerOf(kept);
  if (tokenizer !== undefined) return { tokenizer, compiled: kept, hash };
  const opened = openTokenizer(source.read(), config, (byteLength) => new SharedArrayBuffer(byteLength));
  if (opened.compiled !== undefined) await keep(path, opened.compiled, folder);
  return { ...opened, hash };
}

function hashOf({ bytes }: TokenizerSource): string {
  const hash = createHash("sha256");
  for (const part of bytes) hash.update(part);
  return hash.digest("hex");
}

interface KeptMeta {
  readonly version: number;
  readonly compiled: CompiledMeta;
}

async function readCompiled(path: string): Promise<CompiledTokenizer | undefined> {
  const found = await readTables(path).catch(() => undefined);
  if (found === undefined) return undefined;
  const { version, compiled } = found.meta as KeptMeta;
  return { version, meta: compiled, tables: found.tables as CompiledTables };
}

/** Undefined for tables of another version. */
function tokenizerOf(compiled: CompiledTokenizer): ReturnType<typeof createTokenizer> | undefined {
  try {
    return createTokenizer(compiled);
  } catch {
    return undefined;
  }
}

async function keep(path: string, { version, meta, tables }: CompiledTokenizer, folder: string): Promise<void> {
  try {
    await writeTables(path, { meta: { version, compiled: meta } satisfies KeptMeta, tables });
    await pruneCache(folder, MAX_CACHE_BYTES);
  } catch {
    // A full or read-only disk: it is made again next time.
  }
}
