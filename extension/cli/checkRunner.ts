import { join, resolve } from "node:path";
import { TunesmithError } from "../base/errors";
import { modelNameOf } from "../core/model/modelName";
import { type PlacedTraining, trainingFor } from "../core/training/placedTraining";
import { describeTraining } from "../core/training/trainingConfig";
import type { ModelSpec } from "../core/analysis/workerContract";
import { checkFiles } from "../node/checkFiles";
import { findTraining, readTraining } from "../node/training/findTraining";
import type { CheckEvents, CheckRequest, RunCheck } from "./engine";

/** The bundle of the check threads, beside this one. */
const WORKER_PATH = join(__dirname, "worker.js");

/** The engine behind `tunesmith check`: worker threads over slices of the files. */
export const runCheck: RunCheck = async (request, events, signal) => {
  await checkFiles({
    files: request.files,
    settings: {
      model: modelSpec(request),
      maxLength: request.maxLength,
      severities: request.severities,
      fields: {},
      profiles: request.profiles,
      training: await trainingOf(request, events),
    },
    jobs: request.jobs,
    workerPath: WORKER_PATH,
    signal,
    events: {
      onModel: (loaded) => {
        for (const note of loaded?.notes ?? []) events.onMessage(note);
        events.onModel(loaded?.model ?? null);
      },
      onNote: (text) => {
        events.onMessage(text);
      },
      onJudging: ({ file, doneBytes, totalBytes }) => {
        events.onFileStart(file, totalBytes ?? 0);
        if (totalBytes !== undefined) events.onProgress(doneBytes, totalBytes);
      },
      onFileStart: (path, bytes) => {
        events.onFileStart(path, bytes);
      },
      onProgress: (done, total) => {
        events.onProgress(done, total);
      },
      onFinding: (path, finding) => {
        events.onFinding(path, finding);
      },
      onFileEnd: (summary) => {
        events.onFileEnd(summary);
      },
    },
  });
};

/** Only tokens of a model can be untrained, so without one nothing is looked for. */
async function trainingOf({ files, model, training, cwd }: CheckRequest, events: CheckEvents): Promise<readonly PlacedTraining[]> {
  if (model === undefined || training === "none") return [];
  const search = { cwd, workerPath: WORKER_PATH };
  const found = training === undefined ? await findTraining(files, search) : await readTraining(training, search);
  const chosen = trainingFor(found, files.map((file) => resolve(cwd, file)), modelNameOf(model));
  for (const { name, config } of chosen) events.onMessage(`Untrained tokens are judged by ${name}, which ${describeTraining(config)}.`);
  return chosen;
}

function modelSpec(request: CheckRequest): ModelSpec | undefined {
  const { model, template, templateName, now } = request;
  if (model === undefined) {
    if (template === undefined && templateName === undefined) return undefined;
    throw new TunesmithError("usage", "A template is rendered for a model: give --model FOLDER with --template.");
  }
  return {
    source: model,
    ...(template === undefined ? {} : { templateFile: resolve(template) }),
    ...(templateName === undefined ? {} : { templateName }),
    ...(now === undefined ? {} : { now }),
  };
}
