import assert from "node:assert/strict";
import * as path from "node:path";
import { suite, test } from "node:test";
import { hasCode } from "../../extension/base/errors";
import { openEmbeddings } from "../../extension/core/weights/embeddings";
import { scanRows } from "../../extension/core/weights/statistics/scanRows";
import { resolveWeights } from "../../extension/node/weights/modelWeights";
import { FIXTURES, filesBelow, haveFixtures } from "../support/fixtures";

const FOLDER = path.join(FIXTURES, "models", "safetensors-small");
const reason = haveFixtures("small safetensors files") ? false : "the reference data is missing";

suite("safetensors files of others", () => {
  test("the one that holds a matrix: its rows, measured once more by hand", { skip: reason }, async () => {
    for (const place of [FOLDER, path.join(FOLDER, "tensor-2d-float64.safetensors")]) {
      const { input, output, tied, close } = await openEmbeddings((await resolveWeights(place)).weights, {});
      try {
        assert.deepEqual([input.file, input.tensor, input.dtype, input.rows, input.columns, tied, input === output], ["tensor-2d-float64.safetensors", "embedding", "F64", 2, 3, true, true]);
        const bytes = new Uint8Array(48);
        assert.equal(await input.access.read(input.byteOffset, bytes), 48);
        const view = new DataView(bytes.buffer);
        const rows = [0, 1].map((row) => [0, 1, 2].map((column) => view.getFloat64((row * 3 + column) * 8, true)));
        assert.deepEqual(rows, [[1, 2, 3], [24, 25, 26]]);
        const statistics = await scanRows(input);
        assert.deepEqual([...statistics.max], rows.map((row) => Math.max(...row)));
        assert.deepEqual([...statistics.maxAbs], rows.map((row) => Math.max(...row.map(Math.abs))));
        assert.deepEqual([...statistics.l2], rows.map((row) => Math.sqrt(row.reduce((sum, value) => sum + value * value, 0))));
        assert.deepEqual([[...statistics.nonFinite], [...statistics.atMostEps]], [[0, 0], [0, 0]]);
      } finally {
        await close();
      }
    }
  });

  test("those that hold none say why", { skip: reason }, async () => {
    for (const [file, message] of [["tensor-1d-int32", /shape \[3\]/], ["tensor-3d-float32", /shape \[2, 2, 3\]/], ["tensor-4d-float32", /shape \[2, 3, 1, 3\]/]] as const) {
      const { weights } = await resolveWeights(path.join(FOLDER, `${file}.safetensors`));
      await assert.rejects(openEmbeddings(weights, {}), (error: Error) => hasCode(error, "weights-broken") && message.test(error.message));
    }
  });

  test("GGUF files with a vocabulary only", { skip: reason }, async () => {
    const files = filesBelow("tokenizers/ggml-vocab").filter((file) => file.endsWith(".gguf"));
    assert.ok(files.length >= 5);
    for (const file of files) {
      const { weights } = await resolveWeights(path.join(FIXTURES, "tokenizers/ggml-vocab", file));
      await assert.rejects(openEmbeddings(weights, {}), (error: Error) => hasCode(error, "weights-missing") && error.message.includes("0 tensors"));
    }
  });
});
