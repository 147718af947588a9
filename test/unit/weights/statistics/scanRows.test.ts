import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, hasCode } from "../../../../extension/base/errors";
import type { RowMatrix } from "../../../../extension/core/weights/matrix";
import { layoutOf, untrainedLimit } from "../../../../extension/core/weights/statistics/layout";
import type { RowStatistics } from "../../../../extension/core/weights/statistics/rowStatistics";
import { MAX_ROW_BYTES, scanRows } from "../../../../extension/core/weights/statistics/scanRows";
import { Random } from "../../../support/random";
import { decodeScalar, encodeScalars, scalarBytes } from "../../../support/weights/scalars";
import { matrixOf, matrixOfBytes } from "./matrices";

const DTYPES = ["BF16", "F16", "F32", "F64", "F8_E4M3"];
/** Around the lengths of vectors, strides and blocks, and some that leave a rest of each. */
const COLUMNS = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 257, 1024, 1031, 4096];

/** What a row comes to, written as the definitions say it, from the numbers that its bit patterns stand for. */
function expectedOf(values: readonly number[], eps: number): { max: number; maxAbs: number; l2: number; nonFinite: number; atMostEps: number } {
  const hasNan = values.some(Number.isNaN);
  const max = hasNan ? Number.NaN : Math.max(...values);
  return {
    max: Math.fround(max + 0),
    maxAbs: hasNan ? Number.NaN : Math.fround(Math.max(...values.map(Math.abs))),
    l2: Math.hypot(...values),
    nonFinite: values.filter((value) => !Number.isFinite(value)).length,
    atMostEps: max <= eps ? 1 : 0,
  };
}

function rowsOf(dtype: string, columns: number, bytes: Uint8Array): number[][] {
  const size = scalarBytes(dtype) ?? 1;
  const values: number[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    let bits = 0n;
    for (let k = size - 1; k >= 0; k--) bits = (bits << 8n) | BigInt(bytes[at + k] ?? 0);
    values.push(decodeScalar(dtype, bits));
  }
  return Array.from({ length: values.length / columns }, (_, row) => values.slice(row * columns, (row + 1) * columns));
}

/** 1e-16 as each type has it: what torch compares with. */
const EPS: Readonly<Record<string, number>> = { BF16: 1.0018028073766061e-16, F16: 0, F32: 1.0000000168623835e-16, F64: 1e-16 };

function assertMeasured(statistics: RowStatistics, dtype: string, rows: readonly (readonly number[])[], where: string): void {
  for (const [i, row] of rows.entries()) {
    const expected = expectedOf(row, EPS[dtype] ?? Math.fround(1e-16));
    const at = `${where}, row ${i}: `;
    assert.equal(statistics.max[i], expected.max, `${at}max`);
    assert.equal(statistics.maxAbs[i], expected.maxAbs, `${at}maxAbs`);
    assert.equal(statistics.nonFinite[i], expected.nonFinite, `${at}nonFinite`);
    assert.equal(statistics.atMostEps[i], expected.atMostEps, `${at}atMostEps`);
    assertNear(statistics.l2[i]!, expected.l2, `${at}l2`);
  }
}

function assertNear(actual: number, expected: number, message: string): void {
  if (!Number.isFinite(expected)) assert.equal(Object.is(Math.abs(actual), Math.abs(expected)) || Number.isNaN(actual), true, `${message}: ${actual}, not ${expected}`);
  else assert.ok(Math.abs(actual - expected) <= 1e-5 * expected, `${message}: ${actual}, not ${expected}`);
}

