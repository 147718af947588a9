import type * as vscode from "vscode";
import { DisposableStore, type Disposable } from "../../base/disposable";
import { Channel, type Contract, type Port } from "../../protocol/channel";
import { readOr } from "../../protocol/shape";
import { type Envelope, envelopeShape } from "../../protocol/webview/envelope";
import { type AsksOnly, type Guard, guardedPort } from "../../protocol/webview/guard";

export interface ConnectionOptions<Page extends AsksOnly, Host extends Contract> {
  readonly guard: Guard<Page, Host>;
  /**
   * A page of the webview has loaded. Called again whenever the page loads anew, after what the last call gave was disposed
   * of. The channel is closed when the page is gone.
   */
  onPage(channel: Channel<Page, Host>): Disposable;
  /** A message of the page did not fit the contract. */
  onRefused(reason: string): void;
}

/** Connects a webview's pages with their host, one after the other. Dispose of it with the webview. */
export function connectPages<Page extends AsksOnly, Host extends Contract>(
  webview: vscode.Webview,
  options: ConnectionOptions<Page, Host>,
): Disposable {
  const store = new DisposableStore();
  let current: PageLink | undefined;
  store.add({ dispose: () => current?.close() });
  store.add(
    webview.onDidReceiveMessage((received: unknown) => {
      const envelope = readOr(envelopeShape, received);
      if (envelope === undefined) {
        options.onRefused("A message names no page.");
        return;
      }
      if (current?.page !== envelope.page) {
        // What an earlier page had still to say is of no use to anybody.
        if (envelope.message !== undefined) return;
        current?.close();
        const link = new PageLink(webview, envelope.page);
        current = link;
        link.own(options.onPage(new Channel<Page, Host>(guardedPort(link.port, options.guard, options.onRefused))));
        return;
      }
      if (envelope.message !== undefined) current.receive(envelope.message);
    }),
  );
  return store;
}

/** One load of a webview's page. */
class PageLink {
  readonly page: string;
  readonly port: Port;
  readonly #messages: ((message: unknown) => void)[] = [];
  readonly #closings: ((reason: string) => void)[] = [];
  #owned: Disposable | undefined;
  #closed = false;

  constructor(webview: vscode.Webview, page: string) {
    this.page = page;
    this.port = {
      post: (message) => {
        // It resolves to false while the webview is hidden; a page that comes back asks anew.
        void webview.postMessage({ page, message } satisfies Envelope);
      },
      onMessage: (listener) => {
        this.#messages.push(listener);
      },
      onClose: (listener) => {
        this.#closings.push(listener);
      },
    };
  }

  own(part: Disposable): void {
    if (this.#closed) part.dispose();
    else this.#owned = part;
  }

  receive(message: unknown): void {
    for (const listener of this.#messages) listener(message);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const listener of this.#closings) listener("The page was closed.");
    this.#owned?.dispose();
  }
}
