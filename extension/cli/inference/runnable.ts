import { dirname, join } from "node:path";
import type { PromptModel } from "../../core/model/promptModel";
import type { Device, LocalEngine } from "../../protocol/sidecar";
import { TunesmithError } from "../../base/errors";
import { downloadRunnable, hubRunnables } from "../../node/hub/runnable";
import { type LocalModelPath, localModelAt } from "../../node/inference/engineOf";
import { loadModel } from "../../node/loadModel";
import type { HubProgress } from "../../node/hub/settings";
import { resolveModel } from "../../node/modelSource";
import type { SidecarModel } from "../../node/sidecar/model";
import { Sidecar } from "../../node/sidecar/sidecar";
import type { CliHost } from "../host";
import { ProgressBar, wantsProgress } from "../progress";
import { visible } from "../terminal/display";
import { bytes } from "../terminal/units";
import type { RunArguments } from "./arguments";

/** A model that can be run here: its text side, and its weights in the inference process. */
export interface RunnableModel {
  readonly text: PromptModel;
  readonly weights: SidecarModel;
  readonly device: Device;
}

/** The template and the tokenizer of a model. */
export async function textModel({ model, template, templateName, now }: RunArguments): Promise<PromptModel> {
  const options = { ...(template === undefined ? {} : { templateFile: template }), ...(templateName === undefined ? {} : { templateName }), ...(now === undefined ? {} : { now }) };
  return (await loadModel({ source: model, ...options })).model;
}

/** Loads a model into the inference process, which ends with the command. @throws TunesmithError where it cannot be run. */
export async function openRunnable(args: RunArguments, host: CliHost): Promise<RunnableModel> {
  const { engine, path } = await localModel(args, host);
  const text = await textModel(args);
  const sidecar = host.lifetime.add(
    new Sidecar({
      // Beside this program.
      bundle: join(dirname(process.argv[1] ?? ""), "sidecar.js"),
      onState: (state) => {
        if (state.kind === "crashed") host.stderr.write(`tunesmith: ${visible(state.reason)} Starting it again once.\n`);
      },
    }),
  );
  const weights = await sidecar.load({ engine, path, device: args.device }, { signal: host.signal });
  for (const note of weights.info.notes) host.stderr.write(`tunesmith: ${visible(note)}\n`);
  return { text, weights, device: weights.info.device };
}

/** What runs the model, and from where; of the hub, after a download that was allowed. */
async function localModel({ model, device, download, ...args }: RunArguments, host: CliHost): Promise<LocalModelPath> {
  const engine: LocalEngine | undefined = args.engine === "openai" ? undefined : args.engine;
  const bar = new ProgressBar(host.stderr, wantsProgress(host.stderr, host.env), () => host.now());
  const progress = ({ file, doneBytes, totalBytes }: HubProgress): void => {
    bar.label(file);
    if (totalBytes !== undefined) bar.update(doneBytes, totalBytes);
  };
  const source = await resolveModel(model, { signal: host.signal, progress }, host.cwd);
  if (source.kind !== "hub") return await localModelAt(source.path, engine);
  // Four bits and whole numbers compute everywhere; a GPU is asked for by name.
  const [best] = await hubRunnables(source.hub, { file: source.file, engine, device: device === "auto" ? "cpu" : device });
  if (best === undefined) throw new TunesmithError("not-runnable", `${model} has nothing that can be run here.`);
  if (best.missingBytes > 0 && !download) {
    throw new TunesmithError("not-downloaded", `${best.name} of ${source.name} (${bytes(best.missingBytes)}) is not in the cache. Add --download to download it.`);
  }
  try {
    return await downloadRunnable(source.hub, best);
  } finally {
    bar.clear();
  }
}