/** Bytes of rows that hold every kind of number that the type has. */
function hostileBytes(dtype: string, columns: number, random: Random): Uint8Array {
  const size = scalarBytes(dtype) ?? 1;
  const kinds: (() => number)[] = [
    () => 0,
    () => -0,
    () => (random.next() - 0.5) * 0.04,
    () => -random.next() * 0.04,
    () => (random.next() - 0.5) * 1e-21,
    () => 1e-16 * (0.9 + 0.2 * random.next()),
    () => -1e-16,
    () => (random.next() - 0.5) * 1e-38,
    () => (random.next() - 0.5) * 3e38,
    () => (random.next() - 0.5) * 1e-7,
    () => (random.next() < 0.01 ? Number.NaN : 0.01),
    () => (random.next() < 0.01 ? Infinity : -0.01),
    () => (random.next() < 0.02 ? -Infinity : -0.01),
    () => -Infinity,
    () => 10 ** (random.next() * 70 - 35) * (random.next() < 0.5 ? -1 : 1),
  ];
  const values = kinds.flatMap((kind) => Array.from({ length: columns }, kind));
  const made = encodeScalars(dtype, values);
  const anything = Uint8Array.from({ length: 4 * columns * size }, () => Math.floor(random.next() * 256));
  return new Uint8Array([...made, ...anything]);
}

test("every number of every type, at every length: as the definitions say", async () => {
  const random = new Random(7);
  for (const dtype of DTYPES) {
    for (const columns of COLUMNS) {
      const bytes = hostileBytes(dtype, columns, random);
      const rows = rowsOf(dtype, columns, bytes);
      for (const vectors of [true, false]) {
        const matrix = matrixOfBytes(dtype, columns, bytes);
        assertMeasured(await scanRows(matrix, { vectors }), dtype, rows, `${dtype} × ${columns}${vectors ? "" : ", scalar"}`);
      }
    }
  }
});

test("the product with a direction", async () => {
  const random = new Random(8);
  for (const dtype of DTYPES) {
    for (const columns of COLUMNS) {
      const raw = Array.from({ length: columns }, () => random.next() - 0.5);
      const direction = Float32Array.from(raw, (value) => value / Math.hypot(...raw));
      const scales = [0.02, 0, 1e-21, 1e30];
      const bytes = encodeScalars(dtype, scales.flatMap((scale) => Array.from({ length: columns }, () => (random.next() - 0.5) * scale)));
      const rows = rowsOf(dtype, columns, bytes);
      for (const vectors of [true, false]) {
        const { dot, l2 } = await scanRows(matrixOfBytes(dtype, columns, bytes), { direction, vectors });
        for (const [i, row] of rows.entries()) {
          const expected = row.reduce((sum, value, k) => sum + value * direction[k]!, 0);
          if (Number.isFinite(expected)) assert.ok(Math.abs(dot[i]! - expected) <= 2e-6 * l2[i]!, `${dtype} × ${columns}, row ${i}: ${dot[i]!}, not ${expected}`);
        }
      }
    }
  }
});

test("a matrix of several pieces, a part of it, and progress", async () => {
  // More than is read between two tellings of progress.
  const columns = 16_384;
  const rows = 700;
  const bytes = Uint8Array.from({ length: rows * columns * 2 }, (_, i) => 0x30 + (i % 13));
  for (const id of [0, 300, 511, 512, 699]) bytes.fill(0, id * columns * 2, (id + 1) * columns * 2);
  bytes.set(encodeScalars("BF16", new Float32Array(columns).fill(-0.25)), 513 * columns * 2);
  const matrix = matrixOfBytes("BF16", columns, bytes);
  const told: number[] = [];
  const all = await scanRows(matrix, { onProgress: (done) => told.push(done) });
  assert.deepEqual([...all.atMostEps.entries()].flatMap(([id, flag]) => (flag === 1 ? [id] : [])), [0, 300, 511, 512, 513, 699]);
  assert.equal(all.max[513], -0.25);
  assert.equal(told.at(-1), rows);
  assert.ok(told.length > 1 && told.every((done, i) => i === 0 || done > told[i - 1]!));
  const part = await scanRows(matrix, { from: 510, to: 515 });
  assert.deepEqual([part.first, [...part.atMostEps]], [510, [0, 1, 1, 1, 0]]);
  assert.deepEqual([...part.l2], [...all.l2.subarray(510, 515)]);
  assert.equal((await scanRows(matrix, { from: 700 })).max.length, 0);
});

