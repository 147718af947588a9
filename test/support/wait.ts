import { setTimeout as sleep } from "node:timers/promises";

const pollIntervalMs = 100;

/**
 * Reads until `accept` says yes and returns that reading. Rejects with the last reading when the time is over, so that a
 * failing test shows what was there instead.
 */
export async function until<T>(
  what: string,
  read: () => Promise<T>,
  accept: (value: T) => boolean,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (accept(value)) return value;
    if (Date.now() > deadline) throw new Error(`Waited ${String(timeoutMs)} ms for ${what}; last seen: ${JSON.stringify(value)}`);
    await sleep(pollIntervalMs);
  }
}
