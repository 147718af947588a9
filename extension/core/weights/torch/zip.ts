import { brokenFile, tooLarge, WeightsError } from "../errors";
import { type OpenedFile, readBytes, sizeText, viewOf } from "../openedFile";

/** A file inside an archive. */
export interface ZipEntry {
  readonly name: string;
  /** Bytes of the file; the archive holds them as they are. */
  readonly size: number;
  /** Where its local header stands in the archive. */
  readonly headerOffset: number;
}

/** torch writes one entry a storage: some 100,000 for the largest models in one file. */
const MAX_ENTRIES = 300_000;

/** Of the directory, in bytes: with {@link MAX_ENTRIES}, entries of some 200 bytes. */
const MAX_DIRECTORY_BYTES = 64 * 1024 * 1024;

/** The end of directory record is 22 bytes, and a comment of at most 65,535 may follow; the 64-bit records stand before it. */
const TAIL_BYTES = 22 + 65_535 + 20 + 56;
/** The same without a comment, as torch writes it: over a network the rest would be read for nothing. */
const PLAIN_TAIL_BYTES = 22 + 20 + 56;

const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const MAX16 = 0xffff;
const MAX32 = 0xffffffff;
/** The extra field that has the sizes and offsets which 32 bits cannot hold. */
const EXTRA64 = 1;
const ENCRYPTED = 1;

interface Directory {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
}

/**
 * Reads the directory of a zip archive, 64-bit ones included. Nothing is ever decompressed: an entry that is compressed or
 * encrypted is left out, and listed in `unreadable` with the reason.
 * Source: PKWARE's APPNOTE.TXT 6.3.
 * @throws WeightsError `weights-broken`, `weights-too-large`.
 */
export async function readZipDirectory(file: OpenedFile): Promise<{ readonly entries: ReadonlyMap<string, ZipEntry>; readonly unreadable: ReadonlyMap<string, string> }> {
  const directory = await findDirectory(file);
  if (directory.size > MAX_DIRECTORY_BYTES) throw tooLarge(file.name, directory.offset, `its directory has ${sizeText(directory.size)}`, sizeText(MAX_DIRECTORY_BYTES));
  if (directory.count > MAX_ENTRIES) throw tooLarge(file.name, directory.offset, `its directory has ${directory.count} entries`, `${MAX_ENTRIES}`);
  return parseDirectory(file, directory, await readBytes(file, directory.offset, directory.size));
}

/**
 * Where an entry's data begin.
 * @throws WeightsError `weights-broken` where its local header is not that entry's, or its data overlap the directory.
 */
export async function entryDataOffset(file: OpenedFile, { name, size, headerOffset }: ZipEntry): Promise<number> {
  const view = viewOf(await readBytes(file, headerOffset, 30));
  if (view.getUint32(0, true) !== LOCAL) throw brokenFile(file.name, headerOffset, `there is no local header of ${name}`);
  const offset = headerOffset + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  if (offset + size > file.access.size) throw brokenFile(file.name, headerOffset, `${name} should end at byte ${offset + size}, but the file ends at ${file.access.size}`);
  return offset;
}

async function findDirectory(file: OpenedFile): Promise<Directory> {
  const { name, access } = file;
  let tailStart = Math.max(0, access.size - PLAIN_TAIL_BYTES);
  let view = viewOf(await readBytes(file, tailStart, access.size - tailStart));
  let at = findEnd(view);
  if (at === undefined) {
    tailStart = Math.max(0, access.size - TAIL_BYTES);
    view = viewOf(await readBytes(file, tailStart, access.size - tailStart));
    at = findEnd(view);
  }
  if (at === undefined) throw brokenFile(name, access.size, "the directory of the archive is missing, as in a download that was cut short");
  const record = tailStart + at;
  const directory = { count: view.getUint16(at + 10, true), size: view.getUint32(at + 12, true), offset: view.getUint32(at + 16, true) };
  const needs64 = directory.count === MAX16 || directory.size === MAX32 || directory.offset === MAX32;
  const found = needs64 ? await readEnd64(file, view, at, tailStart) : directory;
  if (found.offset + found.size > record) throw brokenFile(name, record, "the directory of the archive overlaps its own end");
  return found;
}

/** The last place where the end record can stand: its comment must reach to the file's end. */
function findEnd(view: DataView): number | undefined {
  for (let at = view.byteLength - 22; at >= 0 && at >= view.byteLength - 22 - MAX16; at--) {
    if (view.getUint32(at, true) === END && at + 22 + view.getUint16(at + 20, true) === view.byteLength) return at;
  }
  return undefined;
}

