import assert from "node:assert/strict";
import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { CancelledError, TunesmithError } from "../../../extension/base/errors";
import { runCli } from "../../../extension/cli/commands";
import type { CheckRequest } from "../../../extension/cli/engine";
import type { CliHost } from "../../../extension/cli/host";
import { nearestName } from "../../../extension/cli/options";
import { BrokenPipe, contentOf, engineFinding, fakeEngine, fakeHost, finding, MemoryStream, parseReport, summary, temporaryFolder, type FakeHost } from "./fakes";

/** A host in a folder with the dataset `a.jsonl`. */
function hostIn(t: TestContext, changes: Partial<CliHost> = {}): FakeHost {
  const cwd = temporaryFolder(t);
  writeFileSync(join(cwd, "a.jsonl"), "{}\n");
  return fakeHost({ cwd, ...changes });
}

const failing = engineFinding([finding({ severity: "error" })]);

test("help and version, whatever else is there", async (t) => {
  for (const [line, expected] of [
    ["--help", /^Checks what .*\n.*\n\nUsage: tunesmith <command>/],
    ["-h", /Usage: tunesmith <command>/],
    ["--version", /^tunesmith 9\.9\.9\n$/],
    ["check --help", /Usage: tunesmith check .*--max-length N/s],
    ["check nothing --bad -h", /Usage: tunesmith check/],
    ["check --version", /^tunesmith 9\.9\.9\n$/],
  ] as const) {
    const host = hostIn(t);
    assert.equal(await runCli(line.split(" "), host), 0);
    assert.match(host.stdout.text, expected);
    assert.ok(host.stdout.text.split("\n").every((row) => row.length <= 80), "80 columns");
    assert.equal(host.stderr.text, "");
  }
});

test("wrong usage: 2, and one line that helps", async (t) => {
  for (const [line, expected] of [
    ["", /No command given\. .*--help/],
    ["chekc a", /Unknown command "chekc"\. Did you mean check\?/],
    ["frobnicate", /Unknown command "frobnicate"\. The commands are: check, render,/],
    ["--hlep", /Unknown option --hlep\. Did you mean --help\?/],
    ["--verbose", /Write the command before --verbose/],
    ["check", /No file to check/],
    ["check no.jsonl", /There is no file or folder no\.jsonl/],
    ["check -- --help", /There is no file or folder --help/],
    ["check a.jsonl --output a.jsonl", /--output would overwrite a\.jsonl/],
    ["check a.jsonl --output no/report", /cannot be written to no\/report: its folder does not exist/],
    ["check a.jsonl --output .", /--output \. is a folder/],
  ] as const) {
    const host = hostIn(t);
    assert.equal(await runCli(line.split(" ").filter(Boolean), host), 2, line);
    assert.match(host.stderr.text, expected);
    assert.match(host.stderr.text, /^tunesmith: [^\n]+\n/);
    assert.equal(host.stdout.text, "");
    assert.deepEqual(contentOf(host.cwd), { "a.jsonl": "{}\n" });
  }
});

test("exit codes: 0 without errors, 1 with", async (t) => {
  assert.equal(await runCli(["check", "a.jsonl"], hostIn(t)), 0);
  assert.equal(await runCli(["check", "a.jsonl"], hostIn(t, { engine: engineFinding([finding()]) })), 0);
  assert.equal(await runCli(["check", "a.jsonl"], hostIn(t, { engine: failing })), 1);
});

test("what the engine is asked, and its notes", async (t) => {
  let asked: CheckRequest | undefined;
  const engine = fakeEngine((request, events) => {
    asked = request;
    events.onModel(null);
    events.onMessage("a note\u001b[2J");
  });
  const host = hostIn(t, { engine });
  assert.equal(await runCli(["check", ".", "--model", "m", "--profile", "trl", "--severity", "json/syntax=off"], host), 0);
  assert.deepEqual(asked, {
    files: ["a.jsonl"],
    cwd: host.cwd,
    model: "m",
    template: undefined,
    templateName: undefined,
    now: undefined,
    profiles: ["trl"],
    training: undefined,
    maxLength: undefined,
    severities: { "json/syntax": "off" },
    jobs: 2,
  });
  assert.equal(host.stderr.text, "a note␛[2J\n");
});

test("an engine that cannot run: 2, a stack only with --verbose", async (t) => {
  const engine = fakeEngine(() => Promise.reject(new TunesmithError("model", "The model m has no\ntokenizer.")));
  const quiet = hostIn(t, { engine });
  assert.equal(await runCli(["check", "a.jsonl", "--format", "json", "--output", "r.json"], quiet), 2);
  assert.equal(quiet.stderr.text, "tunesmith: The model m has no␊tokenizer.\n");
  assert.deepEqual(contentOf(quiet.cwd), { "a.jsonl": "{}\n" });
  const verbose = hostIn(t, { engine });
  assert.equal(await runCli(["check", "a.jsonl", "--verbose"], verbose), 2);
  assert.match(verbose.stderr.text, /\n {4}at /);
  const broken = hostIn(t, { engine: fakeEngine(() => Promise.reject(new TypeError("x is undefined"))) });
  assert.equal(await runCli(["check", "a.jsonl"], broken), 2);
  assert.match(broken.stderr.text, /^tunesmith: unexpected error: x is undefined .*--verbose.*\n$/);
});

