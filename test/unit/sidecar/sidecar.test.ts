import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { after, describe, it } from "node:test";
import { hasCode } from "../../../extension/base/errors";
import type { JsonObject } from "../../../extension/core/dataset/conversation";
import type { SidecarState } from "../../../extension/node/sidecar/sidecar";
import type { LocalEngine } from "../../../extension/protocol/sidecar";
import { EMBEDDED, questionIds, startSidecar } from "../../support/inference/sidecar";
import { temporaryFolder } from "../../support/cleanup";

const PATHS: Readonly<Record<LocalEngine, string>> = { onnx: EMBEDDED, gguf: path.join(EMBEDDED, "model.gguf") };
/** Never ends by itself: with no token that would end it, the model goes on to its context's end. */
const ENDLESS = { maxNewTokens: 480, stopIds: [] };

interface Row {
  readonly messages: readonly JsonObject[];
}

for (const engine of ["onnx", "gguf"] as const) {
  describe(`the embedded model with ${engine}`, () => {
    const states: SidecarState[] = [];
    const sidecar = startSidecar({ onState: (state) => states.push(state) });
    after(() => sidecar.dispose());
    const load = () => sidecar.load({ engine, path: PATHS[engine], device: "cpu" });

    it("streams an answer, tells why it ended, and uses what the cache has", async () => {
      const model = await load();
      let streamed = "";
      const prompt = await questionIds("What is 12 + 30?");
      const result = await model.generate({ prompt, maxNewTokens: 40 }, { onProgress: ({ text }) => (streamed += text) });
      assert.deepEqual([result.text, result.finishReason, result.reusedTokens], ["12 + 30 = 42.", "stop", 0]);
      assert.equal(streamed, result.text);
      const next = await model.generate({ prompt: await questionIds("What is 12 + 30?", result.text, "What is the capital of France?"), maxNewTokens: 40 });
      assert.equal(next.text, "The capital of France is Paris.");
      assert.ok(next.reusedTokens >= prompt.length, `${next.reusedTokens} of ${prompt.length} tokens were used again`);
      model.dispose();
    });

    it("answers held-out questions as it was trained to", async () => {
      const rows = readFileSync(path.join(EMBEDDED, "training", "held-out.jsonl"), "utf8").trim().split("\n");
      // Every 50th of 1,000; all of them with TUNESMITH_HELD_OUT=all.
      const every = process.env["TUNESMITH_HELD_OUT"] === "all" ? 1 : 50;
      const model = await load();
      const sample = rows.filter((_, i) => i % every === 0).map((row) => JSON.parse(row) as Row);
      let right = 0;
      for (const { messages } of sample) {
        const prompt = await questionIds(messages.slice(0, -1));
        const { text } = await model.generate({ prompt, maxNewTokens: 60 });
        if (text === messages.at(-1)?.["content"]) right++;
      }
      console.log(`${engine}: ${right} of ${sample.length} held-out questions answered exactly`);
      assert.ok(right / sample.length > 0.95, `${right} of ${sample.length}`);
      model.dispose();
    });

    it("gives each token's probability, the same as scoring it, and samples the same with the same seed", async () => {
      const model = await load();
      const prompt = await questionIds("What is the capital of France?");
      const tokens: number[] = [];
      const { ids } = await model.generate({ prompt, maxNewTokens: 20, probabilities: { top: 2 } }, { onProgress: (progress) => progress.tokens.forEach(({ logProbability }) => tokens.push(logProbability ?? Number.NaN)) });
      const all = Uint32Array.from([...prompt, ...ids]);
      const { logProbabilities, nonFinite } = await model.score({ ids: all });
      assert.deepEqual(nonFinite, []);
      tokens.forEach((value, i) => assert.ok(Math.abs(value - logProbabilities[prompt.length + i]!) < 1e-3, `token ${i}: ${value}, scored ${logProbabilities[prompt.length + i]}`));
      const sampled = async (seed: number): Promise<string> => (await model.generate({ prompt, maxNewTokens: 20, sampling: { temperature: 3, seed } })).ids.join();
      assert.equal(await sampled(5), await sampled(5));
      assert.notEqual(await sampled(5), await sampled(6));
      model.dispose();
    });

    it("ends at a stop text and at the limits", async () => {
      const model = await load();
      const prompt = await questionIds("What is 12 + 30?");
      const stopped = await model.generate({ prompt, maxNewTokens: 40, stopTexts: [" ="] });
      assert.deepEqual([stopped.text, stopped.finishReason], ["12 + 30", "stop-text"]);
      assert.equal((await model.generate({ prompt, maxNewTokens: 3 })).finishReason, "length");
      const full = await model.generate({ prompt, maxNewTokens: 10_000, stopIds: [] });
      assert.deepEqual([full.finishReason, full.ids.length], ["context", 512 - prompt.length]);
      await assert.rejects(model.generate({ prompt: new Uint32Array(512).fill(5), maxNewTokens: 1 }), (error) => hasCode(error, "prompt-too-long"));
      await assert.rejects(model.generate({ prompt: Uint32Array.of(2048), maxNewTokens: 1 }), (error) => hasCode(error, "bad-request"));
      model.dispose();
    });

    it("stops when it is cancelled, and is free for the next request", async () => {
      const model = await load();
      const abort = new AbortController();
      const prompt = await questionIds("What is 12 + 30?");
      const running = model.generate({ prompt, ...ENDLESS, probabilities: { top: 1 } }, { signal: abort.signal, onProgress: ({ tokens }) => tokens.length > 0 && abort.abort() });
      await assert.rejects(running, (error) => hasCode(error, "cancelled"));
      assert.equal((await model.generate({ prompt, maxNewTokens: 40 })).text, "12 + 30 = 42.");
      model.dispose();
    });

    it("goes on with the answer when its process is killed in the middle", async () => {
      const model = await load();
      const prompt = await questionIds("What is 12 + 30?");
      const whole = await model.generate({ prompt, ...ENDLESS, maxNewTokens: 60, probabilities: { top: 1 } });
      states.length = 0;
      let killed = false;
      const again = await model.generate(
        { prompt, ...ENDLESS, maxNewTokens: 60, probabilities: { top: 1 } },
        {
          onProgress: ({ tokens }) => {
            if (tokens.length === 0 || killed) return;
            killed = true;
            process.kill(sidecar.pid ?? 0, "SIGKILL");
          },
        },
      );
      assert.deepEqual(again.ids, whole.ids);
      assert.deepEqual(states.map(({ kind }) => kind), ["crashed", "running"]);
      model.dispose();
    });

    it("says why a model cannot be loaded", async () => {
      const empty = temporaryFolder("no-model");
      await assert.rejects(sidecar.load({ engine, path: engine === "onnx" ? empty : path.join(empty, "none.gguf"), device: "cpu" }), (error) => hasCode(error, "model-unusable"));
    });
  });
}

describe("the inference process", () => {
  it("ends when it is idle, and starts again with the next request", async () => {
    const states: string[] = [];
    const sidecar = startSidecar({ idleMs: 50, onState: ({ kind }) => states.push(kind) });
    const model = await sidecar.load({ engine: "onnx", path: EMBEDDED, device: "cpu" });
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual(states, ["running", "stopped"]);
    assert.equal((await model.generate({ prompt: await questionIds("What is 12 + 30?"), maxNewTokens: 40 })).text, "12 + 30 = 42.");
    sidecar.dispose();
    await assert.rejects(sidecar.load({ engine: "onnx", path: EMBEDDED, device: "cpu" }), (error) => hasCode(error, "closed"));
  });
});
