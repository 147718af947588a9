import { brokenFile, tooLarge } from "../errors";
import { type OpenedFile, readBytes, refusePointer, sizeText, viewOf } from "../openedFile";
import { MAX_HEADER_BYTES } from "./limits";

/** Read at once. A header of a vocabulary has 2 to 20 MB. */
const CHUNK = 1024 * 1024;
/** Over a network, where what is read beyond the header is read for nothing: as much again as was read, within these. */
const REMOTE_CHUNK = { least: 16 * 1024, most: 256 * 1024 };

/**
 * Walks through the head of a GGUF file, a chunk at a time. The methods that return numbers read what {@link need} has
 * made ready, so that only few of them have to wait.
 */
export class Cursor {
  readonly #file: OpenedFile;
  #chunk: Uint8Array = new Uint8Array(0);
  #view = viewOf(this.#chunk);
  /** Where the chunk begins in the file. */
  #start = 0;
  /** In the chunk. */
  #at = 0;
  littleEndian = true;

  constructor(file: OpenedFile) {
    this.#file = file;
  }

  /** In the file. */
  get position(): number {
    return this.#start + this.#at;
  }

  /** Bytes of the file that follow. */
  get remaining(): number {
    return this.#file.access.size - this.position;
  }

  /** Whether the next `count` bytes are ready. */
  has(count: number): boolean {
    return this.#at + count <= this.#chunk.length;
  }

  /**
   * Makes the next `count` bytes ready.
   * @throws WeightsError where the file ends before, or the header is too large.
   */
  async need(count: number): Promise<void> {
    if (this.has(count)) return;
    const position = this.#checked(count);
    const chunk = this.#file.access.remote === true ? Math.min(REMOTE_CHUNK.most, Math.max(REMOTE_CHUNK.least, position)) : CHUNK;
    const size = Math.min(Math.max(count, chunk), this.#file.access.size - position);
    this.#chunk = await readBytes(this.#file, position, size);
    if (position === 0) refusePointer(this.#file.name, this.#chunk);
    this.#view = viewOf(this.#chunk);
    this.#start = position;
    this.#at = 0;
  }

  /** Passes over `count` bytes, which need not be ready, without reading them. */
  skip(count: number): void {
    this.#checked(count);
    this.#at += count;
  }

  /** The next `count` bytes, which are ready; they change with the next {@link need}. */
  take(count: number): Uint8Array {
    const bytes = this.#chunk.subarray(this.#at, this.#at + count);
    this.#at += count;
    return bytes;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), this.littleEndian);
  }

  /** The number that a size or offset of 64 bits holds. From 2^53 on it is not exact, but past the end of any file. */
  u64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), this.littleEndian));
  }

  #advance(count: number): number {
    const at = this.#at;
    this.#at += count;
    return at;
  }

  /** The position, when `count` bytes follow that may be read. */
  #checked(count: number): number {
    const { position } = this;
    const { name, access } = this.#file;
    if (count > access.size - position) throw brokenFile(name, position, `${count} bytes should follow, but it ends at ${access.size}`);
    if (position + count > MAX_HEADER_BYTES) throw tooLarge(name, position, "its metadata go on", sizeText(MAX_HEADER_BYTES));
    return position;
  }
}
