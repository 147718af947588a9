import { createHmac, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Exchange, type Fault, type LoggedRequest } from "./exchange";
import { commitOf, etagOf, type Commit, type HubRepository, type StoredFile } from "./hubContent";

interface PlannedFault {
  readonly fault: Fault;
  readonly matches: (request: LoggedRequest) => boolean;
  left: number;
}

/** A token that may read everything, and one that may read what is public. */
export const GOOD_TOKEN = "hf_goodTokenOfTests0123456789";
export const POOR_TOKEN = "hf_poorTokenOfTests0123456789";

/**
 * The part of the hub's interface that downloads need, on this machine: the hub on one port and the storage that it sends
 * large files to on another, which is another origin. The answers' status codes and headers are those that huggingface_hub and
 * @huggingface/hub work with. There is no Xet.
 */
export class HubServer {
  readonly requests: LoggedRequest[] = [];
  readonly #repositories = new Map<string, HubRepository>();
  readonly #moved = new Map<string, string>();
  readonly #faults: PlannedFault[] = [];
  readonly #key = randomBytes(16);
  readonly #hub: Server;
  readonly #storage: Server;
  #epoch = 0;
  /** Serves files and no lists, as simple mirrors do. */
  onlyFiles = false;
  /** Entries a page of a listing. */
  pageSize = 1000;

  private constructor() {
    this.#hub = createServer((request, response) => void this.#serve("hub", request, response));
    this.#storage = createServer((request, response) => void this.#serve("storage", request, response));
  }

