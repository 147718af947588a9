import * as vscode from "vscode";
import { DisposableStore } from "../../base/disposable";
import { type NewTurn, messagesOf } from "../../core/playground/turns";
import { DATASET_LANGUAGE } from "../../manifest/languages";
import { PANELS } from "../../manifest/panels";
import { PLAYGROUND_GUARD, type KeptPlayground, keptShape } from "../../protocol/webview/playground";
import type { Log } from "../log";
import { Panels } from "../webviews/panel";
import type { ModelChoice } from "./modelChoice";
import type { Beginning } from "./session";

export interface PlaygroundOptions {
  readonly extensionUri: vscode.Uri;
  readonly choice: () => Promise<ModelChoice>;
  readonly log: Log;
}

/** The playground: panels in which conversations with a model are tried. */
export class Playground implements vscode.Disposable {
  readonly #choice: () => Promise<ModelChoice>;
  readonly #store = new DisposableStore();
  readonly #panels: Panels<KeptPlayground>;
  /** What the next panel begins with; it is filled within `open`. */
  #beginning: Beginning | undefined;

  constructor({ extensionUri, choice, log }: PlaygroundOptions) {
    this.#choice = choice;
    this.#panels = this.#store.add(
      new Panels<KeptPlayground>({
        viewType: PANELS.playground,
        title: vscode.l10n.t("Playground"),
        state: keptShape,
        load: async () => {
          const [{ PlaygroundSession, showPage }, choice] = await Promise.all([import("../later"), this.#choice()]);
          return (panel) => {
            const session = new PlaygroundSession({ log, model: () => choice.model, chooseModel: () => choice.choose(), exportRow }, this.#beginning);
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
          };
        },
      }),
    );
  }

  /** Opens a new playground, with a beginning where there is one. */
  async open(beginning?: Beginning): Promise<void> {
    await (await this.#choice()).lookAtDataset();
    const openPanel = await this.#panels.loaded();
    this.#beginning = beginning;
    openPanel(beginning === undefined ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside, false, undefined);
  }

  /** Asks for a server, and opens a playground with its model. */
  async connectServer(): Promise<void> {
    const choice = await this.#choice();
    await choice.lookAtDataset();
    if (await choice.connect()) await this.open();
  }

  dispose(): void {
    this.#store.dispose();
  }
}

/** Shows the conversation as a row of a new, unsaved dataset. */
async function exportRow(turns: readonly NewTurn[]): Promise<void> {
  const content = `${JSON.stringify({ messages: messagesOf(turns) })}\n`;
  const document = await vscode.workspace.openTextDocument({ language: DATASET_LANGUAGE, content });
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside });
}
