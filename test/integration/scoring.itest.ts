import * as assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";
import { afterEach, describe, it } from "mocha";
import * as vscode from "vscode";
import { until } from "../support/wait";
import { reset, show, writeDataset } from "./workspace";

/** Where the server keeps what the extension stores. */
const STORED = path.join(homedir(), "User", "globalStorage", "tunesmith.tunesmith", "scores");
const ROWS = 24;
const WRONG = 17;

const row = (question: string, answer: string): string => JSON.stringify({ messages: [{ role: "user", content: question }, { role: "assistant", content: answer }] });
/** Sums that the embedded model knows, one of them wrong, and a row that is none. */
const content = [
  ...Array.from({ length: ROWS }, (_, i) => row(`What is ${i + 10} + 7?`, `${i + 10} + 7 = ${i + 1 === WRONG ? "purple Paris" : i + 17}.`)),
  '{"nothing":"known"}',
].join("\n");

describe("scores of a dataset", () => {
  afterEach(async () => {
    await vscode.commands.executeCommand("tunesmith.clearScores");
    await reset();
  });

  const findings = (uri: vscode.Uri): readonly string[] =>
    vscode.languages.getDiagnostics(uri).flatMap(({ code, range }) => (typeof code === "string" && code.startsWith("score/") ? [`${code} ${range.start.line + 1}`] : []));
  const report = (uri: vscode.Uri): vscode.TextDocument => {
    const of = vscode.workspace.textDocuments.find((document) => document.uri.scheme === "tunesmith-scores" && document.uri.query === uri.toString());
    return of ?? assert.fail("There is no report.");
  };
  const rowsOf = (uri: vscode.Uri): readonly string[] => report(uri).getText().split("\n").filter((line) => line.startsWith("row "));
  const score = async (uri: vscode.Uri): Promise<readonly string[]> => {
    await vscode.commands.executeCommand("tunesmith.scoreDataset", uri);
    return rowsOf(uri);
  };

  it("are listed by loss, and outliers are findings at their rows", async function () {
    this.timeout(180_000);
    const uri = writeDataset(`${content}\n`);
    await show(uri);
    const rows = await score(uri);
    assert.equal(rows.length, ROWS + 1);
    assert.match(rows[0]!, new RegExp(`^row ${WRONG} `));
    assert.match(rows.at(-1)!, new RegExp(`^row ${ROWS + 1} .*no known format`));
    const losses = rows.slice(0, -1).map((line) => Number(/^row \d+\s+(\S+)/.exec(line)![1]));
    assert.deepEqual(losses, [...losses].sort((a, b) => b - a));
    assert.ok(losses[0]! > 1 && losses[1]! < 0.5, `${losses[0]}, ${losses[1]}`);
    assert.ok(findings(uri).includes(`score/outlier ${WRONG}`), findings(uri).join("; "));
    assert.match(report(uri).getText(), /Mean loss \d/);
    const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>("vscode.executeLinkProvider", report(uri).uri);
    assert.equal(links.length, rows.length);
    assert.equal(links[0]!.target?.fragment, `L${WRONG}`);
    await vscode.commands.executeCommand("tunesmith.clearScores");
    assert.deepEqual(findings(uri), []);
  });

  it("go on where a run was interrupted", async function () {
    this.timeout(180_000);
    const uri = writeDataset(`${content}\n`);
    await show(uri);
    const before = new Set(readdirSync(STORED));
    const whole = await score(uri);
    const [name = assert.fail("Nothing was kept.")] = readdirSync(STORED).filter((file) => !before.has(file));
    const log = path.join(STORED, name);
    const kept = readFileSync(log, "utf8").trimEnd().split("\n");
    assert.equal(kept.length, ROWS + 1);
    // A run that was killed in the middle of a line, and whose first score is recognized.
    const marked = kept[0]!.replace(/"loss":[\d.e-]+/, '"loss":9');
    writeFileSync(log, [marked, ...kept.slice(1, 9), kept[9]!.slice(0, 20)].join("\n"));
    await score(uri);
    // An open report is read anew a moment later.
    const resumed = await until("the new report", () => Promise.resolve(rowsOf(uri)), ([first = ""]) => /^row 1\s+9\.000/.test(first));
    assert.deepEqual(resumed.slice(1).sort(), whole.filter((line) => !line.startsWith("row 1 ")).sort());
    const lines = readFileSync(log, "utf8").trimEnd().split("\n");
    assert.deepEqual(lines.slice(0, 9), [marked, ...kept.slice(1, 9)]);
    // The half line stays; the rows behind it were scored once.
    assert.equal(lines.length, ROWS + 2);
  });
});
