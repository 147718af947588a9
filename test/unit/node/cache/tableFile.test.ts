import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { describe, it } from "node:test";
import { cacheFolder } from "../../../../extension/node/cache/cacheFolder";
import { pruneCache, readTables, writeTables } from "../../../../extension/node/cache/tableFile";
import { temporaryFolder } from "../../../support/cleanup";

const SET = {
  meta: { name: "é", list: [1, 2.5, null], nested: { a: "b" } },
  tables: {
    bytes: Uint8Array.of(1, 2, 3),
    empty: new Uint16Array(0),
    words: Uint16Array.of(65535, 0),
    numbers: Uint32Array.of(4294967295, 7),
    signed: Int32Array.of(-1, 5, -2147483648),
    floats: Float32Array.of(0.5, Number.NaN, -0),
  },
};

describe("table files", () => {
  const folder = temporaryFolder("tables");

  it("give back what was written, in shared memory", async () => {
    const file = path.join(folder, "new/folder/set.bin");
    await writeTables(file, SET);
    const read = await readTables(file);
    assert.deepEqual(read, SET);
    for (const table of Object.values(read.tables)) assert.ok(table.buffer instanceof SharedArrayBuffer);
    assert.deepEqual(readdirSync(path.dirname(file)), ["set.bin"]);
  });

  it("are refused whatever byte is damaged, and wherever they are cut off", async () => {
    const file = path.join(folder, "set.bin");
    await writeTables(file, SET);
    const whole = readFileSync(file);
    const damaged = path.join(folder, "damaged.bin");
    for (let i = 0; i < whole.length; i++) {
      // The length of the head has four spare bytes.
      if (i >= 12 && i < 16) continue;
      const copy = Buffer.from(whole);
      copy[i]! ^= 0x41;
      writeFileSync(damaged, copy);
      assert.equal(await readTables(damaged), undefined, `byte ${i}`);
      writeFileSync(damaged, whole.subarray(0, i));
      assert.equal(await readTables(damaged), undefined, `length ${i}`);
    }
    assert.equal(await readTables(path.join(folder, "missing.bin")), undefined);
    assert.equal(await readTables(folder), undefined);
  });

  it("are whole when several write them at the same time", async () => {
    const file = path.join(folder, "race.bin");
    const writers = Array.from({ length: 8 }, (_, i) => writeTables(file, { meta: i, tables: { data: new Uint32Array(100_000).fill(i) } }));
    const reads = Array.from({ length: 20 }, () => readTables(file));
    await Promise.all(writers);
    for (const read of [...(await Promise.all(reads)), await readTables(file)]) {
      if (read !== undefined) assert.ok((read.tables["data"] as Uint32Array).every((value) => value === read.meta));
    }
    assert.notEqual(await readTables(file), undefined);
  });

  it("are removed when the folder grows too large, the oldest first, and so is what a crash left", async () => {
    const cache = path.join(folder, "cache");
    mkdirSync(cache);
    const write = (name: string, bytes: number, daysAgo: number): void => {
      writeFileSync(path.join(cache, name), Buffer.alloc(bytes));
      const time = Date.now() / 1000 - daysAgo * 86_400;
      utimesSync(path.join(cache, name), time, time);
    };
    write("old", 400, 9);
    write("middle", 400, 5);
    write("new", 400, 1);
    write("x.tmp", 10, 2);
    write("y.tmp", 10, 0);
    await pruneCache(cache, 900);
    assert.deepEqual(readdirSync(cache).sort(), ["middle", "new", "y.tmp"]);
    await pruneCache(path.join(folder, "nowhere"), 1);
  });
});

describe("the cache's folder", () => {
  const cases: readonly (readonly [string, Record<string, string>, string, RegExp])[] = [
    ["the variable of its own", { TUNESMITH_CACHE: "/c", XDG_CACHE_HOME: "/x" }, "linux", /^\/c$/],
    ["XDG's", { XDG_CACHE_HOME: "/x" }, "linux", /^\/x\/tunesmith$/],
    ["the home folder's", {}, "linux", /\/\.cache\/tunesmith$/],
    ["macOS's", {}, "darwin", /Library\/Caches\/tunesmith$/],
    ["Windows's", { LOCALAPPDATA: "/l" }, "win32", /^\/l\/tunesmith\/Cache$/],
  ];
  for (const [name, env, platform, expected] of cases) {
    it(name, () => {
      assert.match(cacheFolder(env, platform), expected);
    });
  }
});
