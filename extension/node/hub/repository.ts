import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { randomBytes } from "node:crypto";
import type { CancelSignal } from "../../base/cancellation";
import { hasCode } from "../../base/errors";
import { plainEtag, type HubClient } from "./client";
import { HubError, type Subject } from "./hubError";
import type { ListedEntry } from "./hubApi";
import { cacheFolderOf, isCommit, isInside } from "./hubId";

/** A file of a repository at a commit. */
export interface RepositoryFile {
  readonly path: string;
  readonly size: number;
  /** Names the content, and the blob in the cache. */
  readonly etag: string;
  /** What kind of hash {@link etag} is, where that is known. */
  readonly hash: "git-sha1" | "sha256" | undefined;
}

/** What is directly in a folder of a repository. */
export interface RepositoryFolder {
  readonly files: readonly RepositoryFile[];
  /** Paths, as those of files. */
  readonly folders: readonly string[];
}

/** What can be a blob's name: no path, no name that a system keeps for itself. */
const SAFE_ETAG = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;
/** A change of the format of stored listings gets a new name. */
const LISTINGS = join("tunesmith", "listings-v1");

/**
 * The files of a repository at one commit: asked once, and kept, since a commit never changes. Some mirrors of the hub know
 * only files and no lists; there every file is asked for by itself.
 */
export class Repository {
  readonly commit: string;
  readonly #client: HubClient | undefined;
  readonly #subject: Subject;
  readonly #assetsDir: string;
  /** All paths, where the hub told them together with the commit. */
  readonly #paths: readonly string[] | undefined;
  readonly #folders = new Map<string, Promise<RepositoryFolder | undefined>>();
  readonly #asked = new Map<string, Promise<RepositoryFile | undefined>>();

  /** @param client undefined to ask nobody. */
  constructor(client: HubClient | undefined, subject: Subject, commit: string, assetsDir: string, paths?: readonly string[]) {
    this.commit = commit;
    this.#client = client;
    this.#subject = { ...subject, revision: commit };
    this.#assetsDir = assetsDir;
    this.#paths = paths;
  }

