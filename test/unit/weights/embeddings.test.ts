import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { JsonObject } from "../../../extension/core/dataset/conversation";
import type { FileSource } from "../../../extension/core/io/ports";
import { openEmbeddings } from "../../../extension/core/weights/embeddings";
import type { WeightsErrorCode } from "../../../extension/core/weights/errors";
import type { EmbeddingMatrices } from "../../../extension/core/weights/matrix";
import { writeGguf } from "../../support/weights/gguf";
import { makeMatrix } from "../../support/weights/matrix";
import { memorySource, modelFolder } from "../../support/weights/modelFolder";
import { safetensorsOf, writeSafetensors } from "../../support/weights/safetensors";
import { type TensorData, tensor } from "../../support/weights/tensor";
import { writeTorch } from "../../support/weights/torch";
import { bitsOf, readMatrix, weightsError } from "../../support/weights/values";

const table = { rows: 40, columns: 256, special: { 3: "zero", 5: { fill: 1e-21 }, 39: { below: 1 } } } as const;
const other = { ...table, seed: 2 };
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** A source that knows how many of its files are open. */
function watched(source: FileSource): FileSource & { readonly open: FileSource["open"]; opened(): number } {
  let count = 0;
  return {
    ...source,
    opened: () => count,
    open: async (file) => {
      const access = await source.open(file);
      if (access === undefined) return undefined;
      count++;
      let closed = false;
      return {
        ...access,
        close: async () => {
          assert.ok(!closed, `${file} was closed twice`);
          closed = true;
          count--;
          await access.close();
        },
      };
    },
  };
}

/** Runs `use` on a folder's matrices, and holds that every file is closed after it. */
async function withMatrices<T>(files: ReadonlyMap<string, Uint8Array> | Readonly<Record<string, Uint8Array>>, config: JsonObject, use: (matrices: EmbeddingMatrices) => T | Promise<T>): Promise<T> {
  const source = watched(memorySource(new Map(files instanceof Map ? files : Object.entries(files)), "the model"));
  const matrices = await openEmbeddings(source, config).catch((error: unknown) => {
    assert.equal(source.opened(), 0, "files are left open after an error");
    throw error;
  });
  const result = await use(matrices);
  assert.ok(source.opened() <= 2, `${source.opened()} files are open`);
  await matrices.close();
  assert.equal(source.opened(), 0, "files are left open");
  return result;
}

const one = (name: string, first = 1): TensorData => tensor(name, "F32", [2, 2], Float32Array.of(first, 2, 3, 4));
const tensors = (...names: readonly string[]): Uint8Array => writeSafetensors(names.map((name, i) => one(name, i)));
const places = ({ input, output, tied }: EmbeddingMatrices): readonly unknown[] => [input.file, input.tensor, output.file, output.tensor, tied];

