import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ModelFiles } from "../../core/model/modelFolder";
import type { TokenizerSource } from "../../core/model/tokenizerSource";
import { COMPILED_VERSION, type CompiledMeta, type CompiledTables, type CompiledTokenizer } from "../../core/tokenizer/compiled";
import { createTokenizer } from "../../core/tokenizer/create";
import { type OpenedTokenizer, openDocument } from "../../core/tokenizer/open";
import { cacheFolder } from "./cacheFolder";
import { pruneCache, readTables, writeTables, writeWhole } from "./tableFile";

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
  const known = await hashKnownFor(source, folder);
  const early = known === undefined ? undefined : await openKept(known, folder);
  if (early !== undefined) return early;
  const hash = hashOf(await source.bytes());
  await keepHash(source, hash, folder);
  const kept = hash === known ? undefined : await openKept(hash, folder);
  if (kept !== undefined) return kept;
  const opened = openDocument(await source.read(), config, (byteLength) => new SharedArrayBuffer(byteLength));
  if (opened.compiled !== undefined) await keep(hash, opened.compiled, folder);
  return { ...opened, hash };
}

function hashOf(bytes: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of bytes) hash.update(part);
  return hash.digest("hex");
}

// ── the hash of a file that is as it was ─────────────────────────────────────────────────────────────────────────────────

/** The hash of a source that was read before, by what names its content: reading and hashing 20 MB takes longer than all else. */
async function hashKnownFor({ identity }: TokenizerSource, folder: string): Promise<string | undefined> {
  if (identity === undefined) return undefined;
  const content = await readFile(hashPath(identity, folder), "latin1").catch(() => "");
  return /^[0-9a-f]{64}$/.test(content) ? content : undefined;
}

async function keepHash({ identity }: TokenizerSource, hash: string, folder: string): Promise<void> {
  if (identity === undefined) return;
  // As with tables: a cache that cannot be written costs time only.
  await writeWhole(hashPath(identity, folder), [Buffer.from(hash)]).catch(() => undefined);
}

function hashPath(identity: string, folder: string): string {
  return join(folder, `${hashOf([Buffer.from(identity)]).slice(0, 32)}.hash`);
}

// ── tables ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

interface KeptMeta {
  readonly version: number;
  readonly compiled: CompiledMeta;
}

/** Undefined where there are no tables, or damaged ones, or those of another version. */
async function openKept(hash: string, folder: string): Promise<CachedTokenizer | undefined> {
  const found = await readTables(tablesPath(hash, folder)).catch(() => undefined);
  if (found === undefined) return undefined;
  const { version, compiled: meta } = found.meta as KeptMeta;
  const compiled: CompiledTokenizer = { version, meta, tables: found.tables as CompiledTables };
  try {
    return { tokenizer: createTokenizer(compiled), compiled, hash };
  } catch {
    return undefined;
  }
}

async function keep(hash: string, { version, meta, tables }: CompiledTokenizer, folder: string): Promise<void> {
  try {
    await writeTables(tablesPath(hash, folder), { meta: { version, compiled: meta } satisfies KeptMeta, tables });
    await pruneCache(folder, MAX_CACHE_BYTES);
  } catch {
    // A full or read-only disk: it is made again next time.
  }
}

function tablesPath(hash: string, folder: string): string {
  return join(folder, `${hash}-v${COMPILED_VERSION}.tables`);
}
