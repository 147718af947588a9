import assert from "node:assert/strict";
import { test } from "node:test";
import { CURRENT_UNSLOTH, ignoresModel, UNSLOTH_BEHAVIOURS, unslothOn } from "../../../../extension/core/weights/verdict/trainer/history";
import { applyRule, AXOLOTL_RULE, harmfulRows } from "../../../../extension/core/weights/verdict/trainer/rule";
import type { SpecialIds } from "../../../../extension/core/weights/verdict/vocabulary";
import { NO_SPECIAL, statisticsOf, type ModelRows } from "./models";

const OK = [0.02, -0.01, 0.03, 0.01];

/** An input row of each kind, and of each kind the output rows that it may meet. */
const INPUT: Readonly<Record<string, readonly number[]>> = {
  trained: OK,
  zero: [0, 0, 0, 0],
  negativeZero: [-0, -0, -0, -0],
  tiny: [1e-21, -2e-21, 5e-22, 1e-21],
  below: [9e-17, 0, 0, 0],
  above: [2e-16, 0, 0, 0],
  negative: [-0.5, -0.25, -1, -2],
  onePositive: [-1, -1, -1, 1e-3],
  nan: [Number.NaN, 0, 0, 0],
  negativeNan: [-1, -1, Number.NaN, -1],
  infinite: [-Infinity, -1, -1, -1],
  subnormal: [1e-39, 0, 0, 0],
};
const OUTPUT: Readonly<Record<string, readonly number[]>> = {
  trained: OK,
  zero: [0, 0, 0, 0],
  alike: [1e-4, 1e-4, 2e-4, 3e-4],
  alikeToo: [2e-4, 1e-4, 1e-4, 1e-4],
  signed: [-1e-4, 1e-4, 1e-4, 1e-4],
  twin: [0.5, 0.25, 0, 0],
  otherTwin: [0.5004, 0.25, 1e-4, 0],
  nan: [Number.NaN, 0, 0, 0],
};

/** Every input with every output. */
function everyPair(): Required<ModelRows> {
  const pairs = Object.values(INPUT).flatMap((input) => Object.values(OUTPUT).map((output) => ({ input, output })));
  return { input: pairs.map(({ input }) => input), output: pairs.map(({ output }) => output) };
}

