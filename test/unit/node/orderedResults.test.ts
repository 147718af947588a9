import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { describe, it } from "node:test";
import type { SliceReport } from "../../../extension/core/analysis/checkSlice";
import type { Finding } from "../../../extension/core/analysis/finding";
import { CheckedFile, OrderedResults } from "../../../extension/node/orderedResults";

const REPORT: SliceReport = {
  rows: 10,
  lines: 10,
  formats: {},
  byRule: {},
  bySeverity: { error: 0, warning: 0, info: 0, hint: 0 },
  tokens: { lengths: new Uint32Array(0), rows: new Uint32Array(0) },
};

function finding(row: number): Finding {
  const at = { line: row, column: 1 };
  return { rule: "json/syntax", severity: "error", message: "", row, pointer: "", range: { start: at, end: at }, byteOffset: 0, byteLength: 1, profiles: [], data: {} };
}

/** One file of three slices, and what is told of it. */
function threeSlices(): { readonly results: OrderedResults; readonly told: string[] } {
  const told: string[] = [];
  const events = {
    onModel: () => undefined,
    onFileStart: () => told.push("start"),
    onProgress: () => undefined,
    onFinding: (_: string, { row }: Finding) => told.push(`row ${row}`),
    onFileEnd: ({ rows }: { readonly rows: number }) => told.push(`end of ${rows}`),
  };
  const results = new OrderedResults(events, {});
  results.add(new CheckedFile("data.jsonl"), 0, 3);
  return { results, told };
}

describe("slices that are checked at the same time", () => {
  it("are told of in the order of the file", async () => {
    const { results, told } = threeSlices();
    for (const slice of [2, 0, 1]) {
      await results.take(slice, JSON.stringify([finding(1), finding(2)]));
      results.finish(slice, REPORT);
    }
    await results.finished();
    assert.deepEqual(told, ["start", "row 1", "row 2", "row 11", "row 12", "row 21", "row 22", "end of 30"]);
  });

  it("wait when they are far ahead, until it is their turn", async () => {
    const { results, told } = threeSlices();
    let taken = 0;
    const ahead = async (): Promise<void> => {
      for (; taken < 100; taken++) await results.take(1, JSON.stringify([finding(taken + 1)]));
    };
    const running = ahead();
    for (let i = 0; i < 200; i++) await setImmediate();
    assert.ok(taken > 0 && taken < 40, `${taken} batches are held`);
    assert.deepEqual(told, ["start"]);
    results.finish(0, REPORT);
    await running;
    results.finish(1, REPORT);
    results.finish(2, REPORT);
    await results.finished();
    assert.deepEqual([told.length, told.at(-2), told.at(-1)], [102, "row 110", "end of 30"]);
  });
});
