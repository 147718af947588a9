import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import * as path from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { hasCode } from "../../../../extension/base/errors";
import { hubModel, type HubModel } from "../../../../extension/node/hub/hubModel";
import type { HubOptions, HubProgress } from "../../../../extension/node/hub/settings";
import { temporaryFolder } from "../../../support/cleanup";
import { etagOf, type Commit } from "../../../support/hub/hubContent";
import { HubServer } from "../../../support/hub/hubServer";
import type { LoggedRequest } from "../../../support/hub/exchange";
import { startDownload } from "../../../support/hub/program";

const SIZE = 1_000_000;
const tokenizer = randomBytes(SIZE);
const MODEL = { "config.json": "{}", "tokenizer.json": tokenizer };

let server: HubServer;
let home: string;
let commit: Commit;
before(async () => {
  server = await HubServer.start();
  commit = server.push("org/model", MODEL);
});
after(() => server.close());
beforeEach(() => {
  server.reset();
  home = temporaryFolder("hub");
});

const open = (options: HubOptions = {}): Promise<HubModel> =>
  hubModel("org/model", { ...options, retry: { basePauseMs: 1, ...options.retry }, environment: { HF_HOME: home, HF_ENDPOINT: server.endpoint } });
const inStorage = ({ server: which }: LoggedRequest): boolean => which === "storage";
const repository = (): string => path.join(home, "hub", "models--org--model");
const etag = (): string => etagOf(commit.files.get("tokenizer.json")!);
const blob = (): string => path.join(repository(), "blobs", etag());
const partial = (): string => `${blob()}.tunesmith.incomplete`;
const blobs = (): string[] => readdirSync(path.join(repository(), "blobs"));
const locks = (): string[] => readdirSync(path.join(home, "hub", ".locks", "models--org--model"));

function assertDownloaded(bytes: Uint8Array | undefined): void {
  assert.ok(bytes !== undefined && tokenizer.equals(bytes), "these are not the file's bytes");
  assert.ok(tokenizer.equals(readFileSync(blob())));
  assert.deepEqual(blobs(), [etag()]);
  assert.deepEqual(locks(), []);
}

