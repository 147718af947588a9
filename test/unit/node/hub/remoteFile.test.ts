import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { hasCode } from "../../../../extension/base/errors";
import type { RandomAccess } from "../../../../extension/core/io/ports";
import { hubModel, type HubModel } from "../../../../extension/node/hub/hubModel";
import type { HubOptions, HubProgress } from "../../../../extension/node/hub/settings";
import { temporaryFolder } from "../../../support/cleanup";
import type { Fault, LoggedRequest } from "../../../support/hub/exchange";
import { HubServer } from "../../../support/hub/hubServer";

const ROWS = 8_000;
const ROW_BYTES = 1_024;
const header = Buffer.from(JSON.stringify({ "model.embed_tokens.weight": { dtype: "BF16", shape: [ROWS, ROW_BYTES / 2], data_offsets: [0, ROWS * ROW_BYTES] } }));
const start = 8 + header.length;
const weights = Buffer.alloc(start + ROWS * ROW_BYTES);
weights.writeBigUInt64LE(BigInt(header.length));
header.copy(weights, 8);
randomBytes(ROWS * ROW_BYTES).copy(weights, start);

let server: HubServer;
let home: string;
const opened: RandomAccess[] = [];
before(async () => {
  server = await HubServer.start();
  server.push("org/model", { "config.json": "{}", "model.safetensors": weights, "small.bin": randomBytes(1000), "empty.bin": new Uint8Array(0), "index.json": "{}" });
});
after(() => server.close());
beforeEach(() => {
  server.reset();
  home = temporaryFolder("hub");
});
afterEach(async () => {
  for (const access of opened.splice(0)) await access.close();
});

const openModel = (options: HubOptions = {}): Promise<HubModel> =>
  hubModel("org/model", { ...options, retry: { basePauseMs: 1, ...options.retry }, environment: { HF_HOME: home, HF_ENDPOINT: server.endpoint } });
async function open(options: HubOptions = {}, file = "model.safetensors"): Promise<RandomAccess> {
  return await openOf(await openModel(options), file);
}
async function openOf(model: HubModel, file = "model.safetensors"): Promise<RandomAccess> {
  const access = await model.files.open(file);
  assert.ok(access !== undefined);
  opened.push(access);
  return access;
}
async function read(access: RandomAccess, offset: number, length: number): Promise<Uint8Array> {
  const target = access.allocate(length);
  const count = await access.read(offset, target);
  return target.subarray(0, count);
}
async function assertReads(access: RandomAccess, offset: number, length: number): Promise<void> {
  assert.ok(weights.subarray(offset, offset + length).equals(await read(access, offset, length)), `bytes ${offset} to ${offset + length} are others`);
}
const inStorage = ({ server: which }: LoggedRequest): boolean => which === "storage";
const packs = (): string[] => {
  const folder = path.join(home, "assets", "tunesmith", "ranges-v1");
  return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".pack")).map((name) => path.join(folder, name)) : [];
};

/** Reads rows as a check of a dataset does: the header first, then row after row. */
async function readRows(access: RandomAccess, ids: readonly number[]): Promise<void> {
  const length = Buffer.from(await read(access, 0, 8)).readBigUInt64LE();
  assert.equal((await read(access, 8, Number(length))).length, header.length);
  await Promise.all(ids.map((id) => assertReads(access, start + id * ROW_BYTES, ROW_BYTES)));
}