test("an interrupted check: 130, and no report", async (t) => {
  for (const format of ["text", "json", "sarif", "github"]) {
    const interruption = new AbortController();
    const engine = fakeEngine((request, events, signal) => {
      events.onFinding(request.files[0] ?? "", finding());
      interruption.abort();
      assert.ok(signal.aborted);
      throw new CancelledError();
    });
    const host = hostIn(t, { engine, signal: interruption.signal });
    assert.equal(await runCli(["check", "a.jsonl", "--format", format], host), 130);
    assert.equal(host.stdout.text, "");
    assert.equal(host.stderr.text, "tunesmith: interrupted; the report is not complete.\n");
  }
});

test("an engine that ends as if nothing were when it is interrupted", async (t) => {
  const interruption = new AbortController();
  const host = hostIn(t, { engine: fakeEngine(() => interruption.abort()), signal: interruption.signal });
  assert.equal(await runCli(["check", "a.jsonl", "--output", "r.txt"], host), 130);
  assert.deepEqual(contentOf(host.cwd), { "a.jsonl": "{}\n" });
});

test("--output appears when it is complete, keeps its mode, follows links", async (t) => {
  const during: string[][] = [];
  let cwd = "";
  const engine = fakeEngine((request, events) => {
    during.push(readdirSync(cwd).filter((name) => name === "r.json"));
    events.onFileEnd(summary({ path: request.files[0] ?? "" }));
  });
  const host = hostIn(t, { engine });
  cwd = host.cwd;
  const args = ["check", "a.jsonl", "--format", "json", "--output", "r.json"];
  assert.equal(await runCli(args, host), 0);
  assert.deepEqual(during, [[]]);
  assert.equal(host.stdout.text, "");
  assert.equal(parseReport(readFileSync(join(cwd, "r.json"), "utf8")).summary.files, 1);
  assert.deepEqual(readdirSync(cwd), ["a.jsonl", "r.json"]);

  chmodSync(join(cwd, "r.json"), 0o640);
  symlinkSync("r.json", join(cwd, "link"));
  assert.equal(await runCli([...args.slice(0, -1), "link"], fakeHost({ cwd, engine })), 0);
  assert.equal(statSync(join(cwd, "r.json")).mode & 0o777, 0o640);
  assert.deepEqual(readdirSync(cwd), ["a.jsonl", "link", "r.json"]);
  assert.equal(await runCli([...args.slice(0, -1), "/dev/null"], fakeHost({ cwd, engine })), 0);
});

test("a reader that leaves ends the check quietly", async (t) => {
  let stopped = false;
  const engine = fakeEngine(async (request, events, signal) => {
    events.onModel({ id: "m", tokenizer: null, template: null });
    await new Promise((resolve) => setTimeout(resolve, 10));
    stopped = signal.aborted;
    events.onFileEnd(summary({ path: request.files[0] ?? "" }));
    if (signal.aborted) throw new CancelledError();
  });
  const host = hostIn(t, { engine, stdout: new BrokenPipe() });
  assert.equal(await runCli(["check", "a.jsonl"], host), 141);
  assert.equal(stopped, true);
  assert.equal(host.stderr.text, "");
});

test("a reader that leaves while the finished report is written: the findings decide", async (t) => {
  const host = hostIn(t, { engine: failing, stdout: new BrokenPipe() });
  assert.equal(await runCli(["check", "a.jsonl", "--format", "json"], host), 1);
  assert.equal(host.stderr.text, "");
  assert.equal(await runCli(["--help"], hostIn(t, { stdout: new BrokenPipe() })), 0);
});

test("a full disk behind standard output: 2, in words", async (t) => {
  const stdout = new MemoryStream();
  stdout._write = (_chunk, _encoding, callback) => callback(Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" }));
  const host = hostIn(t, { stdout });
  assert.equal(await runCli(["check", "a.jsonl", "--format", "json"], host), 2);
  assert.match(host.stderr.text, /^tunesmith: The report could not be written: ENOSPC: no space left on device\.\n$/);
});

test("a slow reader is waited for", async (t) => {
  class Slow extends MemoryStream {
    most = 0;
    override _write(chunk: Buffer, encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
      this.most = Math.max(this.most, this.writableLength);
      setImmediate(() => super._write(chunk, encoding, callback));
    }
  }
  const stdout = new Slow();
  const many = Array.from({ length: 20_000 }, (_, row) => finding({ row }));
  assert.equal(await runCli(["check", "a.jsonl", "--format", "json"], hostIn(t, { engine: engineFinding(many), stdout })), 0);
  assert.equal(parseReport(stdout.text).files[0]?.findings.length, 20_000);
  assert.ok(stdout.most < stdout.text.length / 4, `${stdout.most} of ${stdout.text.length} bytes waited at once`);
});

test("a pager that is quit with Ctrl-C while it does not read", async (t) => {
  const interruption = new AbortController();
  const stdout = new MemoryStream();
  stdout._write = () => setTimeout(() => interruption.abort(), 10);
  const many = Array.from({ length: 2000 }, (_, row) => finding({ row }));
  const host = hostIn(t, { engine: engineFinding(many), stdout, signal: interruption.signal });
  assert.equal(await runCli(["check", "a.jsonl", "--format", "json"], host), 130);
});

test("nearest names", () => {
  assert.equal(nearestName("chcek", ["check", "score"]), "check");
  assert.equal(nearestName("zzzzzz", ["check", "score"]), undefined);
});
