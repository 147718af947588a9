import { parentPort, workerData } from "node:worker_threads";
import { TunesmithError } from "../base/errors";
import type { CheckContext } from "../core/analysis/checkRow";
import { checkSlice } from "../core/analysis/checkSlice";
import type { Severities } from "../core/analysis/place";
import type { CheckSettings, LoadedModel, ModelSpec, WorkerContract, WorkerHostContract } from "../core/analysis/workerContract";
import { fieldsFrom } from "../core/dataset/fields";
import type { SharedModel } from "../core/model/sharedModel";
import { openFile } from "../node/files";
import { type OpenedModel, loadModel, openSharedModel } from "../node/loadModel";
import { RowPosition } from "../node/rowWatch";
import { portOfHost } from "../node/workerPort";
import { Channel } from "../protocol/channel";
import { registerDocuments } from "./documents";
import { registerLanguage } from "./language";
import { registerPlayground } from "./playground";
import { type Configured, registerTokens } from "./tokens";
import { registerTraining } from "./training";
import { registerXray } from "./xray";
import { registerTemplates } from "./templates";

if (parentPort === null) throw new TunesmithError("not-a-worker", "This file runs as a worker thread only.");

/** What the host configured last, and the context that everything is checked in. */
let configured: Configured | undefined;
let current: { readonly context: CheckContext; readonly severities: Severities } = {
  context: { fields: fieldsFrom({}), counter: undefined, maxLength: undefined, expectedFormat: undefined },
  severities: {},
};

const channel = new Channel<WorkerHostContract, WorkerContract>(portOfHost(parentPort));
const documents = registerDocuments(channel, () => ({ ...current.context, severities: current.severities }), () => tokens.wantMore());
const tokens = registerTokens(channel, () => configured, () => {
  if (configured === undefined) return;
  current = { ...current, context: { ...current.context, tokenCheck: tokens.checkFor(configured), usedIds: tokens.usedIds(configured) } };
  documents.recheckAll();
});
registerLanguage(channel, documents, () => (configured === undefined ? undefined : { prompts: configured.model.model, verdicts: tokens.verdictsOf(configured), training: configured.settings.training }));
registerTraining(channel);
registerPlayground(channel, () => configured?.model.model);
registerXray(channel);

registerTemplates(channel);

channel.handle("configure", async (settings) => {
  const loaded = await configure(settings);
  documents.recheckAll();
  return loaded;
});

/** Where the host watches which row this thread is in. */
const position = workerData instanceof SharedArrayBuffer ? new RowPosition(workerData) : undefined;

channel.handle("checkSlice", async ({ slice, path, shape, range, expectedFormat, earlier }, { signal, progress }) => {
  const file = await openFile(path, { blocking: true });
  try {
    return await checkSlice(file, { ...current.context, expectedFormat }, {
      shape,
      range,
      severities: current.severities,
      signal,
      earlier,
      watch: position,
      onFindings: async (findings) => {
        await channel.request("deliver", { slice, count: findings.length, findings: JSON.stringify(findings) });
      },
      onProgress: progress,
    });
  } finally {
    await file.close();
  }
});

channel.handle("share", async () => (await kept?.model)?.shared ?? null);

async function configure(settings: CheckSettings & { readonly shared?: SharedModel | undefined }): Promise<LoadedModel | null> {
  const model = settings.model === undefined ? undefined : await modelFor(settings.model, settings.shared);
  configured = model === undefined || settings.model === undefined ? undefined : { settings, spec: settings.model, model };
  current = {
    context: {
      fields: fieldsFrom(settings.fields),
      counter: model?.model,
      maxLength: settings.maxLength,
      expectedFormat: undefined,
      tokenCheck: configured === undefined ? undefined : tokens.checkFor(configured),
      usedIds: configured === undefined ? undefined : tokens.usedIds(configured),
    },
    severities: settings.severities,
  };
  return model?.loaded ?? null;
}

let kept: { readonly key: string; readonly model: Promise<OpenedModel> } | undefined;

/** Keeps the last model: most changes of settings are about something else, and loading takes seconds. */
async function modelFor(spec: ModelSpec, shared: SharedModel | undefined): Promise<OpenedModel> {
  const key = JSON.stringify(spec);
  if (kept?.key !== key) kept = { key, model: shared === undefined ? loadModel(spec) : Promise.resolve(openSharedModel(shared)) };
  try {
    return await kept.model;
  } catch (error) {
    kept = undefined;
    throw error;
  }
}
