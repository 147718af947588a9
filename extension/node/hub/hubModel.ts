import { stat } from "node:fs/promises";
import { fileIdentity, readWhole, MAX_WHOLE_FILE, openFile } from "../files";
import { hasCode, messageOf, TunesmithError } from "../../base/errors";
import { throwIfCancelled } from "../../base/cancellation";
import type { FileSource, Folder, RandomAccess } from "../../core/io/ports";
import { isFile, RepositoryCache } from "./cacheLayout";
import { HubClient, type Traffic } from "./client";
import { downloadToCache } from "./download";
import { HubError, notCached, type Subject } from "./hubError";
import { isCommit, isRevision, parseHubId, requireInside } from "./hubId";
import { openRemote } from "./remoteFile";
import { commitByFile, Repository, type RepositoryFile } from "./repository";
import { DEFAULT_RETRY } from "./retry";
import { hubSettings, type HubOptions, type HubSettings } from "./settings";

/** A model repository of the hub at one commit. */
export interface HubModel {
  /** `owner/name`. */
  readonly name: string;
  readonly commit: string;
  /** The small files, read whole; each is downloaded into the hub's cache when it is first asked for. */
  readonly folder: Folder;
  /** All files, read in pieces: from the cache where they are there, else by range requests. */
  readonly files: FileSource;
  /** Sentences for people: what is used in place of the hub's present state, and what could not be found out. */
  readonly notes: readonly string[];
  /** What was sent and received so far. */
  readonly traffic: Readonly<Traffic>;
  /**
   * Downloads what says how the model reads text, and returns the folder in the cache that has it.
   * @throws HubError; TunesmithError `hub-offline`, `disk-full`, `cannot-write`; CancelledError.
   */
  download(): Promise<string>;
  /** The files directly in a folder ("" is the root) whose names `wanted` takes, with their sizes. Nothing is downloaded. @throws HubError. */
  describe(folder: string, wanted: (name: string) => boolean): Promise<readonly HubFile[]>;
  /** Downloads files of any size one after the other, and returns the folder in the cache that has them. @throws as {@link download}. */
  fetch(files: readonly string[]): Promise<string>;
}

/** A file of a repository, and whether the cache has it. */
export interface HubFile {
  readonly path: string;
  readonly size: number;
  readonly cached: boolean;
}