suite("embeddings", () => {
  const layouts = [
    { format: "safetensors", dtype: "BF16" },
    { format: "safetensors", dtype: "F16", shards: 4 },
    { format: "torch", dtype: "F32" },
    { format: "torch", dtype: "BF16", shards: 3 },
    { format: "gguf", dtype: "Q8_0", outputDtype: "Q6_K" },
    { format: "gguf", dtype: "Q4_K", outputDtype: "F16", shards: 5 },
  ] as const;
  for (const layout of layouts) {
    const name = `${layout.format} of ${layout.dtype}${"shards" in layout ? ` in ${layout.shards} files` : ""}`;
    test(name, async () => {
      const model = modelFolder({ ...layout, input: table, output: other });
      await withMatrices(model.files, model.config, async (matrices) => {
        assert.equal(matrices.tied, false);
        assert.deepEqual([matrices.input.rows, matrices.input.columns, matrices.output.rows], [40, 256, 40]);
        assert.deepEqual(bitsOf(await readMatrix(matrices.input)), bitsOf(model.input));
        assert.deepEqual(bitsOf(await readMatrix(matrices.output)), bitsOf(model.output));
      });
    });
    test(`${name}, tied`, async () => {
      const { outputDtype: _, ...rest } = { outputDtype: undefined, ...layout };
      const model = modelFolder({ ...rest, input: table });
      await withMatrices(model.files, model.config, async (matrices) => {
        assert.ok(matrices.tied && matrices.input === matrices.output);
        assert.deepEqual(bitsOf(await readMatrix(matrices.input)), bitsOf(model.input));
      });
    });
  }

  test("parts without an index", async () => {
    for (const format of ["safetensors", "torch"] as const) {
      const model = modelFolder({ format, input: table, output: other, shards: 3 });
      const files = new Map([...model.files].filter(([name]) => !name.endsWith(".index.json")));
      await withMatrices(files, model.config, async (matrices) => {
        assert.deepEqual(bitsOf(await readMatrix(matrices.output)), bitsOf(model.output));
      });
    }
  });

  suite("names", () => {
    const names: readonly (readonly [model: string, input: string, output: string])[] = [
      ["Llama, Qwen, Gemma, Mistral", "model.embed_tokens.weight", "lm_head.weight"],
      ["Qwen2.5-VL, Gemma 3", "model.language_model.embed_tokens.weight", "lm_head.weight"],
      ["LLaVA, Llama 4, Mistral 3", "language_model.model.embed_tokens.weight", "language_model.lm_head.weight"],
      ["SmolVLM", "model.text_model.embed_tokens.weight", "lm_head.weight"],
      ["InternVL", "language_model.model.tok_embeddings.weight", "language_model.output.weight"],
      ["DeepSeek-VL2", "language.model.embed_tokens.weight", "language.lm_head.weight"],
      ["MiniCPM-V", "llm.model.embed_tokens.weight", "llm.lm_head.weight"],
      ["Qwen2.5-Omni", "thinker.model.embed_tokens.weight", "thinker.lm_head.weight"],
      ["GPT-2 saved by transformers", "transformer.wte.weight", "lm_head.weight"],
      ["GPT-2", "wte.weight", "lm_head.weight"],
      ["GPT-NeoX", "gpt_neox.embed_in.weight", "embed_out.weight"],
      ["Falcon", "transformer.word_embeddings.weight", "lm_head.weight"],
      ["BLOOM", "word_embeddings.weight", "lm_head.weight"],
      ["Llama by Meta, Mistral", "tok_embeddings.weight", "output.weight"],
      ["InternLM 2", "model.tok_embeddings.weight", "output.weight"],
      ["ChatGLM", "transformer.embedding.word_embeddings.weight", "transformer.output_layer.weight"],
      ["OLMo 1", "model.transformer.wte.weight", "model.transformer.ff_out.weight"],
      ["Mamba", "backbone.embeddings.weight", "lm_head.weight"],
      ["RWKV", "rwkv.embeddings.weight", "head.weight"],
      ["RWKV by its maker", "emb.weight", "head.weight"],
      ["T5", "shared.weight", "lm_head.weight"],
      ["OPT", "model.decoder.embed_tokens.weight", "lm_head.weight"],
      ["Whisper", "model.decoder.embed_tokens.weight", "proj_out.weight"],
      ["Phi 1", "transformer.embd.wte.weight", "lm_head.linear.weight"],
      ["PEFT", "base_model.model.model.embed_tokens.weight", "base_model.model.lm_head.weight"],
      ["torch.compile", "_orig_mod.model.embed_tokens.weight", "_orig_mod.lm_head.weight"],
    ];
    for (const [model, input, output] of names) {
      test(model, async () => {
        const found = await withMatrices({ "model.safetensors": tensors("a.weight", output, input, "z.bias") }, { tie_word_embeddings: false }, places);
        assert.deepEqual(found, ["model.safetensors", input, "model.safetensors", output, false]);
        const alone = await withMatrices({ "model.safetensors": tensors("a.weight", input) }, {}, places);
        assert.deepEqual(alone, ["model.safetensors", input, "model.safetensors", input, true]);
      });
    }

    test("T5's matrix is the shared one", async () => {
      const files = { "model.safetensors": tensors("decoder.embed_tokens.weight", "encoder.embed_tokens.weight", "shared.weight", "lm_head.weight") };
      assert.deepEqual((await withMatrices(files, {}, places)).slice(1, 2), ["shared.weight"]);
    });

    test("none that is known", async () => {
      const files = { "model.safetensors": tensors("vision.patch.weight", "b"), "pytorch_model.bin": writeTorch([one("c")]) };
      await assert.rejects(withMatrices(files, {}, places), weightsError("weights-missing", /model\.safetensors \(2 tensors, vision\.patch\.weight, b among them\); pytorch_model\.bin \(1 tensors, c/));
    });
  });

  suite("ties", () => {
    const same = { "model.safetensors": writeSafetensors([one("model.embed_tokens.weight"), one("lm_head.weight")]) };
    const different = { "model.safetensors": tensors("model.embed_tokens.weight", "lm_head.weight") };
    const cases: readonly (readonly [name: string, config: JsonObject, sameTied: boolean])[] = [
      ["config says so", { tie_word_embeddings: true }, true],
      ["config says no", { tie_word_embeddings: false, model_type: "gemma" }, false],
      ["the text part says so", { tie_word_embeddings: false, text_config: { tie_word_embeddings: true } }, true],
      ["the text part says no", { model_type: "gemma3", text_config: { tie_word_embeddings: false } }, false],
      ["Gemma says nothing", { model_type: "gemma2" }, true],
      ["Llama says nothing", { model_type: "llama" }, false],
      ["T5 only speaks of a scale", { model_type: "t5", tie_word_embeddings: false }, true],
      ["nothing is known", {}, false],
      ["nonsense", { tie_word_embeddings: "yes", model_type: 7, text_config: [true] }, false],
    ];
    for (const [name, config, expected] of cases) {
      test(`${name}, and both are there`, async () => {
        assert.equal(await withMatrices(same, config, ({ tied }) => tied), expected);
        // transformers 5 does not tie what differs, whatever config.json says.
        assert.equal(await withMatrices(different, config, ({ tied }) => tied), false);
      });
    }

    test("one row at the end differs", async () => {
      const many = { rows: 3000, columns: 256 };
      const a = modelFolder({ input: many, output: many, config: { tie_word_embeddings: true } });
      const b = modelFolder({ input: many, output: { ...many, special: { 2999: "zero" } }, config: { tie_word_embeddings: true } });
      assert.equal(await withMatrices(a.files, a.config, ({ tied }) => tied), true);
      assert.equal(await withMatrices(b.files, b.config, ({ tied }) => tied), false);
    });

    test("other shapes and types are no tie", async () => {
      const file = (output: TensorData): Readonly<Record<string, Uint8Array>> => ({ "model.safetensors": writeSafetensors([one("model.embed_tokens.weight"), output]) });
      const config = { tie_word_embeddings: true };
      assert.equal(await withMatrices(file(tensor("lm_head.weight", "F32", [3, 2], new Float32Array(6))), config, ({ tied }) => tied), false);
      assert.equal(await withMatrices(file(tensor("lm_head.weight", "F16", [2, 2], new Float32Array(4))), config, ({ tied }) => tied), false);
    });

    test("one storage of torch", async () => {
      const files = { "pytorch_model.bin": writeTorch([one("transformer.wte.weight"), { ...one("lm_head.weight"), sharedWith: "transformer.wte.weight" }]) };
      assert.equal(await withMatrices(files, { model_type: "gpt2" }, ({ tied }) => tied), true);
      assert.equal(await withMatrices(files, { tie_word_embeddings: false }, ({ tied }) => tied), false);
    });

    test("GGUF has its own output matrix, whatever config.json says", async () => {
      const files = { "m.gguf": writeGguf([one("token_embd.weight"), one("output.weight")]) };
      assert.equal(await withMatrices(files, { tie_word_embeddings: true }, ({ tied }) => tied), false);
    });
  });

  suite("which of several", () => {
    const named = (name: string): Uint8Array => tensors("model.embed_tokens.weight", name);
    const torch = writeTorch([one("model.embed_tokens.weight")]);
    const gguf = writeGguf([one("token_embd.weight")]);
    const index = (file: string): Uint8Array => text(JSON.stringify({ weight_map: { "model.embed_tokens.weight": file } }));
    const cases: readonly (readonly [name: string, files: Readonly<Record<string, Uint8Array>>, file: string])[] = [
      ["safetensors before torch and GGUF", { "a.gguf": gguf, "pytorch_model.bin": torch, "model.safetensors": named("x") }, "model.safetensors"],
      ["torch before GGUF", { "a.gguf": gguf, "pytorch_model.bin": torch }, "pytorch_model.bin"],
      ["one file before an index", { "model.safetensors.index.json": index("other.safetensors"), "other.safetensors": named("x"), "model.safetensors": named("y") }, "model.safetensors"],
      ["an index before parts", { "model.safetensors.index.json": index("model-00002-of-00002.safetensors"), "model-00001-of-00002.safetensors": named("x"), "model-00002-of-00002.safetensors": named("y") }, "model-00002-of-00002.safetensors"],
      ["the usual index before another", { "a.safetensors.index.json": index("a.safetensors"), "model.safetensors.index.json": index("b.safetensors"), "a.safetensors": named("x"), "b.safetensors": named("x") }, "b.safetensors"],
      ["Mistral's own file where there is no other", { "consolidated.safetensors": tensors("tok_embeddings.weight", "output.weight") }, "consolidated.safetensors"],
      ["not an adapter", { "adapter_model.safetensors": named("x"), "pytorch_model.bin": torch }, "pytorch_model.bin"],
      ["not a file of something else", { "projector.safetensors": tensors("x"), "z.safetensors": named("y") }, "z.safetensors"],
      ["not a broken file of something else", { "voice.bin": text("RIFF"), "a.gguf": gguf }, "a.gguf"],
      ["not the optimizer", { "optimizer.bin": torch, "training_args.bin": text(""), "a.gguf": gguf }, "a.gguf"],
      ["not the projector of a GGUF", { "mmproj-a.gguf": writeGguf([one("v.weight")]), "a.gguf": gguf }, "a.gguf"],
      ["Llama's single file", { "consolidated.00.pth": writeTorch([one("tok_embeddings.weight"), one("output.weight")]), "params.json": text("{}") }, "consolidated.00.pth"],
      ["RWKV's file", { "RWKV-4-World.pth": writeTorch([one("emb.weight"), one("head.weight")]) }, "RWKV-4-World.pth"],
    ];
    for (const [name, files, file] of cases) test(name, async () => assert.equal(await withMatrices(files, {}, ({ input }) => input.file), file));

    test("several GGUF models cannot be told apart", async () => {
      await assert.rejects(withMatrices({ "a-Q4_K_M.gguf": gguf, "a-Q8_0.gguf": gguf }, {}, places), weightsError("weights-ambiguous", /2 GGUF models: a-Q4_K_M\.gguf, a-Q8_0\.gguf\. Give the path/));
    });
  });

  suite("refuses", () => {
    const packed = (name: string, ...beside: readonly string[]): Readonly<Record<string, Uint8Array>> => {
      const entries: Record<string, object> = { [name]: { dtype: name.endsWith("SCB") ? "I8" : "U32", shape: [2, 2], data_offsets: [0, name.endsWith("SCB") ? 4 : 16] } };
      for (const other of beside) entries[other] = { dtype: "F16", shape: [0], data_offsets: [16, 16] };
      return { "model.safetensors": safetensorsOf(JSON.stringify(entries), new Uint8Array(16)) };
    };
    const embed = "model.embed_tokens";
    const cases: readonly (readonly [name: string, files: Readonly<Record<string, Uint8Array>>, code: WeightsErrorCode, message: RegExp])[] = [
      ["an empty folder", {}, "weights-missing", /the model holds no weights/],
      ["a tokenizer only", { "tokenizer.json": text("{}"), "tokenizer.model": text("") }, "weights-missing", /no weights/],
      ["a LoRA adapter", { "adapter_config.json": text("{}"), "adapter_model.safetensors": tensors("a") }, "weights-unsupported", /LoRA adapter.*base_model_name_or_path/],
      ["ONNX", { "model.onnx": text(""), "config.json": text("{}") }, "weights-unsupported", /ONNX \(model\.onnx\).*exported from/],
      ["TensorFlow", { "tf_model.h5": text("") }, "weights-unsupported", /TensorFlow.*save_pretrained/],
      ["Flax", { "flax_model.msgpack": text("") }, "weights-unsupported", /Flax/],
      ["OpenVINO", { "openvino_model.bin": text(""), "openvino_model.xml": text("") }, "weights-unsupported", /OpenVINO/],
      ["a distributed checkpoint", { "__0_0.distcp": text("") }, "weights-unsupported", /distributed checkpoint/],
      ["Llama split by columns", { "consolidated.00.pth": text(""), "consolidated.01.pth": text("") }, "weights-unsupported", /several GPUs/],
      ["MLX's NumPy files", { "weights.npz": text("") }, "weights-unsupported", /MLX/],
      ["MLX", packed(`${embed}.weight`, `${embed}.scales`, `${embed}.biases`), "weights-unsupported", /quantised by MLX/],
      ["bitsandbytes, 4 bits", packed(`${embed}.weight`, `${embed}.weight.absmax`, `${embed}.weight.quant_map`), "weights-unsupported", /bitsandbytes in 4 bits/],
      ["bitsandbytes, 8 bits", packed(`${embed}.weight`, `${embed}.SCB`), "weights-unsupported", /bitsandbytes in 8 bits/],
      ["integers of unknown origin", packed(`${embed}.weight`), "weights-unsupported", /element type U32/],
      ["GPTQ", packed(`${embed}.qweight`, `${embed}.scales`), "weights-unsupported", /quantised by GPTQ or AWQ/],
      ["compressed-tensors", packed("language_model.model.embed_tokens.weight_packed"), "weights-unsupported", /compressed-tensors/],
      ["HQQ", packed("transformer.wte.W_q"), "weights-unsupported", /HQQ/],
      ["an output matrix of GPTQ", { "model.safetensors": writeSafetensors([one(`${embed}.weight`), one("lm_head.qweight")]) }, "weights-unsupported", /lm_head\.qweight was quantised by GPTQ/],
      ["a part that is missing", { "model-00001-of-00002.safetensors": tensors("a") }, "weights-missing", /model-00002-of-00002\.safetensors is missing in the model/],
      ["a part that the index names and is missing", { "model.safetensors.index.json": text('{"weight_map":{"model.embed_tokens.weight":"x.safetensors"}}') }, "weights-missing", /x\.safetensors is missing/],
      ["a tensor that the index puts elsewhere", { "model.safetensors.index.json": text('{"weight_map":{"model.embed_tokens.weight":"x.safetensors"}}'), "x.safetensors": tensors("a") }, "weights-broken", /x\.safetensors.*no tensor model\.embed_tokens\.weight/],
      ["an index that leads out", { "model.safetensors.index.json": text('{"weight_map":{"model.embed_tokens.weight":"../x.safetensors"}}') }, "weights-broken", /no file of this folder/],
      ["an index that leads out on Windows", { "model.safetensors.index.json": text(String.raw`{"weight_map":{"model.embed_tokens.weight":"..\\x"}}`) }, "weights-broken", /no file of this folder/],
      ["an index of numbers", { "model.safetensors.index.json": text('{"weight_map":{"model.embed_tokens.weight":1}}') }, "weights-broken", /no file of this folder/],
      ["an index without a map", { "model.safetensors.index.json": text('{"metadata":{}}') }, "weights-broken", /no object weight_map/],
      ["an index that is no JSON", { "model.safetensors.index.json": text('{"weight_map":\n{,}}') }, "weights-broken", /line 2, column 2/],
      ["an index in Git LFS", { "model.safetensors.index.json": text("version https://git-lfs.github.com/spec/v1\n") }, "weights-missing", /git lfs pull/],
      ["a broken file, though another format is there", { "model.safetensors": text("nonsense"), "pytorch_model.bin": writeTorch([one("model.embed_tokens.weight")]) }, "weights-broken", /model\.safetensors/],
      ["a broken single file", { "x.safetensors": text("nonsense") }, "weights-broken", /x\.safetensors/],
    ];
    for (const [name, files, code, message] of cases) test(name, () => assert.rejects(withMatrices(files, {}, places), weightsError(code, message)));

    test("a part that another program took away in between", async () => {
      const files = modelFolder({ input: table, output: other, shards: 2 }).files;
      const source = watched(memorySource(files));
      const open = (name: string) => (name.startsWith("model-00002") ? Promise.reject(Object.assign(new Error("gone"), { code: "cannot-read" })) : source.open(name));
      await assert.rejects(openEmbeddings({ ...source, open }, {}), { message: "gone" });
      assert.equal(source.opened(), 0);
    });
  });

  test("made matrices are what was asked for", () => {
    const made = makeMatrix({ rows: 4, columns: 2, special: { 0: "negative-zero", 1: { values: [1, 2] }, 2: { sameAs: 1 }, 3: { fill: 7 } } });
    assert.deepEqual([...made], [-0, -0, 1, 2, 1, 2, 7, 7]);
  });
});