async function readEnd64(file: OpenedFile, tail: DataView, end: number, tailStart: number): Promise<Directory> {
  const locator = end - 20;
  if (locator < 0 || tail.getUint32(locator, true) !== LOCATOR64) throw brokenFile(file.name, tailStart + end, "the archive's 64-bit locator is missing");
  const offset = Number(tail.getBigUint64(locator + 8, true));
  if (offset + 56 > tailStart + locator) throw brokenFile(file.name, tailStart + locator, "the archive's 64-bit locator points past itself");
  const view = viewOf(await readBytes(file, offset, 56));
  if (view.getUint32(0, true) !== END64) throw brokenFile(file.name, offset, "the archive's 64-bit end record is missing");
  return { count: Number(view.getBigUint64(32, true)), size: Number(view.getBigUint64(40, true)), offset: Number(view.getBigUint64(48, true)) };
}

function parseDirectory({ name: file }: OpenedFile, { offset, count }: Directory, bytes: Uint8Array): { readonly entries: ReadonlyMap<string, ZipEntry>; readonly unreadable: ReadonlyMap<string, string> } {
  const view = viewOf(bytes);
  const entries = new Map<string, ZipEntry>();
  const unreadable = new Map<string, string>();
  const decoder = new TextDecoder("utf-8");
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== ENTRY) throw brokenFile(file, offset + at, `the directory of the archive has ${i} entries, but should have ${count}`);
    const nameEnd = at + 46 + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    const next = extraEnd + view.getUint16(at + 32, true);
    if (next > bytes.length) throw brokenFile(file, offset + at, "an entry of the archive's directory goes on past its end");
    const name = decoder.decode(bytes.subarray(at + 46, nameEnd));
    if (entries.has(name) || unreadable.has(name)) throw brokenFile(file, offset + at, `the archive has ${name} twice`);
    const reason = whyUnreadable(view, at);
    if (reason === undefined) entries.set(name, readEntry(file, name, view, at, { from: nameEnd, to: extraEnd }, offset));
    else unreadable.set(name, reason);
    at = next;
  }
  return { entries, unreadable };
}

function whyUnreadable(view: DataView, at: number): string | undefined {
  if ((view.getUint16(at + 8, true) & ENCRYPTED) !== 0) return "it is encrypted";
  const method = view.getUint16(at + 10, true);
  return method === 0 ? undefined : `it is compressed (method ${method}), which torch never does`;
}

function readEntry(file: string, name: string, view: DataView, at: number, extra: { readonly from: number; readonly to: number }, offset: number): ZipEntry {
  const packed = view.getUint32(at + 20, true);
  const size = view.getUint32(at + 24, true);
  const headerOffset = view.getUint32(at + 42, true);
  const long = readExtra64(view, extra, [size, packed, headerOffset]);
  if (long === undefined) throw brokenFile(file, offset + at, `the 64-bit sizes of ${name} are missing`);
  const [longSize, longPacked, longOffset] = long;
  if (longSize !== longPacked) throw brokenFile(file, offset + at, `${name} is not compressed, but has ${longPacked} of ${longSize} bytes`);
  if (longOffset + 30 + longSize > offset) throw brokenFile(file, offset + at, `${name} goes on into the archive's directory`);
  return { name, size: longSize, headerOffset: longOffset };
}

/** The values, with those that are all ones taken in turn from the extra field; undefined where it has too few. */
function readExtra64(view: DataView, { from, to }: { readonly from: number; readonly to: number }, values: readonly [number, number, number]): [number, number, number] | undefined {
  if (!values.includes(MAX32)) return [...values];
  for (let at = from; at + 4 <= to; ) {
    const size = view.getUint16(at + 2, true);
    const end = at + 4 + size;
    if (end > to) return undefined;
    if (view.getUint16(at, true) === EXTRA64) {
      let next = at + 4;
      const take = (value: number): number => {
        if (value !== MAX32) return value;
        next += 8;
        return next > end ? Number.NaN : Number(view.getBigUint64(next - 8, true));
      };
      const [a, b, c] = values;
      const taken: [number, number, number] = [take(a), take(b), take(c)];
      return taken.some((value) => Number.isNaN(value)) ? undefined : taken;
    }
    at = end;
  }
  return undefined;
}

/** An error for an entry that cannot be read, or is not there. */
export function entryError(file: string, name: string, unreadable: ReadonlyMap<string, string>): WeightsError {
  const reason = unreadable.get(name);
  if (reason === undefined) return brokenFile(file, undefined, `the archive has no ${name}`);
  return new WeightsError("weights-unsupported", `${name} in ${file} cannot be read: ${reason}. Save the model again, best with save_pretrained.`, { file });
}
