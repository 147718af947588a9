import { throwIfCancelled, type CancelSignal } from "../../base/cancellation";
import { CancelledError } from "../../base/errors";
import { HubError } from "./hubError";

/** How patient a transfer is. */
export interface RetryPolicy {
  /** How often something is tried before its error is told. Counted anew after every {@link PROGRESS_BYTES} received. */
  readonly attempts: number;
  /** The first pause is up to this long; each further one up to twice the one before. */
  readonly basePauseMs: number;
  readonly maxPauseMs: number;
  /** A server that asks for a longer pause is not waited for. */
  readonly longestWaitMs: number;
  /** How long a server may say nothing, before its answer and within it. */
  readonly silenceMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 5, basePauseMs: 500, maxPauseMs: 8_000, longestWaitMs: 60_000, silenceMs: 30_000 };

/** So many new bytes show that a connection is worth another attempt: a server that drips single bytes must not hold us for ever. */
export const PROGRESS_BYTES = 64 * 1024;

/**
 * Runs `attempt` until it succeeds, with pauses that grow, vary, and heed what the server asks for. `attempt` calls
 * `progressed` when it got somewhere, which gives it as many attempts again.
 * @throws HubError the last attempt's; CancelledError.
 */
export async function withRetries<T>(policy: RetryPolicy, signal: CancelSignal | undefined, attempt: (progressed: () => void) => Promise<T>): Promise<T> {
  const state = { failures: 0, moving: false };
  const progressed = (): void => {
    state.failures = 0;
    state.moving = true;
  };
  for (;;) {
    throwIfCancelled(signal);
    try {
      return await attempt(progressed);
    } catch (error) {
      state.failures++;
      if (!(error instanceof HubError)) throw error;
      // Where bytes came a moment ago, a refused connection is an outage and no wrong address.
      const worthwhile = error.transient || (state.moving && error.code === "hub-unreachable");
      const wait = error.retryAfterMs ?? pauseAfter(state.failures, policy);
      if (!worthwhile || state.failures >= policy.attempts || wait > policy.longestWaitMs) throw error;
      await pause(wait, signal);
    }
  }
}

/** Any time up to the limit, so that many clients of a server that was down do not come back together. */
function pauseAfter(failures: number, policy: RetryPolicy): number {
  return Math.random() * Math.min(policy.maxPauseMs, policy.basePauseMs * 2 ** (failures - 1));
}

/** Waits. @throws CancelledError at once when the signal is aborted. */
export async function pause(milliseconds: number, signal: CancelSignal | undefined): Promise<void> {
  throwIfCancelled(signal);
  await new Promise<void>((done, fail) => {
    const cancelled = (): void => {
      clearTimeout(timer);
      fail(new CancelledError());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", cancelled);
      done();
    }, milliseconds);
    signal?.addEventListener("abort", cancelled, { once: true });
  });
}

/**
 * The pause that an answer asks for, in milliseconds: `Retry-After` in seconds or as a date, or the time left in an
 * exhausted window of `RateLimit` (draft-ietf-httpapi-ratelimit-headers, which the hub sends).
 */
export function requestedPause(headers: Headers, now: number): number | undefined {
  const after = headers.get("retry-after")?.trim();
  if (after !== undefined && /^\d+$/.test(after)) return Number(after) * 1000;
  if (after !== undefined && !Number.isNaN(Date.parse(after))) return Math.max(0, Date.parse(after) - now);
  const limit = headers.get("ratelimit") ?? "";
  const left = /;\s*r=(\d+)/.exec(limit)?.[1];
  const reset = /;\s*t=(\d+)/.exec(limit)?.[1];
  return left !== undefined && Number(left) === 0 && reset !== undefined ? Number(reset) * 1000 : undefined;
}

/** A signal that is aborted when either is. */
export function eitherSignal(first: CancelSignal | undefined, second: CancelSignal | undefined): CancelSignal | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return {
    get aborted() {
      return first.aborted || second.aborted;
    },
    addEventListener: (type, listener, options) => {
      for (const signal of [first, second]) signal.addEventListener(type, listener, options);
    },
    removeEventListener: (type, listener) => {
      for (const signal of [first, second]) signal.removeEventListener(type, listener);
    },
  };
}
