import { listFiles, modelInfo, scanCacheDir, type CachedRevisionInfo } from "@huggingface/hub";
import type { CancelSignal } from "../../base/cancellation";
import type { HubClient } from "./client";
import { HubError, type Subject } from "./hubError";
import { isCommit } from "./hubId";

// What @huggingface/hub does for us. Its downloads are not among it: they take no lock, continue nothing, check neither sizes
// nor hashes, and know no signal; its ranges are not checked, and follow one redirect for every read. Load this module with
// import(): the package brings tables for hashes that take time to build.

/** A file or folder of a repository, as the hub lists it. */
export interface ListedEntry {
  readonly type: "file" | "directory" | "unknown";
  readonly path: string;
  readonly size: number;
  /** The git object's SHA-1. */
  readonly oid?: string;
  /** Where the content is stored apart: its SHA-256. */
  readonly lfs?: { readonly oid: string };
  readonly xetHash?: string;
}

/** A model repository lists a few hundred files; one with many more is a dataset, or hostile. */
const MAX_LISTED = 20_000;

/** The commit that a branch or tag names, and the paths of all its files. @throws HubError. */
export async function fetchCommit(client: HubClient, subject: Subject, signal: CancelSignal | undefined): Promise<{ readonly commit: string; readonly paths: readonly string[] }> {
  const info = await modelInfo({
    name: subject.repository,
    revision: subject.revision ?? "main",
    additionalFields: ["sha", "filePaths"],
    hubUrl: client.endpoint,
    fetch: client.asFetch(subject, signal),
  }).catch(unreadable(subject));
  const commit: unknown = info.sha;
  if (typeof commit !== "string" || !isCommit(commit)) throw badAnswer(subject);
  return { commit, paths: info.filePaths };
}

/** What is directly in a folder of a repository at a commit; "" is the root. @throws HubError. */
export async function fetchFolder(client: HubClient, subject: Subject, commit: string, folder: string, signal: CancelSignal | undefined): Promise<readonly ListedEntry[]> {
  const entries: ListedEntry[] = [];
  const listing = listFiles({
    repo: { type: "model", name: subject.repository },
    revision: commit,
    path: folder.split("/").map(encodeURIComponent).join("/"),
    hubUrl: client.endpoint,
    fetch: client.asFetch(subject, signal),
  });
  try {
    for await (const entry of listing) {
      entries.push(entry);
      if (entries.length > MAX_LISTED) throw new HubError("hub-bad-answer", `${subject.repository} lists more than ${MAX_LISTED} files in one folder; it is no model.`);
    }
  } catch (error) {
    return unreadable(subject)(error);
  }
  return entries;
}

/** The package trips over answers that are not what it expects, with errors of the language. */
function unreadable(subject: Subject): (error: unknown) => never {
  return (error) => {
    if (error instanceof TypeError || error instanceof SyntaxError || error instanceof RangeError) throw badAnswer(subject, error);
    throw error;
  };
}

function badAnswer(subject: Subject, cause?: unknown): HubError {
  return new HubError("hub-bad-answer", `The server's answer about ${subject.repository} is not the hub's. Check HF_ENDPOINT and the proxy.`, { cause });
}

/** A model repository in the cache. */
export interface CachedModel {
  /** `owner/name`. */
  readonly repository: string;
  /** The snapshot's folder: the one of `main`, or the one that changed last. */
  readonly folder: string;
  readonly commit: string;
  /** The names of the files directly in {@link folder}. */
  readonly files: readonly string[];
  /** Bytes on disk, all revisions together. */
  readonly bytes: number;
}

/** The model repositories of a cache, by name. Broken ones are left out; a cache that does not exist is empty. */
export async function cachedModels(cacheDir: string): Promise<readonly CachedModel[]> {
  const { repos } = await scanCacheDir(cacheDir).catch(() => ({ repos: [] }));
  const models = repos.flatMap(({ id, size, revisions }): CachedModel[] => {
    const revision = revisions.find(({ refs }) => refs.includes("main")) ?? latest(revisions);
    if (id.type !== "model" || revision === undefined) return [];
    const files = revision.files.map((file) => file.path.slice(revision.path.length + 1));
    return [{ repository: id.name, folder: revision.path, commit: revision.commitOid, files, bytes: size }];
  });
  return models.sort((a, b) => (a.repository < b.repository ? -1 : 1));
}

function latest(revisions: readonly CachedRevisionInfo[]): CachedRevisionInfo | undefined {
  return [...revisions].sort((a, b) => Number(b.lastModifiedAt) - Number(a.lastModifiedAt))[0];
}
