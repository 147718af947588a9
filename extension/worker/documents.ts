import { performance } from "node:perf_hooks";
import { setImmediate, setTimeout } from "node:timers/promises";
import { TunesmithError } from "../base/errors";
import { DocumentSession, type DocumentView, type SessionContext, type SessionHost } from "../core/analysis/documentSession";
import type { WorkerContract, WorkerHostContract } from "../core/analysis/workerContract";
import type { Channel } from "../protocol/channel";

/** The open documents of a worker. */
export interface WorkerDocuments {
  /** Checks all of them again, in the context that holds now. */
  recheckAll(): void;
  /** An open document as it stands. @throws TunesmithError `stale` where it is not open. */
  view(uri: string): Promise<DocumentView>;
}

/** Checks the documents that the host opens on `channel`, in the context that `getContext` gives. @param onComplete told when one is checked to its end. */
export function registerDocuments(
  channel: Channel<WorkerHostContract, WorkerContract>,
  getContext: () => SessionContext,
  onComplete: () => void,
): WorkerDocuments {
  const sessions = new Map<string, DocumentSession>();
  const host: SessionHost = {
    context: getContext,
    now: () => performance.now(),
    pause: async (milliseconds) => {
      if (milliseconds > 0) await setTimeout(milliseconds);
      else await setImmediate();
    },
    report: (report) => {
      channel.send("documentReport", report);
      if (report.complete) onComplete();
    },
  };

  channel.handle("documentOpen", ({ uri }) => {
    sessions.get(uri)?.dispose();
    sessions.set(uri, new DocumentSession(uri, host));
    return null;
  });
  channel.handle("documentClose", ({ uri }) => {
    sessions.get(uri)?.dispose();
    sessions.delete(uri);
    return null;
  });
  channel.on("documentLines", ({ uri, lines, version }) => {
    const session = sessions.get(uri);
    session?.append(lines);
    if (version !== undefined) session?.opened(version);
  });
  channel.on("documentChange", ({ uri, version, edits }) => {
    sessions.get(uri)?.change(version, edits);
  });

  return {
    recheckAll() {
      for (const session of sessions.values()) if (session.isOpen) session.recheck();
    },
    async view(uri) {
      const session = sessions.get(uri);
      if (session === undefined) throw new TunesmithError("stale", "The document is not open.");
      return await session.view();
    },
  };
}
