import type { Writable } from "node:stream";
import type { DisposableStore } from "../base/disposable";
import type { CheckEngine } from "./engine";

/** A standard stream: whether a person reads it, and how wide their window is. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Everything outside that the command line touches; `main.ts` fills it from `process`, tests with what they like. */
export interface CliHost {
  readonly engine: CheckEngine;
  /** The bundle that threads run. */
  readonly workerPath: string;
  readonly version: string;
  /** Read only by commands that are told so (`-`). */
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly platform: string;
  /** The default of `--jobs`. */
  readonly parallelism: number;
  /** Milliseconds, from any fixed moment. */
  now(): number;
  /** Aborted when the person interrupts. */
  readonly signal: AbortSignal;
  /** Ended when the process ends, however it does: temporary files are registered here. Disposed synchronously. */
  readonly lifetime: DisposableStore;
}
