import { readSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import type { RandomAccess } from "../core/io/ports";

/** Bytes that are read before the event loop gets a turn: what the host sent, a cancellation among it, waits no longer. */
const BYTES_A_TURN = 8 * 1024 * 1024;

/**
 * A read that takes longer came from the disk: a call, and a rate that memory keeps up with even when others use it. A thread
 * that had to wait for a processor takes longer too, but seldom twice.
 */
const CALL_MS = 0.05;
const BYTES_A_MS = 2e6;
const SLOW_READS = 2;

/** How many reads then go another way before this one is tried again. */
const PATIENT_READS = 16;

/**
 * Reads of a file for a thread that has nothing else to do. What the system has in memory is read on the spot: libuv's threads
 * take longer to be woken than to copy a megabyte, and leave the bytes in another core's cache. What comes from the disk goes
 * through them, since they have several reads under way at once.
 * @returns what reads as much of `target` as there is, and gives the number of bytes.
 */
export function blockingReads(handle: FileHandle): Required<Pick<RandomAccess, "read" | "gatherNow">> {
  let [patient, slow, sinceTurn] = [0, 0, 0];
  const mayBlock = (): boolean => patient === 0 && sinceTurn < BYTES_A_TURN;
  const fill = (offset: number, target: Uint8Array, from: number, length: number): number => {
    let done = 0;
    while (done < length) {
      const read = readSync(handle.fd, target, from + done, length - done, offset + done);
      if (read === 0) break;
      done += read;
    }
    return done;
  };
  const learn = (started: number, calls: number, bytes: number): void => {
    slow = performance.now() - started > CALL_MS * calls + bytes / BYTES_A_MS ? slow + 1 : 0;
    if (slow === SLOW_READS) [patient, slow] = [PATIENT_READS, 0];
    sinceTurn += bytes;
  };
  const read = async (offset: number, target: Uint8Array): Promise<number> => {
    if (patient > 0) {
      patient--;
      return await readFully(handle, offset, target);
    }
    if (sinceTurn >= BYTES_A_TURN) {
      sinceTurn = 0;
      await setImmediate();
    }
    if (!mayBlock()) return await readFully(handle, offset, target);
    const started = performance.now();
    const done = fill(offset, target, 0, target.length);
    learn(started, 1, done);
    return done;
  };
  const gatherNow = (offsets: Float64Array, length: number, target: Uint8Array): number => {
    if (!mayBlock()) return 0;
    const started = performance.now();
    let done = 0;
    while (done < offsets.length && fill(offsets[done] ?? 0, target, done * length, length) === length) done++;
    learn(started, done, done * length);
    return done;
  };
  return { read, gatherNow };
}

/** Fills as much of `target` as there is from `offset` on; the number of bytes. */
export async function readFully(handle: FileHandle, offset: number, target: Uint8Array): Promise<number> {
  let done = 0;
  while (done < target.length) {
    const { bytesRead } = await handle.read(target, done, target.length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}