  static async start(): Promise<HubServer> {
    const server = new HubServer();
    for (const part of [server.#hub, server.#storage]) await new Promise<void>((done) => part.listen(0, "127.0.0.1", done));
    return server;
  }

  async close(): Promise<void> {
    for (const part of [this.#hub, this.#storage]) {
      part.closeAllConnections();
      await new Promise((done) => part.close(done));
    }
  }

  get endpoint(): string {
    return originOf(this.#hub);
  }

  get storageOrigin(): string {
    return originOf(this.#storage);
  }

  /** Adds a commit to a repository's main branch; a repository that does not exist is made. */
  push(name: string, files: Readonly<Record<string, string | Uint8Array>>, access: { readonly gated?: boolean; readonly private?: boolean } = {}): Commit {
    const repository: HubRepository = this.#repositories.get(name) ?? { name, commits: new Map(), refs: new Map(), gated: false, private: false };
    this.#repositories.set(name, Object.assign(repository, access));
    const commit = commitOf(files, repository.refs.get("main") ?? "");
    repository.commits.set(commit.sha, commit);
    repository.refs.set("main", commit.sha);
    return commit;
  }

  tag(name: string, ref: string, sha: string): void {
    this.#repositories.get(name)?.refs.set(ref, sha);
  }

  /** Renames a repository; its old name leads to the new one. */
  rename(from: string, to: string): void {
    const repository = this.#repositories.get(from);
    if (repository === undefined) throw new Error(`There is no ${from}.`);
    this.#repositories.set(to, repository);
    this.#repositories.delete(from);
    this.#moved.set(from, to);
  }

  /** Makes the next `times` requests that match go wrong. */
  fault(fault: Fault, matches: (request: LoggedRequest) => boolean = () => true, times = 1): void {
    this.#faults.push({ fault, matches, left: times });
  }

  /** From now on the storage refuses the addresses that were given out before. */
  expireLinks(): void {
    this.#epoch++;
  }

  /** Forgets the requests and the faults that were not used up. */
  reset(): void {
    this.requests.length = 0;
    this.#faults.length = 0;
    this.onlyFiles = false;
    this.pageSize = 1000;
  }

  /** Bytes of bodies that a server sent. */
  sent(server: "hub" | "storage"): number {
    return this.requests.filter((request) => request.server === server).reduce((sum, request) => sum + request.bytes, 0);
  }

  async #serve(server: "hub" | "storage", request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url = "/", headers } = request;
    const logged: LoggedRequest = { server, method, url, range: headers.range, authorization: headers.authorization, headers, status: 0, bytes: 0 };
    this.requests.push(logged);
    const exchange = new Exchange(logged, response, this.#takeFault(logged));
    try {
      if (await exchange.failsAtOnce()) return;
      if (server === "storage") await this.#serveStorage(exchange);
      else await this.#serveHub(exchange);
    } catch (error) {
      if (!response.destroyed) response.destroy(error instanceof Error ? error : undefined);
    }
  }

  #takeFault(request: LoggedRequest): Fault | undefined {
    const planned = this.#faults.find((fault) => fault.left > 0 && fault.matches(request));
    if (planned !== undefined) planned.left--;
    return planned?.fault;
  }

  async #serveHub(exchange: Exchange): Promise<void> {
    const url = new URL(exchange.request.url, this.endpoint);
    const [, api, owner, name, verb = "", revision = "", rest = ""] =
      /^\/(api\/models\/|api\/resolve-cache\/models\/|)([^/]+)\/([^/]+)(?:\/(revision|tree|resolve|[0-9a-f]{40}))?(?:\/([^/]+))?(?:\/(.*))?$/.exec(url.pathname) ?? [];
    const id = `${owner ?? ""}/${name ?? ""}`;
    const moved = this.#moved.get(id);
    if (moved !== undefined) return exchange.redirect(307, exchange.request.url.replace(id, moved), {});
    const repository = this.#repositories.get(id);
    const refusal = this.#refusal(repository, exchange, verb === "resolve" || api === "api/resolve-cache/models/");
    if (refusal !== undefined) return exchange.refuse(...refusal);
    if (repository === undefined) return;
    if (api === "api/resolve-cache/models/") return this.#sendCached(exchange, repository, verb, [revision, rest].filter((part) => part !== "").join("/"));
    const wanted = decodeURIComponent(revision);
    const commit = repository.commits.get(repository.refs.get(wanted) ?? wanted);
    if (this.onlyFiles && api !== "") return exchange.refuse(404, undefined, "");
    if (commit === undefined) return exchange.refuse(404, "RevisionNotFound", `Invalid rev id: ${wanted}`);
    if (verb === "revision") return exchange.json(modelInfo(repository, commit));
    if (verb === "tree") return this.#sendTree(exchange, url, commit, decodeURIComponent(rest));
    return this.#resolve(exchange, repository, commit, rest);
  }

  /** Whether the repository is there for whoever asks; its content is more guarded than its description. */
  #refusal(repository: HubRepository | undefined, exchange: Exchange, content: boolean): [number, string | undefined, string] | undefined {
    const token = exchange.request.authorization?.replace(/^Bearer /, "");
    if (token !== undefined && token !== GOOD_TOKEN && token !== POOR_TOKEN) return [401, undefined, "Invalid credentials in Authorization header"];
    if (repository === undefined || (repository.private && token !== GOOD_TOKEN)) return [token === undefined ? 401 : 404, "RepoNotFound", "Repository not found"];
    if (!repository.gated || !content || token === GOOD_TOKEN) return undefined;
    return token === undefined ? [401, "GatedRepo", "Access to model is restricted. Please log in."] : [403, "GatedRepo", "Access to model is restricted and you are not in the authorized list."];
  }

  #sendTree(exchange: Exchange, url: URL, commit: Commit, folder: string): Promise<void> {
    const prefix = folder === "" ? "" : `${folder}/`;
    const entries = new Map<string, unknown>();
    for (const file of commit.files.values()) {
      if (!file.path.startsWith(prefix)) continue;
      const [first = "", ...deeper] = file.path.slice(prefix.length).split("/");
      if (deeper.length > 0) entries.set(prefix + first, { type: "directory", oid: "0".repeat(40), size: 0, path: prefix + first });
      else entries.set(file.path, treeEntry(file));
    }
    if (entries.size === 0 && folder !== "") return exchange.refuse(404, "EntryNotFound", `${folder} does not exist`, { "x-repo-commit": commit.sha });
    const from = Number(url.searchParams.get("cursor") ?? 0);
    const page = [...entries.values()].slice(from, from + this.pageSize);
    const next = new URL(url);
    next.searchParams.set("cursor", String(from + this.pageSize));
    return exchange.json(page, from + this.pageSize < entries.size ? { link: `<${next.href}>; rel="next"` } : {});
  }

  async #resolve(exchange: Exchange, repository: HubRepository, commit: Commit, encodedPath: string): Promise<void> {
    const file = commit.files.get(decodeURIComponent(encodedPath));
    const headers = { "x-repo-commit": commit.sha, "accept-ranges": "bytes" };
    if (file === undefined) return exchange.refuse(404, "EntryNotFound", "Entry not found", headers);
    const linked = { ...headers, "x-linked-etag": `"${etagOf(file)}"`, "x-linked-size": String(file.bytes.length) };
    if (exchange.fault?.kind === "etag") linked["x-linked-etag"] = exchange.fault.etag;
    if (file.sha256 !== undefined && !this.onlyFiles) return exchange.redirect(302, this.#signed(file.sha256), linked);
    if (!this.onlyFiles) return exchange.redirect(307, `/api/resolve-cache/models/${repository.name}/${commit.sha}/${encodedPath}?etag=%22${file.oid}%22`, linked);
    await exchange.content(file.bytes, etagOf(file), headers);
  }

  async #sendCached(exchange: Exchange, repository: HubRepository, sha: string, encodedPath: string): Promise<void> {
    const file = repository.commits.get(sha)?.files.get(decodeURIComponent(encodedPath));
    if (file === undefined) return exchange.refuse(404, "EntryNotFound", "Entry not found");
    await exchange.content(file.bytes, file.oid, { "x-repo-commit": sha });
  }