const DEFAULT_REVISION = "main";
/** What {@link HubModel.download} brings: the files of a model that are not its weights and that this program reads. */
const TEXT_FILES = ["config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "generation_config.json", "chat_template.jinja", "chat_template.json"];
const TEMPLATE_FOLDER = "additional_chat_templates";
/** Read whole also where they are asked for in pieces, and so of use to other programs: the index of weights, mostly. */
const WHOLE_FILES = /\.(?:json|jinja|txt)$/i;

/**
 * Opens a model repository of the hub; nothing but its commit is looked up yet. When the hub cannot be asked, the state that
 * the cache has of it is used, and {@link HubModel.notes} says so.
 * @param id `owner/name` or `owner/name@revision`.
 * @throws TunesmithError `hub-bad-id`, `hub-bad-settings`, `hub-offline`; HubError with what to do; CancelledError.
 */
export async function hubModel(id: string, options: HubOptions = {}): Promise<HubModel> {
  const parsed = parseHubId(id);
  const revision = parsed?.revision ?? options.revision ?? DEFAULT_REVISION;
  if (parsed === undefined || !isRevision(revision)) {
    throw new TunesmithError("hub-bad-id", `'${id}' is no model of the hub. Write owner/name, or owner/name@revision.`);
  }
  const settings = await hubSettings(options);
  const client = new HubClient(settings, { ...DEFAULT_RETRY, ...options.retry }, options.fetch ?? fetch);
  const subject = { repository: parsed.repository, revision };
  const cache = new RepositoryCache(settings.cacheDir, parsed.repository, settings.symlinks);
  const found = await findCommit(client, cache, subject, settings, options);
  const repository = new Repository(found.offline ? undefined : client, subject, found.commit, settings.assetsDir, found.paths);
  return new OpenedModel({ subject, options, settings, cache, repository, client: found.offline ? undefined : client, traffic: client.traffic, notes: found.notes });
}

interface FoundCommit {
  readonly commit: string;
  readonly paths?: readonly string[];
  readonly offline: boolean;
  readonly notes: string[];
}

async function findCommit(client: HubClient, cache: RepositoryCache, subject: Required<Omit<Subject, "file">>, settings: HubSettings, options: HubOptions): Promise<FoundCommit> {
  throwIfCancelled(options.signal);
  const { repository, revision } = subject;
  if (isCommit(revision)) return { commit: revision, offline: settings.offline, notes: [] };
  const cached = await cache.commitOf(revision);
  if (settings.offline) {
    if (cached === undefined) throw notCached(subject);
    return { commit: cached, offline: true, notes: [] };
  }
  try {
    return { ...(await askCommit(client, subject, options)), offline: false, notes: [] };
  } catch (error) {
    // What the hub says of the revision stands; all else may be different tomorrow.
    const stands = !(error instanceof HubError) || hasCode(error, "hub-no-such-revision");
    if (stands || cached === undefined || !(await cache.hasSnapshot(cached))) throw error;
    return { commit: cached, offline: true, notes: [`${messageOf(error)} Meanwhile the state of ${repository} in the cache is used (${cached.slice(0, 7)}).`] };
  }
}

async function askCommit(client: HubClient, subject: Subject, options: HubOptions): Promise<{ readonly commit: string; readonly paths?: readonly string[] }> {
  try {
    const { fetchCommit } = await import("./hubApi");
    return await fetchCommit(client, subject, options.signal);
  } catch (error) {
    // A mirror that serves files only.
    if (!hasCode(error, "hub-no-answer")) throw error;
    return { commit: await commitByFile(client, subject, options.signal) };
  }
}

/** The hub cannot be had now, whatever it would say. */
function isOutage(error: unknown): boolean {
  return hasCode(error, "hub-unreachable") || hasCode(error, "hub-unavailable");
}

interface Parts {
  readonly subject: Required<Omit<Subject, "file">>;
  readonly options: HubOptions;
  readonly settings: HubSettings;
  readonly cache: RepositoryCache;
  readonly repository: Repository;
  /** Undefined when nobody is asked. */
  readonly client: HubClient | undefined;
  readonly traffic: Readonly<Traffic>;
  readonly notes: string[];
}

class OpenedModel implements HubModel {
  readonly name: string;
  readonly commit: string;
  readonly notes: readonly string[];
  readonly traffic: Readonly<Traffic>;
  readonly folder: Folder;
  readonly files: FileSource;
  readonly #parts: Parts;
  #remembered = false;

  constructor(parts: Parts) {
    this.name = parts.subject.repository;
    this.commit = parts.repository.commit;
    this.notes = parts.notes;
    this.traffic = parts.traffic;
    this.#parts = parts;
    this.folder = { name: this.name, read: (file) => this.#readWhole(file), identity: (file) => this.#identity(file), list: (folder) => this.#list(folder) };
    this.files = { name: this.name, list: () => this.#list(""), open: (file) => this.#open(file) };
  }

  async download(): Promise<string> {
    const templates = await this.#list(TEMPLATE_FOLDER);
    const files = [...TEXT_FILES, ...templates.map((name) => `${TEMPLATE_FOLDER}/${name}`)];
    // All of them come to an end, also when one fails: nothing goes on behind the caller's back.
    const results = await Promise.allSettled(files.map((file) => this.#local(file)));
    for (const result of results) if (result.status === "rejected") throw result.reason;
    if (!results.some((result) => result.status === "fulfilled" && result.value !== undefined)) {
      throw new TunesmithError("not-a-model", `${this.name} holds no model that can be read here: none of ${TEXT_FILES.slice(0, 3).join(", ")} is there.`);
    }
    return this.#parts.cache.snapshotPath(this.commit);
  }

  async describe(folder: string, wanted: (name: string) => boolean): Promise<readonly HubFile[]> {
    const { cache, repository, options } = this.#parts;
    const names = (await this.#list(folder)).filter(wanted);
    const found = names.map(async (name): Promise<HubFile[]> => {
      const path = folder === "" ? name : `${folder}/${name}`;
      const local = await cache.find(this.commit, path);
      if (local !== undefined) return [{ path, size: (await stat(local)).size, cached: true }];
      const info = await repository.file(path, options.signal);
      return info === null || info === undefined ? [] : [{ path, size: info.size, cached: await isFile(cache.blobPath(info.etag)) }];
    });
    return (await Promise.all(found)).flat();
  }

  async fetch(files: readonly string[]): Promise<string> {
    const { cache, repository, options, client, subject } = this.#parts;
    for (const file of files) {
      requireInside(file, this.name);
      if ((await cache.find(this.commit, file)) !== undefined) continue;
      const info = await repository.file(file, options.signal);
      if (info === null || info === undefined || client === undefined) throw notCached({ ...subject, file });
      await this.#remember(await this.#download(info, client));
    }
    return cache.snapshotPath(this.commit);
  }

  async #readWhole(file: string): Promise<Uint8Array | undefined> {
    const path = await this.#local(file);
    return path === undefined ? undefined : await readWhole(path);
  }

  async #identity(file: string): Promise<string | undefined> {
    const path = await this.#parts.cache.find(this.commit, file);
    return path === undefined ? undefined : await fileIdentity(path);
  }

  /** Where a file is on disk, after a download if need be; undefined when there is no such file. */
  async #local(file: string): Promise<string | undefined> {
    const { cache, repository, options, client } = this.#parts;
    requireInside(file, this.name);
    const cached = await cache.find(this.commit, file);
    if (cached !== undefined) return await this.#remember(cached);
    if (await cache.isMissing(this.commit, file)) return undefined;
    const info = await repository.file(file, options.signal).catch(async (error: unknown) => {
      if (isOutage(error) && (await cache.hasSnapshot(this.commit))) return undefined;
      throw error;
    });
    if (info === undefined) {
      await this.#noteUnknown(file);
      return undefined;
    }
    if (info === null) {
      // For the next one who asks; a cache that cannot be written is told of where it matters.
      await cache.markMissing(this.commit, file).catch(() => undefined);
      return undefined;
    }
    if (info.size > MAX_WHOLE_FILE) throw new TunesmithError("too-large", `${file} of ${this.name} has ${info.size} bytes; at most ${MAX_WHOLE_FILE} are read here.`);
    if (client === undefined) throw notCached({ ...this.#parts.subject, file });
    return await this.#remember(await this.#download(info, client));
  }

  /** Nobody can tell whether there is such a file: where part of a snapshot is in the cache, the rest counts as absent. */
  async #noteUnknown(file: string): Promise<void> {
    const { cache, subject, notes } = this.#parts;
    if (!(await cache.hasSnapshot(this.commit))) throw notCached(subject);
    notes.push(`${file} of ${this.name} is not in the cache, and the hub could not be asked whether it has it.`);
  }

  #download(file: RepositoryFile, client: HubClient): Promise<string> {
    const { cache, settings, subject, options } = this.#parts;
    return downloadToCache({ client, cache, cacheDir: settings.cacheDir, repository: subject.repository, commit: this.commit, file, signal: options.signal, progress: options.progress });
  }

  async #remember(path: string): Promise<string> {
    const { cache, subject, client } = this.#parts;
    if (!this.#remembered && client !== undefined) {
      this.#remembered = true;
      await cache.remember(subject.revision, this.commit).catch(() => undefined);
    }
    return path;
  }

  async #list(folder: string): Promise<readonly string[]> {
    const { repository, cache, options } = this.#parts;
    const path = folder === "." ? "" : folder;
    if (path !== "") requireInside(path, this.name);
    return (await repository.names(path, options.signal)) ?? (await cache.names(this.commit, path));
  }

  async #open(file: string): Promise<RandomAccess | undefined> {
    const { cache, repository, settings, subject, options, client } = this.#parts;
    requireInside(file, this.name);
    const cached = await cache.find(this.commit, file);
    if (cached !== undefined) return await openFile(cached);
    const info = await repository.file(file, options.signal);
    if (info === null) return undefined;
    if (info === undefined) throw notCached({ ...subject, file });
    const blob = cache.blobPath(info.etag);
    if (await isFile(blob)) return await openFile(blob);
    if (WHOLE_FILES.test(file) && info.size <= MAX_WHOLE_FILE && client !== undefined) return await openFile(await this.#download(info, client));
    return await openRemote({ client, assetsDir: settings.assetsDir, repository: subject.repository, commit: this.commit, file: info, signal: options.signal, progress: options.progress });
  }
}
