import { type CancelSignal } from "../base/cancellation";
import { CancelledError, TunesmithError, codeOf, messageOf } from "../base/errors";
import type { Disposable } from "../base/disposable";

/** The transport under a {@link Channel}: a worker's port, a webview, a child process. Messages are structured-cloneable. */
export interface Port {
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once when the other side is gone; `reason` says why for people. */
  onClose(listener: (reason: string) => void): void;
}

/** The shape of a method table: what a request takes, gives, and reports on the way. */
export type MethodTable = Readonly<Record<string, { readonly params: unknown; readonly result: unknown; readonly progress: unknown }>>;
/** The shape of an event table: messages that nobody answers. */
export type EventTable = Readonly<Record<string, unknown>>;

/** One side's contract: the methods that the other side answers, and the events that it sends. */
export interface Contract {
  readonly methods: MethodTable;
  readonly events: EventTable;
}

export interface RequestOptions<Progress> {
  readonly signal?: CancelSignal;
  /** Milliseconds until the request settles with the code `timed-out`. No limit when left out. */
  readonly timeoutMs?: number;
  readonly onProgress?: (progress: Progress) => void;
  /** Buffers that move to the other side instead of being copied. */
  readonly transfer?: readonly ArrayBuffer[];
}

export interface HandlerContext<Progress> {
  /** Aborted when the caller cancelled or the channel closed. */
  readonly signal: CancelSignal;
  progress(value: Progress): void;
  /** Lets buffers of the result move to the caller instead of being copied; this side must not need them again. */
  transfer(buffers: Iterable<ArrayBuffer>): void;
}

/** Timers of the host; injected because the pure layers have none. */
export interface Timers {
  set(action: () => void, milliseconds: number): unknown;
  clear(timer: unknown): void;
}