  #signed(sha256: string): string {
    const epoch = String(this.#epoch);
    return `${this.storageOrigin}/${sha256}?epoch=${epoch}&signature=${this.#signature(sha256, epoch)}`;
  }

  #signature(sha256: string, epoch: string): string {
    return createHmac("sha256", this.#key).update(`${sha256} ${epoch}`).digest("hex");
  }

  async #serveStorage(exchange: Exchange): Promise<void> {
    const url = new URL(exchange.request.url, this.storageOrigin);
    const sha256 = url.pathname.slice(1);
    const epoch = url.searchParams.get("epoch") ?? "";
    if (epoch !== String(this.#epoch) || url.searchParams.get("signature") !== this.#signature(sha256, epoch)) return exchange.refuse(403, undefined, "Request has expired");
    const files = [...this.#repositories.values()].flatMap(({ commits }) => [...commits.values()]).flatMap((commit) => [...commit.files.values()]);
    const file = files.find((candidate) => candidate.sha256 === sha256);
    if (file === undefined) return exchange.refuse(404, undefined, "NoSuchKey");
    // A storage's own entity tag is no hash that the hub knows.
    await exchange.content(file.bytes, `storage-${sha256.slice(0, 16)}`, {});
  }
}

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function treeEntry({ path, bytes, oid, sha256 }: StoredFile): unknown {
  return { type: "file", oid, size: bytes.length, path, ...(sha256 === undefined ? {} : { lfs: { oid: sha256, size: bytes.length, pointerSize: 134 } }) };
}

function modelInfo({ name, gated, private: hidden }: HubRepository, { sha, files }: Commit): unknown {
  return {
    _id: "0123456789abcdef01234567",
    id: name,
    private: hidden,
    gated: gated ? "auto" : false,
    downloads: 0,
    likes: 0,
    lastModified: "2026-01-01T00:00:00.000Z",
    sha,
    siblings: [...files.keys()].map((rfilename) => ({ rfilename })),
  };
}

