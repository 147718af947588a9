import assert from "node:assert/strict";
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { hasCode } from "../../../../extension/base/errors";
import { cachedModels } from "../../../../extension/node/hub/hubApi";
import { hubModel, type HubModel } from "../../../../extension/node/hub/hubModel";
import type { HubOptions } from "../../../../extension/node/hub/settings";
import { temporaryFolder } from "../../../support/cleanup";
import { etagOf, gitHash } from "../../../support/hub/hubContent";
import { HubServer } from "../../../support/hub/hubServer";

const MODEL = {
  "README.md": "# A model\n",
  "config.json": '{"model_type":"llama"}',
  "tokenizer.json": '{"model":{"type":"BPE"}}',
  "tokenizer_config.json": "{}",
  "chat_template.jinja": "{{ messages }}",
  "additional_chat_templates/rag.jinja": "{{ documents }}",
  "additional_chat_templates/deep/x.txt": "",
  "model.safetensors.index.json": '{"weight_map":{}}',
  "model.safetensors": new Uint8Array(100_000),
  "odd name #1.json": "{}",
};

let server: HubServer;
let home: string;
/** An address where nobody answers. */
let nobody: string;
before(async () => {
  server = await HubServer.start();
  const gone = await HubServer.start();
  nobody = gone.endpoint;
  await gone.close();
});
after(() => server.close());
beforeEach(() => {
  server.reset();
  home = temporaryFolder("hub");
});

const hub = (): string => path.join(home, "hub");
const open = (id: string, options: HubOptions = {}): Promise<HubModel> =>
  hubModel(id, { retry: { basePauseMs: 1 }, ...options, environment: { HF_HOME: home, HF_ENDPOINT: server.endpoint, ...options.environment } });
const text = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes);

/** Everything below a folder: "path -> target" for links, "path = content" for files. */
function tree(folder: string): string[] {
  const lines: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) lines.push(`${path.relative(folder, file)} -> ${readlinkSync(file)}`);
    else if (entry.isFile()) lines.push(`${path.relative(folder, file)} = ${readFileSync(file, "utf8")}`);
  }
  return lines.sort();
}

