import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite, test } from "node:test";
import { judgeModel } from "../../../extension/node/weights/judgeModel";
import { temporaryFolder } from "../../support/cleanup";
import { EDGE_INPUT, EDGE_OUTPUT } from "../../support/weights/edgeRows";
import { BLOCK_TYPES } from "../../support/weights/ggmlBlocks";
import { type MadeModel, modelFolder, type ModelSpec } from "../../support/weights/modelFolder";
import { plainVerdicts } from "../../support/weights/plainVerdicts";

const COLUMNS = 256;
const TOKENS = 90;
const SPECIAL = { bos: 2, eos: 3, pad: 4, unk: 5, sep: 6, cls: 35, mask: 36 };

/** `a` and `b`, and added tokens that are found in text as they are; none has the ids from 60 to 64. */
const tokens = Array.from({ length: TOKENS }, (_, id) => (id === 0 ? "a" : id === 1 ? "b" : id >= 60 && id < 65 ? undefined : `<|t${id}|>`));
const tokenizer = {
  version: "1.0",
  added_tokens: tokens.flatMap((content, id) => (id < 2 || content === undefined ? [] : [{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: id % 2 === 0 }])),
  normalizer: null,
  pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
  post_processor: null,
  decoder: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
  model: { type: "BPE", dropout: null, unk_token: null, continuing_subword_prefix: "", end_of_word_suffix: "", fuse_unk: false, byte_fallback: false, vocab: { a: 0, b: 1 }, merges: [] },
};
const tokenizerConfig = Object.fromEntries(Object.entries(SPECIAL).map(([name, id]) => [`${name}_token`, tokens[id]]));

const home = temporaryFolder("untrained");
let made = 0;

function write(model: MadeModel): string {
  const folder = path.join(home, String(made++));
  mkdirSync(folder);
  const files = [...model.files, ["tokenizer.json", JSON.stringify(tokenizer)], ["tokenizer_config.json", JSON.stringify(tokenizerConfig)]] as const;
  for (const [name, bytes] of files) writeFileSync(path.join(folder, name), bytes);
  return folder;
}

/** Rows that no text reaches: no token here is a byte or a placeholder, so those without a token. */
const referenceOf = (rows: number): number[] => Array.from({ length: rows }, (_, id) => id).filter((id) => tokens[id] === undefined);

async function holdTo(spec: ModelSpec): Promise<void> {
  const model = modelFolder(spec);
  const { dtype = "BF16", outputDtype = dtype, input, output } = spec;
  const expected = plainVerdicts({
    columns: COLUMNS,
    input: model.input,
    output: model.output,
    inputDtype: dtype,
    outputDtype,
    tokens,
    special: Object.values(SPECIAL),
    reference: referenceOf(output?.rows ?? input.rows),
  });
  const { report, dtype: told } = await judgeModel({ model: write(model), cache: path.join(home, "cache") }, {});
  assert.equal(told, dtype);
  assert.equal(report.tied, output === undefined);
  for (const list of ["zeroInput", "zeroOutput", "unsloth", "exempt", "nonFinite", "noToken", "noRow"] as const) assert.deepEqual(report[list], expected[list], list);
  assert.equal(report.indicator.kind, expected.indicator);
  assert.equal(report.indicator.values.length, expected.values.length);
  for (const [id, value] of expected.values.entries()) assert.ok(isNear(report.indicator.values[id]!, value), `the indicator of ${id} is ${report.indicator.values[id]}, not ${value}`);
  assert.ok(isNear(report.threshold, expected.threshold), `the threshold is ${report.threshold}, not ${expected.threshold}`);
  assert.deepEqual(report.suspects.map(({ id }) => id), expected.suspects);
  for (const { id, token, category } of report.suspects) assert.deepEqual([token, category], [tokens[id], Object.values(SPECIAL).includes(id) ? "OK_SPECIAL" : "OK"]);
}

function isNear(value: number, expected: number): boolean {
  return Object.is(value, expected) || Math.abs(value - expected) <= 1e-5 * Math.max(1e-3, Math.abs(expected));
}

const SAFETENSORS = ["F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ"];
const TORCH = ["F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"];
const GGUF = ["F64", "F32", "F16", "BF16", ...BLOCK_TYPES];

suite("what is found in models of every kind, against a plain implementation", () => {
  const input = { rows: TOKENS + 6, columns: COLUMNS, special: EDGE_INPUT };
  const output = { ...input, seed: 2, special: EDGE_OUTPUT };
  for (const [format, dtypes] of [["safetensors", SAFETENSORS], ["torch", TORCH], ["gguf", GGUF]] as const) {
    for (const dtype of dtypes) {
      test(`${format} of ${dtype}`, async () => {
        await holdTo({ format, dtype, input });
        await holdTo({ format, dtype, shards: 3, input, output });
      });
    }
  }

  test("matrices of two types", async () => {
    await holdTo({ dtype: "F16", outputDtype: "F32", input, output });
    await holdTo({ dtype: "F32", outputDtype: "BF16", input, output });
    await holdTo({ format: "gguf", dtype: "Q4_K", outputDtype: "Q6_K", input, output });
  });

  test("matrices of other lengths than the vocabulary, and than one another", async () => {
    const of = (rows: number): typeof input => ({ ...input, rows });
    for (const [inputRows, outputRows] of [[TOKENS, TOKENS - 8], [TOKENS - 8, TOKENS], [40, 40], [300, 28]] as const) {
      await holdTo({ input: of(inputRows), output: { ...output, rows: outputRows } });
    }
    await holdTo({ input: of(50) });
    await holdTo({ input: of(200) });
  });

  test("random models", async () => {
    // The specials are given to other rows each time, so that every edge meets every other.
    for (let seed = 1; seed <= 6; seed++) {
      const turned = (rows: typeof EDGE_INPUT, by: number): typeof EDGE_INPUT => Object.fromEntries(Object.entries(rows).filter(([, row]) => typeof row !== "object" || !("sameAs" in row)).map(([id, row]) => [(Number(id) + by) % TOKENS, row]));
      const dtype = (["BF16", "F16", "F32"] as const)[seed % 3]!;
      await holdTo({ dtype, input: { ...input, seed, special: turned(EDGE_INPUT, seed * 5) }, output: { ...output, seed: seed + 100, special: turned(EDGE_OUTPUT, seed * 7) } });
    }
  });
});
