import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { before, beforeEach, describe, it } from "node:test";
import { type CliResult, type CheckReport, runCli } from "../../support/cli";
import { temporaryFolder } from "../../support/cleanup";
import { root } from "../../support/paths";

const EMBEDDED = path.join(root, "extension", "assets", "model");
const home = temporaryFolder("training");
const project = path.join(home, "project");
const LORA = "base_model: x/y\nadapter: lora\n";
const TRAINS = `${LORA}lora_modules_to_save: [embed_tokens, lm_head]\n`;

before(() => {
  process.env["TUNESMITH_CACHE"] = path.join(home, "cache");
});

beforeEach(() => {
  rmSync(project, { recursive: true, force: true });
  write("data/train.jsonl", `${JSON.stringify({ messages: [{ role: "user", content: "<|reserved_2|>" }, { role: "assistant", content: "Hi" }] })}\n`);
  mkdirSync(path.join(project, ".git"));
});

function write(name: string, text: string): void {
  const file = path.join(project, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

type Finding = CheckReport["files"][number]["findings"][number];

async function check(...args: readonly string[]): Promise<{ readonly finding: Finding | undefined; readonly result: CliResult }> {
  const result = await runCli(["check", "--format", "json", "--jobs", "1", "--model", EMBEDDED, ...args, "data/train.jsonl"], { cwd: project });
  const report = result.code === 2 ? undefined : (JSON.parse(result.stdout) as CheckReport);
  return { finding: report?.files[0]?.findings.find(({ rule }) => rule === "tokens/untrained"), result };
}

describe("untrained tokens beside a training configuration", () => {
  it("are no error where it trains their rows, wherever in the project it is", async () => {
    write("configs/deep/lora.yml", TRAINS);
    const { finding, result } = await check();
    assert.equal(result.code, 0);
    assert.deepEqual([finding?.severity, finding?.profiles], ["info", []]);
    assert.match(finding!.message, /configs\/deep\/lora\.yml trains embed_tokens and lm_head \(Axolotl\), so that its rows are learnt\.$/);
    assert.match(result.stderr, /Untrained tokens are judged by configs\/deep\/lora\.yml/);
  });

  it("are an error where it does not, and the report leads to the place", async () => {
    write("lora.yaml", LORA);
    const { finding, result } = await check();
    assert.deepEqual([finding?.severity, result.code], ["error", 1]);
    assert.match(finding!.message, /TRL and LLaMA-Factory say nothing\. lora\.yaml does not train embed_tokens and lm_head \(Axolotl\), so use the instruct version/);
    const sarif = await runCli(["check", "--format", "sarif", "--model", EMBEDDED, "data/train.jsonl"], { cwd: project });
    assert.match(sarif.stdout, /"uri":"(?:[^"]*\/)?lora\.yaml"/);
  });

  it("are judged by the file that is named, or by none", async () => {
    write("lora.yaml", LORA);
    write("train.py", 'model = FastLanguageModel.get_peft_model(model, target_modules=["q_proj", "embed_tokens", "lm_head"])\n');
    write("notes.yaml", "a: 1\n");
    assert.equal((await check("--training", "train.py")).finding?.severity, "info");
    const none = await check("--training", "none");
    assert.equal(none.finding?.severity, "error");
    assert.doesNotMatch(none.finding.message, /lora\.yaml/);
    const wrong = await check("--training", "notes.yaml");
    assert.equal(wrong.result.code, 2);
    assert.match(wrong.result.stderr, /^tunesmith: notes\.yaml is no training configuration/m);
    assert.match((await check("--training", "gone.yaml")).result.stderr, /^tunesmith: gone\.yaml cannot be read/m);
  });

  it("are not judged by what lies in hidden folders or is not of the project", async () => {
    write("node_modules/a/lora.yaml", TRAINS);
    write(".venv/lora.yaml", TRAINS);
    writeFileSync(path.join(home, "outside.yaml"), TRAINS);
    const { finding, result } = await check();
    assert.equal(finding?.severity, "error");
    assert.doesNotMatch(result.stderr, /judged by/);
  });
});
