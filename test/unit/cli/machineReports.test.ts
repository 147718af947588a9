import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { FindingStore } from "../../../extension/cli/report/findingStore";
import { GithubReporter } from "../../../extension/cli/report/github";
import { JsonReporter } from "../../../extension/cli/report/json";
import { reportRoot, uriOf } from "../../../extension/cli/report/location";
import type { Reporter } from "../../../extension/cli/report/reporter";
import { SarifReporter } from "../../../extension/cli/report/sarif";
import { finding, MemorySink, parseReport, parseSarif, RULES, summary, temporaryFolder } from "./fakes";

const totals = { files: 2, bytes: 200, rows: 4, tokens: 10, counts: { errors: 1, warnings: 2, infos: 3, hints: 4 }, seconds: 1.5 };
const hostile = "\u001b[2J\u009b\u202e\u2028\ud800 50% a:b,c;d\r\ne";

async function report(create: (sink: MemorySink, store: FindingStore) => Reporter, feed: (reporter: Reporter) => void, limit?: number): Promise<string> {
  const sink = new MemorySink();
  const store = new FindingStore(limit);
  const reporter = create(sink, store);
  feed(reporter);
  await reporter.finish(totals);
  store.dispose();
  return sink.text;
}

const json = (sink: MemorySink, store: FindingStore) => new JsonReporter(sink, store, "1.2.3");
const sarif = (sink: MemorySink, store: FindingStore) => new SarifReporter(sink, store, { version: "1.2.3", rules: RULES, cwd: "/my repo", root: "/my repo" });
const github = (sink: MemorySink, store: FindingStore) => new GithubReporter(sink, store, { cwd: "/repo/sub", root: "/repo" });

test("json: the contract's keys in their order", async () => {
  const text = await report(json, (reporter) => {
    reporter.model({ template: "default", id: "qwen", tokenizer: "abc" });
    reporter.finding("a.jsonl", finding({ related: [], data: { n: 1 }, profiles: ["trl"] }));
    reporter.finding("a.jsonl", finding({ row: 0, pointer: "" }));
    reporter.fileEnd(summary({ path: "a.jsonl", tokens: { p99: 6, total: 1, trained: 2, max: 3, p50: 4, p95: 5 } }));
    reporter.fileEnd(summary({ path: "b.jsonl", rows: 0, format: "empty" }));
  });
  const found = (row: number, pointer: string, profiles: string, data: string) =>
    `{"rule":"messages/empty","severity":"warning","message":"The turn is empty.","row":${row},"pointer":"${pointer}",` +
    `"range":{"start":{"line":1,"column":5},"end":{"line":1,"column":8}},"byteOffset":4,"byteLength":3,"profiles":${profiles},"data":${data}}`;
  assert.equal(
    text,
    [
      '{"version":1,"tool":"tunesmith 1.2.3","model":{"id":"qwen","tokenizer":"abc","template":"default"},',
      '"files":[',
      '{"path":"a.jsonl","bytes":100,"rows":2,"format":"messages","tokens":{"total":1,"trained":2,"max":3,"p50":4,"p95":5,"p99":6},"findings":[',
      `${found(1, "/messages/1/content", '["trl"]', '{"n":1}')},`,
      found(0, "", "[]", "{}"),
      "]},",
      '{"path":"b.jsonl","bytes":100,"rows":0,"format":"empty","tokens":null,"findings":[]}',
      "],",
      '"summary":{"files":2,"rows":4,"tokens":10,"errors":1,"warnings":2,"infos":3,"hints":4,"seconds":1.5}}',
      "",
    ].join("\n"),
  );
});

test("json: no files, and text that a terminal would obey", async () => {
  assert.deepEqual(parseReport(await report(json, () => undefined)).files, []);
  const text = await report(json, (reporter) => {
    reporter.finding("a", finding({ message: hostile }));
    reporter.fileEnd(summary());
  });
  assert.equal(parseReport(text).files[0]?.findings[0]?.message, hostile);
  assert.doesNotMatch(text, /[\u001b\u007f-\u009f\u2028\u202e\ud800]/);
});

test("reports are the same when findings go to the disk", async () => {
  const feed = (reporter: Reporter): void => {
    for (let file = 0; file < 3; file++) {
      for (let i = 0; i < 500; i++) reporter.finding(`f${file}`, finding({ row: i, message: `é${i}` }));
      reporter.fileEnd(summary({ path: `f${file}` }));
    }
  };
  for (const create of [json, sarif, github]) assert.equal(await report(create, feed, 1000), await report(create, feed));
});

