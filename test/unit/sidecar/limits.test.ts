import assert from "node:assert/strict";
import * as path from "node:path";
import { after, before, describe, it } from "node:test";
import { hasCode } from "../../../extension/base/errors";
import type { SidecarModel } from "../../../extension/node/sidecar/model";
import type { LoadRequest, LocalEngine } from "../../../extension/protocol/sidecar";
import { temporaryFolder } from "../../support/cleanup";
import { startSidecar } from "../../support/inference/sidecar";
import type { LlamaConfig } from "../../support/models/llama";
import { writeRandomModel } from "../../support/models/randomModel";

/** 14 million parameters: the long prompt takes seconds, so that there is a middle in which to cancel. */
const SHAPE: LlamaConfig = { layers: 4, hidden: 512, heads: 8, kvHeads: 4, feedForward: 1408, vocabulary: 2048, context: 4096, theta: 10000, epsilon: 1e-5, tied: false };
const MODEL_BYTES = 56e6;
const SHORT = Uint32Array.from({ length: 8 }, (_, i) => i + 10);
const LONG = Uint32Array.from({ length: 3000 }, (_, i) => (i % 2000) + 10);

const folder = temporaryFolder("random-model");
let requests: Readonly<Record<LocalEngine, LoadRequest>>;
before(() => {
  const gguf = writeRandomModel(path.join(folder, "model"), SHAPE);
  requests = { onnx: { engine: "onnx", path: path.join(folder, "model"), device: "cpu" }, gguf: { engine: "gguf", path: gguf, device: "cpu", contextLength: SHAPE.context } };
});

for (const engine of ["onnx", "gguf"] as const) {
  describe(`a cancellation with ${engine}`, () => {
    const sidecar = startSidecar();
    let model: SidecarModel;
    let expected: Uint32Array;
    const answer = async (): Promise<Uint32Array> => (await model.generate({ prompt: SHORT, maxNewTokens: 4, stopIds: [] })).ids;
    before(async () => {
      model = await sidecar.load(requests[engine]);
      expected = await answer();
    });
    after(() => sidecar.dispose());

    it("ends the reading of a long prompt, and the next request is answered as ever", async () => {
      const abort = new AbortController();
      let done = 0;
      let tokens = 0;
      const running = model.generate(
        { prompt: LONG, maxNewTokens: 8, stopIds: [] },
        {
          signal: abort.signal,
          onProgress: (progress) => {
            done = progress.promptDone;
            tokens += progress.tokens.length;
            if (done > SHORT.length) abort.abort();
          },
        },
      );
      await assert.rejects(running, (error) => hasCode(error, "cancelled"));
      assert.deepEqual(await answer(), expected);
      assert.ok(done > SHORT.length && done < LONG.length, `${done} of ${LONG.length} tokens were read`);
      assert.equal(tokens, 0);
    });

    it("ends an answer, and the next request is answered as ever", async () => {
      const abort = new AbortController();
      let tokens = 0;
      const running = model.generate(
        { prompt: SHORT, maxNewTokens: 3000, stopIds: [] },
        {
          signal: abort.signal,
          onProgress: (progress) => {
            tokens += progress.tokens.length;
            if (tokens > 0) abort.abort();
          },
        },
      );
      await assert.rejects(running, (error) => hasCode(error, "cancelled"));
      assert.deepEqual(await answer(), expected);
      assert.ok(tokens > 0 && tokens < 1000, `${tokens} tokens came`);
    });

    it("ends a score, and the next request is answered as ever", async () => {
      const abort = new AbortController();
      let done = 0;
      const onProgress = (progress: { readonly done: number }): void => {
        done = progress.done;
        abort.abort();
      };
      const running = model.score({ ids: LONG }, { signal: abort.signal, onProgress });
      await assert.rejects(running, (error) => hasCode(error, "cancelled"));
      assert.deepEqual(await answer(), expected);
      assert.ok(done < LONG.length, `${done} of ${LONG.length} tokens were scored`);
    });
  });
}

describe("the memory of the inference process", () => {
  it("does not grow when models follow one another", async () => {
    const sidecar = startSidecar();
    const after: number[] = [];
    for (let round = 0; round < 4; round++) {
      for (const engine of ["onnx", "gguf"] as const) {
        const model = await sidecar.load(requests[engine]);
        await model.generate({ prompt: SHORT, maxNewTokens: 2, stopIds: [] });
        if (engine === "gguf") after.push((await sidecar.request("ping", null)).residentBytes);
        model.dispose();
      }
    }
    sidecar.dispose();
    // Allocators keep more or less from round to round; what leaks comes on top each time, twice by the third round.
    const grown = Math.min(...after.slice(-2)) - after[0]!;
    console.log(`after each round: ${after.map((bytes) => Math.round(bytes / 1e6)).join(", ")} MB`);
    assert.ok(grown < 1.5 * MODEL_BYTES, after.map((bytes) => `${Math.round(bytes / 1e6)} MB`).join(", "));
  });
});
