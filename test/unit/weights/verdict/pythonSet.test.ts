import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { pythonList, pythonSetOrder } from "../../../../extension/core/weights/verdict/trainer/pythonSet";

// What CPython 3.11 lists.
test("sets list their numbers as CPython does", () => {
  for (const [added, listed] of [
    [[], []],
    [[128004, 128004], [128004]],
    [[3, 11, 19, 27, 35], [3, 35, 11, 19, 27]],
    [[128006, 128007, 128009], [128009, 128006, 128007]],
    [[5, 1, 9, 64, 33, 1000, 128255, 70], [64, 1, 33, 5, 70, 1000, 9, 128255]],
    [[5, 205, 405, 605, 805, 1005, 1205, 1405, 1605, 1805, 2005, 2205], [805, 5, 1605, 205, 1005, 1805, 1405, 405, 1205, 2005, 2205, 605]],
    [[70000, 1, 32769, 8, 16, 24, 32, 40, 48, 56, 64, 72, 2], [32, 1, 32769, 64, 2, 8, 40, 72, 70000, 16, 48, 24, 56]],
  ]) {
    assert.deepEqual(pythonSetOrder(added!), listed);
  }
});

test("large sets too", () => {
  for (const [count, digest] of [
    [20, "4207775725581d5a"],
    [300, "a5bd4800027a9703"],
    [5000, "ab8786643736950b"],
    [130_000, "c7bb835b4fc768f6"],
  ] as const) {
    const added = Array.from({ length: count }, (_, i) => Number((BigInt(i) * 2654435761n + BigInt(count)) % 150_000n));
    const listed = pythonSetOrder(added).join(",");
    assert.equal(createHash("sha256").update(listed).digest("hex").slice(0, 16), digest, `${count}`);
  }
});

test("lists are written as Python writes them", () => {
  assert.equal(pythonList([]), "[]");
  assert.equal(pythonList([128004, 1]), "[128004, 1]");
});
