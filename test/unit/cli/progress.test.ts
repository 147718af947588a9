import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runCli } from "../../../extension/cli/commands";
import { ProgressBar, progressLine, wantsProgress } from "../../../extension/cli/progress";
import { displayWidth } from "../../../extension/cli/terminal/display";
import { fakeEngine, fakeHost, MemoryStream, summary, temporaryFolder } from "./fakes";

const CLEAR = "\r\u001b[2K";

test("the line: bar, share, size, rate, time left, label", () => {
  const state = { done: 250_000_000, total: 1_000_000_000, label: "a.jsonl", seconds: 5 };
  assert.equal(progressLine(state, 79), "█████░░░░░░░░░░░░░░  25 %  250 MB of 1.0 GB  50.0 MB/s  15 s left  a.jsonl");
  assert.equal(progressLine({ ...state, seconds: 0.1 }, 79), "█████░░░░░░░░░░░░░░  25 %  250 MB of 1.0 GB  a.jsonl");
  assert.match(progressLine({ done: 0, total: 0, label: "", seconds: 0 }, 79), /100 %/);
  for (const width of [0, 5, 20, 40, 200]) {
    assert.ok(displayWidth(progressLine({ ...state, label: "日本\u001b[2J".repeat(50) }, width)) <= width);
  }
});

test("only where a person watches", () => {
  assert.equal(wantsProgress(new MemoryStream({ isTTY: true }), {}), true);
  assert.equal(wantsProgress(new MemoryStream(), {}), false);
  assert.equal(wantsProgress(new MemoryStream({ isTTY: true }), { CI: "true" }), false);
  assert.equal(wantsProgress(new MemoryStream({ isTTY: true }), { CI: "false" }), true);
  assert.equal(wantsProgress(new MemoryStream({ isTTY: true }), { TERM: "dumb" }), false);
});

test("drawn ten times a second at most, and cleared once", () => {
  const stream = new MemoryStream({ isTTY: true });
  let now = 0;
  const bar = new ProgressBar(stream, true, () => now);
  bar.clear();
  assert.equal(stream.text, "");
  for (; now < 1000; now++) bar.update(now, 1000);
  assert.equal(stream.text.split(CLEAR).length - 1, 10);
  bar.clear();
  bar.clear();
  assert.equal(stream.text.split(CLEAR).length - 1, 11);
  assert.ok(stream.text.endsWith(CLEAR));
});

test("cleared before the report and before notes", async (t) => {
  const cwd = temporaryFolder(t);
  writeFileSync(join(cwd, "a.jsonl"), "{}\n");
  const terminal = new MemoryStream({ isTTY: true });
  const engine = fakeEngine((_request, events) => {
    events.onModel(null);
    events.onFileStart("a.jsonl", 3);
    events.onProgress(1, 3);
    events.onMessage("note");
    events.onProgress(2, 3);
    events.onFileEnd(summary({ path: "a.jsonl" }));
  });
  assert.equal(await runCli(["check", "a.jsonl"], fakeHost({ cwd, engine, stdout: terminal, stderr: terminal, env: { NO_COLOR: "1" } })), 0);
  const bars = terminal.text.split(CLEAR);
  assert.match(bars[1] ?? "", /33 %/);
  assert.equal(bars[2], "note\n");
  assert.match(bars[3] ?? "", /66 %/);
  assert.match(bars[4] ?? "", /^a\.jsonl {2}messages/);
  assert.equal(bars.length, 5);
});
