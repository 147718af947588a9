import * as vscode from "vscode";
import { DisposableStore } from "../../base/disposable";
import { lazy } from "../../base/lazy";
import { PANELS } from "../../manifest/panels";
import { promptChoicesShape } from "../../protocol/webview/prompt";
import { type Shape, object } from "../../protocol/shape";
import type { PromptChoices } from "../../protocol/webview/prompt";
import type { Log } from "../log";
import { Panels } from "../webviews/panel";
import { isDataset, isTemplate } from "./subjects";
import type { XrayPanel } from "./xrayPanel";

export interface PromptXrayOptions {
  readonly extensionUri: vscode.Uri;
  readonly workerPath: string;
  readonly log: Log;
}

/** Pages also keep how the prompt is drawn, which is their own business. */
const stateShape: Shape<{ readonly choices: PromptChoices }> = object({ choices: promptChoicesShape });

/** The prompt X-ray: one panel that follows the datasets and templates that are edited. */
export class PromptXray implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #panels: Panels<{ readonly choices: PromptChoices }>;
  #current: { readonly panel: vscode.WebviewPanel; readonly content: XrayPanel } | undefined;

  constructor({ extensionUri, workerPath, log }: PromptXrayOptions) {
    const loadCode = lazy(async () => {
      const { XrayPanel, XrayWorker } = await import("../later");
      return { XrayPanel, worker: this.#store.add(new XrayWorker(workerPath)) };
    });
    this.#panels = this.#store.add(
      new Panels({
        viewType: PANELS.prompt,
        title: vscode.l10n.t("Prompt X-ray"),
        state: stateShape,
        load: async () => {
          const { XrayPanel, worker } = await loadCode();
          return (panel, state) => {
            const content = new XrayPanel(panel, { extensionUri, worker, log }, state?.choices);
            this.#current = { panel, content };
            return {
              dispose: () => {
                if (this.#current?.content === content) this.#current = undefined;
                content.dispose();
              },
            };
          };
        },
      }),
    );
  }

  /** Opens the panel beside the editor, or brings it to the front, with what the editor shows. */
  async open(): Promise<void> {
    const editor = subjectEditor();
    const openPanel = await this.#panels.loaded();
    if (this.#current === undefined) openPanel(vscode.ViewColumn.Beside, true, undefined);
    else this.#current.panel.reveal(undefined, true);
    this.#current?.content.follow(editor);
  }

  dispose(): void {
    this.#store.dispose();
  }
}

/** The active editor, or else one in view that shows a dataset or a template. */
function subjectEditor(): vscode.TextEditor | undefined {
  const active = vscode.window.activeTextEditor;
  if (active !== undefined && (isDataset(active.document) || isTemplate(active.document))) return active;
  return vscode.window.visibleTextEditors.find(({ document }) => isDataset(document) || isTemplate(document));
}
