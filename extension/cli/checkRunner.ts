import { join, resolve } from "node:path";
import { TunesmithError } from "../base/errors";
import type { ModelSpec } from "../core/analysis/workerContract";
import { checkFiles } from "../node/checkFiles";
import type { CheckRequest, RunCheck } from "./engine";

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
    ...(now === undefined ? {} : { now: Date.parse(now) }),
  };
}
