import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "../../../../extension/base/errors";
import type { RowMatrix } from "../../../../extension/core/weights/matrix";
import { measureChosenRows, MERGED_GAP_BYTES, readChosenRows } from "../../../../extension/core/weights/statistics/chosenRows";
import { cosineDistance, meanRow } from "../../../../extension/core/weights/statistics/meanRow";
import { repeatedRows, roundedBits } from "../../../../extension/core/weights/statistics/repeatedRows";
import { measureOf } from "../../../../extension/core/weights/statistics/rowStatistics";
import { MAX_ROW_BYTES, scanRows } from "../../../../extension/core/weights/statistics/scanRows";
import { Random } from "../../../support/random";
import { matrixOf, matrixOfBytes } from "./matrices";

/** The matrix, and the ranges that are read of it, in rows. */
function watched(matrix: RowMatrix): { readonly matrix: RowMatrix; readonly reads: [number, number][] } {
  const reads: [number, number][] = [];
  const { access, byteOffset, rowBytes } = matrix;
  const read: typeof access.read = (offset, target) => {
    reads.push([(offset - byteOffset) / rowBytes, target.length / rowBytes]);
    return access.read(offset, target);
  };
  return { matrix: { ...matrix, access: { ...access, read } }, reads };
}

test("only the rows that are asked for, near ones together", async () => {
  const columns = 4096;
  const { matrix, reads } = watched(matrixOfBytes("BF16", columns, new Uint8Array(1200 * columns * 2)));
  const gap = MERGED_GAP_BYTES / matrix.rowBytes;
  const visited: number[] = [];
  const ids = [700, 3, 3, 5, 1199, 700 - gap, 1200, -1, 2.5, Number.NaN];
  await readChosenRows(matrix, ids, (id) => visited.push(id));
  assert.deepEqual(visited, [3, 5, 700 - gap, 700, 1199]);
  assert.deepEqual(reads, [[3, 3], [700 - gap, gap + 1], [1199, 1]]);
  reads.length = 0;
  await readChosenRows(matrix, [0, gap + 1], () => undefined);
  assert.equal(reads.length, 2, "as many bytes as that between them are not read for nothing");
  reads.length = 0;
  await readChosenRows(matrix, Array.from({ length: 1200 }, (_, id) => id), () => undefined);
  assert.ok(reads.length > 1 && reads.every(([, rows]) => rows * matrix.rowBytes <= 4 * 1024 * 1024), "one after the other, for memory's sake");
});

test("chosen rows are measured as in the scan of all", async () => {
  for (const dtype of ["BF16", "F16", "F32", "F64", "F8_E5M2"]) {
    const random = new Random(4);
    const matrix = matrixOf(dtype, 33, Float64Array.from({ length: 33 * 20 }, (_, i) => (i < 33 ? -0 : 10 ** (random.next() * 40 - 30))));
    const all = await scanRows(matrix);
    const { ids, statistics } = await measureChosenRows(matrix, [19, 0, 7, 20]);
    assert.deepEqual([...ids], [0, 7, 19]);
    for (const [i, id] of ids.entries()) assert.deepEqual(measureOf(statistics, i), measureOf(all, id), `${dtype}, row ${id}`);
  }
});

test("a row that is too long is refused before there is memory for it, also where rows are gathered at once", async () => {
  const matrix = matrixOf("BF16", 4, [1, 2, 3, 4]);
  const access = { ...matrix.access, gatherNow: () => assert.fail("nothing is to be read"), allocate: () => assert.fail("nothing is to be allocated") };
  const endless = { ...matrix, columns: MAX_ROW_BYTES, rowBytes: 2 * MAX_ROW_BYTES, access };
  await assert.rejects(measureChosenRows(endless, [0]), (error) => hasCode(error, "row-too-long"));
});

test("rounding to three decimals, bit for bit as numpy", () => {
  // x.round(3) of numpy 2.5 on 32-bit floats, as hexadecimal bits.
  for (const [bits, rounded] of [
    [0x38d1b717, 0x00000000],
    [0xb8d1b717, 0x80000000],
    [0x3a03126f, 0x00000000],
    [0x3ac49ba6, 0x3b03126f],
    [0xba03126f, 0x80000000],
    [0x3b23d70a, 0x3b03126f],
    [0x4683126f, 0x4683126f],
    [0x7f61b1e6, 0x7f800000],
    [0x7fc00000, 0x7fc00000],
    [0x7f812345, 0x7fc12345],
    [0xff812345, 0xffc12345],
    [0x3a03126e, 0x00000000],
  ] as const) {
    assert.equal(roundedBits(bits).toString(16), rounded.toString(16), `0x${bits.toString(16)}`);
  }
});

test("rows that are equal once rounded", async () => {
  const rows = [
    [1e-4, 1e-4],
    [0, 0],
    [2e-4, 3e-4],
    [1e-4, -1e-4],
    [-2e-4, 1e-4],
    [0.5, 0.5],
    [0.5004, 0.4996],
    [0.5006, 0.5],
    [Number.NaN, 1],
    [Number.NaN, 1.0001],
    [7, 7],
  ];
  const matrix = matrixOf("F32", 2, rows.flat());
  assert.deepEqual(await repeatedRows(matrix, rows.keys()), [[0, 1, 2], [5, 6], [8, 9]]);
  assert.deepEqual(await repeatedRows(matrix, [0, 3, 5]), [], "only among the rows that are asked about");
  assert.deepEqual(await repeatedRows(matrixOfBytes("F32", 2, new Uint8Array(0)), []), []);
});

test("the mean of rows, and the distance to it", async () => {
  const matrix = matrixOf("F32", 2, [3, 0, 0, 4, Number.NaN, 1, 0, 0, 1e-30, 0]);
  const mean = (await meanRow(matrix, [0, 1, 2]))!;
  assert.deepEqual([...mean.direction].map((value) => value.toFixed(6)), ["0.600000", "0.800000"]);
  assert.equal(mean.norm, 2.5);
  assert.equal(await meanRow(matrix, [3]), undefined);
  assert.equal(await meanRow(matrix, [2, 99]), undefined);
  assert.ok(Math.abs((await meanRow(matrix, [4]))!.norm - 1e-30) < 1e-36);
  // 1 - m·v / max(‖m‖ ‖v‖, 1e-6)
  assert.equal(cosineDistance(5, 5, 2.5), 0);
  assert.equal(cosineDistance(0, 0, 2.5), 1);
  assert.equal(cosineDistance(1e-9, 1e-9, 1), 1 - 1e-9 / 1e-6);
});
