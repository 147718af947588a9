import { setImmediate } from "node:timers/promises";
import type { CancelSignal } from "../base/cancellation";
import { throwIfCancelled } from "../base/cancellation";
import { TunesmithError } from "../base/errors";
import type { DocumentView } from "../core/analysis/documentSession";
import type { WorkerContract, WorkerHostContract } from "../core/analysis/workerContract";
import type { DocumentVersion } from "../core/language/dataset/contract";
import { fixDocument, fixesOfDocument } from "../core/language/dataset/documentFixes";
import type { Channel } from "../protocol/channel";
import type { WorkerDocuments } from "./documents";

/** How long rows are fixed before messages get their turn. */
const SLICE_MS = 8;

/** Answers what editors ask about open datasets. */
export function registerLanguage(channel: Channel<WorkerHostContract, WorkerContract>, documents: WorkerDocuments): void {
  const viewOf = async ({ uri, version }: DocumentVersion): Promise<DocumentView> => {
    const view = await documents.view(uri);
    if (view.version !== version) throw new TunesmithError("stale", "The document has changed.");
    return view;
  };

  channel.handle("datasetFixes", async ({ range, ...document }) => fixesOfDocument(await viewOf(document), range));
  channel.handle("datasetFixAll", async ({ choice, ...document }, { signal }) => {
    return await inSlices(fixDocument(await viewOf(document), choice), signal, async () => {
      await viewOf(document);
    });
  });
}

/** Runs steps to their end, and lets messages through in between. @throws CancelledError, and whatever `check` throws then */
async function inSlices<Result>(steps: Generator<void, Result>, signal: CancelSignal, check: () => Promise<void>): Promise<Result> {
  for (let end = performance.now() + SLICE_MS; ; ) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() < end) continue;
    await setImmediate();
    throwIfCancelled(signal);
    await check();
    end = performance.now() + SLICE_MS;
  }
}