describe("the cache on disk", () => {
  it("has the layout that the hub's documentation shows, byte for byte", async () => {
    const commit = server.push("org/layout", MODEL);
    const model = await open("org/layout");
    assert.equal(text(await model.folder.read("config.json")), MODEL["config.json"]);
    assert.equal(text(await model.folder.read("tokenizer.json")), MODEL["tokenizer.json"]);
    assert.equal(text(await model.folder.read("additional_chat_templates/rag.jinja")), "{{ documents }}");
    assert.equal(await model.folder.read("special_tokens_map.json"), undefined);
    const config = gitHash(Buffer.from(MODEL["config.json"]));
    const rag = gitHash(Buffer.from("{{ documents }}"));
    const tokenizer = etagOf(commit.files.get("tokenizer.json")!);
    assert.match(tokenizer, /^[0-9a-f]{64}$/);
    assert.deepEqual(tree(hub()), [
      `models--org--layout/.no_exist/${commit.sha}/special_tokens_map.json = `,
      ...[`models--org--layout/blobs/${config} = ${MODEL["config.json"]}`, `models--org--layout/blobs/${rag} = {{ documents }}`, `models--org--layout/blobs/${tokenizer} = ${MODEL["tokenizer.json"]}`].sort(),
      `models--org--layout/refs/main = ${commit.sha}`,
      `models--org--layout/snapshots/${commit.sha}/additional_chat_templates/rag.jinja -> ../../../blobs/${rag}`,
      `models--org--layout/snapshots/${commit.sha}/config.json -> ../../blobs/${config}`,
      `models--org--layout/snapshots/${commit.sha}/tokenizer.json -> ../../blobs/${tokenizer}`,
    ]);
    // Readable as any file that this process makes is, not only by its owner.
    writeFileSync(path.join(hub(), "..", "any-file"), "");
    const modeOf = (file: string): number => lstatSync(file).mode & 0o777;
    assert.equal(modeOf(path.join(hub(), "models--org--layout/blobs", config)), modeOf(path.join(hub(), "..", "any-file")));
  });

  it("the second time only the branch is looked up", async () => {
    server.push("org/again", MODEL);
    const folder = await (await open("org/again")).download();
    server.reset();
    assert.equal(await (await open("org/again")).download(), folder);
    assert.deepEqual(server.requests.map(({ url }) => url.replace(/\?.*/, "")), ["/api/models/org/again/revision/main"]);
  });

  it("download() brings what says how the model reads text, and nothing else", async () => {
    const commit = server.push("org/small", MODEL);
    const folder = await (await open("org/small")).download();
    assert.equal(folder, path.join(hub(), "models--org--small", "snapshots", commit.sha));
    assert.deepEqual(
      tree(folder).map((line) => line.replace(/ ->.*/, "")),
      ["additional_chat_templates/rag.jinja", "chat_template.jinja", "config.json", "tokenizer.json", "tokenizer_config.json"],
    );
  });

  it("a file that two commits share is stored once, and a branch that moved is followed", async () => {
    const first = server.push("org/moves", MODEL);
    const before = await open("org/moves");
    await before.folder.read("config.json");
    const second = server.push("org/moves", { ...MODEL, "tokenizer_config.json": '{"new":1}' });
    server.reset();
    const after = await open("org/moves");
    assert.equal(after.commit, second.sha);
    assert.equal(text(await after.folder.read("config.json")), MODEL["config.json"]);
    assert.equal(text(await after.folder.read("tokenizer_config.json")), '{"new":1}');
    assert.ok(!server.requests.some(({ url }) => url.includes("config.json") && !url.includes("tokenizer_config")), "the same content was downloaded again");
    const lines = tree(path.join(hub(), "models--org--moves"));
    assert.deepEqual(lines.filter((line) => line.startsWith("refs")), [`refs/main = ${second.sha}`]);
    assert.equal(lines.filter((line) => line.startsWith("blobs")).length, 2);
    assert.ok(lines.some((line) => line.startsWith(`snapshots/${first.sha}/config.json`)));
    assert.equal(text(await before.folder.read("tokenizer_config.json")), "{}", "an opened model stays at its commit");
  });

  it("tags, commits and pull requests", async () => {
    const first = server.push("org/refs", { "config.json": "1" });
    server.push("org/refs", { "config.json": "2" });
    server.tag("org/refs", "v1", first.sha);
    server.tag("org/refs", "refs/pr/1", first.sha);
    for (const [id, options] of [["org/refs@v1", {}], ["org/refs@refs/pr/1", {}], ["org/refs", { revision: "v1" }], [`org/refs@${first.sha}`, {}], ["org/refs@v1", { revision: "main" }]] as const) {
      const model = await open(id, options);
      assert.equal(model.commit, first.sha);
      assert.equal(text(await model.folder.read("config.json")), "1");
    }
    const lines = tree(path.join(hub(), "models--org--refs")).filter((line) => line.startsWith("refs"));
    assert.deepEqual(lines, [`refs/refs/pr/1 = ${first.sha}`, `refs/v1 = ${first.sha}`]);
  });

  it("a full commit is not looked up", async () => {
    const { sha } = server.push("org/fixed", MODEL);
    await (await open(`org/fixed@${sha}`)).download();
    server.reset();
    await (await open(`org/fixed@${sha}`)).download();
    assert.deepEqual(server.requests, []);
  });

  it("copies where links are refused", async () => {
    const commit = server.push("org/copies", { ...MODEL, "special_tokens_map.json": "{}" });
    const environment = { HF_HUB_DISABLE_SYMLINKS: "1" };
    const model = await open("org/copies", { environment });
    await model.folder.read("config.json");
    assert.deepEqual(
      tree(hub()).filter((line) => /blobs|snapshots/.test(line)),
      [`models--org--copies/snapshots/${commit.sha}/config.json = ${MODEL["config.json"]}`],
    );
    server.reset();
    assert.equal(text(await (await open("org/copies", { environment })).folder.read("config.json")), MODEL["config.json"]);
    assert.equal(server.requests.length, 1);
  });

  it("a blob without its link is linked, and a link without its blob is downloaded again", async () => {
    const commit = server.push("org/torn", MODEL);
    await (await open("org/torn")).folder.read("config.json");
    const snapshot = path.join(hub(), "models--org--torn/snapshots", commit.sha, "config.json");
    rmSync(snapshot);
    server.reset();
    assert.equal(text(await (await open("org/torn")).folder.read("config.json")), MODEL["config.json"]);
    assert.ok(!server.requests.some(({ url }) => url.includes("config.json")));
    const blob = path.join(hub(), "models--org--torn/blobs", gitHash(Buffer.from(MODEL["config.json"])));
    rmSync(blob);
    assert.equal(text(await (await open("org/torn")).folder.read("config.json")), MODEL["config.json"]);
    assert.equal(readFileSync(blob, "utf8"), MODEL["config.json"]);
  });

  it("finds what is in the cache already, in the forms that Python leaves there", async () => {
    const sha = "a".repeat(40);
    const root = path.join(hub(), "models--org--python");
    for (const folder of ["blobs", "refs", `snapshots/${sha}`, `.no_exist/${sha}`]) mkdirSync(path.join(root, folder), { recursive: true });
    writeFileSync(path.join(root, "refs/main"), sha);
    writeFileSync(path.join(root, `snapshots/${sha}/config.json`), "cached");
    writeFileSync(path.join(root, `.no_exist/${sha}/chat_template.jinja`), "");
    const model = await open("org/python", { offline: true });
    assert.equal(model.commit, sha);
    assert.equal(text(await model.folder.read("config.json")), "cached");
    assert.equal(await model.folder.read("chat_template.jinja"), undefined);
    assert.deepEqual(model.notes, []);
    assert.equal(await model.folder.read("tokenizer.json"), undefined);
    assert.match(model.notes.join(), /tokenizer\.json/);
    assert.deepEqual(await model.files.list(), ["config.json"]);
    assert.deepEqual(server.requests, []);
  });

  it("lists the models that it holds", async () => {
    server.push("org/one", MODEL);
    const two = server.push("other/two-2.0", MODEL);
    await (await open("other/two-2.0")).download();
    await (await open("org/one")).folder.read("config.json");
    mkdirSync(path.join(hub(), "models--broken"));
    mkdirSync(path.join(hub(), "datasets--a--b/snapshots"), { recursive: true });
    const models = await cachedModels(hub());
    assert.deepEqual(models.map(({ repository, files }) => [repository, [...files].sort()]), [
      ["org/one", ["config.json"]],
      ["other/two-2.0", ["chat_template.jinja", "config.json", "tokenizer.json", "tokenizer_config.json"]],
    ]);
    assert.equal(models[1]?.commit, two.sha);
    assert.deepEqual(await cachedModels(path.join(home, "nowhere")), []);
  });
});

