import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { before, describe, it } from "node:test";
import type { CancelSignal } from "../../../extension/base/cancellation";
import { CancelledError } from "../../../extension/base/errors";
import type { Finding } from "../../../extension/core/analysis/finding";
import type { FileSummary } from "../../../extension/core/analysis/report";
import { checkFiles } from "../../../extension/node/checkFiles";
import { temporaryFolder } from "../../support/cleanup";

const GOOD = '{"text": "aab"}\n';
const BROKEN = '{"text": }\n';
/** The library that this kind of tokenizer is left to takes time with the cube of a word's length: here hours. */
const SLOW = `{"text": "${"a".repeat(100_000)}"}\n`;

const TOKENIZER = {
  version: "1.0",
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: null,
  model: { type: "WordPiece", unk_token: "[UNK]", continuing_subword_prefix: "##", max_input_chars_per_word: 1_000_000, vocab: { "[UNK]": 0, a: 1, "##a": 2, "##b": 3 } },
};

const HOUR_MS = 3_600_000;

const folder = temporaryFolder("stuck");

interface Options {
  readonly baseMs?: number;
  readonly signal?: CancelSignal;
}

async function check(content: string, jobs: number, { baseMs = 1500, signal }: Options = {}): Promise<{ readonly findings: readonly Finding[]; readonly summary: FileSummary }> {
  const file = path.join(folder, "data.jsonl");
  writeFileSync(file, content);
  const findings: Finding[] = [];
  const summaries: FileSummary[] = [];
  await checkFiles({
    files: [file],
    settings: { model: { source: folder }, maxLength: undefined, severities: {}, fields: {} },
    jobs,
    workerPath: path.resolve("dist/worker.js"),
    rowLimit: { baseMs, perMegabyteMs: 0 },
    signal,
    events: {
      onModel: () => undefined,
      onFileStart: () => undefined,
      onProgress: () => undefined,
      onFinding: (_, finding) => findings.push(finding),
      onFileEnd: (summary) => summaries.push(summary),
    },
  });
  assert.equal(summaries.length, 1);
  return { findings, summary: summaries[0]! };
}

describe("a row that hangs", () => {
  before(() => {
    writeFileSync(path.join(folder, "tokenizer.json"), JSON.stringify(TOKENIZER));
  });

  it("is reported in its place, and the rows around it are checked once each", async () => {
    const content = `${BROKEN.repeat(300)}${GOOD}${SLOW}${GOOD}${BROKEN.repeat(300)}`;
    const { findings, summary } = await check(content, 1);
    const rows = Array.from({ length: 603 }, (_, i) => i + 1).filter((row) => row !== 301 && row !== 303);
    assert.deepEqual(findings.map(({ row }) => row), rows);
    assert.deepEqual(findings.filter(({ rule }) => rule !== "json/syntax").map(({ rule, row, byteOffset, byteLength }) => [rule, row, byteOffset, byteLength]), [
      ["file/row-unchecked", 302, BROKEN.length * 300 + GOOD.length, SLOW.length - 1],
    ]);
    assert.deepEqual([summary.rows, summary.counts.errors, summary.byRule], [603, 601, { "json/syntax": 600, "file/row-unchecked": 1 }]);
    assert.equal(summary.tokens?.total, 6);
  });

  it("does not stop the other threads", async () => {
    const content = `${SLOW}${GOOD.repeat(100_000)}${SLOW}`;
    const { findings, summary } = await check(content, 2);
    assert.deepEqual(findings.map(({ rule, row }) => [rule, row]), [["file/row-unchecked", 1], ["file/row-unchecked", 100_002]]);
    assert.deepEqual([summary.rows, summary.tokens?.total], [100_002, 300_000]);
  });

  it("does not hold up whoever cancels", { timeout: 60_000 }, async () => {
    const cancel = new AbortController();
    const running = check(`${SLOW}${GOOD}`, 1, { baseMs: HOUR_MS, signal: cancel.signal });
    // Until the thread is in the row; earlier would do as well.
    setTimeout(() => cancel.abort(), 3000);
    await assert.rejects(running, CancelledError);
  });
});
