import * as vscode from "vscode";
import { CancelledError, TunesmithError } from "../../base/errors";
import { DisposableStore } from "../../base/disposable";
import { modelNameOf } from "../../core/model/modelName";
import { type NewTurn, messagesOf } from "../../core/playground/turns";
import { DATASET_LANGUAGE } from "../../manifest/languages";
import { PANELS } from "../../manifest/panels";
import { localModelAt } from "../../node/inference/engineOf";
import { PLAYGROUND_GUARD, type KeptPlayground, keptShape } from "../../protocol/webview/playground";
import { readSetting } from "../configuration";
import type { Answerer } from "../inference/answerer";
import { connectServer } from "../inference/connectServer";
import type { Inference } from "../inference/inference";
import type { LocalModel } from "../inference/localModel";
import type { ServerKeys } from "../inference/serverKeys";
import type { Log } from "../log";
import { browseModel } from "../models/browse";
import { askHubId } from "../models/hubDownload";
import type { HubRun } from "../models/hubRun";
import { embeddedFolder, isHubModel, modelFor } from "../models/models";
import { Panels, showPage } from "../webviews/panel";
import { type Beginning, PlaygroundSession } from "./session";

export interface PlaygroundOptions {
  readonly extensionUri: vscode.Uri;
  readonly inference: Inference;
  readonly keys: ServerKeys;
  readonly hub: HubRun;
  readonly log: Log;
  /** Where the choice of a model is kept. */
  readonly state: vscode.Memento;
}

/** Under which name the choice of a model is kept for the workspace: a path, {@link SERVER}, or undefined for the model of the dataset. */
const CHOSEN = "playground.model";
/** Stands for the model of the server that the settings name; no path is like it. */
const SERVER = "server:";
/** Under which name it is kept what models of the hub are run from: paths by `hf://` address. */
const FROM_HUB = "playground.fromHub";

/** The playground: panels in which conversations with a model are tried. */
export class Playground implements vscode.Disposable {
  readonly #options: PlaygroundOptions;
  readonly #store = new DisposableStore();
  readonly #panels: Panels<KeptPlayground>;
  /** What the next panel begins with; it is filled within `open`. */
  #beginning: Beginning | undefined;
  /** The model that the settings bind to the active dataset, and what it is run from, where it runs here. */
  #bound: { readonly folder: string; readonly runs: string | undefined } | undefined;

