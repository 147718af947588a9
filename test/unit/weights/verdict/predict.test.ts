import assert from "node:assert/strict";
import { test } from "node:test";
import { type Prediction, predictTrainer, type TrainingRun } from "../../../../extension/core/weights/verdict/trainer/predict";
import type { TokenRows } from "../../../../extension/core/weights/verdict/trainer/signals";
import type { SpecialIds } from "../../../../extension/core/weights/verdict/vocabulary";
import { modelOf, NO_SPECIAL } from "./models";

const OK = [0.02, -0.01, 0.03, 0.01];
const ZERO = [0, 0, 0, 0];
const TOKENS = ["a", "b", "<|eot|>", "<|pad|>", "c", "<|start|>", "<s>"];
const EOT = 2;
const PAD = 3;
const START = 5;

/** Two tokens of a template and the pad are untrained. */
const UNTRAINED = new Set([EOT, PAD, START]);
const ROWS = { input: TOKENS.map((_, id) => (UNTRAINED.has(id) ? ZERO : OK)), output: TOKENS.map((_, id) => (UNTRAINED.has(id) ? ZERO : OK)) };
const SPECIAL: SpecialIds = { additional: [], pad: PAD, eos: 6 };
const TEMPLATE = "{{ '<|start|>' }}{{ messages }}{{ '<|eot|>' }}";

function rowsOf(count: number, special: Readonly<Record<number, readonly number[]>>): TokenRows {
  return { count, ids: (row) => special[row] ?? [0, 1] };
}

const QUIET = rowsOf(10_000, {});
const FIRST = rowsOf(10_000, { 0: [START, 0, EOT], 3: [START, 1, EOT, START] });
const BASE: TrainingRun = { trainer: "unsloth", rows: FIRST, tokenised: true, trainable: false, template: TEMPLATE };

async function predict(run: Partial<TrainingRun>, special: SpecialIds = SPECIAL): Promise<Prediction> {
  return predictTrainer({ ...BASE, ...run }, await modelOf(ROWS, TOKENS, special));
}

const RESTART = 'Restart then add `embed_tokens` & `lm_head` to `FastLanguageModel.get_peft_model(target_modules = [..., "embed_tokens", "lm_head",])';
const BASE_MODEL = ". `Are you using the `base` model? Instead, use the `instruct` version to silence this warning.";
const FOUND = "found, but embed_tokens & lm_head not trainable, causing NaNs.";

test("the message of every generation", async () => {
  for (const [date, message] of [
    ["2024-05-29", `Unsloth: Untrained tokens ${FOUND} ${RESTART}\``],
    ["2024-06-18", `Unsloth: Untrained tokens ${FOUND} ${RESTART}\``],
    ["2024-06-19", `Unsloth: Untrained tokens ${FOUND} ${RESTART}${BASE_MODEL}`],
    ["2024-09-22", `Unsloth: Untrained tokens of [[2, 5]] ${FOUND} ${RESTART}${BASE_MODEL}`],
    [
      "2025-01-20",
      "Unsloth: Untrained tokens in rows [[0, 3]] found.\nThe token ids are [[2, 5]] and tokens are [<|eot|><|start|>].\n" +
        `The issue is the embed_tokens & lm_head not trainable, which will cause NaNs. ${RESTART}${BASE_MODEL}`,
    ],
  ] as const) {
    const prediction = await predict({ date });
    assert.deepEqual(prediction, { outcome: "raises", errorType: "ValueError", message, ids: [5, 2, 5, 2, 5], rows: [0, 0, 3, 3, 3] }, date);
  }
  assert.deepEqual(await predict({ trainer: "axolotl", fixUntrainedTokens: true }), {
    outcome: "raises",
    errorType: "ValueError",
    message: `Untrained tokens of [[2, 5]] ${FOUND} `,
    ids: [5, 2, 5, 2, 5],
    rows: [0, 0, 3, 3, 3],
  });
});

