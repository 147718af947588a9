import { setImmediate } from "node:timers/promises";
import type { CancelSignal } from "../base/cancellation";
import { throwIfCancelled } from "../base/cancellation";
import { TunesmithError } from "../base/errors";
import type { DocumentView } from "../core/analysis/documentSession";
import type { WorkerContract, WorkerHostContract } from "../core/analysis/workerContract";
import type { DocumentVersion } from "../core/language/dataset/contract";
import { fixDocument, fixesOfDocument, refactorDocument, refactoringsOfDocument } from "../core/language/dataset/documentFixes";
import { completionsOfDocument, foldsOfDocument, outlineOfDocument, rowOfDocument } from "../core/language/dataset/documentOutline";
import { hoverOfDocument, marksOfDocument, type PromptTools, tokensOfDocument } from "../core/language/dataset/documentPrompts";
import { type ModelInForce, RowTraces } from "../core/language/dataset/rowTraces";
import type { Channel } from "../protocol/channel";
import type { WorkerDocuments } from "./documents";

/** How long rows are fixed before messages get their turn. */
const SLICE_MS = 8;

/** Answers what editors ask about open datasets, with the model that `getModel` gives. */
export function registerLanguage(
  channel: Channel<WorkerHostContract, WorkerContract>,
  documents: WorkerDocuments,
  getModel: () => ModelInForce | undefined,
): void {
  const traces = new RowTraces();
  const tools = (): PromptTools => ({ model: getModel(), traces });
  const viewOf = async ({ uri, version }: DocumentVersion): Promise<DocumentView> => {
    const view = await documents.view(uri);
    if (view.version !== version) throw new TunesmithError("stale", "The document has changed.");
    return view;
  };

  const inSlicesFor = async <Result>(document: DocumentVersion, signal: CancelSignal, work: (view: DocumentView) => Generator<void, Result>): Promise<Result> => {
    return await inSlices(work(await viewOf(document)), signal, async () => {
      await viewOf(document);
    });
  };

  channel.handle("datasetFixes", async ({ range, ...document }) => fixesOfDocument(await viewOf(document), range));
  channel.handle("datasetFixAll", ({ choice, ...document }, { signal }) => inSlicesFor(document, signal, (view) => fixDocument(view, choice)));
  channel.handle("datasetRefactorings", async ({ range, ...document }) => refactoringsOfDocument(await viewOf(document), range));
  channel.handle("datasetRefactorAll", ({ id, ...document }, { signal }) => inSlicesFor(document, signal, (view) => refactorDocument(view, id)));
  channel.handle("datasetRow", async ({ position, ...document }) => rowOfDocument(await viewOf(document), position));
  channel.handle("datasetOutline", (document, { signal }) => inSlicesFor(document, signal, outlineOfDocument));
  channel.handle("datasetFolds", (document, { signal }) => inSlicesFor(document, signal, foldsOfDocument));
  channel.handle("datasetCompletions", async ({ position, ...document }) => completionsOfDocument(await viewOf(document), position));
  channel.handle("datasetHover", async (request) => hoverOfDocument(await viewOf(request), request, tools()));
  channel.handle("datasetTokens", ({ range, ...document }, { signal }) => inSlicesFor(document, signal, (view) => tokensOfDocument(view, range, tools())));
  channel.handle("datasetMarks", ({ ranges, marks, ...document }, { signal }) => {
    return inSlicesFor(document, signal, (view) => marksOfDocument(view, ranges, marks, tools()));
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
