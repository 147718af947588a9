import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite, test } from "node:test";
import { codeOf } from "../../../extension/base/errors";
import { openEmbeddings } from "../../../extension/core/weights/embeddings";
import type { FileSource } from "../../../extension/core/io/ports";
import { resolveWeights } from "../../../extension/node/weights/modelWeights";
import { temporaryFolder } from "../../support/cleanup";
import { modelFolder } from "../../support/weights/modelFolder";
import { bitsOf, readMatrix } from "../../support/weights/values";

const table = { rows: 6, columns: 64, special: { 2: "zero" } } as const;

const sourceAt = async (place: string): Promise<FileSource> => (await resolveWeights(place)).weights;

function folderWith(files: Iterable<readonly [string, Uint8Array]>): string {
  const folder = temporaryFolder("weights");
  for (const [name, bytes] of files) writeFileSync(path.join(folder, name), bytes);
  return folder;
}

suite("weights on disk", () => {
  test("a folder", async () => {
    const model = modelFolder({ input: table, output: { ...table, seed: 2 }, shards: 2 });
    const folder = folderWith(model.files);
    mkdirSync(path.join(folder, "original"));
    const source = await sourceAt(folder);
    assert.deepEqual([...(await source.list())].sort(), [...model.files.keys()].sort());
    const matrices = await openEmbeddings(source, model.config);
    assert.deepEqual(bitsOf(await readMatrix(matrices.input)), bitsOf(model.input));
    assert.deepEqual(bitsOf(await readMatrix(matrices.output)), bitsOf(model.output));
    await matrices.close();
    assert.equal(await source.open("missing.gguf"), undefined);
  });

  test("links, as a cache of models has them", async () => {
    const model = modelFolder({ input: table });
    const blobs = folderWith([["abc", model.files.get("model.safetensors")!]]);
    const folder = temporaryFolder("snapshot");
    symlinkSync(path.join(blobs, "abc"), path.join(folder, "model.safetensors"));
    const matrices = await openEmbeddings(await sourceAt(folder), {});
    assert.deepEqual(bitsOf(await readMatrix(matrices.input)), bitsOf(model.input));
    await matrices.close();
  });

  test("one file of several models", async () => {
    const small = modelFolder({ format: "gguf", dtype: "Q8_0", input: table });
    const large = modelFolder({ format: "gguf", dtype: "F16", input: { ...table, seed: 3 } });
    const folder = folderWith([["a-Q8_0.gguf", small.files.get("model.gguf")!], ["a-F16.gguf", large.files.get("model.gguf")!]]);
    const source = await sourceAt(path.join(folder, "a-F16.gguf"));
    assert.deepEqual(await source.list(), ["a-F16.gguf"]);
    assert.equal(await source.open("a-Q8_0.gguf"), undefined);
    const matrices = await openEmbeddings(source, {});
    assert.equal(matrices.input.dtype, "F16");
    assert.deepEqual(bitsOf(await readMatrix(matrices.input)), bitsOf(large.input));
    await matrices.close();
  });

  test("one part, with the others and their index", async () => {
    for (const format of ["gguf", "safetensors", "torch"] as const) {
      const model = modelFolder({ format, dtype: "F16", input: table, output: { ...table, seed: 2 }, shards: 3 });
      const own = [...model.files.keys()].filter((name) => name !== "config.json");
      const folder = folderWith([...model.files, ["other-00001-of-00003.gguf", new Uint8Array(3)], ["model-00001-of-00002.gguf", new Uint8Array(3)], ["model.gguf", new Uint8Array(3)]]);
      const source = await sourceAt(path.join(folder, own.find((name) => name.includes("-00002-of-00003"))!));
      assert.deepEqual([...(await source.list())].sort(), own.sort());
      const matrices = await openEmbeddings(source, {});
      assert.deepEqual(bitsOf(await readMatrix(matrices.output)), bitsOf(model.output));
      await matrices.close();
    }
  });

  test("nothing outside of the folder", async () => {
    const folder = folderWith([["model.safetensors", new Uint8Array(3)]]);
    writeFileSync(path.join(path.dirname(folder), `${path.basename(folder)}.gguf`), "outside");
    for (const place of [folder, path.join(folder, "model.safetensors")]) {
      for (const name of [`../${path.basename(folder)}.gguf`, path.join(path.dirname(folder), `${path.basename(folder)}.gguf`), "..", ".", ""]) {
        const opened = await (await sourceAt(place)).open(name).catch(codeOf);
        assert.ok(opened === undefined || opened === "cannot-read", `${place} opens '${name}'`);
      }
    }
  });

  test("an index stands for what it names", async () => {
    const model = modelFolder({ input: table, output: { ...table, seed: 2 }, shards: 2 });
    const folder = folderWith([...model.files, ["model.safetensors", new Uint8Array(3)]]);
    const source = await sourceAt(path.join(folder, "model.safetensors.index.json"));
    assert.deepEqual(await source.list(), ["model.safetensors.index.json"]);
    const matrices = await openEmbeddings(source, {});
    assert.deepEqual(bitsOf(await readMatrix(matrices.output)), bitsOf(model.output));
    await matrices.close();
  });

  test("a place where nothing is", async () => {
    await assert.rejects(sourceAt(path.join(temporaryFolder("weights"), "missing")), { code: "not-a-model" });
    await assert.rejects(sourceAt(path.join(temporaryFolder("weights"), "missing.safetensors")), { code: "not-a-model" });
  });
});
