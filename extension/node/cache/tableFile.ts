import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";

/** Arrays of numbers with a description, as a cache keeps them. */
export interface TableSet {
  /** Anything that JSON can hold. */
  readonly meta: unknown;
  readonly tables: Readonly<Record<string, Table>>;
}

export type Table = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

type TypeName = "Uint8Array" | "Uint16Array" | "Uint32Array" | "Int32Array" | "Float32Array" | "Float64Array";

const TYPES: Readonly<Record<TypeName, new (buffer: ArrayBufferLike, byteOffset: number, length: number) => Table>> = {
  Uint8Array,
  Uint16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
};

/**
 * A file: magic, length of the head, CRC-32 of all else, head (JSON, padded), tables at multiples of eight. The checksum is against
 * damage, not against people who may write here; it takes a tenth of the time of a hash.
 */
const MAGIC = Buffer.from("TSTABLE2");
const CHECKSUM_AT = MAGIC.length + 4;
const FIXED_BYTES = CHECKSUM_AT + 4;
const ALIGNMENT = 8;
/** A larger file is not one of ours. */
const MAX_FILE_BYTES = 1024 * 1024 * 1024;

interface Head {
  readonly meta: unknown;
  readonly tables: readonly { readonly name: string; readonly type: TypeName; readonly offset: number; readonly length: number }[];
}

/**
 * Reads what {@link writeTables} wrote, into memory that other threads can share. Undefined where there is no such file, or
 * one that is damaged or of another version: then it is to be made again.
 */
export async function readTables(path: string): Promise<TableSet | undefined> {
  const bytes = await readShared(path).catch(() => undefined);
  if (bytes === undefined || bytes.length < FIXED_BYTES || MAGIC.compare(bytes, 0, MAGIC.length) !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const headEnd = FIXED_BYTES + view.getUint32(MAGIC.length, true);
  if (headEnd > bytes.length || checksum(bytes, [bytes.subarray(FIXED_BYTES)]) !== view.getUint32(CHECKSUM_AT, true)) return undefined;
  // The checksum is right, so the head is as it was written.
  const head = JSON.parse(Buffer.from(bytes.subarray(FIXED_BYTES, headEnd)).toString("utf8")) as Head;
  const tables: Record<string, Table> = {};
  for (const { name, type, offset, length } of head.tables) tables[name] = new TYPES[type](bytes.buffer, headEnd + offset, length);
  return { meta: head.meta, tables };
}

async function readShared(path: string): Promise<Uint8Array<SharedArrayBuffer> | undefined> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    if (size > MAX_FILE_BYTES) return undefined;
    const bytes = new Uint8Array(new SharedArrayBuffer(size));
    for (let done = 0; done < size; ) {
      const { bytesRead } = await handle.read(bytes, done, size - done, done);
      if (bytesRead === 0) return undefined;
      done += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

/** Writes a file that is there whole or not at all, whoever else writes it at the same time. @throws Error of the file system. */
export async function writeTables(path: string, { meta, tables }: TableSet): Promise<void> {
  const parts: Uint8Array[] = [];
  const entries: Head["tables"][number][] = [];
  let offset = 0;
  for (const [name, table] of Object.entries(tables)) {
    const bytes = new Uint8Array(table.buffer, table.byteOffset, table.byteLength);
    entries.push({ name, type: typeOf(table), offset, length: table.length });
    parts.push(bytes, new Uint8Array(padding(bytes.length)));
    offset += bytes.length + padding(bytes.length);
  }
  const json = Buffer.from(JSON.stringify({ meta, tables: entries } satisfies Head));
  const head = Buffer.concat([json, Buffer.alloc(padding(FIXED_BYTES + json.length), " ")]);
  const fixed = Buffer.alloc(FIXED_BYTES);
  MAGIC.copy(fixed);
  fixed.writeUInt32LE(head.length, MAGIC.length);
  fixed.writeUInt32LE(checksum(fixed, [head, ...parts]), CHECKSUM_AT);
  await writeWhole(path, [fixed, head, ...parts]);
}

function checksum(fixed: Uint8Array, parts: readonly Uint8Array[]): number {
  // Of nothing zlib gives 0, whatever came before.
  return parts.reduce((sum, part) => (part.length === 0 ? sum : crc32(part, sum)), crc32(fixed.subarray(0, CHECKSUM_AT)));
}

function padding(length: number): number {
  return (ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT;
}

function typeOf(table: Table): TypeName {
  const name = Object.prototype.toString.call(table).slice("[object ".length, -1);
  return name as TypeName;
}

/** Writes a file that is there whole or not at all, unless the machine crashes: what it holds has to show that. @throws Error of the file system. */
export async function writeWhole(path: string, parts: readonly Uint8Array[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const passing = `${path}.${process.pid}.${randomUUID()}.tmp`;
  try {
    const handle = await open(passing, "wx");
    try {
      for (const part of parts) await handle.writeFile(part);
    } finally {
      await handle.close();
    }
    await rename(passing, path);
  } catch (error) {
    await rm(passing, { force: true });
    throw error;
  }
}

/** Removes the files of a cache folder that were read longest ago, until `maxBytes` are left; and what crashes left behind. */
export async function pruneCache(folder: string, maxBytes: number): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const found = await stat(path).catch(() => undefined);
      return found?.isFile() === true ? { path, size: found.size, used: Math.max(found.atimeMs, found.mtimeMs) } : undefined;
    }),
  );
  const known = files.filter((file) => file !== undefined).sort((a, b) => b.used - a.used);
  let kept = 0;
  for (const { path, size, used } of known) {
    const leftBehind = path.endsWith(".tmp") && Date.now() - used > DAY_MS;
    kept += size;
    if (leftBehind || kept > maxBytes) await rm(path, { force: true });
  }
}

const DAY_MS = 24 * 60 * 60 * 1000;
