import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/disposable";
import type { Channel, Contract } from "../../protocol/channel";
import { type Shape, readOr } from "../../protocol/shape";
import type { AsksOnly, Guard } from "../../protocol/webview/guard";
import type { PanelType } from "../../manifest/panels";
import { connectPages } from "./connection";
import { pageHtml } from "./html";
import type { Log } from "../log";

/** The pages that dist/webview holds: `<name>.js` and `<name>.css`. */
export type PageName = "prompt" | "playground";

export interface PageOptions<Page extends AsksOnly, Host extends Contract> {
  readonly name: PageName;
  readonly title: string;
  readonly guard: Guard<Page, Host>;
  readonly extensionUri: vscode.Uri;
  readonly log: Log;
  /** See `ConnectionOptions.onPage`. */
  onPage(channel: Channel<Page, Host>): Disposable;
}

/** Shows one of our pages in a webview, and answers it until the result is disposed of. */
export function showPage<Page extends AsksOnly, Host extends Contract>(webview: vscode.Webview, options: PageOptions<Page, Host>): Disposable {
  const { name, title, guard, extensionUri, log } = options;
  const folder = vscode.Uri.joinPath(extensionUri, "dist", "webview");
  const address = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(folder, file)).toString();
  webview.options = { enableScripts: true, localResourceRoots: [folder] };
  // Connected before the page can speak.
  const connection = connectPages(webview, {
    guard,
    onPage: (channel) => options.onPage(channel),
    onRefused: (reason) => {
      log.output.warn(`The page '${name}' sent what it must not: ${reason}`);
    },
  });
  webview.html = pageHtml({
    title,
    language: vscode.env.language,
    script: address(`${name}.js`),
    styles: [address(`${name}.css`)],
    source: webview.cspSource,
    nonce: randomBytes(24).toString("base64url"),
    translations: vscode.l10n.bundle ?? {},
  });
  return connection;
}

/** A kind of panel: how one is made, and what it needs to come back after the window was reloaded. */
export interface PanelKind<State> {
  readonly viewType: PanelType;
  readonly title: string;
  /** What pages keep with `setState`. */
  readonly state: Shape<State>;
  /** Fills a panel; `state` is undefined for a new one, and where what was kept does not fit. What it gives ends with the panel. */
  fill(panel: vscode.WebviewPanel, state: State | undefined): Disposable;
}

/** Opens panels of a kind, and brings those back that were open when the window was reloaded. */
export class Panels<State> implements vscode.Disposable {
  readonly #kind: PanelKind<State>;
  readonly #store = new DisposableStore();

  constructor(kind: PanelKind<State>) {
    this.#kind = kind;
    this.#store.add(
      vscode.window.registerWebviewPanelSerializer(kind.viewType, {
        deserializeWebviewPanel: (panel, state) => {
          this.#fill(panel, readOr(kind.state, state));
          return Promise.resolve();
        },
      }),
    );
  }

  /** Opens a new panel. The focus stays where it is when `preserveFocus` says so. */
  open(column: vscode.ViewColumn, preserveFocus: boolean, state: State | undefined): vscode.WebviewPanel {
    const { viewType, title } = this.#kind;
    const panel = vscode.window.createWebviewPanel(viewType, title, { viewColumn: column, preserveFocus });
    this.#fill(panel, state);
    return panel;
  }

  /** Panels stay open; their pages are brought back by the next window. */
  dispose(): void {
    this.#store.dispose();
  }

  #fill(panel: vscode.WebviewPanel, state: State | undefined): void {
    const content = this.#kind.fill(panel, state);
    const ending = panel.onDidDispose(() => {
      content.dispose();
      ending.dispose();
    });
  }
}
