import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { histogramLines, mergeHistograms } from "../../../extension/cli/report/histogram";
import { SHOWN_IN_ALL, SHOWN_PER_FILE, TextReporter } from "../../../extension/cli/report/text";
import { displayWidth } from "../../../extension/cli/terminal/display";
import { createStyle } from "../../../extension/cli/terminal/style";
import { finding, MemorySink, RULES, summary, temporaryFolder } from "./fakes";

const NONE = { errors: 0, warnings: 0, infos: 0, hints: 0 };
const totals = { files: 1, bytes: 2_000_000, rows: 2, tokens: 30, counts: { ...NONE, errors: 1, warnings: 1 }, seconds: 2 };

function reporterIn(cwd: string, columns: number | undefined = 80, colours = false): { sink: MemorySink; reporter: TextReporter } {
  const sink = new MemorySink();
  return { sink, reporter: new TextReporter({ sink, style: createStyle(colours), columns, cwd, rules: RULES }) };
}

test("a report that a person reads", async (t) => {
  const cwd = temporaryFolder(t);
  writeFileSync(join(cwd, "train.jsonl"), '{"a": "日本"}\n{"b": ""}\n');
  const { sink, reporter } = reporterIn(cwd);
  reporter.model({ id: "Qwen3", tokenizer: "abc", template: "default" });
  reporter.finding(
    "train.jsonl",
    finding({
      message: "The turn is empty, and a model that is trained on it learns to say nothing. Remove the row.",
      row: 1,
      range: { start: { line: 1, column: 8 }, end: { line: 1, column: 10 } },
      byteOffset: 7,
      byteLength: 6,
    }),
  );
  const second = { start: { line: 2, column: 1 }, end: { line: 2, column: 10 } };
  reporter.finding("train.jsonl", finding({ rule: "json/syntax", severity: "error", message: "Bad.", row: 2, range: second, byteOffset: 16, byteLength: 9 }));
  reporter.fileEnd(
    summary({
      path: "train.jsonl",
      tokens: { total: 30, trained: 0, max: 20, p50: 10, p95: 20, p99: 20 },
      histogram: [
        { from: 0, to: 10, rows: 0 },
        { from: 10, to: 20, rows: 1 },
        { from: 20, to: 30, rows: 8 },
      ],
      counts: { ...NONE, errors: 1, warnings: 1 },
      byRule: { "messages/empty": 1, "json/syntax": 1 },
    }),
  );
  await reporter.finish(totals);
  assert.equal(
    sink.text,
    `Qwen3  template default

train.jsonl  messages, 2 rows: 1 error, 1 warning
  30 tokens (p50 10, p95 20, p99 20, longest row 20)
  train.jsonl:1:8 warning messages/empty The turn is empty, and a model that is
      trained on it learns to say nothing. Remove the row.
    1 | {"a": "日本"}
      |        ^^^^
  train.jsonl:2:1 error json/syntax Bad.
    2 | {"b": ""}
      | ^^^^^^^^^

Findings by rule
  error    json/syntax     1
  warning  messages/empty  1

Tokens a row (30 in all, longest row 20)
  10–19  █████                                     1
  20–29  ████████████████████████████████████████  8

1 file, 2 rows, 2.0 MB: 1 error, 1 warning (2.0 s, 1.0 MB/s)
`,
  );
});

test("nothing found", async (t) => {
  const { sink, reporter } = reporterIn(temporaryFolder(t));
  reporter.model(null);
  reporter.fileEnd(summary({ path: "a.jsonl" }));
  await reporter.finish({ ...totals, counts: NONE, seconds: 0 });
  assert.equal(sink.text, "a.jsonl  messages, 2 rows: no findings\n\n1 file, 2 rows, 2.0 MB: no findings (0.0 s)\n");
});

test("the first findings of each rule are shown, the worst before the others, and all counted", (t) => {
  const { sink, reporter } = reporterIn(temporaryFolder(t));
  const feed = (path: string, rules: number, errors: number): void => {
    for (let rule = 0; rule < rules; rule++) {
      for (let i = 1; i <= 50; i++) reporter.finding(path, finding({ rule: `text/hidden${rule}`, severity: "hint", row: i }));
    }
    for (let i = 51; i <= 50 + errors; i++) reporter.finding(path, finding({ rule: "json/syntax", severity: "error", row: i }));
    reporter.fileEnd(summary({ path, counts: { ...NONE, errors, hints: 50 * rules } }));
  };
  const shownOf = (path: string): string[] => sink.text.split("\n").filter((line) => line.startsWith(`  ${path}:`));
  feed("a", 1, 20);
  assert.deepEqual(shownOf("a").map((line) => line.includes("error")), [false, false, false, true, true, true]);
  assert.match(sink.text, / {2}… 64 more findings; --format json lists all/);
  feed("b", 5, 2);
  assert.equal(shownOf("b").length, SHOWN_PER_FILE);
  assert.equal(shownOf("b").filter((line) => line.includes("error")).length, 2);
  feed("c", 5, 0);
  assert.equal(shownOf("c").length, SHOWN_IN_ALL - 16);
  feed("d", 0, 1);
  assert.equal(shownOf("d").length, 0);
  assert.match(sink.text, / {2}… 1 finding; --format json lists all/);
});

test("nothing of the data is obeyed by the terminal", async (t) => {
  const cwd = temporaryFolder(t);
  const evil = "\u001b]0;title\u0007\u001b[2J\u009b\u202e\r\n";
  const name = "e\u001b[2Jvil.jsonl";
  writeFileSync(join(cwd, name), "\u001b[31m\u202e".repeat(100_000));
  for (const colours of [false, true]) {
    const { sink, reporter } = reporterIn(cwd, 60, colours);
    reporter.model({ id: evil, tokenizer: null, template: evil });
    reporter.finding(name, finding({ rule: evil, message: evil.repeat(10_000), byteOffset: 400_000, byteLength: 5 }));
    reporter.fileEnd(summary({ path: name, counts: { ...NONE, warnings: 1 }, byRule: { [evil]: 1 } }));
    await reporter.finish(totals);
    // Our own escape sequences are plain colours.
    const plain = sink.text.replace(/\u001b\[\d+m/g, "");
    assert.equal(plain === sink.text, !colours);
    assert.doesNotMatch(plain, /[^\P{Cc}\n]|\u202e/u);
    assert.ok(sink.text.length < 10_000);
    const frame = plain.split("\n").filter((line) => /^ +\d* \| /.test(line));
    assert.equal(frame.length, 2);
    for (const line of frame) assert.ok(displayWidth(line) <= 60, line);
  }
});

test("histograms of different widths are added exactly", () => {
  const bins = (width: number, ...rows: number[]) => rows.map((count, i) => ({ from: i * width, to: (i + 1) * width, rows: count }));
  assert.deepEqual(mergeHistograms([bins(20, 1, 2, 3), bins(50, 4, 5)]), bins(100, 15));
  assert.deepEqual(mergeHistograms([bins(10, ...Array<number>(25).fill(1))]), bins(30, 3, 3, 3, 3, 3, 3, 3, 3, 1));
  assert.deepEqual(mergeHistograms([[], []]), []);
  assert.deepEqual(histogramLines([], 80), []);
  assert.deepEqual(histogramLines(bins(1000, 0, 1, 1000, 0), 30), ["1,000–1,999  ▏               1", "2,000–2,999  ██████████  1,000"]);
});