describe("a download that is disturbed", () => {
  it("goes on at the byte where the connection broke", async () => {
    server.fault({ kind: "drop", afterBytes: 300_000 }, inStorage);
    server.fault({ kind: "drop", afterBytes: 200_000 }, inStorage);
    assertDownloaded(await (await open()).folder.read("tokenizer.json"));
    const ranges = server.requests.filter(inStorage).map(({ range }) => range);
    assert.equal(ranges[0], undefined);
    assert.deepEqual(ranges.length, 3);
    const starts = ranges.slice(1).map((range) => Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1]));
    assert.ok(starts[0]! > 0 && starts[0]! <= 300_000, `it went on at ${starts[0]}`);
    assert.ok(starts[1]! > starts[0]! && starts[1]! <= 500_000, `it went on at ${starts[1]}`);
  });

  it("goes on however often it breaks, as long as bytes come", async () => {
    server.fault({ kind: "drop", afterBytes: 100_000 }, inStorage, 8);
    assertDownloaded(await (await open({ retry: { attempts: 3 } })).folder.read("tokenizer.json"));
  });

  it("gives up when no bytes come, and keeps what it has", async () => {
    server.fault({ kind: "drop", afterBytes: 500_000 }, inStorage);
    server.fault({ kind: "drop", afterBytes: 0 }, inStorage, 100);
    await assert.rejects((await open({ retry: { attempts: 3 } })).folder.read("tokenizer.json"), (error) => hasCode(error, "hub-unreachable"));
    assert.ok(readFileSync(partial()).length > 0);
    assert.deepEqual(locks(), []);
    server.reset();
    assertDownloaded(await (await open()).folder.read("tokenizer.json"));
    assert.ok(server.sent("storage") < SIZE, "what was there was downloaded again");
  });

  it("gives up on a server that starts from the beginning every time and never gets to the end", async () => {
    server.fault({ kind: "drop", afterBytes: 300_000 }, inStorage);
    // The hub's redirect, and then an answer that ignores the range and breaks off at the same place.
    server.fault({ kind: "no-ranges" }, (request) => inStorage(request) && request.range !== undefined, 1000);
    const broken = await hubModel("org/model", {
      retry: { basePauseMs: 1, attempts: 4 },
      environment: { HF_HOME: home, HF_ENDPOINT: server.endpoint },
      fetch: async (input, init) => {
        const answer = await fetch(input, init);
        if (!(input instanceof Request ? input.url : input.toString()).startsWith(server.storageOrigin) || answer.body === null) return answer;
        return new Response(limited(answer.body, 300_000), { status: answer.status, headers: answer.headers });
      },
    });
    await assert.rejects(broken.folder.read("tokenizer.json"), (error) => hasCode(error, "hub-unreachable"));
    assert.ok(server.requests.filter(inStorage).length < 12);
  });

  it("starts over with a server that knows no ranges", async () => {
    server.fault({ kind: "drop", afterBytes: 300_000 }, inStorage);
    server.fault({ kind: "no-ranges" }, inStorage);
    assertDownloaded(await (await open()).folder.read("tokenizer.json"));
  });

  it("waits out a server that is busy or failing", async () => {
    server.fault({ kind: "status", status: 429, headers: { "retry-after": "0" } }, inStorage);
    server.fault({ kind: "status", status: 503 }, inStorage);
    server.fault({ kind: "status", status: 500 }, ({ url }) => url.includes("/tree/"));
    server.fault({ kind: "drop", afterBytes: 0 }, ({ url }) => url.includes("/resolve/"));
    assertDownloaded(await (await open()).folder.read("tokenizer.json"));
  });

  it("does not wait for a server that wants too much time", async () => {
    server.fault({ kind: "status", status: 429, headers: { ratelimit: '"api";r=0;t=3000' } }, inStorage, 100);
    await assert.rejects((await open()).folder.read("tokenizer.json"), (error: Error) => hasCode(error, "hub-rate-limited") && error.message.includes('in 3000 s'));
    assert.equal(server.requests.filter(inStorage).length, 1);
  });

  it("ends the wait for a server that says nothing", async () => {
    for (const fault of [{ kind: "hang" }, { kind: "stall", afterBytes: 100_000 }] as const) server.fault(fault, inStorage);
    assertDownloaded(await (await open({ retry: { silenceMs: 300 } })).folder.read("tokenizer.json"));
  });

  it("asks for a new address when the one it got has run out", async () => {
    let expired = false;
    const model = await open({
      progress: ({ doneBytes }) => {
        if (!expired && doneBytes > 0) server.expireLinks();
        expired ||= doneBytes > 0;
      },
    });
    server.fault({ kind: "drop", afterBytes: 300_000 }, inStorage);
    assertDownloaded(await model.folder.read("tokenizer.json"));
  });
});

/** The first bytes of a stream, which then breaks. */
function limited(body: ReadableStream<Uint8Array>, bytes: number): ReadableStream<Uint8Array> {
  let left = bytes;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        if (chunk.length > left) controller.error(new TypeError("terminated"));
        else controller.enqueue(chunk);
        left -= chunk.length;
      },
    }),
  );
}

describe("contents are compared with their hash", () => {
  it("a partial file that holds something else is dropped", async () => {
    mkdirSync(path.dirname(partial()), { recursive: true });
    writeFileSync(partial(), Buffer.alloc(400_000));
    assertDownloaded(await (await open()).folder.read("tokenizer.json"));
  });

  it("a partial file that is too long, or just as long, is dropped", async () => {
    mkdirSync(path.dirname(partial()), { recursive: true });
    for (const size of [SIZE + 1, SIZE]) {
      home = temporaryFolder("hub");
      mkdirSync(path.dirname(partial()), { recursive: true });
      writeFileSync(partial(), Buffer.alloc(size));
      assertDownloaded(await (await open()).folder.read("tokenizer.json"));
    }
  });

  it("a damaged download is an error and is not kept", async () => {
    for (const file of ["tokenizer.json", "config.json"]) {
      server.fault({ kind: "damage" }, ({ url, server: which }) => which === "storage" || url.includes("resolve-cache"), 1);
      await assert.rejects((await open()).folder.read(file), (error) => hasCode(error, "hub-corrupt"));
    }
    assert.deepEqual(blobs(), []);
    assertDownloaded(await (await open()).folder.read("tokenizer.json"));
  });

  it("a longer body than the hub said is an error", async () => {
    server.fault({ kind: "body", body: "x".repeat(SIZE + 1) }, inStorage);
    await assert.rejects((await open()).folder.read("tokenizer.json"), (error) => hasCode(error, "hub-corrupt"));
  });
});

