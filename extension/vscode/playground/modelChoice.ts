import * as vscode from "vscode";
import { CancelledError, TunesmithError } from "../../base/errors";
import { modelNameOf } from "../../core/model/modelName";
import { DATASET_LANGUAGE } from "../../manifest/languages";
import { localModelAt } from "../../node/inference/engineOf";
import { readSetting } from "../configuration";
import type { Answerer } from "../inference/answerer";
import { connectServer } from "../inference/connectServer";
import type { Inference } from "../inference/inference";
import type { LocalModel } from "../inference/localModel";
import type { ServerKeys } from "../inference/serverKeys";
import { browseModel } from "../models/browse";
import { askHubId } from "../models/hubDownload";
import type { HubRun } from "../models/hubRun";
import { embeddedFolder, isHubModel, modelFor } from "../models/models";

export interface ModelChoiceOptions {
  readonly inference: Inference;
  readonly keys: ServerKeys;
  readonly hub: HubRun;
  /** Where the choice is kept. */
  readonly state: vscode.Memento;
}

/** Under which name the choice is kept for the workspace: a path, {@link SERVER}, or undefined for the model of the dataset. */
const CHOSEN = "playground.model";
/** Stands for the model of the server that the settings name; no path is like it. */
const SERVER = "server:";
/** Under which name it is kept what models of the hub are run from. */
const FROM_HUB = "playground.fromHub";
/** Paths by `hf://` address. */
type FromHub = Readonly<Record<string, string>>;

/** A model to choose; `choose` gives what is kept as {@link CHOSEN}, or undefined when the user gave up. */
type ModelItem = vscode.QuickPickItem & { readonly choose?: () => Promise<string | undefined> };

/** Which model is talked to, and which one scores: the one that was chosen, else that of the active dataset, else the one that comes along. */
export class ModelChoice {
  readonly #options: ModelChoiceOptions;
  /** The model that the settings bind to the active dataset, and what it is run from, where it runs here. */
  #bound: { readonly model: string; readonly path: string | undefined } | undefined;

  constructor(options: ModelChoiceOptions) {
    this.#options = options;
  }

  /** The model in force, as far as it is known without looking at files. */
  get model(): Answerer {
    return this.#server ?? this.#local;
  }

  /** Looks which model the active dataset is for, as far as it can be run: many folders hold a tokenizer only. */
  async lookAtDataset(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    if (document?.languageId !== DATASET_LANGUAGE) return;
    const model = modelFor(document.uri, readSetting("models", document.uri))?.folder;
    if (model === undefined) {
      this.#bound = undefined;
      return;
    }
    const path = isHubModel(model) ? this.#fromHub[model] : model;
    this.#bound = { model, path: path === undefined ? undefined : await localModelAt(path).then(() => path, () => undefined) };
  }

  /** The model that scores, which has to run here. @throws TunesmithError `not-runnable` for a server; CancelledError for a download that is not wanted */
  async localModel(): Promise<LocalModel> {
    await this.lookAtDataset();
    if (this.#server !== undefined) {
      throw new TunesmithError("not-runnable", vscode.l10n.t("Servers do not tell the probabilities of a given text, so only a model that runs here can score. Choose one in the playground."));
    }
    const { state } = this.#options;
    const missing = state.get(CHOSEN) === undefined ? this.#boundOnHub : undefined;
    if (missing !== undefined && (await this.#runBound(missing)) === undefined) throw new CancelledError();
    return this.#local;
  }

  /** Lets the user choose. @throws TunesmithError `not-runnable` for a folder with nothing to run, errors of the hub and of servers */
  async choose(): Promise<void> {
    const picked = await vscode.window.showQuickPick(this.#items(), { title: vscode.l10n.t("Model to talk to"), matchOnDetail: true });
    const chosen = await picked?.choose?.();
    if (chosen === undefined) return;
    if (chosen !== SERVER) await localModelAt(chosen);
    await this.#options.state.update(CHOSEN, chosen === this.#bound?.path ? undefined : chosen);
  }

  /** Asks for a server, and has its model used from then on. False when the user gave up. */
  async connect(): Promise<boolean> {
    const connected = await connectServer(this.#options.keys, this.#bound?.model);
    if (connected) await this.#options.state.update(CHOSEN, SERVER);
    return connected;
  }

  get #server(): Answerer | undefined {
    const { inference, state } = this.#options;
    return state.get<string>(CHOSEN) === SERVER ? inference.server : undefined;
  }

  get #local(): LocalModel {
    const { inference, state } = this.#options;
    const chosen = state.get<string>(CHOSEN);
    return inference.model((chosen === SERVER ? undefined : chosen) ?? this.#bound?.path ?? embeddedFolder());
  }

  get #fromHub(): FromHub {
    return this.#options.state.get<FromHub>(FROM_HUB) ?? {};
  }

  /** The model of the dataset where it is on the hub, and nothing to run it from is here. */
  get #boundOnHub(): string | undefined {
    return this.#bound !== undefined && this.#bound.path === undefined && isHubModel(this.#bound.model) ? this.#bound.model : undefined;
  }

  /** Downloads what the model of the dataset is run from. */
  async #runBound(model: string): Promise<string | undefined> {
    const { hub, state } = this.#options;
    const path = await hub.choose(model);
    if (path === undefined) return undefined;
    await state.update(FROM_HUB, { ...this.#fromHub, [model]: path });
    this.#bound = { model, path };
    return path;
  }

  async #chooseOnHub(): Promise<string | undefined> {
    const id = await askHubId(vscode.l10n.t("It runs on this machine, from its ONNX or GGUF files, which are downloaded into the Hugging Face cache."));
    return id === undefined ? undefined : await this.#options.hub.choose(id);
  }

  #items(): ModelItem[] {
    const { inference } = this.#options;
    const { server } = inference;
    const onHub = this.#boundOnHub;
    const bound = this.#bound?.path;
    return [
      ...(onHub === undefined ? [] : [{ label: modelNameOf(onHub), detail: vscode.l10n.t("The model of the dataset, of the Hugging Face hub; its weights are downloaded to run it"), choose: () => this.#runBound(onHub) }]),
      ...(bound === undefined ? [] : [this.#item(inference.model(bound), bound, bound)]),
      ...(server === undefined ? [] : [this.#item(server, SERVER, server.detail)]),
      this.#item(inference.model(embeddedFolder()), embeddedFolder(), vscode.l10n.t("Comes with Tunesmith: small talk and arithmetic, runs everywhere")),
      { label: "", kind: vscode.QuickPickItemKind.Separator },
      { label: `$(folder-opened) ${vscode.l10n.t("Choose a model folder…")}`, detail: vscode.l10n.t("With onnx/model.onnx, or a GGUF file"), choose: () => browseModel("folder") },
      { label: `$(file) ${vscode.l10n.t("Choose a GGUF file…")}`, choose: () => browseModel("gguf") },
      { label: `$(cloud-download) ${vscode.l10n.t("Run a model of the Hugging Face hub…")}`, choose: () => this.#chooseOnHub() },
      { label: `$(plug) ${vscode.l10n.t("Connect to a server…")}`, detail: vscode.l10n.t("vLLM, SGLang, TGI, llama.cpp, Ollama, or a hosted one"), choose: async () => ((await this.connect()) ? SERVER : undefined) },
    ];
  }

  #item(model: Answerer, choice: string, detail: string): ModelItem {
    return { label: model.name, detail, ...(model === this.model ? { description: vscode.l10n.t("in use") } : {}), choose: () => Promise.resolve(choice) };
  }
}