test("the store spills over its limit and leaves no file behind", async (t) => {
  const folder = temporaryFolder(t);
  const store = new FindingStore(10, folder);
  store.append("0123");
  store.append("456é");
  assert.equal(store.mark(), 9);
  assert.equal(store.spilledBytes, 0);
  store.append("x".repeat(20));
  store.append("tail");
  assert.equal(store.mark(), 33);
  assert.equal(store.spilledBytes, 29);
  const sink = new MemorySink();
  await store.copy(2, 33, sink);
  assert.equal(sink.text, `23456é${"x".repeat(20)}tail`);
  // The file has no name even while it is in use, so that not even a kill leaves it.
  assert.deepEqual(readdirSync(folder), []);
  store.dispose();
  store.dispose();
});

test("the store says where there is no room", () => {
  const store = new FindingStore(1, "/nonexistent");
  assert.throws(() => store.append("much"), { code: "store", message: /cannot be kept in \/nonexistent: .*TMPDIR/ });
});

test("sarif: rules, places and fingerprints", async () => {
  const related = [{ message: "the first", range: { start: { line: 2, column: 1 }, end: { line: 2, column: 4 } } }];
  const text = await report(sarif, (reporter) => {
    reporter.finding("däta/a b#1.jsonl", finding({ rule: "json/syntax", severity: "error", related }));
    reporter.finding("däta/a b#1.jsonl", finding({ rule: "json/syntax", severity: "error" }));
    reporter.finding("/else where/c.jsonl", finding({ rule: "new/rule", severity: "hint", row: 2 }));
  });
  const run = parseSarif(text);
  assert.equal(run.columnKind, "utf16CodeUnits");
  assert.deepEqual(run.tool.driver.rules[0], {
    id: "json/syntax",
    shortDescription: { text: "A row that is no JSON stops the trainer." },
    defaultConfiguration: { level: "error" },
  });
  const [first, second, third] = run.results;
  assert.ok(first && second && third);
  assert.deepEqual(first.locations, [
    {
      physicalLocation: {
        artifactLocation: { uri: "d%C3%A4ta/a%20b%231.jsonl" },
        region: { startLine: 1, startColumn: 5, endLine: 1, endColumn: 8, byteOffset: 4, byteLength: 3 },
      },
    },
  ]);
  assert.equal(first.ruleIndex, 0);
  assert.equal(first.relatedLocations?.[0]?.message.text, "the first");
  assert.notEqual(first.partialFingerprints["tunesmith/v1"], second.partialFingerprints["tunesmith/v1"]);
  assert.equal(third.level, "note");
  assert.equal(third.ruleIndex, undefined);
  assert.equal(third.locations[0]?.physicalLocation.artifactLocation.uri, "file:///else%20where/c.jsonl");
});

test("sarif: fingerprints do not depend on columns or messages", async () => {
  const fingerprintOf = async (changes: Parameters<typeof finding>[0]) =>
    parseSarif(await report(sarif, (reporter) => reporter.finding("a", finding(changes)))).results[0]?.partialFingerprints["tunesmith/v1"];
  assert.equal(await fingerprintOf({}), await fingerprintOf({ message: "other", byteOffset: 9 }));
  assert.notEqual(await fingerprintOf({}), await fingerprintOf({ row: 2 }));
});

test("github: commands, escaped, below the checkout", async () => {
  const text = await report(github, (reporter) => {
    reporter.finding("a,b:c%.jsonl", finding({ severity: "error", message: hostile }));
    reporter.finding("../d.jsonl", finding({ severity: "hint" }));
  });
  assert.equal(
    text,
    "::error file=sub/a%2Cb%3Ac%25.jsonl,line=1,endLine=1,col=5,endColumn=8,title=messages/empty::" +
      "␛[2J<U+009B>\u202e\u2028\ufffd 50%25 a:b,c;d%0D%0Ae\n" +
      "::notice file=d.jsonl,line=1,endLine=1,col=5,endColumn=8,title=messages/empty::The turn is empty.\n",
  );
});

test("the root of reports", () => {
  assert.equal(reportRoot("/a/b", {}), "/a/b");
  assert.equal(reportRoot("/a/b", { GITHUB_WORKSPACE: "/a" }), "/a");
  assert.equal(uriOf("/a", "/a/b", "c.jsonl"), "b/c.jsonl");
  assert.equal(uriOf("/a/b", "/a/b", "../c.jsonl"), "file:///a/c.jsonl");
  assert.equal(uriOf("/a", "/a", "..c.jsonl"), "..c.jsonl");
});
