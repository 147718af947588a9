import assert from "node:assert/strict";
import { test } from "node:test";
import { findSuspects, indicatorOf } from "../../../../extension/core/weights/verdict/indicators";
import { percentile } from "../../../../extension/core/weights/verdict/percentile";
import { referenceIds } from "../../../../extension/core/weights/verdict/referenceIds";
import { Random } from "../../../support/random";
import { NO_SPECIAL, statisticsOf, vocabularyOf } from "./models";

test("percentiles, to the last bit as numpy", () => {
  const powers = Float64Array.from({ length: 1000 }, (_, i) => i ** 1.5);
  for (const [values, percent, expected] of [
    [Float64Array.of(5.5, 1, 4, 2, 3), 2, 1.08],
    [Float64Array.of(5), 2, 5],
    [Float64Array.of(2, 1), 50, 1.5],
    [Float64Array.from({ length: 51 }, (_, i) => i), 2, 1],
    [powers, 2, 89.31024631653722],
  ] as const) {
    assert.equal(percentile(values.slice(), percent), expected);
  }
  assert.ok(Number.isNaN(percentile(new Float64Array(0), 2)));
});

const LETTERS = Array.from({ length: 200 }, (_, i) => String.fromCharCode(0x4e00 + i));

test("the lowest two percent, against the definition", async () => {
  const random = new Random(11);
  const tokens = ["<s>", ...LETTERS, "unreachable token", undefined];
  // The characters of the unreachable token are tokens of their own, so it is encoded as those.
  const vocabulary = vocabularyOf([...tokens.slice(0, -2), ...Array.from("unreachable token")].slice(0, 230));
  const input = Array.from({ length: 230 }, () => [random.next(), random.next() - 0.5]);
  input[0] = [0, 0];
  input[50] = [0, 0];
  input[60] = [1e-6, 0];
  const statistics = await statisticsOf({ input, output: input.map(() => [1, 1]) });
  const { indicator, threshold, suspects, nearZeroNorm } = findSuspects(statistics, vocabulary, { additional: [], bos: 0 });
  assert.equal(indicator.kind, "l2");
  const firstOf = (id: number): boolean => vocabulary.codec!.encode(vocabulary.token(id)!)[0] === id;
  const ids = Array.from({ length: vocabulary.size }, (_, id) => id);
  const norms = ids.filter((id) => id !== 0 && firstOf(id)).map((id) => indicator.values[id]!);
  assert.equal(threshold, percentile(Float64Array.from(norms), 2));
  const expected = ids.filter((id) => firstOf(id) && indicator.values[id]! <= threshold).sort((a, b) => indicator.values[a]! - indicator.values[b]! || a - b);
  assert.deepEqual(suspects.map(({ id }) => id), expected);
  assert.deepEqual(suspects.slice(0, 3).map(({ id, category }) => [id, category]), [[0, "OK_SPECIAL"], [50, "OK"], [60, "OK"]]);
  const trained = ids.filter((id) => id !== 0 && id !== 50 && firstOf(id)).map((id) => indicator.values[id]!);
  assert.equal(nearZeroNorm, 0.01 * percentile(Float64Array.from(trained), 2));
});

test("tied matrices: the distance to the mean of rows that no text reaches", async () => {
  const random = new Random(12);
  const direction = [0.6, -0.8, 0];
  const input = Array.from({ length: 205 }, () => [random.next() - 0.5, random.next() - 0.5, random.next() - 0.5]);
  for (const id of [200, 201, 202, 203, 204, 7]) input[id] = direction.map((value) => value * (1 + id / 1000) + 0.001 * random.next());
  const reference = [200, 201, 202, 203, 204];
  const statistics = await statisticsOf({ input }, reference);
  const { kind, values } = indicatorOf(statistics);
  assert.equal(kind, "cosine");
  const mean = [0, 1, 2].map((column) => reference.reduce((sum, id) => sum + input[id]![column]!, 0) / reference.length);
  for (const [id, row] of input.entries()) {
    const dot = row.reduce((sum, value, column) => sum + value * mean[column]!, 0);
    const expected = 1 - dot / Math.max(Math.hypot(...row) * Math.hypot(...mean), 1e-6);
    // The matrix has eight bits a value.
    assert.ok(Math.abs(values[id]! - expected) < 0.01, `${id}: ${values[id]!}, not ${expected}`);
  }
  const { suspects } = findSuspects(statistics, vocabularyOf(LETTERS), NO_SPECIAL);
  assert.equal(suspects[0]?.id, 7);
});

test("reference rows without a direction: the norm", async () => {
  const input = Array.from({ length: 50 }, (_, id) => (id < 10 ? [1e-20, 0] : [id / 100, 0.1]));
  assert.equal(indicatorOf(await statisticsOf({ input }, [0, 1, 2])).kind, "l2");
  assert.equal(indicatorOf(await statisticsOf({ input: input.map(() => [0, 0]) }, [0, 1, 2])).kind, "l2");
  assert.equal(indicatorOf(await statisticsOf({ input }, [])).kind, "l2");
  assert.equal(indicatorOf(await statisticsOf({ input })).kind, "l2");
});

test("which rows no text reaches", () => {
  const hex = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
  const bytes = Array.from({ length: 256 }, (_, byte) => hex(byte));
  const alphabet = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte < 0xae ? 0x100 + byte : byte));
  const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const gemma = vocabularyOf(["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "x", "y", ...range(0, 98).map((i) => `<unused${i}>`), ...bytes]);
  const llama = vocabularyOf(["<unk>", "<s>", "</s>", ...bytes]);
  const gpt = vocabularyOf([...alphabet, "Ġ"]);
  const letters = vocabularyOf(["õ", "ÿ", "▁a", undefined, undefined]);
  for (const [vocabulary, modelType, rows, expected] of [
    [gemma, "gemma", 400, range(7, 105)],
    [gemma, "gemma3_text", 400, range(106 + 0xf5, 106 + 0xff)],
    [llama, "llama", 300, range(58, 129)],
    [llama, "mistral", 300, range(14, 130)],
    [llama, undefined, 300, range(3 + 0xf5, 3 + 0xff)],
    [gpt, "gpt2", 300, range(0xf5, 0xff)],
    [gpt, "llama", 300, range(0xf5, 0xff)],
    [letters, undefined, 8, [3, 4, 5, 6, 7]],
    [vocabularyOf(["a", "<extra_id_0>", "<extra_id_1>"]), "t5", 5, [1, 2]],
    [letters, undefined, 3, []],
  ] as const) {
    assert.deepEqual(referenceIds(vocabulary, modelType, rows), expected, modelType);
  }
});