describe("several at once", () => {
  it("two reads in one process make one download", async () => {
    const models = await Promise.all([open(), open()]);
    for (const bytes of await Promise.all(models.flatMap((model) => [model.folder.read("tokenizer.json"), model.folder.read("tokenizer.json")]))) assertDownloaded(bytes);
    assert.equal(server.requests.filter(inStorage).length, 1);
  });

  it("two processes make one download", async () => {
    server.fault({ kind: "slow", pieceBytes: 100_000, pauseMs: 20 }, inStorage, 2);
    const env = { HF_HOME: home, HF_ENDPOINT: server.endpoint };
    const processes = await Promise.all([1, 2].map(() => startDownload(["org/model", "tokenizer.json", "config.json"], env)));
    for (const { ended, lines } of processes) {
      assert.equal(await ended, 0, lines.join("\n"));
      assert.ok(lines.includes(`done tokenizer.json ${SIZE}`));
    }
    assert.equal(server.requests.filter(inStorage).length, 1);
    assertDownloadedTogether();
  });

  it("a process that was killed leaves its lock and its part, and the next one goes on there", async () => {
    server.fault({ kind: "slow", pieceBytes: 50_000, pauseMs: 20 }, inStorage);
    const killed = await startDownload(["org/model", "tokenizer.json"], { HF_HOME: home, HF_ENDPOINT: server.endpoint });
    await killed.said(/^tokenizer\.json [2-9]\d{5}$/);
    killed.child.kill("SIGKILL");
    assert.equal(await killed.ended, "SIGKILL");
    assert.equal(locks().length, 1);
    const size = readFileSync(partial()).length;
    assert.ok(size >= 200_000 && size < SIZE);
    server.reset();
    assertDownloaded(await (await open()).folder.read("tokenizer.json"));
    assert.equal(server.requests.find(inStorage)?.range, `bytes=${size}-`);
  });

  it("a process of Python that downloads the same file does no harm", async () => {
    // It writes <etag>.<8 digits>.incomplete and takes a lock that only flock sees.
    mkdirSync(path.join(repository(), "blobs"), { recursive: true });
    mkdirSync(path.join(home, "hub", ".locks", "models--org--model"), { recursive: true });
    writeFileSync(`${blob()}.0a1b2c3d.incomplete`, tokenizer.subarray(0, 10));
    writeFileSync(path.join(home, "hub", ".locks", "models--org--model", `${etag()}.lock`), "");
    const bytes = await (await open()).folder.read("tokenizer.json");
    assert.ok(bytes !== undefined && tokenizer.equals(bytes));
    assert.deepEqual(blobs().sort(), [etag(), `${etag()}.0a1b2c3d.incomplete`]);
    assert.deepEqual(locks(), [`${etag()}.lock`]);
  });

  it("a lock whose process is gone is not waited for", async () => {
    const gone = await startDownload(["org/model"], { HF_HOME: home, HF_ENDPOINT: server.endpoint });
    await gone.ended;
    mkdirSync(path.join(home, "hub", ".locks", "models--org--model"), { recursive: true });
    writeFileSync(path.join(home, "hub", ".locks", "models--org--model", `${etag()}.tunesmith.lock`), `${hostname()} ${gone.child.pid ?? 0} x`);
    assertDownloaded(await (await open()).folder.read("tokenizer.json"));
  });

  it("waiting for another process can be cancelled", async () => {
    const controller = new AbortController();
    server.fault({ kind: "stall", afterBytes: 10 }, inStorage);
    const first = new AbortController();
    const holder = (await open({ signal: first.signal })).folder.read("tokenizer.json");
    await until(() => existsSync(partial()));
    const waiting = (await open({ signal: controller.signal })).folder.read("tokenizer.json");
    controller.abort();
    await assert.rejects(waiting, (error) => hasCode(error, "cancelled"));
    first.abort();
    await assert.rejects(holder, (error) => hasCode(error, "cancelled"));
    assert.deepEqual(locks(), []);
  });
});

