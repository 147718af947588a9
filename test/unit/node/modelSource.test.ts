import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { after, before, describe, it } from "node:test";
import { hasCode } from "../../../extension/base/errors";
import { resolveModel, type ModelSource } from "../../../extension/node/modelSource";
import { temporaryFolder } from "../../support/cleanup";
import { HubServer } from "../../support/hub/hubServer";

let server: HubServer;
let folder: string;
before(async () => {
  server = await HubServer.start();
  server.push("org/model", { "config.json": '{"hub":1}', "tokenizer.json": "{}", "Q4_K_M.gguf": "GGUF" });
  folder = temporaryFolder("models");
  mkdirSync(path.join(folder, "org", "local"), { recursive: true });
  writeFileSync(path.join(folder, "org", "local", "config.json"), '{"local":1}');
  writeFileSync(path.join(folder, "org", "local", "model.safetensors"), "12345678");
  writeFileSync(path.join(folder, "Tiny-Q8_0.gguf"), "GGUF");
  writeFileSync(path.join(folder, "model.safetensors"), "x");
});
after(() => server.close());

const resolve = (spec: string): Promise<ModelSource> =>
  resolveModel(spec, { retry: { basePauseMs: 1 }, environment: { HF_HOME: path.join(folder, "home"), HF_ENDPOINT: server.endpoint } });
const text = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes);

describe("resolveModel", () => {
  it("a folder", async () => {
    const source = await resolve(path.join(folder, "org", "local"));
    assert.deepEqual([source.kind, source.name], ["folder", "local"]);
    assert.equal(text(await source.folder.read("config.json")), '{"local":1}');
    assert.deepEqual([...(await source.files.list())].sort(), ["config.json", "model.safetensors"]);
    const weights = await source.files.open("model.safetensors");
    assert.equal(weights?.size, 8);
    await weights.close();
    assert.equal(await source.files.open("nothing.safetensors"), undefined);
    await assert.rejects(source.files.open("../../model.safetensors"), (error) => hasCode(error, "cannot-read"));
  });

  it("a GGUF file", async () => {
    const source = await resolve(path.join(folder, "Tiny-Q8_0.gguf"));
    assert.ok(source.kind === "gguf");
    assert.deepEqual([source.name, source.file], ["Tiny-Q8_0", "Tiny-Q8_0.gguf"]);
    const file = await source.files.open(source.file);
    assert.equal(file?.size, 4);
    await file.close();
  });

  it("a repository of the hub, and a GGUF file in it", async () => {
    for (const [spec, file] of [["org/model", undefined], ["hf://org/model@main", undefined], ["org/model/Q4_K_M.gguf", "Q4_K_M.gguf"]] as const) {
      const source = await resolve(spec);
      assert.ok(source.kind === "hub");
      assert.deepEqual([source.name, source.file], ["org/model", file]);
      assert.equal(text(await source.folder.read("config.json")), '{"hub":1}');
    }
  });

  it("what is on disk comes before the hub", async () => {
    server.push("org/local", { "config.json": '{"hub":1}' });
    const before = server.requests.length;
    const here = process.cwd();
    process.chdir(folder);
    try {
      const source = await resolve("org/local");
      assert.equal(text(await source.folder.read("config.json")), '{"local":1}');
    } finally {
      process.chdir(here);
    }
    assert.equal(server.requests.length, before);
  });

  const wrong: readonly (readonly [string, RegExp])[] = [
    ["gpt2", /no model gpt2.*owner\/name/],
    ["./org/model", /looked for .*org\/model/],
    ["/nowhere/at-all", /nowhere/],
    ["~/nowhere-at-all-here", /nowhere-at-all-here/],
    ["C:\\models\\x", /C:/],
    ["models/missing.gguf", /missing\.gguf/],
    ["", /is neither|owner\/name|tokenizer/],
  ];
  for (const [spec, message] of wrong) {
    if (spec === "") continue;
    it(`${spec} is an error and no request`, async () => {
      const before = server.requests.length;
      await assert.rejects(resolve(spec), (error: Error) => hasCode(error, "not-a-model") && message.test(error.message));
      assert.equal(server.requests.length, before);
    });
  }

  it("a file that is no GGUF file", async () => {
    await assert.rejects(resolve(path.join(folder, "model.safetensors")), (error: Error) => hasCode(error, "not-a-model") && error.message.includes('Give the folder'));
  });

  it("a repository that is not there: neither is a folder", async () => {
    await assert.rejects(resolve("org/nothing"), (error: Error) => hasCode(error, "not-a-model") && /no model org\/nothing.*Nor is there a folder .*org\/nothing/.test(error.message));
  });
});
