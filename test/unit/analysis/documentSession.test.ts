import * as assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PromptCounter } from "../../../extension/core/analysis/checkRow";
import { DocumentSession, type SessionContext } from "../../../extension/core/analysis/documentSession";
import type { DocumentReport, LineEdit } from "../../../extension/core/analysis/workerContract";
import { fieldsFrom } from "../../../extension/core/dataset/fields";

const sound = `{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]}`;
const broken = `{"messages":[`;
const wrongRole = `{"messages":[{"role":"usr","content":"Hi"},{"role":"assistant","content":"Hello"}]}`;
const preference = `{"prompt":"Hi","chosen":"Hello","rejected":"Go away"}`;

/** Counts a token a character, and how often it was asked. */
class CharacterCounter implements PromptCounter {
  asked = 0;

  countConversation(conversation: Parameters<PromptCounter["countConversation"]>[0]): number {
    return this.countText(conversation.turns.flatMap((turn) => turn.content.map((piece) => piece.text)).join(""));
  }

  countText(text: string): number {
    this.asked++;
    return text.length;
  }
}

/** A session on a clock that advances a millisecond whenever it is read, and whose pauses the test ends. */
class Bench {
  context: SessionContext = { fields: fieldsFrom({}), counter: undefined, maxLength: undefined, expectedFormat: undefined, severities: {} };
  readonly reports: DocumentReport[] = [];
  readonly session: DocumentSession;
  /** What the clock advances by at each reading. */
  tick = 0;
  #now = 0;
  #waiting: (() => void) | undefined;

  constructor(context: Partial<SessionContext> = {}) {
    this.context = { ...this.context, ...context };
    this.session = new DocumentSession("file:///data.jsonl", {
      context: () => this.context,
      now: () => (this.#now += this.tick),
      pause: (milliseconds) =>
        new Promise((resolve) => {
          this.#waiting = () => {
            this.#now += milliseconds;
            resolve();
          };
        }),
      report: (report) => this.reports.push(report),
    });
  }

  open(...lines: string[]): Promise<DocumentReport> {
    this.session.append(lines);
    this.session.opened(1);
    return this.finish();
  }

  change(...edits: LineEdit[]): Promise<DocumentReport> {
    this.session.change(this.last.version + 1, edits);
    return this.finish();
  }

