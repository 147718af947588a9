import type { MessagePort, Worker } from "node:worker_threads";
import type { Port, Timers } from "../protocol/channel";

/** Node's timers, for channels with time limits. */
export const NODE_TIMERS: Timers = {
  set: (action, milliseconds) => setTimeout(action, milliseconds),
  clear: (timer) => {
    clearTimeout(timer as NodeJS.Timeout);
  },
};

/** A {@link Port} over a worker thread, seen from its host. It closes when the worker exits, with the error that ended it. */
export function portOfWorker(worker: Worker): Port {
  return {
    post: (message, transfer) => {
      worker.postMessage(message, transfer === undefined ? [] : [...transfer]);
    },
    onMessage: (listener) => {
      worker.on("message", listener);
    },
    onClose: (listener) => {
      let reason: string | undefined;
      worker.on("error", (error) => {
        reason = `The worker failed: ${error instanceof Error ? error.message : String(error)}`;
      });
      worker.on("exit", (code) => {
        listener(reason ?? `The worker ended with exit code ${code}.`);
      });
    },
  };
}

/** A {@link Port} over the port that a worker has to its host. */
export function portOfHost(port: MessagePort): Port {
  return {
    post: (message, transfer) => {
      port.postMessage(message, transfer === undefined ? [] : [...transfer]);
    },
    onMessage: (listener) => {
      port.on("message", listener);
    },
    onClose: (listener) => {
      port.on("close", () => {
        listener("The host closed the port.");
      });
    },
  };
}
