import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/disposable";
import { type Shape, readOr } from "../../protocol/shape";
import type { PanelType } from "../../manifest/panels";

/** A kind of panel: how one is made, and what it needs to come back after the window was reloaded. */
export interface PanelKind<State> {
  readonly viewType: PanelType;
  readonly title: string;
  /** What pages keep with `setState`. */
  readonly state: Shape<State>;
  /** Loads what fills panels; it is asked for every panel. */
  load(): Promise<FillPanel<State>>;
}

/** Fills a panel; `state` is undefined for a new one, and where what was kept does not fit. What it gives ends with the panel. */
export type FillPanel<State> = (panel: vscode.WebviewPanel, state: State | undefined) => Disposable;

/** Opens panels of a kind, and brings those back that were open when the window was reloaded. */
export class Panels<State> implements vscode.Disposable {
  readonly #kind: PanelKind<State>;
  readonly #store = new DisposableStore();

  constructor(kind: PanelKind<State>) {
    this.#kind = kind;
    this.#store.add(
      vscode.window.registerWebviewPanelSerializer(kind.viewType, {
        deserializeWebviewPanel: async (panel, state) => {
          const store = endingWith(panel);
          const fill = await kind.load();
          if (!store.disposed) store.add(fill(panel, readOr(kind.state, state)));
        },
      }),
    );
  }

  /**
   * Loads what fills panels, and gives a function that opens a new one, filled. The focus stays where it is when
   * `preserveFocus` says so.
   */
  async loaded(): Promise<(column: vscode.ViewColumn, preserveFocus: boolean, state: State | undefined) => void> {
    const { viewType, title, load } = this.#kind;
    const fill = await load();
    return (viewColumn, preserveFocus, state) => {
      const panel = vscode.window.createWebviewPanel(viewType, title, { viewColumn, preserveFocus });
      endingWith(panel).add(fill(panel, state));
    };
  }

  /** Panels stay open; their pages are brought back by the next window. */
  dispose(): void {
    this.#store.dispose();
  }
}

function endingWith(panel: vscode.WebviewPanel): DisposableStore {
  const store = new DisposableStore();
  store.add(panel.onDidDispose(() => store.dispose()));
  return store;
}