/** What goes through a {@link Port}. */
export type Wire =
  | { readonly kind: "request"; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | { readonly kind: "error"; readonly id: number; readonly code: string; readonly message: string }
  | { readonly kind: "progress"; readonly id: number; readonly value: unknown }
  | { readonly kind: "cancel"; readonly id: number }
  | { readonly kind: "event"; readonly name: string; readonly value: unknown };

interface Pending {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  progress(value: unknown): void;
}

type AnyHandler = (params: unknown, context: HandlerContext<unknown>) => unknown;

/** A signal that its owner can abort; the pure layers cannot count on the host's `AbortController`. */
class Canceller implements CancelSignal {
  aborted = false;
  readonly #listeners = new Set<() => void>();

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.delete(listener);
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    for (const listener of [...this.#listeners]) listener();
  }
}

/**
 * Typed requests, progress, cancellation and events over a {@link Port}. Every request settles: with its result, with a
 * {@link TunesmithError} that carries the other side's code, or with the codes `cancelled`, `timed-out` or `closed`.
 *
 * `Remote` is what the other side offers, `Local` what this side offers.
 */
export class Channel<Remote extends Contract, Local extends Contract> {
  readonly #port: Port;
  readonly #timers: Timers | undefined;
  readonly #pending = new Map<number, Pending>();
  readonly #running = new Map<number, Canceller>();
  readonly #handlers = new Map<string, AnyHandler>();
  readonly #listeners = new Map<string, Set<(value: unknown) => void>>();
  #nextId = 1;
  #closed: string | undefined;

  constructor(port: Port, timers?: Timers) {
    this.#port = port;
    this.#timers = timers;
    port.onMessage((message) => {
      this.#receive(message as Wire);
    });
    port.onClose((reason) => {
      this.#close(reason);
    });
  }

  request<M extends keyof Remote["methods"] & string>(
    method: M,
    params: Remote["methods"][M]["params"],
    options: RequestOptions<Remote["methods"][M]["progress"]> = {},
  ): Promise<Remote["methods"][M]["result"]> {
    if (this.#closed !== undefined) return Promise.reject(new TunesmithError("closed", this.#closed));
    if (options.signal?.aborted) return Promise.reject(new CancelledError());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const cancel = (): void => {
        this.#port.post({ kind: "cancel", id } satisfies Wire);
        settle(() => {
          reject(new CancelledError());
        });
      };
      const timer =
        options.timeoutMs === undefined
          ? undefined
          : this.#timers?.set(() => {
              this.#port.post({ kind: "cancel", id } satisfies Wire);
              settle(() => {
                reject(new TunesmithError("timed-out", `No answer to '${method}' within ${String(options.timeoutMs)} ms.`));
              });
            }, options.timeoutMs);
      const settle = (finish: () => void): void => {
        if (!this.#pending.delete(id)) return;
        if (timer !== undefined) this.#timers?.clear(timer);
        options.signal?.removeEventListener("abort", cancel);
        finish();
      };
      this.#pending.set(id, {
        resolve: (value) => {
          settle(() => {
            resolve(value);
          });
        },
        reject: (error) => {
          settle(() => {
            reject(error instanceof Error ? error : new TunesmithError("failed", messageOf(error)));
          });
        },
        progress: (value) => {
          options.onProgress?.(value);
        },
      });
      options.signal?.addEventListener("abort", cancel, { once: true });
      try {
        this.#port.post({ kind: "request", id, method, params } satisfies Wire, options.transfer);
      } catch (error) {
        this.#pending.get(id)?.reject(error);
      }
    });
  }

  /** Answers a method of this side's contract. Throwing answers with the error's code and message. */
  handle<M extends keyof Local["methods"] & string>(
    method: M,
    handler: (
      params: Local["methods"][M]["params"],
      context: HandlerContext<Local["methods"][M]["progress"]>,
    ) => Local["methods"][M]["result"] | Promise<Local["methods"][M]["result"]>,
  ): void {
    this.#handlers.set(method, handler);
  }

  /** Sends an event of this side's contract. After the channel closed this does nothing. */
  send<E extends keyof Local["events"] & string>(name: E, value: Local["events"][E], transfer?: readonly ArrayBuffer[]): void {
    if (this.#closed === undefined) this.#port.post({ kind: "event", name, value } satisfies Wire, transfer);
  }

  on<E extends keyof Remote["events"] & string>(name: E, listener: (value: Remote["events"][E]) => void): Disposable {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener as (value: unknown) => void);
    return {
      dispose: () => {
        listeners.delete(listener as (value: unknown) => void);
      },
    };
  }

  #receive(message: Wire): void {
    switch (message.kind) {
      case "request":
        void this.#run(message.id, message.method, message.params);
        return;
      case "result":
        this.#pending.get(message.id)?.resolve(message.value);
        return;
      case "error":
        this.#pending
          .get(message.id)
          ?.reject(message.code === "cancelled" ? new CancelledError() : new TunesmithError(message.code, message.message));
        return;
      case "progress":
        this.#pending.get(message.id)?.progress(message.value);
        return;
      case "cancel":
        this.#running.get(message.id)?.abort();
        return;
      case "event":
        for (const listener of [...(this.#listeners.get(message.name) ?? [])]) listener(message.value);
        return;
    }
  }

  async #run(id: number, method: string, params: unknown): Promise<void> {
    const canceller = new Canceller();
    this.#running.set(id, canceller);
    const reply = (message: Wire, transfer?: readonly ArrayBuffer[]): void => {
      if (this.#closed === undefined && this.#running.has(id)) this.#port.post(message, transfer);
    };
    const moved = new Set<ArrayBuffer>();
    try {
      const handler = this.#handlers.get(method);
      if (handler === undefined) throw new TunesmithError("unknown-method", `Nothing answers '${method}'.`);
      const value = await handler(params, {
        signal: canceller,
        progress: (progress) => {
          reply({ kind: "progress", id, value: progress });
        },
        transfer: (buffers) => {
          for (const buffer of buffers) moved.add(buffer);
        },
      });
      reply({ kind: "result", id, value }, moved.size === 0 ? undefined : [...moved]);
    } catch (error) {
      reply({ kind: "error", id, code: codeOf(error) ?? "failed", message: messageOf(error) });
    } finally {
      this.#running.delete(id);
    }
  }

  #close(reason: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    for (const canceller of this.#running.values()) canceller.abort();
    for (const pending of [...this.#pending.values()]) pending.reject(new TunesmithError("closed", reason));
  }
}
