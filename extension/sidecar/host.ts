import { cpus } from "node:os";

/** Lets messages arrive: a cancellation among them. */
export function eventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Two hardware threads of a core have one arithmetic unit. Node has no way to ask for cores, so half is taken where it is many. */
export function defaultThreads(): number {
  const count = cpus().length;
  return count > 4 ? Math.floor(count / 2) : count;
}