describe("reading a weight file of the hub in pieces", () => {
  const ids = Array.from({ length: 400 }, (_, i) => (i * 7919) % ROWS);

  it("costs no more than 1.2 times the rows and the header", async () => {
    const model = await openModel();
    const access = await openOf(model);
    await readRows(access, ids);
    await access.close();
    const allowed = 1.2 * ids.length * ROW_BYTES + start;
    assert.ok(server.sent("storage") <= allowed, `${server.sent("storage")} bytes were sent; ${allowed} are allowed`);
    assert.equal(model.traffic.requests, server.requests.length);
    assert.ok(model.traffic.bytes >= server.sent("storage"));
  });

  it("costs nothing the second time, not even online", async () => {
    const first = await open();
    await readRows(first, ids);
    await first.close();
    server.reset();
    await readRows(await open(), ids);
    assert.deepEqual(server.requests.map(({ url }) => url.replace(/\?.*/, "")), ["/api/models/org/model/revision/main"]);
  });

  it("works offline for what was read before", async () => {
    const model = await openModel();
    await model.folder.read("config.json");
    const first = await openOf(model);
    await readRows(first, ids);
    await first.close();
    server.reset();
    const offline = await open({ offline: true });
    await readRows(offline, ids);
    await assert.rejects(read(offline, start + ROW_BYTES * 5, ROW_BYTES * 20), (error) => hasCode(error, "hub-offline"));
    assert.deepEqual(server.requests, []);
  });

  it("fetches only what is new of other rows", async () => {
    const first = await open();
    await readRows(first, ids.slice(0, 200));
    await first.close();
    server.reset();
    const second = await open();
    await readRows(second, ids);
    await second.close();
    assert.ok(server.sent("storage") <= 200 * ROW_BYTES);
    assert.equal(packs().length, 2);
  });

  it("gives what is there at any place", async () => {
    const access = await open();
    assert.equal(access.size, weights.length);
    for (const [offset, length] of [[0, 1], [weights.length - 5, 5], [weights.length - 5, 100], [weights.length, 10], [weights.length + 100, 10], [100, 0], [8_000, 300_000]] as const) {
      await assertReads(access, offset, length);
    }
    assert.ok(await access.unchanged());
  });

  it("reads over parts that are held, joining what is close together", async () => {
    const access = await open();
    for (const [at, length] of [[100_000, 1_000], [104_000, 1_000], [300_000, 20_000]] as const) await assertReads(access, at, length);
    server.reset();
    await assertReads(access, 99_000, 250_000);
    assert.deepEqual(server.requests.map(({ range }) => range), ["bytes=99000-299999", "bytes=320000-348999"]);
  });

  it("reads an empty file and a file of the index", async () => {
    assert.equal((await read(await open({}, "empty.bin"), 0, 10)).length, 0);
    const index = await open({}, "index.json");
    assert.equal(Buffer.from(await read(index, 0, 100)).toString(), "{}");
    assert.ok(existsSync(path.join(home, "hub", "models--org--model", "snapshots")), "other programs can use it");
    assert.equal(await (await openModel()).files.open("no-such-file.safetensors"), undefined);
  });

  it("takes a file that is in the cache from there", async () => {
    const model = await openModel();
    const snapshot = path.dirname(path.join(await model.download(), "x"));
    writeFileSync(path.join(snapshot, "model.safetensors"), weights);
    server.reset();
    await readRows(await open(), ids);
    assert.ok(!server.requests.some(inStorage));
  });

  it("tells how much was fetched", async () => {
    const seen: HubProgress[] = [];
    const access = await open({ progress: (progress) => seen.push(progress) });
    await assertReads(access, 500_000, 200_000);
    assert.deepEqual(seen.at(-1), { file: "model.safetensors", doneBytes: 200_000, totalBytes: undefined });
  });
});

describe("addresses of the storage", () => {
  it("are asked for once", async () => {
    const access = await open();
    for (const at of [100_000, 200_000, 300_000]) await assertReads(access, at, 10);
    assert.equal(server.requests.filter(({ url }) => url.includes("/resolve/")).length, 1);
    assert.equal(server.requests.filter(inStorage).length, 3);
  });

  it("that have run out are asked for again", async () => {
    const access = await open();
    await assertReads(access, 100_000, 10);
    server.expireLinks();
    await Promise.all([200_000, 300_000, 400_000].map((at) => assertReads(access, at, 1000)));
    assert.ok(server.requests.some(({ status }) => status === 403));
  });

  it("that are refused again and again are an error", async () => {
    server.fault({ kind: "status", status: 403 }, inStorage, 100);
    await assert.rejects(read(await open({ retry: { attempts: 3 } }), 100_000, 10), (error: Error) => hasCode(error, "hub-link-expired") && error.message.includes('clock'));
    assert.equal(server.requests.filter(inStorage).length, 3);
  });
});

describe("answers that are not what was asked for", () => {
  const once: readonly (readonly [string, Fault])[] = [
    ["a shorter range", { kind: "short", bytes: 1000 }],
    ["a connection that breaks", { kind: "drop", afterBytes: 70_000 }],
    ["a connection that breaks at once", { kind: "drop", afterBytes: 0 }],
    ["a busy server", { kind: "status", status: 429, headers: { "retry-after": "0" } }],
    ["a failing server", { kind: "status", status: 502 }],
    ["a silent server", { kind: "stall", afterBytes: 10 }],
    ["an address that is gone", { kind: "status", status: 404 }],
  ];
  for (const [name, fault] of once) {
    it(`${name}: it goes on`, async () => {
      server.fault(fault, inStorage, 2);
      await assertReads(await open({ retry: { silenceMs: 300 } }), 100_000, 200_000);
    });
  }

  it("goes on at the byte where it stopped", async () => {
    server.fault({ kind: "short", bytes: 1000 }, inStorage);
    await assertReads(await open(), 100_000, 200_000);
    assert.deepEqual(server.requests.filter(inStorage).map(({ range }) => range), ["bytes=100000-299999", "bytes=101000-299999"]);
  });

  const always: readonly (readonly [string, Fault, string])[] = [
    ["another range", { kind: "shifted", by: 16 }, "hub-bad-answer"],
    ["the whole of a large file", { kind: "no-ranges" }, "hub-no-ranges"],
    ["no such range", { kind: "status", status: 416 }, "hub-bad-range"],
    ["a page of a proxy", { kind: "body", body: "<html>Please log in</html>" }, "hub-no-ranges"],
    ["a server that stays busy", { kind: "status", status: 429, headers: { "retry-after": "0" } }, "hub-rate-limited"],
    ["a server that stays broken", { kind: "status", status: 500 }, "hub-unavailable"],
  ];
  for (const [name, fault, code] of always) {
    it(`${name}: ${code}`, async () => {
      server.fault(fault, inStorage, 100);
      await assert.rejects(read(await open({ retry: { attempts: 3 } }), 100_000, 1000), (error: Error) => hasCode(error, code) && error.message.includes("model.safetensors"));
      assert.ok(server.sent("storage") < weights.length, "the whole file was fetched");
    });
  }

  it("the whole of a small file is taken as it is", async () => {
    server.fault({ kind: "no-ranges" }, inStorage, 100);
    const access = await open({}, "small.bin");
    assert.equal((await read(access, 990, 100)).length, 10);
    assert.equal((await read(access, 0, 2000)).length, 1000);
  });

  it("a file that changed on the storage is an error, not garbage", async () => {
    const access = await open();
    await assertReads(access, 100_000, 10);
    server.fault({ kind: "etag", etag: '"another"' }, inStorage, 100);
    await assert.rejects(read(access, 200_000, 10), (error) => hasCode(error, "hub-changed"));
  });

  it("a file that the hub links to something else is an error", async () => {
    const access = await open();
    server.fault({ kind: "etag", etag: '"another"' }, ({ url }) => url.includes("/resolve/"));
    await assert.rejects(read(access, 200_000, 10), (error) => hasCode(error, "hub-changed"));
  });

  it("a server that drips single bytes is given up", async () => {
    server.fault({ kind: "short", bytes: 1 }, inStorage, 1000);
    await assert.rejects(read(await open({ retry: { attempts: 4 } }), 100_000, 1000), (error) => hasCode(error, "hub-unreachable"));
    assert.equal(server.requests.filter(inStorage).length, 4);
  });
});

