import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { performance } from "node:perf_hooks";
import { throwIfCancelled, type CancelSignal } from "../../base/cancellation";
import { codeOf } from "../../base/errors";
import { diskError } from "./hubError";
import { pause } from "./retry";

/** How often the holder shows that it lives. */
const HEARTBEAT_MS = 2_000;
/** A lock that shows no life for this long is an orphan. */
const ORPHAN_MS = 15_000;
const POLL_MS = 100;

/**
 * Runs `work` while no other process of ours downloads the same thing. This saves a download and no more: a lock can be taken
 * for an orphan when its holder only slept, and Python's processes lock in a way that Node cannot (flock). Contents stay right
 * without it, since downloads are checked against their hash and appear in one step.
 */
export async function withDownloadLock<T>(path: string, signal: CancelSignal | undefined, work: () => Promise<T>): Promise<T> {
  const own = `${hostname()} ${process.pid} ${randomUUID()}`;
  await acquire(path, own, signal);
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if ((await read(path))?.owner === own) await rm(path, { force: true });
  }
}

async function acquire(path: string, own: string, signal: CancelSignal | undefined): Promise<void> {
  let seen: { readonly state: string; readonly since: number } | undefined;
  while (!(await create(path, own))) {
    throwIfCancelled(signal);
    const lock = await read(path);
    const state = lock === undefined ? "" : `${lock.owner} ${lock.beat}`;
    // By the time that we saw pass: the clock of the machine that holds the files may be another.
    if (state !== seen?.state) seen = { state, since: performance.now() };
    const orphan = lock !== undefined && (isDead(lock.owner) || performance.now() - seen.since > ORPHAN_MS);
    if (orphan) await rm(path, { force: true });
    else await pause(POLL_MS, signal);
  }
}

async function create(path: string, own: string): Promise<boolean> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, own, { flag: "wx" });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw diskError(error, path);
  }
}

async function read(path: string): Promise<{ readonly owner: string; readonly beat: number } | undefined> {
  try {
    return { owner: await readFile(path, "utf8"), beat: (await stat(path)).mtimeMs };
  } catch {
    // It was given back just now.
    return undefined;
  }
}

/** Whether the holder was a process of this machine that is gone. */
function isDead(owner: string): boolean {
  const [host, pid] = owner.split(" ");
  if (host !== hostname() || !/^\d+$/.test(pid ?? "")) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return codeOf(error) === "ESRCH";
  }
}