const bf16 = (value: number): number => {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  const bits = view.getUint32(0);
  if (Number.isNaN(value)) return value;
  view.setUint32(0, (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000);
  return view.getFloat32(0);
};

/** The rule once more, from its description, step by step. */
function plainRule(rows: Required<ModelRows>, options: { readonly cut: number; readonly output: boolean; readonly repeated: boolean; readonly exempt: readonly number[] }): number[] {
  const eps = 1.0018028073766061e-16;
  const max = (row: readonly number[]): number => (row.some(Number.isNaN) ? Number.NaN : Math.max(...row.map(bf16)));
  const input = rows.input.slice(0, options.cut);
  const output = rows.output.slice(0, options.cut);
  const u1 = input.map((row) => max(row) <= eps);
  const keyOf = (id: number): string =>
    (output[id] ?? []).map((value) => {
      const scaled = Math.fround(bf16(value) * 1000);
      const rounded = Math.sign(scaled) * (Math.abs(scaled) % 1 === 0.5 ? 2 * Math.round(Math.abs(scaled) / 2) : Math.round(Math.abs(scaled)));
      return Object.is(rounded, -0) || (rounded === 0 && scaled < 0) ? "-0" : String(rounded);
    }).join();
  const keys = u1.map((flag, id) => (flag ? keyOf(id) : ""));
  const u2 = output.map((row, id) => max(row) <= eps || (options.repeated && u1[id] && keys.filter((key) => key === keys[id]).length > 1));
  return u1.flatMap((flag, id) => (flag && (!options.output || u2[id]) && !options.exempt.includes(id) ? [id] : []));
}

test("every pair of rows, on every day", async () => {
  const rows = everyPair();
  const statistics = await statisticsOf(rows);
  const all = rows.input.length;
  const special: SpecialIds = { bos: 8, eos: 9, unk: 10, sep: 17, pad: 24, cls: 25, mask: 26, additional: [11] };
  const seven = [8, 9, 10, 17, 24, 25, 26];
  for (const [day, expected] of [
    ["2024-04-22", { cut: all, output: false, repeated: false, exempt: [] }],
    ["2024-07-19", { cut: all, output: false, repeated: false, exempt: [] }],
    ["2024-07-20", { cut: all, output: true, repeated: false, exempt: [] }],
    ["2024-08-16", { cut: all, output: true, repeated: true, exempt: [] }],
    ["2024-11-11", { cut: all, output: true, repeated: true, exempt: [] }],
    // A row has four values, so four rows were looked at.
    ["2024-11-12", { cut: 4, output: true, repeated: true, exempt: [24] }],
    ["2024-12-04", { cut: 4, output: true, repeated: true, exempt: [24] }],
    ["2024-12-05", { cut: all, output: true, repeated: true, exempt: [24] }],
    ["2025-01-19", { cut: all, output: true, repeated: true, exempt: [24] }],
    ["2025-01-20", { cut: all, output: true, repeated: true, exempt: seven }],
    ["2026-08-22", { cut: all, output: true, repeated: true, exempt: seven }],
  ] as const) {
    const behaviour = unslothOn(day);
    const { untrained, exempt, looked } = applyRule(statistics, behaviour, special);
    assert.deepEqual(untrained, plainRule(rows, expected), day);
    assert.equal(looked, expected.cut, day);
    const flagged = plainRule(rows, { ...expected, exempt: [] });
    assert.deepEqual(exempt, flagged.filter((id) => (expected.exempt as readonly number[]).includes(id)), day);
  }
  assert.ok(applyRule(statistics, CURRENT_UNSLOTH, special).exempt.length > 0 && applyRule(statistics, CURRENT_UNSLOTH, special).untrained.length > 10, "the table reaches all of it");
  assert.deepEqual(applyRule(statistics, AXOLOTL_RULE, special).untrained, plainRule(rows, { cut: all, output: true, repeated: true, exempt: [24] }));
});

test("tied matrices need only be untrained once", async () => {
  const input = Object.values(INPUT);
  const { untrained } = applyRule(await statisticsOf({ input }), CURRENT_UNSLOTH, NO_SPECIAL);
  const names = Object.keys(INPUT);
  assert.deepEqual(untrained.map((id) => names[id]), ["zero", "negativeZero", "tiny", "below", "negative", "infinite", "subnormal"]);
});

test("only as many rows as both matrices have", async () => {
  const zero = [0, 0, 0, 0];
  const statistics = await statisticsOf({ input: [OK, zero, zero, zero], output: [zero, zero] });
  assert.deepEqual(applyRule(statistics, CURRENT_UNSLOTH, NO_SPECIAL), { looked: 2, untrained: [1], exempt: [] });
  const wider = await statisticsOf({ input: [zero], output: [zero, zero, zero] });
  assert.deepEqual(applyRule(wider, CURRENT_UNSLOTH, NO_SPECIAL), { looked: 1, untrained: [0], exempt: [] });
  // The twin of an output row is beyond the cut: alone it is none.
  const twin = [0.5, 0.25, 0, 0];
  const early = await statisticsOf({ input: [OK, zero, OK, OK, zero], output: [OK, twin, OK, OK, twin] });
  assert.deepEqual(applyRule(early, unslothOn("2024-11-12"), NO_SPECIAL).untrained, []);
  assert.deepEqual(applyRule(early, unslothOn("2024-12-05"), NO_SPECIAL).untrained, [1, 4]);
});

test("rows that spoil a run", async () => {
  const statistics = await statisticsOf({ input: [OK, [0, 0, 0, 0], [Number.NaN, 1, 1, 1], OK, [-Infinity, 1, 1, 1]], output: [OK, OK, OK, [Infinity, 1, 1, 1], OK] });
  assert.deepEqual(harmfulRows(statistics), [1, 2, 3, 4]);
});

test("behaviours follow one another, and every one differs from the one before", () => {
  const days = UNSLOTH_BEHAVIOURS.map(({ since }) => since);
  assert.deepEqual(days, [...days].sort());
  for (const [i, behaviour] of UNSLOTH_BEHAVIOURS.entries()) assert.notDeepEqual({ ...behaviour, since: "" }, { ...UNSLOTH_BEHAVIOURS[i - 1], since: "" });
  assert.equal(unslothOn("2024-04-21").message, "none");
  assert.equal(unslothOn("9999-12-31"), CURRENT_UNSLOTH);
});

test("names that are ignored", () => {
  const name = "unsloth/Qwen2.5-Coder-7B-Instruct-bnb-4bit";
  for (const [day, canonical, lower] of [
    ["2024-10-12", false, false],
    ["2024-10-13", false, true],
    ["2026-07-14", false, true],
    ["2026-07-15", true, true],
  ] as const) {
    assert.deepEqual([ignoresModel(unslothOn(day), name), ignoresModel(unslothOn(day), name.toLowerCase())], [canonical, lower], day);
  }
  assert.equal(ignoresModel(CURRENT_UNSLOTH, "Qwen/Qwen2.5-Coder-7B-Instruct"), false);
});
