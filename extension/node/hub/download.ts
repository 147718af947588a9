import { createHash, type Hash } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { mkdir, open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CancelSignal } from "../../base/cancellation";
import { codeOf } from "../../base/errors";
import { isFile, type RepositoryCache } from "./cacheLayout";
import type { Answer, HubClient } from "./client";
import { withDownloadLock } from "./downloadLock";
import { cutShort, diskError, HubError, type Subject } from "./hubError";
import { cacheFolderOf } from "./hubId";
import type { RepositoryFile } from "./repository";
import { PROGRESS_BYTES, withRetries } from "./retry";
import type { HubProgress } from "./settings";

export interface Download {
  readonly client: HubClient;
  readonly cache: RepositoryCache;
  readonly cacheDir: string;
  readonly repository: string;
  readonly commit: string;
  readonly file: RepositoryFile;
  readonly signal: CancelSignal | undefined;
  readonly progress: ((progress: HubProgress) => void) | undefined;
}

/**
 * Brings a whole file into the cache, unless it is there, and returns its path in the snapshot. What an earlier attempt left
 * is continued.
 * @throws HubError; TunesmithError `disk-full`, `cannot-write`; CancelledError.
 */
export async function downloadToCache(download: Download): Promise<string> {
  const { cache, cacheDir, repository, commit, file, signal } = download;
  const found = await cache.find(commit, file.path);
  if (found !== undefined) return found;
  const blob = cache.blobPath(file.etag);
  if (await isFile(blob)) return await cache.link(file.etag, commit, file.path, false);
  // Beside the locks of Python, under another name: those stay when nobody holds them.
  const lock = join(cacheDir, ".locks", cacheFolderOf(repository), `${file.etag}.tunesmith.lock`);
  return await withDownloadLock(lock, signal, async () => {
    const meanwhile = await cache.find(commit, file.path);
    if (meanwhile !== undefined) return meanwhile;
    const fresh = !(await isFile(blob));
    if (fresh) await fetchBlob(download, blob);
    return await cache.link(file.etag, commit, file.path, fresh);
  });
}

/**
 * The name ends as huggingface_hub's do, whose `hf cache prune` removes what was given up; the rest keeps it from being taken
 * for theirs. It is written at places and not at its end, so that two processes at once write the same bytes.
 */
const PARTIAL = ".tunesmith.incomplete";

async function fetchBlob(download: Download, blob: string): Promise<void> {
  const { file, repository } = download;
  const partial = `${blob}${PARTIAL}`;
  try {
    await mkdir(dirname(blob), { recursive: true });
    const continued = await fill(download, partial);
    if (!(await matches(partial, file))) {
      await rm(partial, { force: true });
      // The old part may be what is wrong: a computer that lost power keeps sizes without contents.
      if (!continued || (await fill(download, partial), !(await matches(partial, file)))) {
        await rm(partial, { force: true });
        throw new HubError("hub-corrupt", `${file.path} of ${repository} came damaged: it does not fit its hash. Try again; if it stays, check the proxy.`);
      }
    }
    await rename(partial, blob).catch(async (error: unknown) => {
      // Another process, which took our lock for an orphan, was there first.
      if (!(codeOf(error) === "ENOENT" && (await isFile(blob)))) throw error;
    });
  } catch (error) {
    const told = diskError(error, blob);
    if (codeOf(told) === "disk-full") await rm(partial, { force: true });
    throw told;
  }
}

/** Completes the partial file; returns whether it held something before. */
async function fill(download: Download, partial: string): Promise<boolean> {
  const { client, file, repository, commit, signal, progress } = download;
  const subject = { repository, revision: commit, file: file.path };
  const handle = await open(partial, constants.O_RDWR | constants.O_CREAT);
  try {
    const { size } = await handle.stat();
    const start = size > file.size ? 0 : size;
    if (size > file.size) await handle.truncate(0);
    let done = start;
    const tell = (): void => progress?.({ file: file.path, doneBytes: done, totalBytes: file.size });
    tell();
    let best = start;
    await withRetries(client.policy, signal, async (progressed) => {
      if (done === file.size) return;
      const answer = await client.send(client.fileUrl(repository, commit, file.path), { subject, signal, headers: done === 0 ? {} : { Range: `bytes=${done}-` } });
      done = await placeOf(answer, done, subject);
      for await (const chunk of answer.chunks()) {
        if (done + chunk.length > file.size) throw new HubError("hub-corrupt", `${file.path} of ${repository} is longer than the hub says. Try again; if it stays, check the proxy.`);
        await write(handle, chunk, done);
        done += chunk.length;
        if (done >= best + PROGRESS_BYTES) {
          best = done;
          progressed();
        }
        tell();
      }
      if (done < file.size) throw cutShort(subject);
    });
    return start > 0;
  } finally {
    await handle.close();
  }
}

/** Where the answer's bytes belong. A server that knows no ranges sends the file from its beginning. */
async function placeOf(answer: Answer, asked: number, subject: Subject): Promise<number> {
  if (answer.status === 200) return 0;
  const start = /^bytes (\d+)-/.exec(answer.headers.get("content-range") ?? "")?.[1];
  if (answer.status === 206 && Number(start) === asked) return asked;
  await answer.discard();
  throw new HubError("hub-bad-answer", `The server sent another part of ${subject.file ?? ""} of ${subject.repository} than was asked for. Check the proxy.`);
}

async function write(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
}

/** Whether the content is what its entity tag says. */
async function matches(path: string, { hash, etag, size }: RepositoryFile): Promise<boolean> {
  if (hash === undefined) return true;
  const digest: Hash = createHash(hash === "sha256" ? "sha256" : "sha1");
  // Git hashes a file together with its size.
  if (hash === "git-sha1") digest.update(`blob ${size}\0`);
  for await (const chunk of createReadStream(path)) digest.update(chunk as Buffer);
  return digest.digest("hex") === etag;
}
