import type { CancelSignal } from "../../../base/cancellation";
import { CancelledError, TunesmithError, messageOf } from "../../../base/errors";
import { ServerError } from "./serverError";

/** How long a server is waited for. */
export interface Patience {
  /** Until the first byte of an answer: a long prompt on a slow machine takes minutes. 5 minutes when left out. */
  readonly firstByteMs?: number;
  /** Between two pieces of an answer; 60 s when left out. */
  readonly stallMs?: number;
}

const FIRST_BYTE_MS = 5 * 60_000;
const STALL_MS = 60_000;

/** Ends a request that is cancelled or takes too long, and tells which it was. */
export class Watch {
  readonly started = performance.now();
  readonly #baseUrl: string;
  readonly #patience: Patience;
  readonly #abort = new AbortController();
  readonly #cancel: CancelSignal | undefined;
  readonly #onCancel = (): void => this.#abort.abort();
  #timer: NodeJS.Timeout | undefined;
  #late: string | undefined;

  constructor(baseUrl: string, patience: Patience, cancel: CancelSignal | undefined) {
    this.#baseUrl = baseUrl;
    this.#patience = patience;
    this.#cancel = cancel;
    if (cancel?.aborted === true) this.#abort.abort();
    cancel?.addEventListener("abort", this.#onCancel, { once: true });
    const limit = patience.firstByteMs ?? FIRST_BYTE_MS;
    this.#expect(limit, `gave no answer within ${limit / 1000} s`);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  async *pieces(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    const limit = this.#patience.stallMs ?? STALL_MS;
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      this.#expect(limit, `sent nothing for ${limit / 1000} s in the middle of an answer`);
      yield chunk;
    }
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#cancel?.removeEventListener("abort", this.#onCancel);
    this.#abort.abort();
  }

  explain(error: unknown): unknown {
    const baseUrl = this.#baseUrl;
    if (this.#cancel?.aborted === true) return new CancelledError();
    if (this.#late !== undefined) return new ServerError("server-timeout", `${baseUrl} ${this.#late}. Check the server, or try a shorter prompt.`, { cause: error });
    if (error instanceof TunesmithError) return error;
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    // undici says "terminated" where the connection ended while the answer came.
    if (messageOf(error) === "terminated") return new ServerError("server-dropped", `${baseUrl} closed the connection in the middle of an answer.`, { cause });
    return new ServerError("server-unreachable", `${baseUrl} cannot be reached: ${messageOf(cause)}. Is the server running?`, { cause });
  }

  #expect(limit: number, late: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#late = late;
      this.#abort.abort();
    }, limit);
  }
}
