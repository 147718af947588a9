import type { CancelSignal } from "../../base/cancellation";
import { CancelledError, TunesmithError } from "../../base/errors";
import { HubError, networkError, refusalError, silent, type Subject } from "./hubError";
import { requestedPause, withRetries, type RetryPolicy } from "./retry";
import type { HubSettings } from "./settings";

/** What was sent and received so far; bytes are those of bodies. */
export interface Traffic {
  requests: number;
  bytes: number;
}

/** What the hub says of a file that it keeps elsewhere, on the answer that sends us there. */
export interface LinkedFile {
  /** The file's content hash, without quotes. */
  readonly etag: string | undefined;
  readonly size: number | undefined;
  readonly commit: string | undefined;
}

export interface RequestOptions {
  readonly subject: Subject;
  readonly method?: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: CancelSignal | undefined;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 10;
/** Requests in flight at a time: enough to hide the distance, few enough for the hub's limits. */
const MAX_PARALLEL = 8;
/** The largest answer of the hub's interface; a page of 1,000 files has about 300 kB. */
const MAX_API_BYTES = 16 * 1024 * 1024;

/**
 * Sends requests to the hub. The token goes to the endpoint's own origin and nowhere else, whatever redirects and links
 * say; a request that is silent for too long ends.
 */
export class HubClient {
  readonly endpoint: string;
  readonly policy: RetryPolicy;
  readonly traffic: Traffic = { requests: 0, bytes: 0 };
  readonly #origin: string;
  readonly #token: string | undefined;
  readonly #inEditor: boolean;
  readonly #fetch: typeof fetch;
  readonly #slots = new Slots(MAX_PARALLEL);

  constructor(settings: HubSettings, policy: RetryPolicy, send: typeof fetch) {
    this.endpoint = settings.endpoint;
    this.policy = policy;
    this.#origin = new URL(settings.endpoint).origin;
    this.#token = settings.token;
    this.#inEditor = settings.inEditor;
    this.#fetch = send;
  }

  /** The address of a file's content. */
  fileUrl(repository: string, revision: string, file: string): string {
    return `${this.endpoint}/${repository}/resolve/${encodeURIComponent(revision)}/${file.split("/").map(encodeURIComponent).join("/")}`;
  }

  /**
   * Sends one request, follows where it leads, and returns the first answer that is a success; its body is still to be
   * read or discarded. Nothing is tried twice.
   * @throws HubError; CancelledError when the signal is aborted.
   */
  async send(url: string, options: RequestOptions): Promise<Answer> {
    const release = await this.#slots.take();
    const watch = new Watch(this.policy.silenceMs, options.signal, release);
    let current = new URL(url);
    let linked: LinkedFile | undefined;
    try {
      for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
        const response = await this.#sendOnce(current, options, watch);
        linked ??= current.origin === this.#origin ? linkedFile(response.headers) : undefined;
        const location = REDIRECTS.has(response.status) ? response.headers.get("location") : null;
        if (location === null) {
          if (!response.ok) throw await this.#refusal(response, current, options.subject);
          return new Answer(response, current.href, linked, watch, this.traffic, options.subject);
        }
        await response.body?.cancel();
        current = redirected(current, location, options.subject);
      }
      throw new HubError("hub-bad-answer", `${current.host} sends requests round in a circle. Check HF_ENDPOINT and the proxy.`);
    } catch (error) {
      watch.end();
      throw watch.explain(error, current.host, options.subject);
    }
  }

  /** {@link send} with repetitions, for requests whose answers are nearly all in their heads. */
  sendPatiently(url: string, options: RequestOptions): Promise<Answer> {
    return withRetries(this.policy, options.signal, () => this.send(url, options));
  }

  async #sendOnce(url: URL, options: RequestOptions, watch: Watch): Promise<Response> {
    const headers: Record<string, string> = {
      "User-Agent": "tunesmith",
      // A compressed answer would hide the sizes, and has no ranges.
      "Accept-Encoding": "identity",
      ...options.headers,
    };
    if (this.#token !== undefined && url.origin === this.#origin) headers["Authorization"] = `Bearer ${this.#token}`;
    this.traffic.requests++;
    const send = this.#fetch;
    const response = await send(url.href, { method: options.method ?? "GET", headers, redirect: "manual", signal: watch.signal });
    watch.touch();
    return response;
  }

  async #refusal(response: Response, url: URL, subject: Subject): Promise<HubError> {
    const byHub = url.origin === this.#origin;
    const { status, headers } = response;
    await response.body?.cancel();
    return refusalError(
      {
        status,
        reason: (byHub ? headers.get("x-error-code") : null) ?? undefined,
        words: headers.get("x-error-message") ?? undefined,
        byHub,
        endpoint: this.endpoint,
        withToken: this.#token !== undefined,
        inEditor: this.#inEditor,
        retryAfterMs: requestedPause(headers, Date.now()),
      },
      subject,
    );
  }

  /**
   * A `fetch` for the functions of @huggingface/hub: with our limits, errors and repetitions. It reads the answer whole, and
   * adds the token itself, since that package only lets tokens through that begin with "hf_".
   */
  asFetch(subject: Subject, signal: CancelSignal | undefined): typeof fetch {
    return async (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      const headers = Object.fromEntries(new Headers(init?.headers).entries());
      return await withRetries(this.policy, signal, async () => {
        const answer = await this.send(url, { subject, headers, signal });
        return new Response(await answer.whole(MAX_API_BYTES), { status: answer.status, headers: answer.headers });
      });
    };
  }
}

