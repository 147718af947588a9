import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import type * as vscode from "vscode";
import type { Disposable } from "../../../../extension/base/disposable";
import type { Channel } from "../../../../extension/protocol/channel";
import { integer, object, text } from "../../../../extension/protocol/shape";
import { connectPages } from "../../../../extension/vscode/webviews/connection";

interface Host {
  readonly methods: { readonly double: { readonly params: { readonly value: number }; readonly result: number; readonly progress: never } };
  readonly events: { readonly shown: string };
}
interface Page {
  readonly methods: Readonly<Record<never, never>>;
  readonly events: { readonly clicked: string };
}

/** A webview as its extension sees it; what it is sent is collected. */
class Webview {
  readonly sent: unknown[] = [];
  #receive: (message: unknown) => void = () => undefined;

  onDidReceiveMessage(listener: (message: unknown) => void): Disposable {
    this.#receive = listener;
    return { dispose: () => (this.#receive = () => undefined) };
  }

  postMessage(message: unknown): Promise<boolean> {
    this.sent.push(message);
    return Promise.resolve(true);
  }

  async says(...messages: unknown[]): Promise<void> {
    for (const message of messages) this.#receive(message);
    await setImmediate();
  }
}

function connect(double: (value: number) => number | Promise<number> = (value) => 2 * value) {
  const webview = new Webview();
  const events: string[] = [];
  const channels: Channel<Page, Host>[] = [];
  const connection = connectPages<Page, Host>(webview as unknown as vscode.Webview, {
    guard: { methods: { double: object({ value: integer(0, 100) }) }, events: { clicked: text(5) } },
    onPage: (channel) => {
      channels.push(channel);
      channel.handle("double", ({ value }) => double(value));
      channel.on("clicked", (what) => events.push(what));
      const name = channels.length;
      return { dispose: () => events.push(`page ${name} gone`) };
    },
    onRefused: (reason) => events.push(`refused: ${reason}`),
  });
  return { webview, events, channels, connection };
}

const ask = (page: string, id: number, value: unknown): unknown => ({ page, message: { kind: "request", id, method: "double", params: { value } } });

describe("the connection with a webview", () => {
  it("answers the page that asks", async () => {
    const { webview } = connect();
    await webview.says({ page: "a" }, ask("a", 1, 21));
    assert.deepEqual(webview.sent, [{ page: "a", message: { kind: "result", id: 1, value: 42 } }]);
  });

  it("begins anew with a page that loads anew, and answers nothing of the one before", async () => {
    let finish: (value: number) => void = () => undefined;
    const { webview, events, channels } = connect(() => new Promise((resolve) => (finish = resolve)));
    await webview.says({ page: "a" }, ask("a", 1, 1));
    await webview.says({ page: "b" }, ask("a", 2, 1));
    finish(1);
    await setImmediate();
    assert.deepEqual(webview.sent, []);
    assert.deepEqual(events, ["page 1 gone"]);
    channels[0]!.send("shown", "to nobody");
    channels[1]!.send("shown", "to the page that is there");
    assert.deepEqual(webview.sent, [{ page: "b", message: { kind: "event", name: "shown", value: "to the page that is there" } }]);
  });

  it("refuses what the contract does not have, with an answer where one is awaited", async () => {
    const { webview, events } = connect();
    await webview.says({ page: "a" }, ask("a", 1, 101), ask("a", 2, "1"));
    await webview.says({ page: "a", message: { kind: "request", id: 3, method: "constructor", params: {} } });
    await webview.says({ page: "a", message: { kind: "event", name: "clicked", value: "much too long" } });
    await webview.says({ page: "a", message: { kind: "event", name: "toString", value: "" } });
    await webview.says({ page: "a", message: { kind: "result", id: 1, value: "of nothing" } });
    await webview.says({ page: "a", message: 7 }, 7, null, { page: 7 });
    assert.deepEqual(
      webview.sent.map((envelope) => (envelope as { message: { kind: string; id: number; code: string } }).message).map(({ kind, id, code }) => [kind, id, code]),
      [1, 2, 3].map((id) => ["error", id, "bad-message"]),
    );
    assert.equal(events.filter((event) => event.startsWith("refused: ")).length, 10);
    assert.equal(events.length, 10);
  });

  it("takes what fits", async () => {
    const { webview, events } = connect();
    await webview.says({ page: "a" }, { page: "a", message: { kind: "event", name: "clicked", value: "token" } });
    assert.deepEqual(events, ["token"]);
  });

  it("ends with its webview", async () => {
    const { webview, events, connection, channels } = connect();
    await webview.says({ page: "a" });
    connection.dispose();
    await webview.says(ask("a", 1, 1));
    channels[0]!.send("shown", "to nobody");
    assert.deepEqual([webview.sent, events], [[], ["page 1 gone"]]);
  });
});
