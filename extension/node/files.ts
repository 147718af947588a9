import type { BigIntStats } from "node:fs";
import { open, readFile, readdir, stat } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { TunesmithError, codeOf, messageOf } from "../base/errors";
import type { FileSource, Folder, RandomAccess } from "../core/io/ports";
import { modelNameOf } from "../core/model/modelName";
import { blockingReads, readFully } from "./blockingReads";

export interface OpenFileOptions {
  /**
   * Whether reading holds up the thread, for threads that could only wait meanwhile: the way of a read through Node's pool
   * of threads and back takes longer than the copy from the system's cache. See {@link blockingReads}.
   */
  readonly blocking?: boolean;
}

/**
 * Opens a file for reading in pieces.
 * @throws TunesmithError `cannot-read` with the reason in words.
 */
export async function openFile(path: string, { blocking = false }: OpenFileOptions = {}): Promise<RandomAccess> {
  try {
    const handle = await open(path, "r");
    const opened = await handle.stat({ bigint: true });
    if (!opened.isFile()) {
      await handle.close();
      throw new TunesmithError("cannot-read", `${path} is not a file.`);
    }
    return {
      size: Number(opened.size),
      identity: identityOf(opened),
      path: resolve(path),
      ...(blocking ? blockingReads(handle) : { read: (offset, target) => readFully(handle, offset, target) }),
      allocate: (size) => Buffer.allocUnsafeSlow(size),
      unchanged: async () => {
        // By path, not by handle: editors and downloads replace a file by renaming another over it.
        const now = await stat(path, { bigint: true }).catch(() => undefined);
        return now?.size === opened.size && now.mtimeNs === opened.mtimeNs && now.ino === opened.ino;
      },
      close: () => handle.close(),
    };
  } catch (error) {
    throw readError(path, error);
  }
}

function identityOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
}

/** A folder on disk. Only what is inside can be read. */
export function folderAt(path: string): Folder {
  const root = resolve(path);
  return {
    name: modelNameOf(root),
    read: async (file) => readWhole(insideOf(root, file)),
    identity: async (file) => fileIdentity(insideOf(root, file)),
    list: async (folder) => listFiles(insideOf(root, folder)),
  };
}

/** Clocks of file systems tick at most this far apart: what is written within it may leave the same time. */
const TICK_MS = 2500;

/** Names the content of a file on disk; undefined where there is none, or where it was changed so recently that its time need not tell of the next change. */
export async function fileIdentity(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (found?.isFile() !== true || Date.now() - Number(found.ctimeMs) < TICK_MS) return undefined;
  return identityOf(found);
}

/** The files of a folder on disk, read in pieces. Only what is inside can be opened. */
export function filesAt(path: string): FileSource {
  const root = resolve(path);
  return {
    name: modelNameOf(root),
    list: () => listFiles(root),
    open: async (file) => {
      const target = insideOf(root, file);
      return (await stat(target).catch(() => undefined)) === undefined ? undefined : await openFile(target);
    },
  };
}

function insideOf(root: string, name: string): string {
  const target = resolve(root, name);
  if (!target.startsWith(root + sep)) throw new TunesmithError("cannot-read", `'${name}' leads out of ${root}.`);
  return target;
}

/** The names of the files directly inside a folder; empty when there is no such folder. @throws TunesmithError `cannot-read`. */
export async function listFiles(path: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    // A link is listed: caches of models are made of them.
    return entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return [];
    throw readError(path, error);
  }
}

/** The largest file that is read whole. tokenizer.json of the largest vocabularies has 35 MB. */
export const MAX_WHOLE_FILE = 256 * 1024 * 1024;

/** The bytes of a file, or undefined when there is none. @throws TunesmithError `cannot-read`, `too-large`. */
export async function readWhole(path: string): Promise<Uint8Array | undefined> {
  try {
    const { size } = await stat(path);
    if (size > MAX_WHOLE_FILE) throw new TunesmithError("too-large", `${path} has ${size} bytes; at most ${MAX_WHOLE_FILE} are read here.`);
    return await readFile(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw readError(path, error);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "you may not read it; check its permissions",
  EPERM: "you may not read it; check its permissions",
  EISDIR: "it is a folder",
  EMFILE: "too many files are open",
  ENOTDIR: "a part of its path is not a folder",
};

function readError(path: string, error: unknown): TunesmithError {
  if (error instanceof TunesmithError) return error;
  const reason = REASONS[codeOf(error) ?? ""] ?? messageOf(error);
  return new TunesmithError("cannot-read", `Cannot read ${path}: ${reason}.`, { cause: error });
}