test("epsilon is compared in the matrix's own type", async () => {
  // The neighbours of 1e-16 in each type; torch converts the 1e-16 to the type before it compares.
  const bf16 = matrixOfBytes("BF16", 1, new Uint8Array([0xe6, 0x24, 0xe7, 0x24, 0xe8, 0x24]));
  assert.deepEqual([...(await scanRows(bf16)).atMostEps], [1, 1, 0]);
  const f16 = matrixOfBytes("F16", 1, new Uint8Array([0, 0, 1, 0, 0, 0x80, 1, 0x80]));
  assert.deepEqual([...(await scanRows(f16)).atMostEps], [1, 0, 1, 1]);
  const f32 = matrixOfBytes("F32", 1, new Uint8Array(new Uint32Array([0x24e69594, 0x24e69595, 0x24e69596]).buffer));
  assert.deepEqual([...(await scanRows(f32)).atMostEps], [1, 1, 0]);
  const f64 = matrixOfBytes("F64", 1, new Uint8Array(new Float64Array([1e-16, 1.0000000000000002e-16]).buffer));
  assert.deepEqual([...(await scanRows(f64)).atMostEps], [1, 0]);
  assert.equal(untrainedLimit("other"), Math.fround(1e-16));
});

test("layouts are told by what the matrix decodes, not by its type's name", () => {
  const values = [0.5, -1, 2, 3];
  for (const [dtype, layout] of [["BF16", "bf16"], ["F16", "f16"], ["F32", "f32"], ["F64", "f64"], ["F8_E5M2", "other"]] as const) {
    assert.equal(layoutOf({ ...matrixOf(dtype, 4, values), dtype: "?" }), layout);
  }
  const swapped: RowMatrix = {
    ...matrixOf("F16", 4, values),
    decode: (bytes, count, out) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      for (let i = 0; i < count * 4; i++) out[i] = decodeScalar("F16", BigInt(view.getUint16(2 * i)));
    },
  };
  assert.equal(layoutOf(swapped), "other");
  const scaled = matrixOf("F32", 4, values);
  const decode: RowMatrix["decode"] = (bytes, count, out) => {
    scaled.decode(bytes, count, out);
    for (let i = 0; i < out.length; i++) out[i]! *= 2;
  };
  assert.equal(layoutOf({ ...scaled, decode }), "other");
});

test("a big-endian matrix is measured by its own decoder", async () => {
  const values = [0.5, -1, 2, -3, 0.25, 1, 1, 8, -1, -2, -3, -4, -5, -6, -7, -8];
  const bytes = encodeScalars("F16", values).map((_, i, all) => all[i ^ 1]!);
  const decode: RowMatrix["decode"] = (rows, count, out) => {
    const view = new DataView(rows.buffer, rows.byteOffset);
    for (let i = 0; i < count * 8; i++) out[i] = decodeScalar("F16", BigInt(view.getUint16(2 * i)));
  };
  const statistics = await scanRows({ ...matrixOfBytes("F16", 8, bytes), decode });
  assert.deepEqual([...statistics.max], [8, -1]);
  assert.deepEqual([...statistics.atMostEps], [0, 1]);
});

test("a file that ends too early, a row without end, an interruption", async () => {
  const matrix = matrixOf("BF16", 8, new Float32Array(80));
  await assert.rejects(scanRows({ ...matrix, rows: 11 }), (error) => hasCode(error, "weights-truncated") && String(error).includes('at row 10 of 11'));
  const endless = { ...matrix, columns: MAX_ROW_BYTES, rowBytes: 2 * MAX_ROW_BYTES };
  await assert.rejects(scanRows(endless), (error) => hasCode(error, "row-too-long"));
  const interruption = new AbortController();
  const many = matrixOfBytes("BF16", 4096, new Uint8Array(4096 * 2 * 1200));
  const run = scanRows(many, { signal: interruption.signal, onProgress: () => interruption.abort() });
  await assert.rejects(run, CancelledError);
});
