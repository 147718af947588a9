import * as path from "node:path";
import * as vscode from "vscode";
import { DisposableStore } from "../../base/disposable";
import { type NewTurn, messagesOf } from "../../core/playground/turns";
import { DATASET_LANGUAGE } from "../../manifest/languages";
import { PANELS } from "../../manifest/panels";
import { PLAYGROUND_GUARD, type KeptPlayground, keptShape } from "../../protocol/webview/playground";
import { readSetting } from "../configuration";
import type { Inference, LocalModel } from "../inference/inference";
import { runnableOf } from "../inference/runnable";
import type { Log } from "../log";
import { modelFor } from "../models/models";
import { Panels, showPage } from "../webviews/panel";
import { type Beginning, PlaygroundSession } from "./session";

export interface PlaygroundOptions {
  readonly extensionUri: vscode.Uri;
  readonly inference: Inference;
  readonly log: Log;
  /** Where the choice of a model is kept. */
  readonly state: vscode.Memento;
}

/** Under which name the choice of a model is kept for the workspace: a path, or undefined for that of the dataset. */
const CHOSEN = "playground.model";

/** The playground: panels in which conversations with a model are tried. */
export class Playground implements vscode.Disposable {
  readonly #options: PlaygroundOptions;
  readonly #store = new DisposableStore();
  readonly #panels: Panels<KeptPlayground>;
  /** What the next panel begins with; it is filled within `open`. */
  #beginning: Beginning | undefined;
  /** The model that the settings bind to the active dataset, where it runs here. */
  #bound: string | undefined;

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

  /** The model in force, for the active dataset where it has one that runs here. */
  async model(): Promise<LocalModel> {
    await this.#findBound();
    return this.#model();
  }

  /** The same as far as it is known without looking at files. */
  get knownModel(): LocalModel {
    return this.#model();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #model(): LocalModel {
    const { inference, state } = this.#options;
    return inference.model(state.get<string>(CHOSEN) ?? this.#bound ?? inference.embedded);
  }

  /** The model of the active dataset, as far as it can be run: many folders hold a tokenizer only. */
  async #findBound(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    if (document?.languageId !== DATASET_LANGUAGE) return;
    const folder = modelFor(document.uri, readSetting("models", document.uri))?.folder;
    this.#bound = folder === undefined ? undefined : await runnableOf(folder).then(() => folder, () => undefined);
  }

  async #chooseModel(): Promise<void> {
    const { inference, state } = this.#options;
    const current = this.#model();
    type Item = vscode.QuickPickItem & { readonly choose?: () => Promise<string | undefined> };
    const item = (label: string, folder: string): Item => ({
      label,
      detail: folder,
      ...(inference.model(folder) === current ? { description: vscode.l10n.t("in use") } : {}),
      choose: () => Promise.resolve(folder),
    });
    const items: Item[] = [
      ...(this.#bound === undefined ? [] : [item(inference.model(this.#bound).name, this.#bound)]),
      { ...item(inference.model(inference.embedded).name, inference.embedded), detail: vscode.l10n.t("Comes with Tunesmith: small talk and arithmetic, runs everywhere") },
      { label: "", kind: vscode.QuickPickItemKind.Separator },
      { label: `$(folder-opened) ${vscode.l10n.t("Choose a model folder…")}`, detail: vscode.l10n.t("With onnx/model.onnx, or a GGUF file"), choose: () => browse(true) },
      { label: `$(file) ${vscode.l10n.t("Choose a GGUF file…")}`, choose: () => browse(false) },
    ];
    const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Model to talk to"), matchOnDetail: true });
    const folder = await picked?.choose?.();
    if (folder === undefined) return;
    await runnableOf(folder);
    await state.update(CHOSEN, folder === this.#bound ? undefined : folder);
  }
}

async function browse(folders: boolean): Promise<string | undefined> {
  const [picked] =
    (await vscode.window.showOpenDialog({
      canSelectFolders: folders,
      canSelectFiles: !folders,
      ...(folders ? {} : { filters: { GGUF: ["gguf"] } }),
      openLabel: vscode.l10n.t("Use Model"),
    })) ?? [];
  return picked?.scheme === "file" ? path.normalize(picked.fsPath) : undefined;
}

/** Shows the conversation as a row of a new, unsaved dataset. */
async function exportRow(turns: readonly NewTurn[]): Promise<void> {
  const content = `${JSON.stringify({ messages: messagesOf(turns) })}\n`;
  const document = await vscode.workspace.openTextDocument({ language: DATASET_LANGUAGE, content });
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside });
}
