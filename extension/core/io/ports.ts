import type { CancelSignal } from "../../base/cancellation";

/**
 * A file, an editor's document or a remote object, read in pieces. Implementations fill as much of `target` as there is
 * and return the number of bytes read; fewer than `target.length` means the end was reached.
 */
export interface RandomAccess {
  /** Size in bytes when it was opened. */
  readonly size: number;
  /** Names the content: as long as it is the same, so are the bytes. Left out where nothing tells. */
  readonly identity?: string;
  /** Where the file is on disk, so that other threads can open it too. Left out where it is not on disk. */
  readonly path?: string;
  /** Whether what is read comes over a network: a reader asks for few bytes that it does not need, and for several pieces at once. */
  readonly remote?: boolean;
  read(offset: number, target: Uint8Array, signal?: CancelSignal): Promise<number>;
  /**
   * Reads `length` bytes from each of the offsets, one behind the other into `target`, without a promise for each, which costs as
   * much as reading a few kilobytes. Gives how many of them were read in full: it stops where that would hold up others for too
   * long, or where the file ends. {@link read} is the way to the rest. Left out where nothing can be read at once.
   */
  gatherNow?(offsets: Float64Array, length: number, target: Uint8Array): number;
  /**
   * Memory for {@link read}. Hosts may give a kind of Uint8Array that searches faster: Node's Buffer finds a byte 20 times
   * as fast, and a scan does little else.
   */
  allocate(size: number): Uint8Array;
  /** Whether the bytes are still those that were opened (same size, time and identity). */
  unchanged(): Promise<boolean>;
  close(): Promise<void>;
}

/** A folder whose files are read whole: a model folder, a snapshot in a cache. */
export interface Folder {
  /** What people call it: a path or a repository id. */
  readonly name: string;
  /** The bytes of a file inside, or undefined when there is none. Rejects when it exists and cannot be read. */
  read(file: string): Promise<Uint8Array | undefined>;
  /** Names the content of a file that is there: as long as it is the same, so are the bytes. Undefined where nothing tells. */
  identity?(file: string): Promise<string | undefined>;
  /** The names of the files directly inside a subfolder; empty when there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
}

/** A folder whose files are too large to be read whole: weights, on disk or in a repository. */
export interface FileSource {
  /** What people call it: a path or a repository id. */
  readonly name: string;
  /** The names of the files directly inside. */
  list(): Promise<readonly string[]>;
  /** A file of the folder for reading in pieces; the caller closes it. Undefined when there is none. */
  open(file: string): Promise<RandomAccess | undefined>;
}

export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}
