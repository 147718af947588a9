import assert from "node:assert/strict";
import * as path from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { CancelledError, hasCode } from "../../../../extension/base/errors";
import type { UntrainedModel, VerdictsProgress, VerdictsRequest } from "../../../../extension/core/weights/workerMethods";
import { judgeModel, type JudgeOptions } from "../../../../extension/node/weights/judgeModel";
import { temporaryFolder } from "../../../support/cleanup";
import type { LoggedRequest } from "../../../support/hub/exchange";
import { GOOD_TOKEN, HubServer } from "../../../support/hub/hubServer";
import { Random } from "../../../support/random";
import { EDGE_INPUT, EDGE_OUTPUT } from "../../../support/weights/edgeRows";
import { writeSafetensors } from "../../../support/weights/safetensors";
import { type MadeModel, modelFolder, type ModelSpec } from "../../../support/weights/modelFolder";

const ROWS = 3000;
const COLUMNS = 256;
const input = { rows: ROWS, columns: COLUMNS, special: EDGE_INPUT };
const output = { ...input, seed: 2, special: EDGE_OUTPUT };
const tokenizer = { model: { type: "BPE", vocab: Object.fromEntries(Array.from({ length: ROWS }, (_, id) => [`t${id}`, id])), merges: [] } };

let server: HubServer;
let home: string;
const models = new Map<string, MadeModel>();

function push(name: string, spec: ModelSpec): void {
  const model = modelFolder(spec);
  models.set(name, model);
  server.push(name, { ...Object.fromEntries(model.files), "tokenizer.json": JSON.stringify(tokenizer), "tokenizer_config.json": "{}" });
}

before(async () => {
  server = await HubServer.start();
  push("org/untied", { input, output });
  push("org/tied", { input });
  push("org/sharded", { input, output, shards: 3 });
  push("org/gguf", { format: "gguf", dtype: "F32", input, output });
  push("org/torch", { format: "torch", dtype: "F32", input, output });
});
after(() => server.close());
beforeEach(() => {
  server.reset();
  home = temporaryFolder("remote");
  // As a worker thread would find it.
  process.env["HF_HOME"] = path.join(home, "hub");
  process.env["HF_ENDPOINT"] = server.endpoint;
});

const judge = (model: string, request: Partial<VerdictsRequest> = {}, options: Partial<JudgeOptions> = {}): Promise<UntrainedModel> =>
  judgeModel({ model, cache: path.join(home, "cache"), ...request }, options);
const inStorage = ({ server: which }: LoggedRequest): boolean => which === "storage";

/** The bytes of a model's rows of these ids, and of all that stands before its tensors. */
function needed(name: string, ids: number): number {
  const model = models.get(name)!;
  const weights = [...model.files].filter(([file]) => /\.(?:safetensors|gguf|bin)$/.test(file));
  const tensors = (model.output === model.input ? 1 : 2) * ROWS * COLUMNS;
  const size = weights.reduce((sum, [, bytes]) => sum + bytes.length, 0);
  const rowBytes = { "org/gguf": 4, "org/torch": 4 }[name] ?? 2;
  const headers = size - tensors * rowBytes;
  return 1.2 * ids * COLUMNS * rowBytes * (model.output === model.input ? 1 : 2) + headers;
}

describe("the rows of a dataset's ids, from the hub", () => {
  const random = new Random(7);
  const spread = [...new Set(Array.from({ length: 250 }, () => random.int(ROWS)))];
  const close = Array.from({ length: 300 }, (_, i) => 1000 + i * 2);
  const edges = Object.keys(EDGE_INPUT).map(Number);

  for (const [name, ...idLists] of [["org/untied", "scattered", "close together"], ["org/tied", "scattered"], ["org/sharded", "close together"], ["org/gguf", "scattered"], ["org/torch", "scattered"]] as const) {
    for (const what of idLists) {
      const ids = [...(what === "scattered" ? spread : close), ...edges];
      it(`${name}, ${what}: at most 1.2 times their bytes and the header`, async () => {
        const { report, statistics } = await judge(name, { ids });
        // What comes whole is the tokenizer.
        const sent = server.requests.filter((request) => inStorage(request) && request.range !== undefined).reduce((sum, { bytes }) => sum + bytes, 0);
        const allowed = needed(name, new Set(ids).size);
        assert.ok(sent <= allowed, `${sent} bytes were sent; ${allowed} are allowed`);
        const all = await judge(name);
        for (const id of ids) {
          for (const field of ["max", "l2", "nonFinite", "atMostEps"] as const) {
            assert.deepEqual([statistics.input[field][id], statistics.output[field][id]], [all.statistics.input[field][id], all.statistics.output[field][id]], `${field} of ${id}`);
          }
        }
        assert.deepEqual(report.unsloth, all.report.unsloth, "all that are untrained are among these ids");
        assert.ok(report.unsloth.length > 5);
      });
    }
  }

  it("take few requests", async () => {
    await judge("org/untied", { ids: close });
    assert.ok(server.requests.filter(inStorage).length <= 2 * 300 + 3);
    server.reset();
    await judge("org/untied", { ids: Array.from({ length: 2000 }, (_, i) => 500 + i) });
    assert.ok(server.requests.filter(inStorage).length <= 4, "neighbours come together");
  });

  it("come with a token where one is needed, and with a plain error where it is missing", async () => {
    server.push("org/private", Object.fromEntries(models.get("org/tied")!.files), { private: true });
    await assert.rejects(judge("org/private", { ids: [6] }), (error) => hasCode(error, "not-a-model") || hasCode(error, "hub-unauthorized"));
    assert.deepEqual((await judge("org/private", { ids: [6], hub: { token: GOOD_TOKEN } })).report.zeroInput, [6]);
  });

  it("survive what networks do", async () => {
    for (const fault of [
      { kind: "drop", afterBytes: 300 },
      { kind: "status", status: 503, headers: { "retry-after": "0" } },
      { kind: "status", status: 429, headers: { "retry-after": "0" } },
      { kind: "short", bytes: 100 },
    ] as const) {
      server.fault(fault, inStorage, 2);
      assert.deepEqual((await judge("org/untied", { ids: edges })).report.unsloth.slice(0, 2), [2, 6], JSON.stringify(fault));
    }
  });
});

describe("all rows, from the hub", () => {
  it("go on where they broke off", async () => {
    const rows = 32_000;
    const size = rows * COLUMNS * 2;
    const bytes = new Uint8Array(size).fill(0x3c).fill(0, 0, COLUMNS * 2 * 3);
    server.push("org/large", { "config.json": "{}", "model.safetensors": writeSafetensors([{ name: "model.embed_tokens.weight", dtype: "BF16", shape: [rows, COLUMNS], bytes }]) });
    const controller = new AbortController();
    const onProgress = ({ totalBytes, doneBytes }: VerdictsProgress): void => {
      if (totalBytes !== undefined && doneBytes > 0.7 * size) controller.abort();
    };
    await assert.rejects(judge("org/large", {}, { signal: controller.signal, onProgress }), CancelledError);
    assert.ok(!controller.signal.aborted || server.sent("storage") > 0.6 * size);
    server.reset();
    const { report } = await judge("org/large");
    assert.ok(server.sent("storage") < size / 2, `${server.sent("storage")} of ${size} bytes were sent again`);
    assert.deepEqual(report.unsloth, [0, 1, 2]);
    server.reset();
    assert.deepEqual((await judge("org/large")).report.unsloth, report.unsloth);
    assert.equal(server.requests.filter((request) => inStorage(request) && request.range !== undefined).length, 0);
  });
});