describe("folders and names", () => {
  it("lists the root and a folder, page by page", async () => {
    server.push("org/lists", MODEL);
    server.pageSize = 3;
    const model = await open("org/lists");
    assert.deepEqual([...(await model.files.list())].sort(), Object.keys(MODEL).filter((file) => !file.includes("/")).sort());
    assert.deepEqual(await model.folder.list("additional_chat_templates"), ["rag.jinja"]);
    assert.deepEqual(await model.folder.list("nowhere"), []);
    assert.equal(server.requests.filter(({ url }) => url.includes("/tree/")).length, 3 + 1);
  });

  it("reads a file whose name needs escaping", async () => {
    server.push("org/names", MODEL);
    assert.equal(text(await (await open("org/names")).folder.read("odd name #1.json")), "{}");
  });

  for (const name of ["../config.json", "/etc/passwd", "a\\..\\b", "C:/x", ""]) {
    it(`refuses ${JSON.stringify(name)}`, async () => {
      server.push("org/inside", MODEL);
      const model = await open("org/inside");
      await assert.rejects(model.folder.read(name), (error) => hasCode(error, "cannot-read"));
      await assert.rejects(model.files.open(name), (error) => hasCode(error, "cannot-read"));
    });
  }

  it("leaves out names that lead out of the folder", async () => {
    server.push("org/hostile", { "config.json": "{}", "..\\..\\evil.json": "x", "C:evil.json": "x" });
    assert.deepEqual(await (await open("org/hostile")).files.list(), ["config.json"]);
  });

  it("follows a repository that was renamed", async () => {
    server.push("org/old-name", MODEL);
    server.rename("org/old-name", "org/new-name");
    assert.equal(text(await (await open("org/old-name")).folder.read("config.json")), MODEL["config.json"]);
  });

  it("works with a mirror that knows files and no lists", async () => {
    server.push("org/mirrored", MODEL);
    server.onlyFiles = true;
    const model = await open("org/mirrored");
    assert.equal(text(await model.folder.read("config.json")), MODEL["config.json"]);
    assert.equal(text(await model.folder.read("tokenizer.json")), MODEL["tokenizer.json"]);
    assert.equal(await model.folder.read("special_tokens_map.json"), undefined);
    const weights = await model.files.open("model.safetensors");
    assert.equal(weights?.size, 100_000);
    await weights.close();
  });
});