  /** What is directly in a folder ("" is the root); undefined when nobody can tell. @throws HubError. */
  folder(path: string, signal: CancelSignal | undefined): Promise<RepositoryFolder | undefined> {
    return once(this.#folders, path, () => this.#list(path, signal));
  }

  /** A file's size and hash; null when there is no such file, undefined when nobody can tell. @throws HubError. */
  async file(path: string, signal: CancelSignal | undefined): Promise<RepositoryFile | null | undefined> {
    const folder = await this.folder(parentOf(path), signal);
    if (folder !== undefined) return folder.files.find((file) => file.path === path) ?? null;
    const client = this.#client;
    if (client === undefined) return undefined;
    return (await once(this.#asked, path, () => askFor(client, { ...this.#subject, file: path }, this.commit, signal))) ?? null;
  }

  /** The names of the files directly in a folder; undefined when nobody can tell. @throws HubError. */
  async names(path: string, signal: CancelSignal | undefined): Promise<readonly string[] | undefined> {
    const folder = await this.folder(path, signal);
    const paths = folder?.files.map((file) => file.path) ?? this.#paths?.filter((file) => parentOf(file) === path && isInside(file));
    return paths?.map((file) => file.slice(path === "" ? 0 : path.length + 1));
  }

  async #list(path: string, signal: CancelSignal | undefined): Promise<RepositoryFolder | undefined> {
    const stored = await this.#stored(path);
    if (stored !== undefined || this.#client === undefined) return stored;
    if (path !== "") {
      // Of a folder that is not there the hub would only say that there is none.
      const parent = await this.folder(parentOf(path), signal);
      if (parent !== undefined && !parent.folders.includes(path)) return { files: [], folders: [] };
    }
    try {
      const { fetchFolder } = await import("./hubApi");
      const folder = toFolder(await fetchFolder(this.#client, this.#subject, this.commit, path, signal), path);
      await this.#store(path, folder);
      return folder;
    } catch (error) {
      if (hasCode(error, "hub-no-answer")) return undefined;
      if (hasCode(error, "hub-no-such-file")) return { files: [], folders: [] };
      throw error;
    }
  }

  #storedPath(path: string): string {
    const name = path === "" ? "root.json" : `in-${encodeURIComponent(path)}.json`;
    return join(this.#assetsDir, LISTINGS, cacheFolderOf(this.#subject.repository), this.commit, name);
  }

  async #stored(path: string): Promise<RepositoryFolder | undefined> {
    try {
      const value = JSON.parse(await readFile(this.#storedPath(path), "utf8")) as unknown;
      return isStoredFolder(value) ? value : undefined;
    } catch {
      return undefined;
    }
  }

  /** A listing that cannot be stored is asked for again, so a failure is none. */
  async #store(path: string, folder: RepositoryFolder): Promise<void> {
    const target = this.#storedPath(path);
    const passing = `${target}.${randomBytes(4).toString("hex")}.tmp`;
    await mkdir(dirname(target), { recursive: true })
      .then(() => writeFile(passing, JSON.stringify(folder)))
      .then(() => rename(passing, target))
      .catch(() => undefined);
  }
}

/** Remembers what `ask` promised, but no failure. */
function once<T>(answers: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const known = answers.get(key);
  if (known !== undefined) return known;
  const answer = ask();
  answers.set(key, answer);
  answer.catch(() => answers.delete(key));
  return answer;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function toFolder(entries: readonly ListedEntry[], folder: string): RepositoryFolder {
  // Names come from strangers, and become names of files here.
  const inside = entries.filter(({ path }) => isInside(path) && parentOf(path) === folder);
  return {
    files: inside.filter(({ type }) => type === "file").flatMap(toFile),
    folders: inside.filter(({ type }) => type === "directory").map(({ path }) => path),
  };
}

function toFile({ path, size, oid, lfs, xetHash }: ListedEntry): RepositoryFile[] {
  const [etag, hash] = lfs !== undefined ? ([lfs.oid, "sha256"] as const) : xetHash !== undefined ? ([xetHash, undefined] as const) : ([oid ?? "", "git-sha1"] as const);
  return SAFE_ETAG.test(etag) && Number.isSafeInteger(size) && size >= 0 ? [{ path, size, etag, hash }] : [];
}

function isStoredFolder(value: unknown): value is RepositoryFolder {
  if (typeof value !== "object" || value === null || !("files" in value) || !("folders" in value)) return false;
  const { files, folders } = value;
  return Array.isArray(files) && files.every(isStoredFile) && Array.isArray(folders) && folders.every((path) => typeof path === "string");
}

function isStoredFile(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { path, size, etag, hash } = value as Partial<Record<keyof RepositoryFile, unknown>>;
  if (typeof path !== "string" || !isInside(path) || !Number.isSafeInteger(size) || typeof etag !== "string" || !SAFE_ETAG.test(etag)) return false;
  return hash === undefined || hash === "git-sha1" || hash === "sha256";
}

/**
 * Asks for a file's size and hash by its address, as huggingface_hub does (get_hf_file_metadata); undefined when there is no
 * such file. fileDownloadInfo of @huggingface/hub follows the redirect to the storage and so loses what only the hub says.
 */
async function askFor(client: HubClient, subject: Subject & { readonly file: string }, revision: string, signal: CancelSignal | undefined): Promise<RepositoryFile | undefined> {
  const head = await headOf(client, subject, revision, signal);
  if (head === undefined) return undefined;
  const { size, etag, hash } = head;
  if (size === undefined || etag === undefined || !SAFE_ETAG.test(etag)) {
    throw new HubError("hub-bad-answer", `The server does not tell the size and hash of ${subject.file} of ${subject.repository}. Check HF_ENDPOINT and the proxy.`);
  }
  return { path: subject.file, size, etag, hash };
}

interface FileHead {
  readonly size: number | undefined;
  readonly etag: string | undefined;
  readonly hash: "sha256" | undefined;
  readonly commit: string | undefined;
}

async function headOf(client: HubClient, subject: Subject & { readonly file: string }, revision: string, signal: CancelSignal | undefined): Promise<FileHead | undefined> {
  try {
    const url = client.fileUrl(subject.repository, revision, subject.file);
    const answer = await client.sendPatiently(url, { subject, signal, method: "HEAD" });
    await answer.discard();
    const length = answer.headers.get("content-length");
    const linked = answer.linked?.etag;
    return {
      size: answer.linked?.size ?? (length === null ? undefined : Number(length)),
      etag: linked ?? plainEtag(answer.headers.get("etag")),
      hash: linked !== undefined && /^[0-9a-f]{64}$/.test(linked) ? "sha256" : undefined,
      commit: answer.linked?.commit,
    };
  } catch (error) {
    if (hasCode(error, "hub-no-such-file") || hasCode(error, "hub-no-answer")) return undefined;
    throw error;
  }
}

/** The commit of a revision, from what the hub says of a file, for servers that know only files. @throws HubError. */
export async function commitByFile(client: HubClient, subject: Subject, signal: CancelSignal | undefined): Promise<string> {
  const head = await headOf(client, { ...subject, file: "config.json" }, subject.revision ?? "main", signal);
  if (head?.commit !== undefined && isCommit(head.commit)) return head.commit;
  throw new HubError("hub-no-such-repository", `${client.endpoint} has no model ${subject.repository}. Check the id, and HF_ENDPOINT if it is set.`);
}
