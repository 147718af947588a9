import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MessageChannel } from "node:worker_threads";
import { TunesmithError } from "../../../extension/base/errors";
import { NODE_TIMERS, portOfHost } from "../../../extension/node/workerPort";
import { Channel } from "../../../extension/protocol/channel";

interface Server {
  readonly methods: {
    readonly double: { readonly params: number; readonly result: number; readonly progress: never };
    readonly count: { readonly params: number; readonly result: string; readonly progress: number };
    readonly fail: { readonly params: null; readonly result: null; readonly progress: never };
    readonly wait: { readonly params: null; readonly result: string; readonly progress: string };
    readonly bytes: { readonly params: Uint8Array<ArrayBuffer>; readonly result: number; readonly progress: never };
  };
  readonly events: { readonly tick: number };
}
interface Client {
  readonly methods: Record<never, never>;
  readonly events: Record<never, never>;
}

/** Two channels over a real message port; `end` closes it. */
function connect(): { client: Channel<Server, Client>; server: Channel<Client, Server>; end: () => void } {
  const { port1, port2 } = new MessageChannel();
  const client = new Channel<Server, Client>(portOfHost(port1), NODE_TIMERS);
  const server = new Channel<Client, Server>(portOfHost(port2), NODE_TIMERS);
  server.handle("double", (value) => value * 2);
  server.handle("count", async (to, { progress }) => {
    for (let i = 1; i <= to; i++) progress(i);
    await Promise.resolve();
    return "done";
  });
  server.handle("fail", () => {
    throw new TunesmithError("no-good", "It is no good.");
  });
  server.handle("bytes", (value) => value.length);
  server.handle("wait", (_, { signal, progress }) => {
    progress("waiting");
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => {
        resolve("too late");
      });
    });
  });
  return { client, server, end: () => { port1.close(); } };
}

describe("a channel", () => {
  it("answers requests that overlap, each with its own result", async () => {
    const { client, end } = connect();
    const answers = await Promise.all([1, 2, 3].map((value) => client.request("double", value)));
    assert.deepEqual(answers, [2, 4, 6]);
    end();
  });

  it("reports progress in order, before the result", async () => {
    const { client, end } = connect();
    const seen: unknown[] = [];
    seen.push(await client.request("count", 3, { onProgress: (value) => seen.push(value) }));
    assert.deepEqual(seen, [1, 2, 3, "done"]);
    end();
  });

  it("gives an error with its code and message", async () => {
    const { client, end } = connect();
    await assert.rejects(client.request("fail", null), { code: "no-good", message: "It is no good." });
    end();
  });

  it("answers a method that nothing handles with an error", async () => {
    const { client, end } = connect();
    await assert.rejects(client.request("missing" as "fail", null), { code: "unknown-method" });
    end();
  });

  it("cancels: the caller's promise settles at once and the handler's signal is aborted", async () => {
    const { client, server, end } = connect();
    const controller = new AbortController();
    let aborted = false;
    server.handle("wait", (_, { signal, progress }) => {
      signal.addEventListener("abort", () => {
        aborted = true;
      });
      progress("waiting");
      return new Promise(() => undefined);
    });
    const request = client.request("wait", null, {
      signal: controller.signal,
      onProgress: () => {
        controller.abort();
      },
    });
    await assert.rejects(request, { code: "cancelled" });
    await client.request("double", 1);
    assert.ok(aborted);
    await assert.rejects(client.request("double", 1, { signal: controller.signal }), { code: "cancelled" });
    end();
  });

  it("settles with a time-out when no answer comes", async () => {
    const { client, end } = connect();
    await assert.rejects(client.request("wait", null, { timeoutMs: 10 }), { code: "timed-out" });
    end();
  });

  it("settles everything when it closes, and refuses what comes after", async () => {
    const { client, end } = connect();
    const waiting = client.request("wait", null);
    end();
    await assert.rejects(waiting, { code: "closed" });
    await assert.rejects(client.request("double", 1), { code: "closed" });
  });

  it("moves buffers instead of copying them", async () => {
    const { client, end } = connect();
    const bytes = new Uint8Array(1000);
    assert.equal(await client.request("bytes", bytes, { transfer: [bytes.buffer] }), 1000);
    assert.equal(bytes.length, 0);
    end();
  });

  it("delivers events to the listeners that are there", async () => {
    const { client, server, end } = connect();
    const seen: number[] = [];
    const listening = client.on("tick", (value) => seen.push(value));
    server.send("tick", 1);
    await client.request("double", 1);
    listening.dispose();
    server.send("tick", 2);
    await client.request("double", 1);
    assert.deepEqual(seen, [1]);
    end();
  });
});