test("before there was an error, it told and repaired", async () => {
  assert.deepEqual(await predict({ date: "2024-04-22" }), {
    outcome: "repairs",
    message: "Unsloth: Not an error, but your model has 3 untrained tokens.\nWe shall set them to the mean of the other trained tokens.",
    ids: [2, 3, 5],
  });
  assert.deepEqual(await predict({ date: "2024-04-21" }), { outcome: "silent", reason: "no-check", ids: [2, 5], rows: [0, 3] });
});

test("the newest version, and any trainer without a check", async () => {
  const newest = await predict({});
  assert.equal(newest.outcome, "raises", "a tokenised dataset is still looked at");
  const silent = { outcome: "silent", ids: [2, 5], rows: [0, 3] };
  assert.deepEqual(await predict({ tokenised: false }), { ...silent, reason: "not-tokenised-yet" });
  assert.equal((await predict({ tokenised: false, date: "2025-02-19" })).outcome, "raises", "it ran after tokenising then");
  assert.deepEqual(await predict({ streaming: true }), { ...silent, reason: "streaming" });
  assert.deepEqual(await predict({ trainer: "other" }), { ...silent, reason: "no-check" });
  assert.deepEqual(await predict({ trainer: "axolotl" }), { ...silent, reason: "no-check" });
  const modelName = "unsloth/Qwen2.5-Coder-7B-Instruct";
  assert.deepEqual(await predict({ modelName }), { ...silent, reason: "ignored-model" });
  assert.equal((await predict({ modelName, date: "2026-07-14" })).outcome, "raises", "the name was compared with lower-case ones");
});

test("which rows are looked at", async () => {
  const at = (row: number, count = 10_000): TokenRows => rowsOf(count, { [row]: [EOT] });
  const cases: readonly (readonly [name: string, run: Partial<TrainingRun>, outcome: string])[] = [
    ["the 250th", { rows: at(249), template: undefined }, "raises"],
    ["the 251st", { rows: at(250), template: undefined }, "not-looked-at"],
    ["the 250th from the end", { rows: at(9750), template: undefined }, "raises"],
    ["the 251st from the end", { rows: at(9749), template: undefined }, "not-looked-at"],
    ["the 251st, with a signal of the template", { rows: at(250) }, "raises"],
    ["the 2000th", { rows: at(1999) }, "raises"],
    ["the 2001st", { rows: at(2000) }, "not-looked-at"],
    ["the 2000th from the end", { rows: at(8000) }, "raises"],
    ["the 2001st from the end", { rows: at(7999) }, "not-looked-at"],
    ["none but the template", { rows: QUIET }, "not-looked-at"],
    ["none but the template, before the second look", { rows: QUIET, date: "2024-11-20" }, "raises"],
    ["no row", { rows: rowsOf(0, {}), template: undefined }, "clean"],
    ["none, nor the template", { rows: QUIET, template: "{{ messages }}" }, "clean"],
    ["none, nor a template's name", { rows: QUIET, template: ["default", "<|eot|> and more"] }, "clean"],
    ["none, but a template's name", { rows: QUIET, template: ["default", "<|eot|>"] }, "not-looked-at"],
  ];
  for (const [name, run, outcome] of cases) {
    const prediction = await predict(run);
    assert.equal(prediction.outcome === "silent" ? prediction.reason : prediction.outcome, outcome, name);
  }
  const empty = await predict({ rows: QUIET, date: "2024-10-01" });
  assert.equal(empty.outcome === "raises" && empty.message.startsWith("Unsloth: Untrained tokens of [[]] found"), true);
  const short = await predict({ rows: rowsOf(2, { 1: [EOT] }), date: "2024-10-01" });
  assert.deepEqual(short.outcome === "raises" && short.rows, [1, 1], "the windows overlap");
});

