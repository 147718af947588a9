import assert from "node:assert/strict";
import * as path from "node:path";
import { after, describe, it } from "node:test";
import { hasCode } from "../../../extension/base/errors";
import type { XrayRequest } from "../../../extension/core/xray/contract";
import { XrayWorker } from "../../../extension/vscode/xray/xrayWorker";
import { root } from "../../support/paths";

const source = path.join(root, "extension", "assets", "model");

function request(version: number, change: Partial<XrayRequest> = {}): XrayRequest {
  const row = { text: '{"messages": [{"role": "user", "content": "Hi"}]}', plain: false };
  const left = { model: { source }, template: null, engine: "jinja2" } as const;
  return { session: "s", version, base: null, row, fields: {}, variant: 0, left, right: null, addGenerationPrompt: false, tools: true, variables: {}, cursor: null, ...change };
}

describe("the thread of the X-ray", () => {
  const worker = new XrayWorker(path.join(root, "dist", "worker.js"));
  after(() => worker.dispose());

  it("loads a model once, and answers about its prompt", async () => {
    const loading: string[] = [];
    const answer = await worker.render(request(1), (model) => loading.push(model));
    await worker.render(request(2), (model) => loading.push(model));
    assert.deepEqual(loading, [source]);
    assert.equal(answer.left.kind === "prompt" ? answer.left.text : "", "<|begin|><|user|>Hi<|end|>");
    const details = await worker.ask("xrayDescribe", { session: "s", version: 2, side: "left", offset: 0 });
    assert.equal(details?.token?.written, "<|begin|>");
    assert.equal(await worker.ask("xrayDescribe", { session: "s", version: 1, side: "left", offset: 0 }), null);
  });

  it("knows of untrained tokens once the weights were read, which is done once", async () => {
    assert.equal(await worker.judge(source), true);
    assert.equal(await worker.judge(source), false);
    const { left } = await worker.render(request(3), () => undefined);
    assert.equal(left.kind === "prompt" ? left.counts.untrained : undefined, 0);
  });

  it("says what is wrong with a model, and goes on with another", async () => {
    const missing = { model: { source: path.join(root, "no-such-model") }, template: null, engine: "jinja2" } as const;
    await assert.rejects(worker.render(request(4, { left: missing }), () => undefined), (error) => !hasCode(error, "closed") && error instanceof Error);
    const { left } = await worker.render(request(5), () => undefined);
    assert.equal(left.kind, "prompt");
  });

  it("forgets a session that is closed", async () => {
    await worker.render(request(6), () => undefined);
    worker.close("s");
    assert.equal(await worker.ask("xrayDescribe", { session: "s", version: 6, side: "left", offset: 0 }), null);
  });
});