  constructor(options: PlaygroundOptions) {
    this.#options = options;
    const { extensionUri, log } = options;
    this.#panels = this.#store.add(
      new Panels<KeptPlayground>({
        viewType: PANELS.playground,
        title: vscode.l10n.t("Playground"),
        state: keptShape,
        fill: (panel) => {
          const session = new PlaygroundSession(
            {
              log,
              model: () => this.#model(),
              chooseModel: () => this.#chooseModel(),
              exportRow: exportRow,
            },
            this.#beginning,
          );
          this.#beginning = undefined;
          const page = showPage(panel.webview, {
            name: "playground",
            title: vscode.l10n.t("Playground"),
            guard: PLAYGROUND_GUARD,
            extensionUri,
            log,
            onPage: (channel) => session.attach(channel),
          });
          return vscode.Disposable.from(page, session);
        },
      }),
    );
  }

  /** Opens a new playground, with a beginning where there is one. */
  async open(beginning?: Beginning): Promise<void> {
    await this.#findBound();
    this.#beginning = beginning;
    this.#panels.open(beginning === undefined ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside, false, undefined);
  }

  /** The model in force, as far as it is known without looking at files. */
  get model(): Answerer {
    return this.#model();
  }

  /** The model that scores, which runs here: the one in force, for the active dataset where it has one. @throws TunesmithError `not-runnable` for a server */
  async localModel(): Promise<LocalModel> {
    await this.#findBound();
    if (this.#usesServer) {
      throw new TunesmithError("not-runnable", vscode.l10n.t("Servers do not tell the probabilities of a given text, so only a model that runs here can score. Choose one in the playground."));
    }
    if (this.#options.state.get(CHOSEN) === undefined && this.#bound?.runs === undefined && this.#bound !== undefined && isHubModel(this.#bound.folder)) await this.#runBoundHub(this.#bound.folder);
    return this.#local();
  }

  /** Asks for a server, and uses its model from then on. */
  async connectServer(): Promise<void> {
    await this.#findBound();
    if (await this.#connect()) this.#panels.open(vscode.ViewColumn.Active, false, undefined);
  }

  dispose(): void {
    this.#store.dispose();
  }

  get #usesServer(): boolean {
    return this.#options.state.get<string>(CHOSEN) === SERVER && this.#options.inference.server !== undefined;
  }

  #model(): Answerer {
    return (this.#usesServer ? this.#options.inference.server : undefined) ?? this.#local();
  }

  #local(): LocalModel {
    const { inference, state } = this.#options;
    const chosen = state.get<string>(CHOSEN);
    return inference.model((chosen === SERVER ? undefined : chosen) ?? this.#runnable ?? embeddedFolder());
  }

  get #runnable(): string | undefined {
    return this.#bound?.runs;
  }

  async #connect(): Promise<boolean> {
    const connected = await connectServer(this.#options.keys, this.#bound?.folder);
    if (connected) await this.#options.state.update(CHOSEN, SERVER);
    return connected;
  }

  /** The model of the active dataset, as far as it can be run: many folders hold a tokenizer only. */
  async #findBound(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    if (document?.languageId !== DATASET_LANGUAGE) return;
    const folder = modelFor(document.uri, readSetting("models", document.uri))?.folder;
    if (folder === undefined) {
      this.#bound = undefined;
      return;
    }
    const path = isHubModel(folder) ? this.#options.state.get<Readonly<Record<string, string>>>(FROM_HUB)?.[folder] : folder;
    this.#bound = { folder, runs: path === undefined ? undefined : await localModelAt(path).then(() => path, () => undefined) };
  }

  /** Downloads what the model of the dataset is run from. @throws CancelledError when the user gave up */
  async #runBoundHub(folder: string): Promise<string> {
    const { hub, state } = this.#options;
    const path = await hub.choose(folder);
    if (path === undefined) throw new CancelledError();
    await state.update(FROM_HUB, { ...state.get<Readonly<Record<string, string>>>(FROM_HUB), [folder]: path });
    this.#bound = { folder, runs: path };
    return path;
  }

  /** Asks for a model of the hub, and for what it is run from. */
  async #chooseHub(): Promise<string | undefined> {
    const id = await askHubId(vscode.l10n.t("It runs on this machine, from its ONNX or GGUF files, which are downloaded into the Hugging Face cache."));
    return id === undefined ? undefined : await this.#options.hub.choose(id);
  }

  async #chooseModel(): Promise<void> {
    const picked = await vscode.window.showQuickPick(this.#modelItems(), { title: vscode.l10n.t("Model to talk to"), matchOnDetail: true });
    const chosen = await picked?.choose?.();
    if (chosen === undefined) return;
    if (chosen !== SERVER) await localModelAt(chosen);
    await this.#options.state.update(CHOSEN, chosen === this.#runnable ? undefined : chosen);
  }

  #modelItems(): ModelItem[] {
    const { inference } = this.#options;
    const current = this.#model();
    const item = (model: Answerer, choice: string, detail: string): ModelItem => ({
      label: model.name,
      detail,
      ...(model === current ? { description: vscode.l10n.t("in use") } : {}),
      choose: () => Promise.resolve(choice),
    });
    const local = (folder: string, detail = folder): ModelItem => item(inference.model(folder), folder, detail);
    const { server } = inference;
    const fromHub = this.#runnable === undefined && this.#bound !== undefined && isHubModel(this.#bound.folder) ? this.#bound.folder : undefined;
    return [
      ...(fromHub === undefined ? [] : [{ label: modelNameOf(fromHub), detail: vscode.l10n.t("The model of the dataset, of the Hugging Face hub; its weights are downloaded to run it"), choose: () => this.#runBoundHub(fromHub) }]),
      ...(this.#runnable === undefined ? [] : [local(this.#runnable)]),
      ...(server === undefined ? [] : [item(server, SERVER, server.detail)]),
      local(embeddedFolder(), vscode.l10n.t("Comes with Tunesmith: small talk and arithmetic, runs everywhere")),
      { label: "", kind: vscode.QuickPickItemKind.Separator },
      { label: `$(folder-opened) ${vscode.l10n.t("Choose a model folder…")}`, detail: vscode.l10n.t("With onnx/model.onnx, or a GGUF file"), choose: () => browseModel("folder") },
      { label: `$(file) ${vscode.l10n.t("Choose a GGUF file…")}`, choose: () => browseModel("gguf") },
      { label: `$(cloud-download) ${vscode.l10n.t("Run a model of the Hugging Face hub…")}`, choose: () => this.#chooseHub() },
      { label: `$(plug) ${vscode.l10n.t("Connect to a server…")}`, detail: vscode.l10n.t("vLLM, SGLang, TGI, llama.cpp, Ollama, or a hosted one"), choose: async () => ((await this.#connect()) ? SERVER : undefined) },
    ];
  }
}

type ModelItem = vscode.QuickPickItem & { readonly choose?: () => Promise<string | undefined> };

/** Shows the conversation as a row of a new, unsaved dataset. */
async function exportRow(turns: readonly NewTurn[]): Promise<void> {
  const content = `${JSON.stringify({ messages: messagesOf(turns) })}\n`;
  const document = await vscode.workspace.openTextDocument({ language: DATASET_LANGUAGE, content });
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside });
}