describe("cancelling a read", () => {
  it("by the read's signal or the model's", async () => {
    server.fault({ kind: "stall", afterBytes: 10 }, inStorage, 100);
    for (const which of ["read", "model"]) {
      const controller = new AbortController();
      const access = await open(which === "model" ? { signal: controller.signal } : {});
      const reading = access.read(100_000, access.allocate(1000), which === "read" ? controller.signal : new AbortController().signal);
      controller.abort();
      await assert.rejects(reading, (error) => hasCode(error, "cancelled"));
    }
  });

  it("does not cancel another read of the same beginning", async () => {
    server.fault({ kind: "slow", pieceBytes: 100, pauseMs: 2 }, inStorage);
    const access = await open();
    const controller = new AbortController();
    const first = access.read(0, access.allocate(8), controller.signal);
    const second = read(access, 0, 100);
    while (!server.requests.some(inStorage)) await new Promise((done) => setTimeout(done, 2));
    controller.abort();
    await assert.rejects(first, (error) => hasCode(error, "cancelled"));
    assert.deepEqual(Buffer.from(await second), weights.subarray(0, 100));
  });
});

describe("ranges kept on disk", () => {
  const damages: readonly (readonly [string, (pack: string) => void])[] = [
    ["cut off", (pack) => truncateSync(pack, readFileSync(pack).length - 10)],
    ["cut off in its table", (pack) => truncateSync(pack, 30)],
    ["empty", (pack) => writeFileSync(pack, "")],
    ["of another version", (pack) => writeFileSync(pack, readFileSync(pack).fill("9", 7, 8))],
    ["with a wrong table", (pack) => flip(pack, 20)],
    ["with a wrong byte", (pack) => flip(pack, readFileSync(pack).length - 5)],
    ["something else", (pack) => writeFileSync(pack, "x".repeat(10_000))],
  ];
  for (const [name, damage] of damages) {
    it(`a pack that is ${name} is fetched again`, async () => {
      const first = await open();
      await assertReads(first, 100_000, 5_000);
      await assertReads(first, 300_000, 5_000);
      await first.close();
      assert.equal(packs().length, 1);
      damage(packs()[0]!);
      server.reset();
      const second = await open();
      await assertReads(second, 100_000, 5_000);
      await assertReads(second, 300_000, 5_000);
      await second.close();
      assert.ok(server.sent("storage") > 0);
      server.reset();
      await assertReads(await open(), 300_000, 5_000);
      assert.ok(!server.requests.some(inStorage), "it was not kept the second time");
    });
  }

  it("a pack that another process removed is fetched again", async () => {
    const first = await open();
    await assertReads(first, 100_000, 5_000);
    await first.close();
    const second = await open();
    rmSync(packs()[0]!);
    await assertReads(second, 100_000, 5_000);
  });

  it("long ranges are kept in parts, and read back at any place", async () => {
    const first = await open();
    await assertReads(first, 50_000, 3_000_000);
    await first.close();
    server.reset();
    const second = await open();
    for (const [at, length] of [[50_000, 10], [1_000_000, 300_000], [3_049_990, 10], [181_071, 2]] as const) await assertReads(second, at, length);
    assert.ok(!server.requests.some(inStorage));
  });

  it("a folder that cannot be written costs another request and no more", async () => {
    writeFileSync(path.join(home, "assets"), "");
    for (let i = 0; i < 2; i++) await assertReads(await open(), 100_000, 5_000);
    assert.equal(server.requests.filter(inStorage).length, 2);
  });
});

function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}
