import { ByteWriter } from "./bytes";

export interface ZipEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** 0, stored, when left out; any other number is only written down, the bytes stay as they are. */
  readonly method?: number;
}

export interface ZipOptions {
  /** Data begins at a multiple of this, as torch aligns it. */
  readonly alignment?: number;
  /** Sizes and offsets of the directory in the 64-bit extra field, as of files past 4 GiB. */
  readonly zip64?: boolean;
  /** Sizes stand behind the data and not in the local header, as torch writes. */
  readonly descriptors?: boolean;
}

const MAX32 = 0xffffffff;

/** A zip archive of files that are not compressed. Checksums are 0: nothing here looks at them. */
export function writeZip(entries: readonly ZipEntry[], { alignment = 64, zip64 = false, descriptors = true }: ZipOptions = {}): Uint8Array {
  const out = new ByteWriter();
  const offsets: number[] = [];
  for (const { name, bytes, method = 0 } of entries) {
    offsets.push(out.length);
    localHeader(out, { name, bytes, method }, alignment, descriptors);
    out.bytes(bytes);
    if (descriptors) out.u32(0x08074b50).u32(0).u32(bytes.length).u32(bytes.length);
  }
  const directory = out.length;
  entries.forEach((entry, i) => directoryEntry(out, entry, offsets[i] ?? 0, zip64));
  const size = out.length - directory;
  const record = out.length;
  out.u32(0x06064b50).u64(44).u16(0x031e).u16(45).u32(0).u32(0).u64(entries.length).u64(entries.length).u64(size).u64(directory);
  out.u32(0x07064b50).u32(0).u64(record).u32(1);
  const count = zip64 ? 0xffff : entries.length;
  out.u32(0x06054b50).u16(0).u16(0).u16(count).u16(count).u32(zip64 ? MAX32 : size).u32(zip64 ? MAX32 : directory).u16(0);
  return out.take();
}

function localHeader(out: ByteWriter, { name, bytes, method = 0 }: ZipEntry, alignment: number, descriptors: boolean): void {
  const text = new TextEncoder().encode(name);
  const size = descriptors ? 0 : bytes.length;
  const start = out.length + 30 + text.length + 4;
  const padding = (alignment - (start % alignment)) % alignment;
  out.u32(0x04034b50).u16(0).u16(descriptors ? 0x0808 : 0x0800).u16(method).u32(0).u32(0).u32(size).u32(size);
  out.u16(text.length).u16(4 + padding).bytes(text);
  out.text("FB").u16(padding).bytes(new Uint8Array(padding).fill(0x5a));
}

function directoryEntry(out: ByteWriter, { name, bytes, method = 0 }: ZipEntry, offset: number, zip64: boolean): void {
  const text = new TextEncoder().encode(name);
  const size = zip64 ? MAX32 : bytes.length;
  out.u32(0x02014b50).u16(0).u16(45).u16(0x0808).u16(method).u32(0).u32(0).u32(size).u32(size);
  out.u16(text.length).u16(zip64 ? 28 : 0).u16(0).u16(0).u16(0).u32(0).u32(zip64 ? MAX32 : offset).bytes(text);
  if (zip64) out.u16(1).u16(24).u64(bytes.length).u64(bytes.length).u64(offset);
}
