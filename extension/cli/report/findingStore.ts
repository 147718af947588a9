import { randomBytes } from "node:crypto";
import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Disposable } from "../../base/disposable";
import { messageOf, TunesmithError } from "../../base/errors";
import type { Sink } from "../sink";

/** How many bytes of findings are kept in memory; beyond it they go to a temporary file. */
export const STORE_MEMORY_LIMIT = 16 * 1024 * 1024;

/** Small texts are gathered to this many UTF-16 units before they become bytes. */
const GATHER = 64 * 1024;

/** How much is read back from the file at once. */
const COPY_BYTES = 256 * 1024;

/**
 * Keeps the text of findings until the part of the report that comes before them is known. Bounded in memory: millions of
 * findings end in a temporary file that nobody else can read.
 */
export class FindingStore implements Disposable {
  readonly #memoryLimit: number;
  readonly #folder: string;
  #gathered: string[] = [];
  #gatheredUnits = 0;
  #chunks: Buffer[] = [];
  #chunkBytes = 0;
  #descriptor: number | undefined;
  /** Bytes that are in the file; those in memory follow them. */
  #spilled = 0;
  /** Set where the file could not be unlinked while it is open. */
  #leftover: string | undefined;

  constructor(memoryLimit = STORE_MEMORY_LIMIT, folder = tmpdir()) {
    this.#memoryLimit = memoryLimit;
    this.#folder = folder;
  }

  /** Bytes that went to the temporary file so far. */
  get spilledBytes(): number {
    return this.#spilled;
  }

  /** @throws TunesmithError `store` when the temporary file cannot be written. */
  append(text: string): void {
    this.#gathered.push(text);
    this.#gatheredUnits += text.length;
    if (this.#gatheredUnits >= Math.min(GATHER, this.#memoryLimit)) this.#encode();
  }

  /** The number of bytes so far: where what is appended next will start. */
  mark(): number {
    this.#encode();
    return this.#spilled + this.#chunkBytes;
  }

  /** Writes the bytes `[start, end)`, as fast as the sink takes them. */
  async copy(start: number, end: number, sink: Sink): Promise<void> {
    this.#encode();
    let position = start;
    while (position < end) {
      const piece = this.#piece(position, end);
      sink.write(piece);
      await sink.ready();
      position += piece.length;
    }
  }

  dispose(): void {
    this.#chunks = [];
    this.#gathered = [];
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    if (this.#leftover !== undefined) unlinkSync(this.#leftover);
    this.#leftover = undefined;
  }

  #encode(): void {
    if (this.#gatheredUnits === 0) return;
    const chunk = Buffer.from(this.#gathered.join(""));
    this.#gathered = [];
    this.#gatheredUnits = 0;
    this.#chunks.push(chunk);
    this.#chunkBytes += chunk.length;
    if (this.#chunkBytes > this.#memoryLimit) this.#spill();
  }

  #spill(): void {
    try {
      this.#descriptor ??= this.#open();
      for (const chunk of this.#chunks) {
        for (let done = 0; done < chunk.length; ) done += writeSync(this.#descriptor, chunk, done);
      }
    } catch (error) {
      throw new TunesmithError(
        "store",
        `There are more findings than memory holds, and they cannot be kept in ${this.#folder}: ${messageOf(error)}. ` +
          "Make room there, or set TMPDIR to another folder.",
        { cause: error },
      );
    }
    this.#spilled += this.#chunkBytes;
    this.#chunks = [];
    this.#chunkBytes = 0;
  }

  #open(): number {
    const path = join(this.#folder, `tunesmith-${randomBytes(8).toString("hex")}.tmp`);
    const descriptor = openSync(path, "wx+", 0o600);
    // Without a name the file vanishes with the process, however that ends.
    try {
      unlinkSync(path);
    } catch {
      this.#leftover = path;
    }
    return descriptor;
  }

  /** Some bytes from `position` on, at least one. */
  #piece(position: number, end: number): Uint8Array {
    if (position < this.#spilled && this.#descriptor !== undefined) {
      const buffer = Buffer.allocUnsafe(Math.min(COPY_BYTES, end - position, this.#spilled - position));
      const length = readSync(this.#descriptor, buffer, 0, buffer.length, position);
      if (length === 0) throw new TunesmithError("store", `The temporary file with the findings in ${this.#folder} was cut short. Run the check again.`);
      return buffer.subarray(0, length);
    }
    let start = this.#spilled;
    for (const chunk of this.#chunks) {
      if (position < start + chunk.length) return chunk.subarray(position - start, end - start);
      start += chunk.length;
    }
    throw new RangeError(`No findings are stored at ${position}.`);
  }
}
