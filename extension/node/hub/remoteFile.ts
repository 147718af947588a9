import type { CancelSignal } from "../../base/cancellation";
import { CancelledError, hasCode } from "../../base/errors";
import type { RandomAccess } from "../../core/io/ports";
import { plainEtag, type Answer, type HubClient } from "./client";
import { changed, cutShort, HubError, notCached, type Subject } from "./hubError";
import { RangeCache, type ByteSpan } from "./rangeCache";
import type { RepositoryFile } from "./repository";
import { eitherSignal, PROGRESS_BYTES, withRetries } from "./retry";
import type { HubProgress } from "./settings";

export interface RemoteFileOptions {
  /** Undefined to give only what is on disk. */
  readonly client: HubClient | undefined;
  readonly assetsDir: string;
  readonly repository: string;
  readonly commit: string;
  readonly file: RepositoryFile;
  readonly signal: CancelSignal | undefined;
  readonly progress: ((progress: HubProgress) => void) | undefined;
}

/** Opens a file of a repository for reading in pieces, each fetched when it is needed and then kept on disk. */
export async function openRemote(options: RemoteFileOptions): Promise<RandomAccess> {
  const held = await RangeCache.open(options.assetsDir, options.file.etag);
  return new RemoteFile(options, held);
}

/**
 * What is fetched of a file's beginning at once: formats begin with how long their header is, and the header is mostly within
 * this. Less for small files, whose headers are short too.
 */
const MAX_READ_AHEAD = 16 * 1024;
const MIN_READ_AHEAD = 4 * 1024;
const READ_AHEAD_PART = 1 / 1024;
/** Missing parts closer together than this are fetched as one: a request costs more than these bytes. */
const MERGED_GAP = 16 * 1024;
/** A read longer than this is fetched in steps, so that what came before a failure is kept. */
const MAX_STEP = 16 * 1024 * 1024;
/** A server that knows no ranges is only borne with where the whole file is as small as this. */
const MAX_WITHOUT_RANGES = 1024 * 1024;

/** Where the content was found: mostly an address of the storage, which is good for some minutes or hours. */
interface Place {
  readonly url: string;
  readonly etag: string | undefined;
}

class RemoteFile implements RandomAccess {
  readonly size: number;
  readonly identity: string;
  readonly remote = true;
  readonly #options: RemoteFileOptions;
  readonly #subject: Subject;
  readonly #held: RangeCache;
  #place: Place | undefined;
  #beginning: Promise<void> | undefined;
  #fetched = 0;

  constructor(options: RemoteFileOptions, held: RangeCache) {
    this.size = options.file.size;
    // The hash of the content.
    this.identity = options.file.etag;
    this.#options = options;
    this.#subject = { repository: options.repository, revision: options.commit, file: options.file.path };
    this.#held = held;
  }

  /** @throws HubError; TunesmithError `hub-offline` for bytes that are not on disk; CancelledError. */
  async read(offset: number, target: Uint8Array, signal?: CancelSignal): Promise<number> {
    const wanted = target.subarray(0, Math.max(0, Math.min(target.length, this.size - offset)));
    let gaps = await this.#held.copy(offset, wanted);
    if (gaps.length === 0) return wanted.length;
    const either = eitherSignal(this.#options.signal, signal);
    if ((gaps[0]?.start ?? 0) < this.#readAhead()) {
      await this.#shareBeginning(either);
      gaps = await this.#held.copy(offset, wanted);
    }
    for (const { start, end } of steps(merged(gaps))) {
      const part = wanted.subarray(start - offset, end - offset);
      await this.#fetch(start, part, either);
      // A copy: the target is the caller's.
      this.#held.add(start, Uint8Array.from(part));
    }
    return wanted.length;
  }

  #readAhead(): number {
    const part = Math.ceil(this.size * READ_AHEAD_PART);
    return Math.min(this.size, MAX_READ_AHEAD, Math.max(MIN_READ_AHEAD, part));
  }

