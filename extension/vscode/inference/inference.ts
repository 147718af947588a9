import * as path from "node:path";
import type * as vscode from "vscode";
import type { CancelSignal } from "../../base/cancellation";
import { DisposableStore } from "../../base/disposable";
import { modelNameOf } from "../../core/model/modelName";
import { localModelAt } from "../../node/inference/engineOf";
import { Sidecar } from "../../node/sidecar/sidecar";
import type { SidecarModel } from "../../node/sidecar/model";
import type { DeviceChoice } from "../../protocol/sidecar";
import { readSetting } from "../configuration";
import type { Log } from "../log";
import { placeOf } from "../models/models";
import { LocalModel } from "./localModel";
import { PromptThread } from "./promptThread";
import type { ServerKeys } from "./serverKeys";
import { ServerModel } from "./serverModel";

export interface InferenceOptions {
  readonly extensionPath: string;
  readonly keys: ServerKeys;
  readonly log: Log;
}

/**
 * The models that can be talked to: those that run here, and the one of the server that the settings name. Of the local ones,
 * one at a time is in the memory of the inference process, which starts with the first answer that is asked for.
 */
export class Inference implements vscode.Disposable {
  readonly #options: InferenceOptions;
  readonly #store = new DisposableStore();
  readonly #sidecar: Sidecar;
  readonly #models = new Map<string, LocalModel>();
  readonly #servers = new Map<string, ServerModel>();
  readonly #prompts = new Map<string, PromptThread>();
  /** The one that is loaded, or being loaded. */
  #loaded: LocalModel | undefined;

  constructor(options: InferenceOptions) {
    this.#options = options;
    const { log, extensionPath } = options;
    this.#sidecar = this.#store.add(
      new Sidecar({
        bundle: path.join(extensionPath, "dist", "sidecar.js"),
        onState: (state) => {
          if (state.kind === "crashed") log.output.error(state.reason);
          else log.output.debug(`The inference process: ${state.kind}`);
        },
        onLog: (level, message) => log.output[level](message),
      }),
    );
  }

  /** The model in a folder, or a GGUF file. Nothing is loaded yet. */
  model(folder: string): LocalModel {
    return kept(this.#models, folder, () => new LocalModel(folder, modelNameOf(folder), this.#promptsOf(folder), (...args) => this.#open(...args)));
  }

  /** The model on the server that the settings name; undefined where they name none. */
  get server(): ServerModel | undefined {
    const [url, model, prompts] = [readSetting("server.url"), readSetting("server.model"), readSetting("server.prompts")];
    if (url === "" || model === "") return undefined;
    const key = (): Promise<string | undefined> => this.#options.keys.read(url);
    return kept(this.#servers, [url, model, prompts].join("\n"), () => new ServerModel({ url, model, prompts: prompts === "" ? undefined : this.#promptsOf(placeOf(prompts)), key }));
  }

  dispose(): void {
    this.#store.dispose();
  }

  #promptsOf(source: string): PromptThread {
    return kept(this.#prompts, source, () => this.#store.add(new PromptThread(path.join(this.#options.extensionPath, "dist", "worker.js"), { source })));
  }

  async #open(model: LocalModel, device: DeviceChoice, signal: CancelSignal): Promise<SidecarModel> {
    const runnable = await localModelAt(model.id);
    if (this.#loaded !== model) this.#loaded?.unload();
    this.#loaded = model;
    return await this.#sidecar.load({ ...runnable, device }, { signal });
  }
}

function kept<Value>(values: Map<string, Value>, key: string, make: () => Value): Value {
  const known = values.get(key);
  if (known !== undefined) return known;
  const made = make();
  values.set(key, made);
  return made;
}
