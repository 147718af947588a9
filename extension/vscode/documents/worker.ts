import { Worker } from "node:worker_threads";
import type * as vscode from "vscode";
import type { DocumentReport, WorkerContract, WorkerHostContract } from "../../core/analysis/workerContract";
import { NODE_TIMERS, portOfWorker } from "../../node/workerPort";
import { Channel } from "../../protocol/channel";
import { threadEnvironment } from "../models/threadEnvironment";

export interface CheckWorkerEvents {
  onReport(report: DocumentReport): void;
  /** Documents use tokens whose rows were not read. */
  onTokensWanted?(): void;
  /** The thread ended although nobody disposed of it; `reason` says why. */
  onCrash(reason: string): void;
}

/** A thread that checks documents. */
export class CheckWorker implements vscode.Disposable {
  readonly channel: Channel<WorkerContract, WorkerHostContract>;
  readonly #worker: Worker;
  #disposed = false;

  constructor(script: string, events: CheckWorkerEvents) {
    // The flags of the extension host (inspection, memory) are not meant for this thread.
    this.#worker = new Worker(script, { name: "tunesmith", execArgv: [], env: threadEnvironment() });
    const port = portOfWorker(this.#worker);
    this.channel = new Channel(port, NODE_TIMERS);
    this.channel.on("documentReport", (report) => {
      if (!this.#disposed) events.onReport(report);
    });
    this.channel.on("tokensWanted", () => {
      if (!this.#disposed) events.onTokensWanted?.();
    });
    port.onClose((reason) => {
      if (!this.#disposed) events.onCrash(reason);
    });
  }

  dispose(): void {
    this.#disposed = true;
    void this.#worker.terminate();
  }
}
