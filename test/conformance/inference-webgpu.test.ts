import assert from "node:assert/strict";
import { cpSync, mkdirSync } from "node:fs";
import * as path from "node:path";
import { after, before, describe, it } from "node:test";
import type { Sidecar } from "../../extension/node/sidecar/sidecar";
import { temporaryFolder } from "../support/cleanup";
import { EMBEDDED, questionIds, startSidecar, useSoftwareGpu } from "../support/inference/sidecar";
import { convertToOnnx } from "../support/models/convert";

/** Short: each step takes a tenth of a second and more where the GPU is emulated. */
const QUESTION = "What is 12 + 30?";

describe("the embedded model on WebGPU", { skip: useSoftwareGpu() }, () => {
  const folder = path.join(temporaryFolder("webgpu"), "model");
  let sidecar: Sidecar;
  before(() => {
    mkdirSync(folder);
    for (const file of ["config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "model.safetensors"]) cpSync(path.join(EMBEDDED, file), path.join(folder, file));
    convertToOnnx(folder, folder, "q4");
    sidecar = startSidecar();
  });
  after(() => sidecar.dispose());

  it("answers with the file that ships, as on the CPU", async () => {
    const model = await sidecar.load({ engine: "onnx", path: EMBEDDED, device: "webgpu" });
    const prompt = await questionIds(QUESTION);
    const { text, device } = await model.generate({ prompt, maxNewTokens: 40 });
    assert.deepEqual([text, device], ["12 + 30 = 42.", "webgpu"]);
    // What is in the cache, on the device, is cut and used again.
    const again = await model.generate({ prompt, maxNewTokens: 3, sampling: { temperature: 1, seed: 1 } });
    assert.equal(again.reusedTokens, prompt.length - 1);
    assert.equal(again.ids.length, 3);
    model.dispose();
  });

  it("answers with weights of four bits", async () => {
    const model = await sidecar.load({ engine: "onnx", path: folder, device: "webgpu", variant: "q4" });
    assert.equal((await model.generate({ prompt: await questionIds(QUESTION), maxNewTokens: 40 })).text, "12 + 30 = 42.");
    model.dispose();
  });
});
