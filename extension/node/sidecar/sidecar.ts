import { TunesmithError, hasCode } from "../../base/errors";
import type { Disposable } from "../../base/disposable";
import type { CancelSignal } from "../../base/cancellation";
import type { RequestOptions } from "../../protocol/channel";
import type { DeviceReport, LoadRequest, SidecarContract } from "../../protocol/sidecar";
import { SidecarModel } from "./model";
import { SidecarProcess } from "./process";

/** What the sidecar does, as people are told. */
export type SidecarState =
  | { readonly kind: "stopped" }
  | { readonly kind: "running" }
  /** It ended by itself, and starts again with the next request; `reason` is a sentence. */
  | { readonly kind: "crashed"; readonly reason: string };

export interface SidecarOptions {
  /** The path of dist/sidecar.js. */
  readonly bundle: string;
  /** Without a request for so long, the process is ended and its memory freed. 5 minutes when left out. */
  readonly idleMs?: number;
  /** How often it is asked whether it is well, while it has work. */
  readonly heartbeatMs?: number;
  /** Without an answer for so long, it is taken for hung and ended. Loading a model is given {@link LOADING_FACTOR} times that. */
  readonly hangMs?: number;
  readonly onState?: (state: SidecarState) => void;
  readonly onLog?: (level: "debug" | "info" | "warn", message: string) => void;
}

const IDLE_MS = 5 * 60_000;
const HEARTBEAT_MS = 2_000;
/** A step of a large model on a slow CPU may take seconds; ten times that is not work any more. */
const HANG_MS = 60_000;
/** Reading 20 GB from a slow disk takes minutes, all in one native call. */
const LOADING_FACTOR = 10;

type Methods = SidecarContract["methods"];

/**
 * The inference process, seen from its host: started by the first request, ended when idle, started again after a crash.
 * Every request settles. Models are objects of the host: one that was loaded before a crash is loaded again when it is used.
 */
export class Sidecar implements Disposable {
  readonly #options: SidecarOptions;
  #process: SidecarProcess | undefined;
  /** Counts processes: a model knows in which one it is loaded. */
  #generation = 0;
  #requests = 0;
  #loads = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(options: SidecarOptions) {
    this.#options = options;
  }

  /** Which devices of ONNX Runtime work here. */
  devices(options: { readonly signal?: CancelSignal } = {}): Promise<readonly DeviceReport[]> {
    return this.request("devices", null, options);
  }

  /**
   * Loads a model. Load the next one only after the last was disposed where both do not fit.
   * @throws TunesmithError with the codes of `extension/sidecar/errors.ts`, and `sidecar-crashed`.
   */
  async load(request: LoadRequest, options: { readonly signal?: CancelSignal } = {}): Promise<SidecarModel> {
    const model = new SidecarModel(this, request);
    await model.ready(options);
    return model;
  }

  /** The process that runs now; models compare it with the one they were loaded in. Undefined while none runs. */
  get running(): number | undefined {
    return this.#process === undefined ? undefined : this.#generation;
  }

  /** The process id, for diagnostics. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /**
   * Sends one request, starting the process where none runs.
   * @throws TunesmithError `sidecar-crashed` when the process ends before it answers.
   */
  async request<M extends keyof Methods>(method: M, params: Methods[M]["params"], options: RequestOptions<Methods[M]["progress"]> = {}): Promise<Methods[M]["result"]> {
    const current = this.#started();
    this.#begin(method === "load");
    try {
      return await current.channel.request(method, params, options);
    } catch (error) {
      if (!hasCode(error, "closed")) throw error;
      const { reason, expected } = await current.exited;
      if (expected) throw new TunesmithError("closed", "The inference process was ended.", { cause: error });
      throw new TunesmithError("sidecar-crashed", `The inference process ${reason}. Try another device, or a smaller model.`, { cause: error });
    } finally {
      this.#end(method === "load");
    }
  }

  /** Ends the process; the next request starts another. */
  stop(): void {
    const ended = this.#process;
    this.#process = undefined;
    this.#stopTimers();
    if (ended === undefined) return;
    ended.stop();
    this.#options.onState?.({ kind: "stopped" });
  }

  dispose(): void {
    this.#disposed = true;
    this.stop();
  }

  #started(): SidecarProcess {
    if (this.#disposed) throw new TunesmithError("closed", "Inference was shut down.");
    if (this.#process !== undefined) return this.#process;
    const started = new SidecarProcess(this.#options.bundle, (line) => this.#options.onLog?.("debug", line));
    this.#process = started;
    this.#generation++;
    started.channel.on("log", ({ level, message }) => this.#options.onLog?.(level, message));
    void started.exited.then(({ expected, reason }) => {
      if (this.#process !== started) return;
      this.#process = undefined;
      this.#stopTimers();
      if (!expected) this.#options.onState?.({ kind: "crashed", reason: `The inference process ${reason}.` });
    });
    this.#options.onState?.({ kind: "running" });
    return started;
  }

  #begin(loading: boolean): void {
    this.#requests++;
    if (loading) this.#loads++;
    clearTimeout(this.#idleTimer);
    this.#process?.letGo(false);
    if (this.#heartbeat === undefined) this.#beat();
  }

  #end(loading: boolean): void {
    this.#requests--;
    if (loading) this.#loads--;
    if (this.#requests > 0 || this.#process === undefined) return;
    clearTimeout(this.#heartbeat);
    this.#heartbeat = undefined;
    this.#process.letGo(true);
    this.#idleTimer = setTimeout(() => {
      this.stop();
    }, this.#options.idleMs ?? IDLE_MS);
    this.#idleTimer.unref();
  }

  /** While there is work, asks the process whether it is well, and ends it when no answer comes. */
  #beat(): void {
    this.#heartbeat = setTimeout(() => {
      const asked = this.#process;
      if (asked === undefined) return;
      const timeoutMs = (this.#options.hangMs ?? HANG_MS) * (this.#loads > 0 ? LOADING_FACTOR : 1);
      asked.channel.request("ping", null, { timeoutMs }).then(
        () => {
          if (this.#process === asked && this.#heartbeat !== undefined) this.#beat();
        },
        (error: unknown) => {
          if (!hasCode(error, "timed-out")) return;
          this.#options.onLog?.("warn", `The inference process did not answer for ${timeoutMs / 1000} s, and was ended.`);
          asked.kill();
        },
      );
    }, this.#options.heartbeatMs ?? HEARTBEAT_MS);
  }

  #stopTimers(): void {
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#heartbeat);
    this.#heartbeat = undefined;
  }
}