describe("without the network", () => {
  it("offline, what is cached is given and the hub is not asked", async () => {
    server.push("org/offline", MODEL);
    const folder = await (await open("org/offline")).download();
    server.reset();
    for (const environment of [{ HF_HUB_OFFLINE: "1" }, { TRANSFORMERS_OFFLINE: "1" }]) {
      const model = await open("org/offline", { environment });
      assert.equal(await model.download(), folder);
      assert.equal(await model.folder.read("special_tokens_map.json"), undefined);
      // The listing was stored, so what is missing is known to be there.
      await assert.rejects(model.folder.read("README.md"), (error) => hasCode(error, "hub-offline"));
      assert.deepEqual(model.notes, []);
    }
    assert.deepEqual(server.requests, []);
  });

  it("offline, a model that was never fetched is an error that says what to do", async () => {
    await assert.rejects(open("org/never", { offline: true }), (error: Error) => hasCode(error, "hub-offline") && /org\/never.*hf download org\/never/.test(error.message));
  });

  it("when the hub cannot be reached, the cached state is used and a note says so", async () => {
    const { sha } = server.push("org/outage", MODEL);
    await (await open("org/outage")).download();
    const model = await open("org/outage", { endpoint: nobody });
    assert.equal(model.commit, sha);
    assert.equal(text(await model.folder.read("config.json")), MODEL["config.json"]);
    assert.match(model.notes.join(), /127\.0\.0\.1:\d+ cannot be reached.*cache is used/);
  });

  it("when the hub fails or refuses, too", async () => {
    server.push("org/refused", MODEL);
    await (await open("org/refused")).download();
    for (const status of [500, 503, 401, 403, 429]) {
      server.fault({ kind: "status", status, headers: { "retry-after": "0" } }, () => true, 100);
      assert.equal((await open("org/refused")).notes.length, 1, String(status));
      server.reset();
    }
  });

  it("a commit's optional file that nobody can tell of counts as absent, with a note", async () => {
    const { sha } = server.push("org/half", MODEL);
    const environment = { HF_ASSETS_CACHE: path.join(home, "first") };
    await (await open("org/half", { environment })).folder.read("config.json");
    const model = await open(`org/half@${sha}`, { endpoint: nobody });
    assert.equal(text(await model.folder.read("config.json")), MODEL["config.json"]);
    assert.equal(await model.folder.read("chat_template.jinja"), undefined);
    assert.match(model.notes.join(), /chat_template\.jinja/);
  });

  it("a revision that the hub does not know is an error, whatever is cached", async () => {
    const { sha } = server.push("org/gone", MODEL);
    server.tag("org/gone", "dev", sha);
    await (await open("org/gone@dev")).download();
    server.tag("org/gone", "dev", "0".repeat(40));
    await assert.rejects(open("org/gone@dev"), (error) => hasCode(error, "hub-no-such-revision"));
  });
});
