import { type ChildProcess, fork } from "node:child_process";
import { Channel, type Port } from "../../protocol/channel";
import type { SidecarContract, SidecarHostContract } from "../../protocol/sidecar";
import { NODE_TIMERS } from "../workerPort";

/** How a sidecar ended. */
export interface SidecarExit {
  /** Whether it was asked to. */
  readonly expected: boolean;
  /** For people: the signal or exit code, and the last line it wrote. */
  readonly reason: string;
}

/** The newest text on standard error is kept for the reason of a crash: native libraries say there why they abort. */
const KEPT_STDERR = 4096;

/** A sidecar that runs. */
export class SidecarProcess {
  readonly channel: Channel<SidecarContract, SidecarHostContract>;
  /** Settles when the process has ended, and never rejects. */
  readonly exited: Promise<SidecarExit>;
  readonly #child: ChildProcess;
  #stopping = false;

  /** @param bundle dist/sidecar.js. @param onStderr gets whole lines. */
  constructor(bundle: string, onStderr: (line: string) => void) {
    // In VS Code, this program is Electron; the variable makes it a plain Node. Flags of ours (--inspect) are not its.
    const env = process.versions["electron"] === undefined ? process.env : { ...process.env, ELECTRON_RUN_AS_NODE: "1" };
    this.#child = fork(bundle, [], { serialization: "advanced", execArgv: [], stdio: ["ignore", "ignore", "pipe", "ipc"], env });
    const stderr = tailOf(this.#child, onStderr);
    this.exited = new Promise((resolve) => {
      let failure: string | undefined;
      this.#child.once("error", (error) => {
        failure = `could not be started: ${error.message}`;
        // "exit" follows only where the process had begun.
        if (this.#child.pid === undefined) resolve({ expected: this.#stopping, reason: failure });
      });
      this.#child.once("exit", (code, signal) => {
        const how = failure ?? (signal === null ? `ended with exit code ${code ?? "unknown"}` : `was ended by ${signal}`);
        const said = stderr();
        resolve({ expected: this.#stopping, reason: said === "" ? how : `${how}: ${said}` });
      });
    });
    this.channel = new Channel(portOfChild(this.#child, this.exited), NODE_TIMERS);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Ends it at once; native code that hangs would not hear a request. */
  stop(): void {
    this.#stopping = true;
    this.#child.kill("SIGKILL");
  }

  /** Ends one that does not answer: unlike {@link stop}, that is a crash. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Whether this program may end although the sidecar runs: true while nothing is asked of it. */
  letGo(letGo: boolean): void {
    const handles = [this.#child, this.#child.channel, this.#child.stderr as { ref?(): void; unref?(): void } | null];
    for (const handle of handles) {
      if (letGo) handle?.unref?.();
      else handle?.ref?.();
    }
  }
}

function portOfChild(child: ChildProcess, exited: Promise<SidecarExit>): Port {
  return {
    post: (message) => {
      // A channel that is already gone closes by itself; the error of this one message says nothing more.
      if (child.connected) child.send(message as object, () => undefined);
    },
    onMessage: (listener) => {
      child.on("message", listener);
    },
    onClose: (listener) => {
      void exited.then(({ reason }) => {
        listener(`The inference process ${reason}.`);
      });
    },
  };
}

function tailOf(child: ChildProcess, onLine: (line: string) => void): () => string {
  let tail = "";
  let rest = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    tail = (tail + text).slice(-KEPT_STDERR);
    const lines = (rest + text).split("\n");
    rest = (lines.pop() ?? "").slice(-KEPT_STDERR);
    lines.filter((line) => line !== "").forEach(onLine);
  });
  return () => tail.trimEnd().split("\n").at(-1)?.trim() ?? "";
}
