import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { Disposable } from "../../base/disposable";
import type { Channel, Contract } from "../../protocol/channel";
import type { AsksOnly, Guard } from "../../protocol/webview/guard";
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
