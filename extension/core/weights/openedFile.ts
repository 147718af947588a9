import type { FileSource, RandomAccess } from "../io/ports";
import { brokenFile, WeightsError } from "./errors";

/** A file of weights that is open. */
export interface OpenedFile {
  readonly name: string;
  readonly access: RandomAccess;
}

/**
 * Opens a file that must be there.
 * @throws WeightsError `weights-missing`.
 */
export async function openRequired(source: FileSource, name: string): Promise<OpenedFile> {
  const access = await source.open(name);
  if (access !== undefined) return { name, access };
  throw new WeightsError("weights-missing", `${name} is missing in ${source.name}. Download the model's files again.`, { file: name });
}

/**
 * The bytes `[offset, offset + length)`.
 * @throws WeightsError `weights-broken` where the file ends before.
 */
export async function readBytes({ name, access }: OpenedFile, offset: number, length: number): Promise<Uint8Array> {
  if (offset + length > access.size) throw endsEarly(name, access.size, offset + length);
  const target = access.allocate(length);
  const read = await access.read(offset, target);
  if (read < length) throw endsEarly(name, offset + read, offset + length);
  return target;
}

function endsEarly(file: string, size: number, needed: number): WeightsError {
  return brokenFile(file, size, `it ends here, but should have at least ${needed} bytes`);
}

const POINTER = "version https://git-lfs.github.com/spec/";

/**
 * Where a model was cloned without Git LFS, every large file is a small text that names it.
 * @param head the first bytes of the file.
 * @throws WeightsError `weights-missing`.
 */
export function refusePointer(file: string, head: Uint8Array): void {
  for (let i = 0; i < POINTER.length; i++) if (head[i] !== POINTER.charCodeAt(i)) return;
  throw new WeightsError("weights-missing", `${file} is a Git LFS pointer, not the file itself. Run 'git lfs pull' in the model's folder.`, { file, byteOffset: 0 });
}

/** The view of `bytes` for reading numbers. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** `bytes` in words: `1.5 GB`. */
export function sizeText(bytes: number): string {
  for (const [unit, size] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]] as const) if (bytes >= size) return `${Math.round((bytes / size) * 10) / 10} ${unit}`;
  return `${bytes} bytes`;
}