function assertDownloadedTogether(): void {
  assert.ok(tokenizer.equals(readFileSync(blob())));
  assert.equal(blobs().length, 2);
  assert.deepEqual(locks(), []);
}

async function until(ready: () => boolean): Promise<void> {
  while (!ready()) await new Promise((done) => setTimeout(done, 5));
}

describe("progress and cancelling", () => {
  it("tells how far it is, up to the end", async () => {
    const seen: HubProgress[] = [];
    await (await open({ progress: (progress) => seen.push(progress) })).folder.read("tokenizer.json");
    assert.deepEqual(seen[0], { file: "tokenizer.json", doneBytes: 0, totalBytes: SIZE });
    assert.deepEqual(seen.at(-1), { file: "tokenizer.json", doneBytes: SIZE, totalBytes: SIZE });
    assert.ok(seen.every(({ doneBytes }, index) => index === 0 || doneBytes > seen[index - 1]!.doneBytes));
  });

  it("stops in the middle, keeps the part and gives the lock back", async () => {
    const controller = new AbortController();
    server.fault({ kind: "slow", pieceBytes: 50_000, pauseMs: 5 }, inStorage);
    const model = await open({
      signal: controller.signal,
      progress: ({ doneBytes }) => {
        if (doneBytes > 200_000) controller.abort();
      },
    });
    await assert.rejects(model.folder.read("tokenizer.json"), (error) => hasCode(error, "cancelled"));
    assert.deepEqual(locks(), []);
    assert.deepEqual(blobs(), [`${etag()}.tunesmith.incomplete`]);
    assertDownloaded(await (await open()).folder.read("tokenizer.json"));
  });

  it("stops while it waits to try again", async () => {
    const controller = new AbortController();
    server.fault({ kind: "status", status: 503, headers: { "retry-after": "50" } }, inStorage, 100);
    const model = await open({ signal: controller.signal });
    const reading = model.folder.read("tokenizer.json");
    await until(() => server.requests.some(inStorage));
    controller.abort();
    await assert.rejects(reading, (error) => hasCode(error, "cancelled"));
  });

  it("asks nothing when it is cancelled before", async () => {
    await assert.rejects(open({ signal: AbortSignal.abort() }), (error) => hasCode(error, "cancelled"));
    assert.deepEqual(server.requests, []);
  });
});

describe("a cache that cannot be written", () => {
  it("a full disk is told, and nothing is left on it", { skip: existsSync("/dev/full") ? false : "this system has no /dev/full" }, async () => {
    mkdirSync(path.dirname(partial()), { recursive: true });
    symlinkSync("/dev/full", partial());
    await assert.rejects((await open()).folder.read("tokenizer.json"), (error: Error) => hasCode(error, "disk-full") && error.message.includes('HF_HUB_CACHE'));
    assert.deepEqual(blobs(), []);
    assert.deepEqual(locks(), []);
  });

  it("a folder that is a file is told", async () => {
    writeFileSync(path.join(home, "hub"), "");
    await assert.rejects((await open()).folder.read("tokenizer.json"), (error: Error) => hasCode(error, "cannot-write") && error.message.includes('HF_HUB_CACHE'));
  });

  it("a partial file that lost its end goes on from there", async () => {
    mkdirSync(path.dirname(partial()), { recursive: true });
    writeFileSync(partial(), tokenizer);
    truncateSync(partial(), 999_999);
    assertDownloaded(await (await open()).folder.read("tokenizer.json"));
    assert.equal(server.sent("storage"), 1);
  });
});