test("special tokens that are spared", async () => {
  const rows = rowsOf(3, { 1: [PAD, 0] });
  const template = undefined;
  assert.equal((await predict({ rows, template, date: "2024-11-11" })).outcome, "raises", "pad too, once");
  // The untrained rows at hand are among the first four: a row has four values.
  assert.deepEqual(await predict({ rows, template, date: "2024-12-05" }), { outcome: "silent", reason: "not-looked-at", ids: [PAD], rows: [1] });
  const onlyPad = await modelOf({ input: [OK, ZERO, OK, OK], output: [OK, ZERO, OK, OK] }, ["a", "<|pad|>", "b", "c"], { additional: [], pad: 1 });
  const run = { ...BASE, template, rows: rowsOf(1, { 0: [1] }) };
  assert.deepEqual(predictTrainer(run, onlyPad), { outcome: "silent", reason: "not-flagged", ids: [1], rows: [0] });
  assert.equal(predictTrainer({ ...run, trainer: "axolotl", fixUntrainedTokens: true }, onlyPad).outcome, "silent");
  const eos: SpecialIds = { additional: [], eos: EOT, pad: PAD };
  assert.equal((await predict({ rows: rowsOf(1, { 0: [EOT] }), template, date: "2025-01-19" }, eos)).outcome, "raises");
  assert.equal((await predict({ rows: rowsOf(1, { 0: [EOT] }), template, date: "2025-01-20" }, eos)).outcome, "silent");
  const axolotl = await predict({ rows: rowsOf(1, { 0: [EOT] }), template, trainer: "axolotl", fixUntrainedTokens: true }, eos);
  assert.equal(axolotl.outcome, "raises", "Axolotl spares pad alone");
});

test("matrices that are trained are repaired", async () => {
  const repaired = { outcome: "repairs", message: "Unsloth: Setting embed_tokens & lm_head untrained tokens to mean(trained) to counteract NaNs during training." };
  assert.deepEqual(await predict({ trainable: true }), { ...repaired, ids: [2, 5] });
  assert.deepEqual(await predict({ trainable: true, trainer: "axolotl", fixUntrainedTokens: true }), { outcome: "repairs", message: undefined, ids: [2, 5] });
  assert.deepEqual(await predict({ trainable: true, tokenised: false }), { outcome: "raises", errorType: "KeyError", message: "'input_ids'", ids: [], rows: [] });
  assert.equal((await predict({ trainable: true, tokenised: false, template: undefined })).outcome, "silent");
});

test("matrices of different lengths stop Axolotl's check", async () => {
  const model = await modelOf({ input: [OK, ZERO, OK], output: [OK, ZERO] }, ["a", "b", "c"], NO_SPECIAL);
  const run: TrainingRun = { ...BASE, trainer: "axolotl", fixUntrainedTokens: true };
  assert.deepEqual(predictTrainer(run, model), {
    outcome: "raises",
    errorType: "RuntimeError",
    message: "The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 0",
    ids: [],
    rows: [],
  });
});

test("rows that no trainer's rule knows of are told too", async () => {
  // The input row is zero and the output row trained; a row has a NaN; a row is beyond the shorter matrix.
  const input = [OK, ZERO, [Number.NaN, 1, 1, 1], OK, ZERO];
  const model = await modelOf({ input, output: [OK, OK, OK, OK] }, ["a", "b", "c", "d", "e"], NO_SPECIAL);
  const special: Readonly<Record<number, readonly number[]>> = { 7: [1], 8: [2], 9: [4, 1] };
  const run = { ...BASE, template: undefined, rows: { count: 20, ids: (row: number) => special[row] ?? [0, 3] } };
  assert.deepEqual(predictTrainer(run, model), { outcome: "silent", reason: "not-flagged", ids: [1, 2, 4], rows: [7, 8, 9] });
});

test("a typed array of ids, and at most ten rows shown", async () => {
  const rows: TokenRows = { count: 40, ids: () => Uint32Array.of(START, 0) };
  const prediction = await predict({ rows, tokenised: false });
  assert.deepEqual(prediction.outcome === "silent" && prediction.rows, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});