  get last(): DocumentReport {
    return this.reports.at(-1)!;
  }

  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** Runs the session until its next pause. */
  async slice(): Promise<void> {
    const resume = this.#waiting;
    this.#waiting = undefined;
    resume?.();
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Runs the session until it has nothing to do, and returns its last report. */
  async finish(): Promise<DocumentReport> {
    while (this.isWaiting) await this.slice();
    return this.last;
  }
}

function replace(startLine: number, endLine: number, ...lines: string[]): LineEdit {
  return { startLine, endLine, lines };
}

function places(report: DocumentReport): string[] {
  return report.findings.map(({ rule, row, range }) => `${rule} row ${row} at ${range.start.line}:${range.start.column}-${range.end.line}:${range.end.column}`);
}

describe("DocumentSession", () => {
  it("reports rows, format and findings with their places", async () => {
    const report = await new Bench().open(sound, "", wrongRole, broken);
    const role = wrongRole.indexOf(`"usr"`) + 1;
    assert.equal(report.rows, 3);
    assert.equal(report.format, "messages");
    assert.equal(report.complete, true);
    assert.ok(places(report).includes(`role/unknown row 3 at 3:${role}-3:${role + 5}`), places(report).join("\n"));
    assert.ok(report.findings.some(({ rule, row }) => rule === "json/syntax" && row === 4));
    assert.deepEqual(report.findings.filter(({ row }) => row < 3), []);
  });

  it("says of an empty document that it is empty", async () => {
    const report = await new Bench().open("");
    assert.deepEqual({ rows: report.rows, format: report.format, findings: report.findings }, { rows: 0, format: "empty", findings: [] });
  });

  it("moves the findings below an insertion and drops those of a mended row", async () => {
    const bench = new Bench();
    const before = await bench.open(sound, wrongRole);
    const moved = await bench.change(replace(0, 0, sound, sound));
    assert.equal(moved.version, 2);
    assert.deepEqual(moved.findings.map(({ row }) => row), before.findings.map(({ row }) => row + 2));
    const mended = await bench.change(replace(3, 4, sound));
    assert.deepEqual(mended.findings, []);
    assert.equal(mended.rows, 4);
  });

  it("checks and counts only the rows that an edit touches", async () => {
    const counter = new CharacterCounter();
    const bench = new Bench({ counter });
    await bench.open(...Array.from({ length: 100 }, () => sound));
    counter.asked = 0;
    await bench.change(replace(50, 51, wrongRole), replace(10, 12));
    assert.equal(counter.asked, 1);
    assert.equal(bench.last.rows, 98);
  });

  it("applies edits in turn, each to what the one before left", async () => {
    const report = await new Bench().open(sound);
    assert.equal(report.rows, 1);
    const bench = new Bench();
    await bench.open("", "", "");
    const edited = await bench.change(replace(2, 3, sound, broken), replace(0, 1, sound, sound, sound));
    assert.deepEqual([edited.rows, edited.findings.map(({ row }) => row)], [5, [6]]);
  });

  it("accepts edits while the document is still being opened", async () => {
    const bench = new Bench();
    bench.session.append([broken, sound]);
    bench.session.change(2, [replace(0, 1, sound)]);
    bench.session.append([sound]);
    bench.session.opened(2);
    const report = await bench.finish();
    assert.deepEqual([report.version, report.rows, report.findings], [2, 3, []]);
  });

  it("judges rows by the format that most rows have, also when an edit changes which that is", async () => {
    const bench = new Bench();
    const mixed = await bench.open(preference, sound, sound);
    assert.deepEqual(mixed.findings.map(({ rule, row }) => [rule, row]), [["format/mixed", 1]]);
    assert.equal(mixed.format, "mixed");
    const turned = await bench.change(replace(1, 2, preference));
    assert.deepEqual(turned.findings.map(({ rule, row }) => [rule, row]), [["format/mixed", 3]]);
    const single = await bench.change(replace(2, 3));
    assert.deepEqual([single.format, single.findings], ["preference", []]);
  });

  it("reports quickly without the model, and then with it", async () => {
    const bench = new Bench({ counter: new CharacterCounter(), maxLength: 6 });
    const report = await bench.open(sound, wrongRole);
    const [quick] = bench.reports;
    assert.deepEqual([quick?.complete, quick?.tokens], [false, null]);
    assert.ok(quick?.findings.some(({ rule }) => rule === "role/unknown"));
    assert.equal(report.complete, true);
    assert.equal(report.tokens?.total, 14);
    assert.ok(report.findings.some(({ rule }) => rule === "tokens/over-length"));
  });

  it("never takes a short edit's token findings away in between", async () => {
    const bench = new Bench({ counter: new CharacterCounter(), maxLength: 6 });
    await bench.open(sound, sound);
    bench.reports.length = 0;
    bench.session.change(2, [replace(0, 1, sound.replace("Hi", "Hi!"))]);
    await bench.finish();
    assert.deepEqual(bench.reports.map(({ counts }) => counts.warnings), [2]);
  });

  it("lets edits in between slices, and reports the edited row first", async () => {
    const bench = new Bench();
    bench.tick = 4;
    bench.session.append(Array.from({ length: 200 }, () => sound));
    bench.session.opened(1);
    await bench.slice();
    await bench.slice();
    assert.ok(bench.isWaiting, "200 rows take more than two slices");
    bench.session.change(2, [replace(190, 191, broken)]);
    await bench.slice();
    assert.deepEqual([bench.last.version, bench.last.complete, bench.last.findings.map(({ row }) => row)], [2, false, [191]]);
    assert.equal((await bench.finish()).complete, true);
  });

  it("stops when it is disposed", async () => {
    const bench = new Bench();
    bench.session.append([sound]);
    bench.session.opened(1);
    bench.session.dispose();
    await bench.slice();
    assert.deepEqual([bench.reports, bench.isWaiting], [[], false]);
  });

  it("applies severities and silences", async () => {
    const bench = new Bench({ severities: { "role/unknown": "hint" } });
    assert.equal((await bench.open(wrongRole)).counts.hints, 1);
    bench.context = { ...bench.context, severities: { "role/unknown": "off" } };
    bench.session.recheck();
    const report = await bench.finish();
    assert.deepEqual(report.findings.filter(({ rule }) => rule === "role/unknown"), []);
    assert.equal(report.counts.hints, 0);
  });

  it("shows 1000 findings and tells how many more there are", async () => {
    const report = await new Bench().open(...Array.from({ length: 1100 }, () => "x"));
    assert.equal(report.findings.length, 1000);
    assert.equal(report.counts.errors, 1000 + report.cut);
    assert.ok(report.cut >= 100);
  });

  it("splits one JSON array into its elements, with their places", async () => {
    const bench = new Bench();
    const report = await bench.open("[", `  ${sound},`, `  ${wrongRole}`, "]");
    assert.deepEqual([report.rows, report.format], [2, "messages"]);
    const finding = report.findings.find(({ rule }) => rule === "role/unknown");
    assert.deepEqual(finding?.range.start, { line: 3, column: wrongRole.indexOf(`"usr"`) + 3 });
    assert.equal(finding.row, 2);
    const cut = await bench.change(replace(3, 4));
    assert.ok(cut.findings.some(({ rule, message }) => rule === "json/syntax" && message.includes("']' is missing")));
  });

  it("splits rows that are written over many lines, and turns to lines when they are joined", async () => {
    const bench = new Bench();
    const pretty = JSON.stringify(JSON.parse(wrongRole), undefined, 2).split("\n");
    const report = await bench.open(...pretty, ...pretty);
    assert.equal(report.rows, 2);
    assert.deepEqual(report.findings.filter(({ rule }) => rule === "role/unknown").map(({ range }) => range.start.line), [4, 4 + pretty.length]);
    const joined = await bench.change(replace(0, pretty.length * 2, wrongRole, sound));
    assert.deepEqual(joined.findings.filter(({ rule }) => rule === "role/unknown").map(({ range }) => range.start.line), [1]);
  });

  it("works no more for an edit of a large document than for one of a small one", async () => {
    const row = JSON.stringify({ messages: [{ role: "user", content: "x".repeat(400) }, { role: "assistant", content: "y".repeat(60) }] });
    const counter = new CharacterCounter();
    const bench = new Bench({ counter });
    await bench.open(...Array.from({ length: 20_000 }, (_, i) => (i % 10 === 0 ? wrongRole : row)));
    const before = counter.asked;
    const report = await bench.change(replace(10_000, 10_001, sound));
    assert.equal(report.complete, true);
    assert.equal(counter.asked - before, 1);
  });
});
