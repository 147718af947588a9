import * as path from "node:path";
import type * as vscode from "vscode";
import type { CancelSignal } from "../../base/cancellation";
import { DisposableStore } from "../../base/disposable";
import { modelNameOf } from "../../core/model/modelName";
import { Sidecar } from "../../node/sidecar/sidecar";
import type { SidecarModel } from "../../node/sidecar/model";
import type { DeviceChoice, LoadedInfo } from "../../protocol/sidecar";
import { readSetting } from "../configuration";
import type { Log } from "../log";
import { PromptThread } from "./promptThread";
import { runnableOf } from "./runnable";

export interface InferenceOptions {
  readonly extensionPath: string;
  readonly log: Log;
}

/** A model that makes prompts and answers them. */
export interface LocalModel {
  /** Its path, which tells it from others. */
  readonly id: string;
  /** What people call it. */
  readonly name: string;
  readonly prompts: PromptThread;
  /** Loads it where it is not loaded yet, which can take long. @throws TunesmithError codes of the sidecar, `not-runnable` */
  load(signal: CancelSignal): Promise<SidecarModel>;
  /** As it was loaded last; undefined before. */
  readonly info: LoadedInfo | undefined;
}

/**
 * The models that run here. One at a time is in the memory of the inference process, which starts with the first answer that
 * is asked for.
 */
export class Inference implements vscode.Disposable {
  readonly #options: InferenceOptions;
  readonly #store = new DisposableStore();
  readonly #sidecar: Sidecar;
  readonly #models = new Map<string, LocalModelOf>();
  /** The one that is loaded, or being loaded. */
  #loaded: LocalModelOf | undefined;

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

  /** The folder of the model that comes with the product. */
  get embedded(): string {
    return path.join(this.#options.extensionPath, "extension", "assets", "model");
  }

  /** The model in a folder, or a GGUF file. Nothing is loaded yet. */
  model(folder: string): LocalModel {
    let model = this.#models.get(folder);
    if (model === undefined) {
      const name = modelNameOf(folder);
      const prompts = this.#store.add(new PromptThread(path.join(this.#options.extensionPath, "dist", "worker.js"), { source: folder }));
      model = new LocalModelOf(folder, name, prompts, (other) => this.#makeRoomFor(other), this.#sidecar);
      this.#models.set(folder, model);
    }
    return model;
  }

  dispose(): void {
    this.#store.dispose();
  }

  #makeRoomFor(model: LocalModelOf): void {
    if (this.#loaded === model) return;
    this.#loaded?.unload();
    this.#loaded = model;
  }
}

class LocalModelOf implements LocalModel {
  readonly id: string;
  readonly name: string;
  readonly prompts: PromptThread;
  readonly #makeRoom: (model: LocalModelOf) => void;
  readonly #sidecar: Sidecar;
  #loading: { readonly device: DeviceChoice; readonly model: Promise<SidecarModel> } | undefined;
  #info: LoadedInfo | undefined;

  constructor(folder: string, name: string, prompts: PromptThread, makeRoom: (model: LocalModelOf) => void, sidecar: Sidecar) {
    this.id = folder;
    this.name = name;
    this.prompts = prompts;
    this.#makeRoom = makeRoom;
    this.#sidecar = sidecar;
  }

  get info(): LoadedInfo | undefined {
    return this.#info;
  }

  async load(signal: CancelSignal): Promise<SidecarModel> {
    const device = readSetting("inference.device");
    if (this.#loading !== undefined && this.#loading.device !== device) this.unload();
    if (this.#loading === undefined) {
      const model = this.#load(device, signal);
      this.#loading = { device, model };
      // What failed, or was cancelled, is tried again the next time.
      model.catch(() => (this.#loading = undefined));
    }
    const model = await this.#loading.model;
    this.#info = await model.ready({ signal });
    return model;
  }

  unload(): void {
    this.#loading?.model.then((model) => model.dispose(), () => undefined);
    this.#loading = undefined;
    this.#info = undefined;
  }

  async #load(device: DeviceChoice, signal: CancelSignal): Promise<SidecarModel> {
    const runnable = await runnableOf(this.id);
    this.#makeRoom(this);
    return await this.#sidecar.load({ ...runnable, device }, { signal });
  }
}
