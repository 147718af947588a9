import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { hasCode } from "../../../../extension/base/errors";
import { hubModel, type HubModel } from "../../../../extension/node/hub/hubModel";
import { downloadRunnable, hubRunnables } from "../../../../extension/node/hub/runnable";
import type { HubOptions } from "../../../../extension/node/hub/settings";
import { temporaryFolder } from "../../../support/cleanup";
import { runCli } from "../../../support/cli";
import { HubServer } from "../../../support/hub/hubServer";
import { EMBEDDED } from "../../../support/inference/sidecar";

const read = (file: string): Uint8Array => readFileSync(path.join(EMBEDDED, file));
const TEXT = Object.fromEntries(["config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"].map((file) => [file, read(file)]));
const ONNX = read("onnx/model.onnx");
const GGUF = read("model.gguf");
const FILLER = Buffer.alloc(100);

describe("what of a model of the hub runs here", () => {
  let server: HubServer;
  let home = "";
  before(async () => {
    server = await HubServer.start();
    server.push("org/tiny", { ...TEXT, "onnx/model.onnx": ONNX });
    server.push("org/tiny-GGUF", { "tiny-Q4_0.gguf": FILLER, "tiny-Q8_0.gguf": GGUF, "mmproj-tiny.gguf": FILLER, "big-00001-of-00002.gguf": FILLER, "big-00002-of-00002.gguf": FILLER });
    server.push("org/many", { ...TEXT, "onnx/model_q4.onnx": ONNX, "onnx/model_q4.onnx_data": FILLER, "onnx/model_fp16.onnx": FILLER, "tiny.gguf": GGUF });
    server.push("org/weights", { ...TEXT, "model.safetensors": FILLER });
  });
  after(() => server.close());
  beforeEach(() => {
    server.reset();
    home = temporaryFolder("hub-run");
  });
  const open = (id: string, options: HubOptions = {}): Promise<HubModel> => hubModel(id, { ...options, environment: { HF_HOME: home, HF_ENDPOINT: server.endpoint } });
  const names = async (id: string, options: Parameters<typeof hubRunnables>[1]): Promise<readonly string[]> => (await hubRunnables(await open(id), options)).map(({ name, missingBytes }) => `${name} ${missingBytes}`);

  it("is found with its sizes, what suits the device first, without a download", async () => {
    const q4 = `onnx/model_q4.onnx ${ONNX.length + FILLER.length}`;
    assert.deepEqual(await names("org/many", { device: "cpu" }), [q4, "onnx/model_fp16.onnx 100", `tiny.gguf ${GGUF.length}`]);
    assert.deepEqual(await names("org/many", { device: "webgpu" }), ["onnx/model_fp16.onnx 100", q4, `tiny.gguf ${GGUF.length}`]);
    assert.deepEqual(await names("org/many", { device: "cpu", engine: "gguf" }), [`tiny.gguf ${GGUF.length}`]);
    assert.deepEqual(await names("org/tiny-GGUF", { device: "cpu" }), ["big-00001-of-00002.gguf 200", "tiny-Q4_0.gguf 100", `tiny-Q8_0.gguf ${GGUF.length}`]);
    assert.deepEqual(await names("org/tiny-GGUF", { device: "cpu", file: "tiny-Q8_0.gguf" }), [`tiny-Q8_0.gguf ${GGUF.length}`]);
    await assert.rejects(names("org/weights", { device: "cpu" }), (error) => hasCode(error, "not-runnable"));
    await assert.rejects(names("org/tiny-GGUF", { device: "cpu", file: "none.gguf" }), (error) => hasCode(error, "not-runnable"));
    assert.deepEqual(server.requests.filter(({ url }) => url.includes("model") && url.includes("/resolve/")), []);
  });

  it("is downloaded with what reads its text, once, and found without the hub", async () => {
    const model = await open("org/many");
    const [best] = await hubRunnables(model, { device: "cpu" });
    const { engine, path: folder } = await downloadRunnable(model, best!);
    assert.equal(engine, "onnx");
    for (const file of [...Object.keys(TEXT), "onnx/model_q4.onnx", "onnx/model_q4.onnx_data"]) assert.ok(existsSync(path.join(folder, file)), file);
    assert.ok(!existsSync(path.join(folder, "onnx", "model_fp16.onnx")));
    const offline = await open("org/many", { offline: true });
    const [cached] = await hubRunnables(offline, { device: "cpu" });
    assert.equal(cached?.missingBytes, 0);
    assert.equal((await downloadRunnable(offline, cached)).path, folder);
  });

  it("goes on with a download that was cancelled", async () => {
    server.fault({ kind: "drop", afterBytes: 200_000 }, ({ url }) => url.includes("Q8_0"));
    const abort = new AbortController();
    let done = 0;
    const progress: HubOptions["progress"] = ({ file, doneBytes }) => {
      if (!file.endsWith(".gguf") || doneBytes < 100_000) return;
      done = doneBytes;
      abort.abort();
    };
    const [chosen] = await hubRunnables(await open("org/tiny-GGUF"), { device: "cpu", file: "tiny-Q8_0.gguf" });
    await assert.rejects(downloadRunnable(await open("org/tiny-GGUF", { signal: abort.signal, progress }), chosen!), (error) => hasCode(error, "cancelled"));
    assert.ok(done < GGUF.length);
    server.reset();
    const starts: number[] = [];
    const { engine, path: file } = await downloadRunnable(await open("org/tiny-GGUF", { progress: ({ doneBytes }) => starts.push(doneBytes) }), chosen!);
    assert.equal(engine, "gguf");
    assert.ok(starts[0]! >= 100_000, `it began at ${starts[0]}`);
    assert.ok(readFileSync(file).equals(GGUF));
  });

  it("is run from the command line, after --download allowed it", async () => {
    const env = { HF_HOME: home, HF_ENDPOINT: server.endpoint };
    const args = ["generate", "--model", "org/tiny", "--prompt", "What", "--max-new-tokens", "3", "--device", "cpu", "--format", "json"];
    const refused = await runCli(args, { env });
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /onnx\/model\.onnx of org\/tiny \(\d.* MB\) is not in the cache\. Add --download/);
    const allowed = await runCli([...args, "--download"], { env });
    assert.equal(allowed.code, 0, allowed.stderr);
    assert.equal((JSON.parse(allowed.stdout) as { readonly ids: readonly number[] }).ids.length, 3);
    assert.equal((await runCli(args, { env })).code, 0);
  });
});
