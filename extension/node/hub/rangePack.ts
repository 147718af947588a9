import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";

// A file of byte ranges: magic, count of ranges (u32), for every range its place in the file that it is of (u64), its length
// (u32) and the first 8 bytes of its SHA-256, then the first 8 bytes of the SHA-256 of all before, then the ranges' bytes.
// Numbers are little-endian. It is written once and never changed, so it is whole or not there.

const MAGIC = Buffer.from("TSRANGE1", "latin1");
const RECORD_BYTES = 20;
const HASH_BYTES = 8;
/** A pack holds a few megabytes; more ranges than this are no pack of ours. */
const MAX_RECORDS = 1 << 16;

/** A range held in a pack. */
export interface PackedRange {
  readonly start: number;
  readonly length: number;
  /** Where its bytes are in the pack. */
  readonly position: number;
  readonly hash: Buffer;
}

export interface ByteRangeContent {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** Writes a pack that appears in one step. @throws errors of the file system. */
export async function writePack(path: string, ranges: readonly ByteRangeContent[]): Promise<readonly PackedRange[]> {
  const head = Buffer.alloc(MAGIC.length + 4 + ranges.length * RECORD_BYTES);
  MAGIC.copy(head);
  head.writeUInt32LE(ranges.length, MAGIC.length);
  let position = head.length + HASH_BYTES;
  const packed = ranges.map(({ start, bytes }, index): PackedRange => {
    const at = MAGIC.length + 4 + index * RECORD_BYTES;
    const range = { start, length: bytes.length, position, hash: hashOf(bytes) };
    head.writeBigUInt64LE(BigInt(start), at);
    head.writeUInt32LE(bytes.length, at + 8);
    range.hash.copy(head, at + 12);
    position += bytes.length;
    return range;
  });
  const passing = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(passing, "wx");
    try {
      for (const bytes of [head, hashOf(head), ...ranges.map((range) => range.bytes)]) await handle.writeFile(bytes);
    } finally {
      await handle.close();
    }
    await rename(passing, path);
  } catch (error) {
    await rm(passing, { force: true });
    throw error;
  }
  return packed;
}

/** The ranges of a pack, or undefined when it is not one, or damaged, or cut off. */
export async function readPackIndex(path: string): Promise<readonly PackedRange[] | undefined> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const start = await readAt(handle, 0, MAGIC.length + 4);
    if (start?.subarray(0, MAGIC.length).equals(MAGIC) !== true) return undefined;
    const count = start.readUInt32LE(MAGIC.length);
    if (count > MAX_RECORDS) return undefined;
    const table = await readAt(handle, start.length, count * RECORD_BYTES + HASH_BYTES);
    if (table === undefined) return undefined;
    const records = table.subarray(0, count * RECORD_BYTES);
    if (!hashOf(Buffer.concat([start, records])).equals(table.subarray(records.length))) return undefined;
    return packedRanges(records, start.length + table.length, size);
  } finally {
    await handle.close();
  }
}

function packedRanges(records: Buffer, firstPosition: number, size: number): readonly PackedRange[] | undefined {
  const ranges: PackedRange[] = [];
  let position = firstPosition;
  for (let at = 0; at < records.length; at += RECORD_BYTES) {
    const length = records.readUInt32LE(at + 8);
    ranges.push({ start: Number(records.readBigUInt64LE(at)), length, position, hash: records.subarray(at + 12, at + RECORD_BYTES) });
    position += length;
  }
  return position === size ? ranges : undefined;
}

/** A range's bytes; undefined when they are damaged. @throws errors of the file system. */
export async function readPacked(path: string, range: PackedRange): Promise<Buffer | undefined> {
  const handle = await open(path, "r");
  try {
    const bytes = await readAt(handle, range.position, range.length);
    return bytes !== undefined && hashOf(bytes).equals(range.hash) ? bytes : undefined;
  } finally {
    await handle.close();
  }
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) return undefined;
    done += bytesRead;
  }
  return bytes;
}

function hashOf(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest().subarray(0, HASH_BYTES);
}
