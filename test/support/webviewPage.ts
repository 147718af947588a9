import { readFileSync } from "node:fs";
import * as path from "node:path";
import type { Browser, Page } from "playwright-core";
import type * as vscode from "vscode";
import type { Disposable } from "../../extension/base/disposable";
import type { Contract } from "../../extension/protocol/channel";
import type { AsksOnly } from "../../extension/protocol/webview/guard";
import { type ConnectionOptions, connectPages } from "../../extension/vscode/webviews/connection";
import { pageHtml } from "../../extension/vscode/webviews/html";
import { launchBrowser } from "./browser";
import { root } from "./paths";

/** Pages have what browsers keep for secure origins, as in VS Code. Nothing is asked of the network. */
const ORIGIN = "https://webview.test";

/** The theme variables that decide whether a page can be read, as VS Code's own dark and light themes have them. */
const themes = {
  dark: {
    "--vscode-foreground": "#cccccc",
    "--vscode-descriptionForeground": "#9d9d9d",
    "--vscode-editor-background": "#1f1f1f",
    "--vscode-sideBar-background": "#181818",
    "--vscode-textLink-foreground": "#4daafc",
    "--vscode-focusBorder": "#0078d4",
    "--vscode-errorForeground": "#f85149",
    "--vscode-editor-selectionBackground": "#264f78",
    "--vscode-charts-blue": "#59a4f9",
    "--vscode-charts-green": "#89d185",
  },
  light: {
    "--vscode-foreground": "#3b3b3b",
    "--vscode-descriptionForeground": "#3b3b3b",
    "--vscode-editor-background": "#ffffff",
    "--vscode-sideBar-background": "#f8f8f8",
    "--vscode-textLink-foreground": "#005fb8",
    "--vscode-focusBorder": "#005fb8",
    "--vscode-errorForeground": "#f85149",
    "--vscode-editor-selectionBackground": "#add6ff",
    "--vscode-charts-blue": "#1a85ff",
    "--vscode-charts-green": "#388a34",
  },
} as const;

/** What a page sees of VS Code. */
interface FakeApi {
  acquireVsCodeApi(): object;
  postToHost(message: unknown): Promise<void>;
}

/**
 * One of our pages in a browser, without VS Code around it: built as it is packaged, with its real policy, and connected with
 * its host through the real connection. Faster than a workbench by a minute; what VS Code adds is tested there.
 */
export class WebviewPage {
  readonly page: Page;
  readonly #browser: Browser;
  readonly #connection: Disposable;

  private constructor(browser: Browser, page: Page, connection: Disposable) {
    this.#browser = browser;
    this.page = page;
    this.#connection = connection;
  }

  static async open<PageSide extends AsksOnly, Host extends Contract>(name: string, options: ConnectionOptions<PageSide, Host>): Promise<WebviewPage> {
    const browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 900, height: 800 }, locale: "en-US" });
    let receive: (message: unknown) => void = () => undefined;
    const webview = {
      onDidReceiveMessage: (listener: (message: unknown) => void) => {
        receive = listener;
        return { dispose: () => undefined };
      },
      postMessage: (message: unknown) => page.evaluate((data) => window.postMessage(data, "*"), message).then(() => true),
    };
    const connection = connectPages(webview as unknown as vscode.Webview, options);
    await page.exposeFunction("postToHost", (message: unknown) => receive(message));
    await page.addInitScript(() => {
      const api = window as unknown as FakeApi;
      api.acquireVsCodeApi = () => ({
        postMessage: (message: unknown) => void api.postToHost(message),
        getState: () => JSON.parse(sessionStorage.getItem("state") ?? "null") as unknown,
        setState: (state: unknown) => sessionStorage.setItem("state", JSON.stringify(state)),
      });
    });
    await page.route(`${ORIGIN}/**`, async (route) => {
      const file = new URL(route.request().url()).pathname.slice(1);
      if (file === "") await route.fulfill({ contentType: "text/html", body: htmlOf(name) });
      else await route.fulfill({ contentType: file.endsWith(".css") ? "text/css" : "text/javascript", body: readFileSync(path.join(root, "dist", "webview", path.basename(file)), "utf8") });
    });
    await page.goto(`${ORIGIN}/`);
    return new WebviewPage(browser, page, connection);
  }

  /** Gives the page the colours of a theme. */
  async setTheme(theme: keyof typeof themes): Promise<void> {
    await this.page.evaluate((variables) => {
      for (const [name, value] of variables) document.documentElement.style.setProperty(name, value);
    }, Object.entries(themes[theme]));
  }

  async close(): Promise<void> {
    this.#connection.dispose();
    await this.#browser.close();
  }
}

function htmlOf(name: string): string {
  const address = (file: string): string => `${ORIGIN}/${file}`;
  return pageHtml({ title: name, language: "en", script: address(`${name}.js`), styles: [address(`${name}.css`)], source: ORIGIN, nonce: "test", translations: {} });
}
