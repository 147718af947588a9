import assert from "node:assert/strict";
import { appendFileSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { describe, it } from "node:test";
import { hasCode } from "../../../../extension/base/errors";
import type { VerdictsProgress, VerdictsRequest } from "../../../../extension/core/weights/workerMethods";
import { modelVerdicts, type ModelVerdicts, type VerdictsOptions } from "../../../../extension/node/weights/modelVerdicts";
import { temporaryFolder } from "../../../support/cleanup";
import { modelFolder } from "../../../support/weights/modelFolder";

const EMBEDDED = path.resolve("extension/assets/model");
const RESERVED = Array.from({ length: 10 }, (_, i) => 2038 + i);
const home = temporaryFolder("verdicts");

const verdictsOn = (request: VerdictsRequest, options: Partial<VerdictsOptions> = {}): Promise<ModelVerdicts> =>
  modelVerdicts({ cache: path.join(home, "cache"), ...request }, { workerPath: path.resolve("dist/worker.js"), ...options });

function folderOf(files: ReadonlyMap<string, Uint8Array>, name: string): string {
  const folder = path.join(home, name);
  mkdirSync(folder, { recursive: true });
  for (const [file, bytes] of files) writeFileSync(path.join(folder, file), bytes);
  return folder;
}

describe("the verdicts on a model", () => {
  it("that comes with the product, in two threads", async () => {
    const told: VerdictsProgress[] = [];
    const model = await verdictsOn({ model: EMBEDDED, threads: 2 }, { onProgress: (progress) => told.push(progress) });
    assert.deepEqual(model.report.unsloth, RESERVED);
    assert.deepEqual([model.dtype, model.input.tensor, model.output?.tensor, model.report.tied], ["BF16", "model.embed_tokens.weight", "lm_head.weight", false]);
    assert.deepEqual([model.special.bos, model.special.eos, model.special.pad], [2032, 2033, 2034]);
    assert.equal(model.vocabulary.token(2040), "<|reserved_2|>");
    const { kind, severity, why } = model.verdicts.explainToken(2040);
    assert.deepEqual([kind, severity], ["zero", "error"]);
    assert.match(why, /largest value is 0/);
    assert.deepEqual(told.at(-1), { file: "model.safetensors", doneBytes: 2 * 2048 * 128 * 2, totalBytes: 2 * 2048 * 128 * 2 });
  });

  it("of a few rows, which read nothing else", async () => {
    const model = await verdictsOn({ model: EMBEDDED, ids: [5, 2040, 2048, -1], cache: path.join(home, "none") });
    assert.deepEqual(model.report.unsloth, [2040]);
    assert.deepEqual([5, 2040, 6, 2048].map((id) => model.verdicts.kinds.of(id)), ["trained", "zero", "not-measured", "no-row"]);
    assert.deepEqual([model.report.suspects, model.report.threshold, model.report.noToken], [[], Number.NaN, []]);
    assert.ok(!readdirSync(home).includes("none"), "what is not all is not kept");
    const all = await verdictsOn({ model: EMBEDDED });
    const some = await verdictsOn({ model: EMBEDDED, ids: [5] });
    assert.deepEqual(some.report.unsloth, all.report.unsloth, "where all rows are known, all are told of");
    for (const id of [5, 2040]) assert.deepEqual(model.verdicts.explainToken(id).input, all.verdicts.explainToken(id).input);
  });

  it("are kept for as long as the file is the same", async () => {
    const folder = path.join(home, "kept");
    mkdirSync(folder);
    for (const file of ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"]) copyFileSync(path.join(EMBEDDED, file), path.join(folder, file));
    const reads = async (): Promise<number> => {
      let count = 0;
      const { report } = await verdictsOn({ model: folder }, { onProgress: () => count++ });
      assert.deepEqual(report.unsloth, RESERVED);
      return count;
    };
    assert.ok((await reads()) > 0);
    assert.equal(await reads(), 0);
    const weights = readFileSync(path.join(folder, "model.safetensors"));
    writeFileSync(path.join(folder, "model.safetensors"), weights);
    assert.ok((await reads()) > 0, "a file that was written again is read again");
    for (const name of readdirSync(path.join(home, "cache", "rows-v1"))) writeFileSync(path.join(home, "cache", "rows-v1", name), "damaged");
    assert.ok((await reads()) > 0, "a damaged cache is made again");
    rmSync(path.join(home, "cache"), { recursive: true });
    writeFileSync(path.join(home, "cache"), "no folder");
    assert.ok((await reads()) > 0, "a cache that cannot be written is done without");
    rmSync(path.join(home, "cache"));
  });

  it("in a GGUF file, with the vocabulary that it has", async () => {
    const tokens = ["<unk>", "<s>", "</s>", "▁a", "b", "[PAD5]"];
    const model = modelFolder({
      format: "gguf",
      dtype: "Q8_0",
      input: { rows: 6, columns: 64, special: { 4: "zero", 5: "zero" } },
      gguf: {
        metadata: {
          "general.name": { type: "string", value: "Tiny" },
          "tokenizer.ggml.model": { type: "string", value: "llama" },
          "tokenizer.ggml.tokens": { type: "array", of: "string", value: tokens },
          "tokenizer.ggml.scores": { type: "array", of: "f32", value: tokens.map((_, i) => -i) },
          "tokenizer.ggml.token_type": { type: "array", of: "i32", value: [2, 3, 3, 1, 1, 5] },
          "tokenizer.ggml.bos_token_id": { type: "u32", value: 1 },
          "tokenizer.ggml.eos_token_id": { type: "u32", value: 2 },
        },
      },
    });
    const folder = folderOf(model.files, "gguf");
    for (const place of [folder, path.join(folder, "model.gguf")]) {
      const found = await verdictsOn({ model: place });
      assert.deepEqual([found.report.tied, found.report.zeroInput, found.report.noToken, found.report.noRow], [true, [4, 5], [5], []]);
      assert.deepEqual([found.special.bos, found.special.eos, found.vocabulary.token(4), found.vocabulary.token(5)], [1, 2, "b", undefined]);
      assert.deepEqual([4, 5].map((id) => found.verdicts.kinds.of(id)), ["zero", "no-token"]);
      assert.equal(found.nameOrPath, "Tiny");
    }
  });

  it("without tokenizer: rows are called by their ids", async () => {
    const made = modelFolder({ format: "torch", dtype: "F32", shards: 2, input: { rows: 8, columns: 16, special: { 3: "zero" } }, output: { rows: 8, columns: 16, special: { 3: "zero" } } });
    const folder = folderOf(made.files, "bare");
    for (const place of [folder, path.join(folder, "pytorch_model-00002-of-00002.bin")]) {
      const { report, verdicts, notes } = await verdictsOn({ model: place });
      assert.deepEqual([report.unsloth, report.noToken, report.noRow], [[3], [], []]);
      assert.equal(verdicts.explainToken(3).token, "#3");
      assert.match(notes.join(), /no tokenizer/);
    }
  });

  it("that is none, or is cancelled", async () => {
    await assert.rejects(verdictsOn({ model: path.join(home, "nothing") }), (error) => hasCode(error, "not-a-model"));
    await assert.rejects(verdictsOn({ model: folderOf(new Map([["README.md", new Uint8Array(1)]]), "empty") }), (error) => hasCode(error, "weights-missing"));
    const broken = folderOf(new Map([["model.safetensors", new Uint8Array(20).fill(255)]]), "broken");
    await assert.rejects(verdictsOn({ model: broken }), (error: Error) => hasCode(error, "weights-broken") && error.message.includes("at byte 0"));
    const controller = new AbortController();
    const cancelled = verdictsOn({ model: EMBEDDED, cache: path.join(home, "other") }, { signal: controller.signal });
    controller.abort();
    await assert.rejects(cancelled, (error) => hasCode(error, "cancelled"));
  });

  it("in a file on disk end soon when they are cancelled on the way, in one thread and in several", async () => {
    const [rows, columns] = [16_000, 4096];
    const some = new Uint8Array(800 * columns * 2).fill(0x3c);
    for (let row = 3; row < 800; row += 8) some.fill(0, row * columns * 2, (row + 1) * columns * 2);
    const header = Buffer.from(JSON.stringify({ "model.embed_tokens.weight": { dtype: "BF16", shape: [rows, columns], data_offsets: [0, rows * columns * 2] } }));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(header.length));
    const folder = folderOf(new Map([["model.safetensors", Buffer.concat([size, header])]]), "large");
    for (let row = 0; row < rows; row += 800) appendFileSync(path.join(folder, "model.safetensors"), some);
    for (const threads of [1, 3]) {
      const controller = new AbortController();
      let done = 0;
      const onProgress = ({ doneBytes }: VerdictsProgress): void => {
        done = doneBytes;
        controller.abort();
      };
      await assert.rejects(verdictsOn({ model: folder, threads, cache: path.join(home, `of-${threads}`) }, { signal: controller.signal, onProgress }), (error) => hasCode(error, "cancelled"));
      assert.ok(done < rows * columns * 2, "not all was read before");
    }
    const { report } = await verdictsOn({ model: folder, threads: 3, cache: path.join(home, "of-all") });
    assert.deepEqual(report.zeroInput, Array.from({ length: rows / 8 }, (_, i) => i * 8 + 3));
    rmSync(folder, { recursive: true });
  });
});
