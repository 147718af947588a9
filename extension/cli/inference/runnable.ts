import { dirname, join } from "node:path";
import type { PromptModel } from "../../core/model/promptModel";
import type { Device, LocalEngine } from "../../protocol/sidecar";
import { localModelOf } from "../../node/inference/engineOf";
import { loadModel } from "../../node/loadModel";
import { resolveModel } from "../../node/modelSource";
import type { SidecarModel } from "../../node/sidecar/model";
import { Sidecar } from "../../node/sidecar/sidecar";
import type { CliHost } from "../host";
import { visible } from "../terminal/display";
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
  const engine: LocalEngine | undefined = args.engine === "openai" ? undefined : args.engine;
  const { engine: chosen, path } = await localModelOf(await resolveModel(args.model, {}, host.cwd), engine);
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
  const weights = await sidecar.load({ engine: chosen, path, device: args.device }, { signal: host.signal });
  for (const note of weights.info.notes) host.stderr.write(`tunesmith: ${visible(note)}\n`);
  return { text, weights, device: weights.info.device };
}
