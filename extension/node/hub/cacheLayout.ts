import { randomBytes } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { codeOf } from "../../base/errors";
import { diskError } from "./hubError";
import { cacheFolderOf, isCommit } from "./hubId";

/**
 * One repository in the cache that all programs of the hub share. The layout is the one of
 * https://huggingface.co/docs/hub/local-cache, compared with huggingface_hub 2.0.0 (file_download.py):
 * - `blobs/<etag>` holds contents, named by the SHA-1 of the git object or the SHA-256 of large files;
 * - `snapshots/<commit>/<file>` are relative links to blobs, or the contents themselves where links are refused;
 * - `refs/<revision>` holds the commit of a branch or tag, without a newline;
 * - `.no_exist/<commit>/<file>` is empty and says that the repository has no such file.
 * Everything appears under its name in one step, so that other processes never see halves.
 */
export class RepositoryCache {
  readonly #root: string;
  readonly #symlinks: boolean;

  constructor(cacheDir: string, repository: string, symlinks: boolean) {
    this.#root = join(cacheDir, cacheFolderOf(repository));
    this.#symlinks = symlinks;
  }

  snapshotPath(commit: string): string {
    return join(this.#root, "snapshots", commit);
  }

  blobPath(etag: string): string {
    return join(this.#root, "blobs", etag);
  }

  /** Where a file is on disk, or undefined when it is not cached; a link whose blob is gone counts as not cached. */
  async find(commit: string, file: string): Promise<string | undefined> {
    const path = join(this.snapshotPath(commit), ...file.split("/"));
    return (await isFile(path)) ? path : undefined;
  }

  /** The names of the cached files directly in a folder of a snapshot. */
  async names(commit: string, folder: string): Promise<readonly string[]> {
    const entries = await readdir(join(this.snapshotPath(commit), ...folder.split("/")), { withFileTypes: true }).catch(() => []);
    return entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  }

  async hasSnapshot(commit: string): Promise<boolean> {
    return (await stat(this.snapshotPath(commit)).catch(() => undefined))?.isDirectory() === true;
  }

  /** The commit that a revision meant when it was last looked up. */
  async commitOf(revision: string): Promise<string | undefined> {
    if (isCommit(revision)) return revision;
    const text = await readFile(this.#refPath(revision), "utf8").catch(() => "");
    return isCommit(text.trim()) ? text.trim() : undefined;
  }

  /**
   * Notes what commit a revision means. Call it when there is a snapshot of the commit: huggingface_hub takes a cache with a
   * reference to a missing snapshot for broken.
   */
  async remember(revision: string, commit: string): Promise<void> {
    if (revision === commit || (await this.commitOf(revision)) === commit) return;
    await this.#put(this.#refPath(revision), (path) => writeFile(path, commit));
  }

  async isMissing(commit: string, file: string): Promise<boolean> {
    return await isFile(join(this.#root, ".no_exist", commit, ...file.split("/")));
  }

  async markMissing(commit: string, file: string): Promise<void> {
    if (await this.isMissing(commit, file)) return;
    await this.#put(join(this.#root, ".no_exist", commit, ...file.split("/")), (path) => writeFile(path, ""));
  }

  /**
   * Puts a blob into a snapshot and returns its path there. Where links are refused, a blob that was just downloaded moves
   * there, and one that other snapshots may count on is copied, as huggingface_hub does it.
   */
  async link(etag: string, commit: string, file: string, fresh: boolean): Promise<string> {
    const pointer = join(this.snapshotPath(commit), ...file.split("/"));
    const blob = this.blobPath(etag);
    const linked = this.#symlinks && (await this.#put(pointer, (path) => symlink(relative(dirname(pointer), blob), path)).then(() => true, refused));
    if (!linked && fresh) await this.#put(pointer, (path) => rename(blob, path));
    else if (!linked) await this.#put(pointer, (path) => copyFile(blob, path));
    return pointer;
  }

  /** Lets `make` put something at a passing name beside `path`, and gives it its own name. */
  async #put(path: string, make: (passing: string) => Promise<void>): Promise<void> {
    const passing = `${path}.${randomBytes(4).toString("hex")}.tmp`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await make(passing);
      await rename(passing, path);
    } catch (error) {
      await rm(passing, { force: true });
      throw diskError(error, path);
    }
  }

  #refPath(revision: string): string {
    return join(this.#root, "refs", ...revision.split("/"));
  }
}

/** Links are refused on Windows without developer mode and on some network drives. */
function refused(error: unknown): false {
  const reason = error instanceof Error ? codeOf(error.cause) : undefined;
  if (["EPERM", "EACCES", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EINVAL", "UNKNOWN"].includes(reason ?? "")) return false;
  throw error;
}

/** Whether there is a file at `path`, links followed. */
export async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}
