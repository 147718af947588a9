import { randomBytes } from "node:crypto";
import { accessSync, chmodSync, closeSync, constants, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Writable } from "node:stream";
import type { Disposable } from "../base/disposable";
import { CancelledError, codeOf, messageOf, TunesmithError } from "../base/errors";

/** Where a report goes. */
export interface Sink {
  /** Takes the chunk over; a buffer must not be changed afterwards. Whoever writes much awaits {@link ready} in between. */
  write(chunk: string | Uint8Array): void;
  /** Settles when more may be written. */
  ready(): Promise<void>;
  /** Settles when everything has arrived. Nothing may be written afterwards. */
  finish(): Promise<void>;
}

/** Options of a {@link StreamSink}. */
export interface StreamSinkOptions {
  readonly signal: AbortSignal;
  /** Called before something is written: the place to clear a progress bar. */
  readonly beforeWrite?: () => void;
  /** Called once when the reader has gone (`| head`): nobody wants the rest. */
  readonly onClosed?: () => void;
}

/** Writes to a standard stream with back-pressure. After the reader has gone, everything is swallowed. */
export class StreamSink implements Sink, Disposable {
  readonly #stream: Writable;
  readonly #options: StreamSinkOptions;
  #closed = false;
  #error: Error | undefined;

  constructor(stream: Writable, options: StreamSinkOptions) {
    this.#stream = stream;
    this.#options = options;
    stream.on("error", this.#onError);
  }

  /** Whether the reader has gone. */
  get closed(): boolean {
    return this.#closed;
  }

  write(chunk: string | Uint8Array): void {
    if (this.#closed || this.#error !== undefined) return;
    this.#options.beforeWrite?.();
    this.#stream.write(chunk);
  }

  /** @throws TunesmithError `output` when the stream failed; CancelledError when the signal was aborted. */
  async ready(): Promise<void> {
    this.#check();
    if (this.#closed || !this.#stream.writableNeedDrain) return;
    await this.#settled((resolve) => {
      this.#stream.once("drain", resolve);
      return () => this.#stream.off("drain", resolve);
    });
  }

  async finish(): Promise<void> {
    this.#check();
    if (this.#closed) return;
    await this.#settled((resolve) => {
      this.#stream.write("", () => resolve());
      return () => undefined;
    });
  }

  dispose(): void {
    // Errors may still arrive after the end: they must not become uncaught exceptions.
    this.#stream.off("error", this.#onError);
    this.#stream.on("error", () => undefined);
  }

  /** Waits for what `subscribe` reports, for the stream's end or failure, or for the abort, whichever comes first. */
  async #settled(subscribe: (resolve: () => void) => () => void): Promise<void> {
    const { signal } = this.#options;
    await new Promise<void>((resolve) => {
      const unsubscribe = subscribe(done);
      this.#stream.once("error", done);
      this.#stream.once("close", done);
      signal.addEventListener("abort", done, { once: true });
      const stream = this.#stream;
      function done(): void {
        unsubscribe();
        stream.off("error", done);
        stream.off("close", done);
        signal.removeEventListener("abort", done);
        resolve();
      }
    });
    this.#check();
  }

  #check(): void {
    if (this.#error !== undefined) {
      throw new TunesmithError("output", `The report could not be written: ${messageOf(this.#error)}.`, { cause: this.#error });
    }
    if (!this.#closed && this.#options.signal.aborted) throw new CancelledError();
  }

  readonly #onError = (error: Error): void => {
    const code = codeOf(error);
    if (code !== "EPIPE" && code !== "ERR_STREAM_DESTROYED") {
      this.#error ??= error;
      return;
    }
    if (this.#closed) return;
    this.#closed = true;
    this.#options.onClosed?.();
  };
}

/**
 * Writes a file that appears, or changes, only when it is complete: to a temporary file beside it that is renamed at the
 * end. A device or a pipe is written directly. Disposing before the end leaves everything as it was.
 */
export class FileSink implements Sink, Disposable {
  readonly #path: string;
  readonly #shown: string;
  /** Undefined where the target is written directly. */
  readonly #temporary: string | undefined;
  #descriptor: number | undefined;

  /** @throws TunesmithError `output` when the file cannot be written there. */
  constructor(path: string, cwd: string) {
    this.#shown = path;
    try {
      this.#path = realTarget(resolve(cwd, path));
      const existing = statSync(this.#path, { throwIfNoEntry: false });
      if (existing?.isDirectory() === true) throw new TunesmithError("output", `--output ${path} is a folder. Name a file.`);
      // A file that may not be written is not to be replaced either, although a rename could.
      if (existing !== undefined) accessSync(this.#path, constants.W_OK);
      const direct = existing !== undefined && !existing.isFile();
      this.#temporary = direct ? undefined : join(dirname(this.#path), `.${basename(this.#path)}.${randomBytes(6).toString("hex")}.tmp`);
      this.#descriptor = openSync(this.#temporary ?? this.#path, direct ? "w" : "wx");
      if (this.#temporary !== undefined && existing !== undefined) chmodSync(this.#temporary, existing.mode & 0o777);
    } catch (error) {
      throw outputError(path, error);
    }
  }

  write(chunk: string | Uint8Array): void {
    if (this.#descriptor === undefined) return;
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done);
    } catch (error) {
      throw outputError(this.#shown, error);
    }
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  finish(): Promise<void> {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return Promise.resolve();
    this.#descriptor = undefined;
    try {
      closeSync(descriptor);
      if (this.#temporary !== undefined) renameSync(this.#temporary, this.#path);
      return Promise.resolve();
    } catch (error) {
      this.#removeTemporary();
      return Promise.reject(outputError(this.#shown, error));
    }
  }

  dispose(): void {
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
    this.#removeTemporary();
  }

  #removeTemporary(): void {
    if (this.#temporary !== undefined) rmSync(this.#temporary, { force: true });
  }
}

/** A link is followed, so that it stays and its target changes. */
function realTarget(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function outputError(path: string, error: unknown): TunesmithError {
  if (error instanceof TunesmithError) return error;
  return new TunesmithError("output", `The report cannot be written to ${path}: ${reason(error)}`, { cause: error });
}

function reason(error: unknown): string {
  switch (codeOf(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return "its folder does not exist. Create it first.";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "permission denied. Choose a place that you may write to.";
    case "ENOSPC":
      return "the disk is full. Make room or choose another place.";
    default:
      return `${messageOf(error)}.`;
  }
}