  /** Once for all who ask; when whoever asked first gives up, the next one goes on. */
  async #shareBeginning(signal: CancelSignal | undefined): Promise<void> {
    for (;;) {
      try {
        this.#beginning ??= this.#fetchBeginning(signal);
        await this.#beginning;
        return;
      } catch (error) {
        this.#beginning = undefined;
        if (!(error instanceof CancelledError) || signal?.aborted === true) throw error;
      }
    }
  }

  async #fetchBeginning(signal: CancelSignal | undefined): Promise<void> {
    const bytes = new Uint8Array(this.#readAhead());
    await this.#fetch(0, bytes, signal);
    this.#held.add(0, bytes);
  }

  /** Fills `target` from the network, which begins at `start` of the file. After a break it goes on where it was. */
  async #fetch(start: number, target: Uint8Array, signal: CancelSignal | undefined): Promise<void> {
    const { client } = this.#options;
    if (client === undefined) throw notCached(this.#subject);
    let done = 0;
    let best = 0;
    await withRetries(client.policy, signal, async (progressed) => {
      const answer = await this.#ask(client, start + done, start + target.length, signal);
      for await (const chunk of this.#bodyFrom(answer, start + done)) {
        const piece = chunk.subarray(0, target.length - done);
        target.set(piece, done);
        done += piece.length;
        this.#tell(piece.length);
        if (done >= best + PROGRESS_BYTES) {
          best = done;
          progressed();
        }
        if (done === target.length) return;
      }
      throw cutShort(this.#subject);
    });
  }

  #tell(bytes: number): void {
    this.#fetched += bytes;
    this.#options.progress?.({ file: this.#options.file.path, doneBytes: this.#fetched, totalBytes: undefined });
  }

  /** Asks for `[start, end)` where the content was last found, or else at the hub. */
  async #ask(client: HubClient, start: number, end: number, signal: CancelSignal | undefined): Promise<Answer> {
    const place = this.#place;
    const { repository, commit, file } = this.#options;
    const headers: Record<string, string> = { Range: `bytes=${start}-${end - 1}` };
    if (place?.etag !== undefined) headers["If-Match"] = place.etag;
    try {
      const answer = await client.send(place?.url ?? client.fileUrl(repository, commit, file.path), { subject: this.#subject, headers, signal });
      const problem = this.#problemOf(answer, start);
      if (problem !== undefined) {
        await answer.discard();
        throw problem;
      }
      this.#place ??= { url: answer.url, etag: strongEtag(answer) };
      return answer;
    } catch (error) {
      // The hub gives a new address.
      if (hasCode(error, "hub-link-expired") && this.#place === place) this.#place = undefined;
      throw error;
    }
  }

  /** Whether the answer is the part of the file that was asked for, and of the file as it was when it was opened. */
  #problemOf(answer: Answer, start: number): HubError | undefined {
    const { linked, headers } = answer;
    const { etag, size } = this.#options.file;
    if (linked?.etag !== undefined && linked.etag !== etag) return changed(this.#subject);
    if (linked?.size !== undefined && linked.size !== size) return changed(this.#subject);
    const seen = strongEtag(answer);
    if (this.#place?.etag !== undefined && seen !== undefined && seen !== this.#place.etag) return changed(this.#subject);
    if (answer.status === 200) return this.#wholeProblem(headers);
    const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get("content-range") ?? "") ?? [];
    if (answer.status !== 206 || Number(from) !== start) {
      return new HubError("hub-bad-answer", `The server sent another part of ${this.#options.file.path} than was asked for. Check the proxy.`);
    }
    return total === "*" || Number(total) === size ? undefined : changed(this.#subject);
  }

  #wholeProblem(headers: Headers): HubError | undefined {
    const { size, path } = this.#options.file;
    const length = headers.get("content-length");
    if (length !== null && Number(length) !== size) return changed(this.#subject);
    if (size <= MAX_WITHOUT_RANGES) return undefined;
    return new HubError("hub-no-ranges", `The server sends only all ${size} bytes of ${path}, not parts of it. Download the repository with 'hf download ${this.#options.repository}', or check the proxy.`);
  }

  /** The body's bytes from `start` of the file on, also where the server sent it from its beginning. */
  async *#bodyFrom(answer: Answer, start: number): AsyncGenerator<Uint8Array, void, void> {
    let skip = answer.status === 200 ? start : 0;
    for await (const chunk of answer.chunks()) {
      if (skip < chunk.length) yield chunk.subarray(skip);
      skip = Math.max(0, skip - chunk.length);
    }
  }

  allocate(size: number): Uint8Array {
    return Buffer.allocUnsafeSlow(size);
  }

  /** A file at a commit does not change; what the server sends is compared with its hash at every read. */
  unchanged(): Promise<boolean> {
    return Promise.resolve(true);
  }

  async close(): Promise<void> {
    await this.#held.flush();
  }
}

/** The entity tag as it stands in the header; a weak one says too little to compare by. */
function strongEtag(answer: Answer): string | undefined {
  const etag = answer.headers.get("etag");
  return etag === null || etag.startsWith("W/") || plainEtag(etag) === undefined ? undefined : etag;
}

function merged(gaps: readonly ByteSpan[]): readonly ByteSpan[] {
  const spans: ByteSpan[] = [];
  for (const gap of gaps) {
    const last = spans.at(-1);
    if (last !== undefined && gap.start - last.end < MERGED_GAP) spans[spans.length - 1] = { start: last.start, end: gap.end };
    else spans.push(gap);
  }
  return spans;
}

function* steps(spans: readonly ByteSpan[]): Generator<ByteSpan, void, void> {
  for (const { start, end } of spans) {
    for (let at = start; at < end; at += MAX_STEP) yield { start: at, end: Math.min(end, at + MAX_STEP) };
  }
}