function redirected(from: URL, location: string, subject: Subject): URL {
  const target = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  if (target !== undefined && (target.protocol === from.protocol || target.protocol === "https:")) return target;
  throw new HubError("hub-bad-answer", `${from.host} sends the request for ${subject.repository} to an address that is not safe. Check HF_ENDPOINT and the proxy.`);
}

/** Undefined where the answer says nothing of a file. */
function linkedFile(headers: Headers): LinkedFile | undefined {
  const size = headers.get("x-linked-size");
  const linked = { etag: plainEtag(headers.get("x-linked-etag")), size: size === null ? undefined : Number(size), commit: headers.get("x-repo-commit") ?? undefined };
  return linked.etag === undefined && linked.size === undefined && linked.commit === undefined ? undefined : linked;
}

/** An entity tag without its quotes and its mark of weakness, as the cache names files by it. */
export function plainEtag(etag: string | null): string | undefined {
  const plain = etag?.replace(/^W\//, "").replaceAll('"', "");
  return plain === "" ? undefined : plain;
}

/** A successful answer whose body is still to come. It must be read to its end or discarded. */
export class Answer {
  /** Where it came from in the end. */
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  /** What the hub said of the file on the way. */
  readonly linked: LinkedFile | undefined;
  readonly #body: ReadableStream<Uint8Array> | null;
  readonly #watch: Watch;
  readonly #traffic: Traffic;
  readonly #subject: Subject;

  constructor(response: Response, url: string, linked: LinkedFile | undefined, watch: Watch, traffic: Traffic, subject: Subject) {
    this.url = url;
    this.status = response.status;
    this.headers = response.headers;
    this.linked = linked;
    this.#body = response.body as ReadableStream<Uint8Array> | null;
    this.#watch = watch;
    this.#traffic = traffic;
    this.#subject = subject;
  }

  /** The body's pieces as they come. Leaving the loop early ends the transfer. @throws HubError, CancelledError. */
  async *chunks(): AsyncGenerator<Uint8Array, void, void> {
    const reader = this.#body?.getReader();
    try {
      while (reader !== undefined) {
        const chunk = await this.#next(reader);
        if (chunk === undefined) return;
        this.#watch.touch();
        this.#traffic.bytes += chunk.length;
        yield chunk;
      }
    } finally {
      await reader?.cancel().catch(() => undefined);
      this.#watch.end();
    }
  }

  async #next(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array | undefined> {
    try {
      return (await reader.read()).value;
    } catch (error) {
      throw this.#watch.explain(error, new URL(this.url).host, this.#subject);
    }
  }

  /** The whole body. @throws HubError `hub-bad-answer` when it has more than `limit` bytes. */
  async whole(limit: number): Promise<Uint8Array<ArrayBuffer>> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of this.chunks()) {
      length += chunk.length;
      if (length > limit) throw new HubError("hub-bad-answer", `The answer about ${this.#subject.repository} has more than ${limit} bytes and was not read. Check HF_ENDPOINT.`);
      chunks.push(chunk);
    }
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  async discard(): Promise<void> {
    await this.#body?.cancel().catch(() => undefined);
    this.#watch.end();
  }
}

/** Ends a request that says nothing for too long or that is no longer wanted. */
class Watch {
  readonly #controller = new AbortController();
  readonly #silenceMs: number;
  readonly #signal: CancelSignal | undefined;
  readonly #release: () => void;
  readonly #cancel = (): void => this.#controller.abort();
  #timer: NodeJS.Timeout | undefined;
  #silent = false;

  constructor(silenceMs: number, signal: CancelSignal | undefined, release: () => void) {
    this.#silenceMs = silenceMs;
    this.#signal = signal;
    this.#release = release;
    if (signal?.aborted === true) this.#cancel();
    else signal?.addEventListener("abort", this.#cancel, { once: true });
    this.touch();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something came. */
  touch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#silent = true;
      this.#controller.abort();
    }, this.#silenceMs);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#cancel);
    this.#release();
  }

  /** What a failed request or a broken body means. */
  explain(error: unknown, host: string, subject: Subject): unknown {
    if (error instanceof TunesmithError) return error;
    if (this.#signal?.aborted === true) return new CancelledError();
    return this.#silent ? silent(host, this.#silenceMs / 1000) : networkError(error, host, subject);
  }
}

/** Lets a limited number in at a time; the others wait in line. */
class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Resolves when there is room, with what gives the room back; giving it back twice does nothing. */
  async take(): Promise<() => void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((go) => this.#waiting.push(go));
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    };
  }
}
