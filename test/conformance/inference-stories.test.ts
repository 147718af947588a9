import assert from "node:assert/strict";
import * as path from "node:path";
import { after, before, describe, it } from "node:test";
import type { Sidecar } from "../../extension/node/sidecar/sidecar";
import type { LoadRequest } from "../../extension/protocol/sidecar";
import { haveFixtures } from "../support/fixtures";
import { startSidecar, useSoftwareGpu } from "../support/inference/sidecar";
import { type StoriesGolden, storiesGolden } from "../support/models/stories";
import { writeStories } from "../support/models/storiesFolder";
import { temporaryFolder } from "../support/cleanup";

/** Two tokens whose logits are nearer than this may change places with the order of additions. */
const MARGIN = 2e-3;
const TOLERANCE = 1e-3;
/** llama.cpp keeps keys and values in half precision. */
const GGUF_TOLERANCE = 2e-2;

const available = haveFixtures("stories260K");
type Case = StoriesGolden["cases"][number];
const cases = available ? storiesGolden().cases : [];

describe("stories260K gives the reference's tokens", { skip: !available }, () => {
  let folder = "";
  let genAi = "";
  let gguf = "";
  before(() => {
    ({ folder, genAi, gguf } = writeStories(path.join(temporaryFolder("stories"), "stories260K")));
  });
  const runs: readonly { readonly name: string; readonly request: () => LoadRequest; readonly steps: number }[] = [
    { name: "onnx on the CPU", request: () => ({ engine: "onnx", path: folder, device: "cpu" }), steps: 256 },
    { name: "onnx on the CPU, as ONNX Runtime GenAI exports it", request: () => ({ engine: "onnx", path: genAi, device: "cpu" }), steps: 256 },
    { name: "gguf on the CPU", request: () => ({ engine: "gguf", path: gguf, device: "cpu" }), steps: 256 },
    // Emulated, each step takes a tenth of a second and more: the first tokens one by one, and all by their logits.
    { name: "onnx on WebGPU", request: () => ({ engine: "onnx", path: folder, device: "webgpu" }), steps: 6 },
  ];
  for (const { name, request, steps } of runs) {
    describe(name, { skip: name.endsWith("WebGPU") ? useSoftwareGpu() : false }, () => {
      let sidecar: Sidecar;
      before(() => {
        sidecar = startSidecar();
      });
      after(() => sidecar.dispose());

      it("generates the golden ids, as far as the margins allow", async () => {
        const model = await sidecar.load(request());
        let compared = 0;
        for (const golden of cases) {
          const prompt = promptIds(golden);
          const expected = golden.ids.slice(prompt.length, prompt.length + steps);
          const sure = sureCount(golden, prompt.length, expected.length);
          const { ids } = await model.generate({ prompt, maxNewTokens: expected.length, stopIds: [] });
          assert.deepEqual(Array.from(ids.subarray(0, sure)), expected.slice(0, sure), golden.prompt);
          compared += sure;
        }
        assert.ok(compared >= Math.min(steps, 40) * cases.length * 0.5, `only ${compared} tokens are sure`);
        model.dispose();
      });

      it("finds the logits of the reference, and its probabilities", async () => {
        const model = await sidecar.load(request());
        const tolerance = name.startsWith("gguf") ? GGUF_TOLERANCE : TOLERANCE;
        const near = (actual: number, expected: number, where: string): void => {
          assert.ok(Math.abs(actual - expected) <= tolerance, `${where}: ${actual} is not ${expected}`);
        };
        for (const golden of cases) {
          const ids = Uint32Array.from(golden.ids.slice(0, golden.steps_detail.length + 1));
          const watch = [...new Set(golden.steps_detail.flatMap(({ top5 }) => top5.map(([id]) => id)))];
          const { logProbabilities, watched, nonFinite } = await model.score({ ids, watch });
          assert.deepEqual(nonFinite, []);
          golden.steps_detail.forEach(({ input, next, next_logprob, top5 }, place) => {
            assert.equal(ids[place], input);
            assert.equal(ids[place + 1], next);
            near(logProbabilities[place + 1]!, next_logprob, `${golden.prompt}, place ${place}`);
            // The reference has logits, the score their differences from one another.
            const [best, bestLogit] = top5[0]!;
            const at = (id: number): number => watched[place * watch.length + watch.indexOf(id)]!;
            for (const [id, logit] of top5) near(at(id) - at(best), logit - bestLogit, `${golden.prompt}, place ${place}, token ${id}`);
          });
        }
        model.dispose();
      });
    });
  }
});

/** BOS and the prompt's own tokens; without a prompt, BOS alone. */
function promptIds({ prompt_ids: ids }: Case): Uint32Array {
  return Uint32Array.from(ids ?? [1]);
}

/** How many tokens behind the prompt are beyond doubt: the reference tells the margins of the first ones only. */
function sureCount({ steps_detail: steps, ids }: Case, from: number, most: number): number {
  const doubtful = steps.findIndex(({ margin }, step) => step >= from - 1 && margin < MARGIN);
  return Math.min(most, doubtful === -1 ? ids.length : doubtful - from + 1);
}
