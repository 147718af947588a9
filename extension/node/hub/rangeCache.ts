import { randomBytes } from "node:crypto";
import { readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { readPacked, readPackIndex, writePack, type PackedRange } from "./rangePack";

/** Part of a file: `[start, end)`, in bytes. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

/** A pack on disk; a damaged one is dropped as a whole. */
interface Pack {
  readonly path: string;
  dropped: boolean;
}

/** Where held bytes are. `start` is the place of the first of them in the remote file. */
type Holder = { readonly kind: "memory"; readonly start: number; readonly bytes: Uint8Array } | { readonly kind: "pack"; readonly pack: Pack; readonly range: PackedRange };

interface Held extends ByteSpan {
  readonly holder: Holder;
}

/** A change of the pack's format gets a new name. */
const RANGES = join("tunesmith", "ranges-v1");
/** Ranges are collected up to this size before they are written, so that a check makes few files. */
const PACK_BYTES = 8 * 1024 * 1024;
/** Ranges are kept in parts of this size: to give one row of a long range, the part is read and compared with its hash. */
const PART_BYTES = 128 * 1024;
/** A pack holds no more ranges than this, however short they are. */
const PACK_RANGES = 16_384;
/** Held of one file: 30,000 rows of a large model. More is read from the network again the next time. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;
/** Held of all files; the packs that were unused the longest go first. */
const MAX_TOTAL_BYTES = 1024 * 1024 * 1024;
const KEPT_AFTER_PRUNING = 0.8 * MAX_TOTAL_BYTES;
/** What a process that died left while it wrote. */
const PASSING_AGE_MS = 60 * 60 * 1000;

/**
 * The ranges of one remote file that were fetched before, in memory and on disk, by the file's content hash: a second check
 * of the same ids fetches nothing. Processes may share the folder. A cache that cannot be written or read back costs another
 * request and no more, so nothing here fails.
 */
export class RangeCache {
  readonly #folder: string;
  /** By place, without overlaps. */
  #held: Held[] = [];
  #heldBytes = 0;
  #unwritten: Held[] = [];
  #unwrittenBytes = 0;
  #writing: Promise<void> = Promise.resolve();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param etag the content hash of the remote file. */
  static async open(assetsDir: string, etag: string): Promise<RangeCache> {
    const cache = new RangeCache(join(assetsDir, RANGES, etag));
    const names = await readdir(cache.#folder).catch(() => []);
    for (const name of names.filter((entry) => entry.endsWith(".pack"))) await cache.#load(join(cache.#folder, name));
    return cache;
  }

  async #load(path: string): Promise<void> {
    try {
      const ranges = await readPackIndex(path);
      if (ranges === undefined) {
        await rm(path, { force: true });
        return;
      }
      const pack = { path, dropped: false };
      for (const range of ranges) this.#hold({ start: range.start, end: range.start + range.length, holder: { kind: "pack", pack, range } });
      const now = new Date();
      await utimes(path, now, now);
    } catch {
      // Another process removed it, or it may not be read: what it held is fetched again.
    }
  }

  /** Fills `target`, which begins at `offset` of the file, with what is held, and returns the parts that are not. */
  async copy(offset: number, target: Uint8Array): Promise<readonly ByteSpan[]> {
    const end = offset + target.length;
    for (const held of this.#heldIn(offset, end)) {
      const bytes = await bytesOf(held.holder);
      if (bytes === undefined) {
        await this.#drop(held.holder);
        return await this.copy(offset, target);
      }
      const from = Math.max(held.start, offset);
      target.set(bytes.subarray(from - startOf(held.holder), Math.min(held.end, end) - startOf(held.holder)), from - offset);
    }
    return this.missing(offset, end);
  }

  /** The parts of `[start, end)` that are not held, in order. */
  missing(start: number, end: number): readonly ByteSpan[] {
    const gaps: ByteSpan[] = [];
    let at = start;
    for (const held of this.#heldIn(start, end)) {
      if (held.start > at) gaps.push({ start: at, end: held.start });
      at = held.end;
    }
    if (at < end) gaps.push({ start: at, end });
    return gaps;
  }

  /** Takes bytes that were fetched; they must not change afterwards. */
  add(start: number, bytes: Uint8Array): void {
    if (this.#heldBytes + bytes.length > MAX_FILE_BYTES) return;
    for (const part of parts(this.missing(start, start + bytes.length))) {
      const held: Held = { ...part, holder: { kind: "memory", start: part.start, bytes: bytes.subarray(part.start - start, part.end - start) } };
      this.#insert(held);
      this.#unwritten.push(held);
      this.#unwrittenBytes += part.end - part.start;
    }
    if (this.#unwrittenBytes >= PACK_BYTES || this.#unwritten.length >= PACK_RANGES) void this.flush();
  }

  /** Writes what was added. Never rejects. */
  flush(): Promise<void> {
    const written = this.#unwritten;
    this.#unwritten = [];
    this.#unwrittenBytes = 0;
    if (written.length > 0) this.#writing = this.#writing.then(() => this.#write(written));
    return this.#writing;
  }

  async #write(written: readonly Held[]): Promise<void> {
    const pack: Pack = { path: join(this.#folder, `${process.pid}-${randomBytes(6).toString("hex")}.pack`), dropped: false };
    try {
      const contents = written.flatMap(({ start, holder }) => (holder.kind === "memory" ? [{ start, bytes: holder.bytes }] : []));
      const packed = await writePack(pack.path, contents);
      const moved = new Map(written.map((held, index) => [held, packed[index]] as const));
      // The bytes leave the memory.
      this.#held = this.#held.map((held) => {
        const range = moved.get(held);
        return range === undefined ? held : { start: held.start, end: held.end, holder: { kind: "pack", pack, range } };
      });
      await prune(join(this.#folder, ".."));
    } catch {
      // A full or read-only disk: what would have been written is forgotten, and fetched again where it is needed.
      const lost = new Set(written);
      this.#held = this.#held.filter((held) => !lost.has(held));
      this.#heldBytes = this.#held.reduce((sum, held) => sum + held.end - held.start, 0);
    }
  }

  /** Adds what is new of a span. */
  #hold({ start, end, holder }: Held): void {
    for (const gap of this.missing(start, end)) this.#insert({ ...gap, holder });
  }

  #insert(held: Held): void {
    this.#held.splice(this.#indexAfter(held.start), 0, held);
    this.#heldBytes += held.end - held.start;
  }

  async #drop(holder: Holder): Promise<void> {
    if (holder.kind === "memory") return;
    const { pack } = holder;
    pack.dropped = true;
    this.#held = this.#held.filter((held) => !(held.holder.kind === "pack" && held.holder.pack === pack));
    this.#heldBytes = this.#held.reduce((sum, held) => sum + held.end - held.start, 0);
    await rm(pack.path, { force: true }).catch(() => undefined);
  }

  #heldIn(start: number, end: number): readonly Held[] {
    const from = this.#indexAfter(start);
    let to = from;
    while ((this.#held[to]?.start ?? Infinity) < end) to++;
    return this.#held.slice(from, to);
  }

  /** The index of the first span that ends after `place`. */
  #indexAfter(place: number): number {
    let low = 0;
    let high = this.#held.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#held[middle]?.end ?? Infinity) > place) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function* parts(spans: readonly ByteSpan[]): Generator<ByteSpan, void, void> {
  for (const { start, end } of spans) {
    for (let at = start; at < end; at += PART_BYTES) yield { start: at, end: Math.min(end, at + PART_BYTES) };
  }
}

function startOf(holder: Holder): number {
  return holder.kind === "memory" ? holder.start : holder.range.start;
}

async function bytesOf(holder: Holder): Promise<Uint8Array | undefined> {
  if (holder.kind === "memory") return holder.bytes;
  return holder.pack.dropped ? undefined : await readPacked(holder.pack.path, holder.range).catch(() => undefined);
}

/** Removes the packs that were unused the longest, when there is too much of them. */
async function prune(root: string): Promise<void> {
  const packs: { readonly path: string; readonly bytes: number; readonly usedMs: number }[] = [];
  for (const name of await readdir(root, { recursive: true })) {
    const path = join(root, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() !== true) continue;
    if (path.endsWith(".pack")) packs.push({ path, bytes: found.size, usedMs: found.mtimeMs });
    else if (Date.now() - found.mtimeMs > PASSING_AGE_MS) await rm(path, { force: true });
  }
  let total = packs.reduce((sum, pack) => sum + pack.bytes, 0);
  if (total <= MAX_TOTAL_BYTES) return;
  for (const pack of packs.sort((a, b) => a.usedMs - b.usedMs)) {
    if (total <= KEPT_AFTER_PRUNING) break;
    await rm(pack.path, { force: true });
    total -= pack.bytes;
  }
}
