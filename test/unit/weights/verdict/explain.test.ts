import assert from "node:assert/strict";
import { test } from "node:test";
import { UntrainedVerdicts } from "../../../../extension/core/weights/verdict/explainToken";
import { noteText } from "../../../../extension/core/weights/verdict/trainer/notes";
import { modelOf, NO_SPECIAL } from "./models";

const LETTERS = Array.from({ length: 120 }, (_, i) => String.fromCharCode(0x4e00 + i));
const ZERO = [0, 0];
/** Different also with BF16's eight bits. */
const rowOf = (id: number): number[] => [0.5 + id / 128, -0.25];

/** 120 letters; some rows are not as they should be, the last three have no token, and two tokens no row. */
async function verdicts(): Promise<UntrainedVerdicts> {
  const tokens = [...LETTERS, undefined, undefined, undefined, "<no-row>", "<neither>"];
  const input = Array.from({ length: 123 }, (_, id) => rowOf(id));
  const output = Array.from({ length: 123 }, (_, id) => rowOf(id));
  Object.assign(input, { 10: ZERO, 11: ZERO, 12: [1e-5, 1e-6], 13: [Number.NaN, 1], 14: [-3, -1], 15: ZERO, 16: ZERO, 120: ZERO });
  Object.assign(output, { 10: ZERO, 11: [1e-21, 1e-22], 14: ZERO, 15: ZERO, 17: ZERO, 18: [-3, -1], 120: ZERO });
  return new UntrainedVerdicts(await modelOf({ input, output }, tokens, { additional: [], eos: 11, pad: 15 }));
}

test("all lists of a report", async () => {
  const { report } = await verdicts();
  assert.deepEqual(report.zeroInput, [10, 11, 14, 15, 16, 120]);
  assert.deepEqual(report.zeroOutput, [10, 11, 14, 15, 17, 18, 120]);
  assert.deepEqual(report.unsloth, [10, 14, 120]);
  assert.deepEqual(report.exempt, [11, 15]);
  assert.deepEqual(report.nonFinite, [13]);
  assert.deepEqual(report.nearZero, [12]);
  assert.deepEqual(report.noToken, [120, 121, 122]);
  assert.deepEqual(report.noRow, [123, 124]);
  assert.deepEqual([report.rows, report.columns, report.tied, report.indicator.kind], [123, 2, false, "l2"]);
});

test("kinds and severities", async () => {
  const { kinds } = await verdicts();
  for (const [id, kind, severity] of [
    [10, "zero", "error"],
    [11, "zero", "error"],
    [12, "near-zero", "warning"],
    [13, "non-finite", "error"],
    [14, "zero", "error"],
    [15, "zero", "info"],
    [16, "zero", "error"],
    [17, "zero-output", "warning"],
    [18, "zero-output", "warning"],
    [120, "no-token", undefined],
    [123, "no-row", "error"],
    [1000, "no-row", "error"],
    [-1, "no-row", "error"],
    [50, "trained", undefined],
  ] as const) {
    assert.deepEqual([kinds.of(id), kinds.severityOf(id)], [kind, severity], `${id}`);
  }
  assert.deepEqual([...kinds.idsOf("error")], [10, 11, 13, 14, 16, 123, 124]);
  assert.deepEqual([...kinds.idsOf("warning")], [12, 17, 18]);
});

test("the tail is a hint", async () => {
  const input = LETTERS.map((_, id) => rowOf(id));
  const { kinds, report } = new UntrainedVerdicts(await modelOf({ input }, LETTERS, NO_SPECIAL));
  assert.deepEqual(report.suspects.map(({ id }) => id), [0, 1, 2]);
  assert.deepEqual([kinds.of(0), kinds.severityOf(0), [...kinds.idsOf("error")]], ["tail", "hint", []]);
});

test("a token explained: why, the numbers, the trainers", async () => {
  const judged = await verdicts();
  const zero = judged.explainToken(10);
  assert.equal(zero.why, "Its input row is untrained: its largest value is 0, and so is its output row.");
  assert.match(zero.advice ?? "", /instruct version/);
  assert.deepEqual(zero.trainers, [
    { trainer: "unsloth", since: undefined, until: "2024-04-22", does: "ignores" },
    { trainer: "unsloth", since: "2024-04-22", until: "2024-05-29", does: "repairs" },
    { trainer: "unsloth", since: "2024-05-29", until: "2024-11-12", does: "raises" },
    // Rows have two values, so two rows were looked at.
    { trainer: "unsloth", since: "2024-11-12", until: "2024-12-05", does: "ignores" },
    { trainer: "unsloth", since: "2024-12-05", until: "2025-02-20", does: "raises" },
    { trainer: "unsloth", since: "2025-02-20", until: undefined, does: "raises-if-tokenised" },
    { trainer: "axolotl", since: undefined, until: undefined, does: "raises" },
    { trainer: "other", since: undefined, until: undefined, does: "ignores" },
  ]);
  assert.equal(noteText(zero.trainers[5]!), "Unsloth from 2025-02-20 stops with a ValueError only where the dataset has input_ids already, and is silent on text.");
  assert.equal(noteText(zero.trainers[7]!), "TRL, LLaMA-Factory and torchtune are silent.");

  const eos = judged.explainToken(11);
  assert.equal(eos.why, "Its input row is untrained: its largest value is 0, and so is its output row. Unsloth does not count it, since it is a special token.");
  assert.equal(eos.output?.atMostEps, true);
  assert.ok(Math.abs(eos.output.maxAbs - 1e-21) < 4e-24, "to BF16's precision");
  assert.equal(eos.trainers.findLast(({ trainer }) => trainer === "unsloth")?.does, "exempts");
  assert.equal(eos.trainers.at(-2)?.does, "raises", "Axolotl spares pad alone");

  for (const [id, why] of [
    [12, /norm is 0\.0000101; 98 % of the tokens have more than 0\.5\d+\.$/],
    [13, /^1 values of its rows are infinite or NaN/],
    [14, /values are all negative, down to -3, which the rule takes for that, and so is its output row\.$/],
    [16, /largest value is 0; its output row's largest value is 0\.6\d+\.$/],
    [17, /output row's largest value is 0, so the model was never trained to produce it/],
    [18, /^All values of its output row are negative, down to -3, which Unsloth's rule takes for untrained; its input row is trained\.$/],
    [120, /No token has the id 120/],
    [123, /has 123 rows, so there is none for the id 123/],
    [50, /no sign that it was not trained/],
  ] as const) {
    assert.match(judged.explainToken(id).why, why);
  }
  assert.deepEqual([judged.explainToken(123).input, judged.explainToken(123).token], [undefined, "<no-row>"]);
  assert.deepEqual([judged.explainToken(2.5).kind, judged.explainToken(2.5).input], ["no-row", undefined]);
});
