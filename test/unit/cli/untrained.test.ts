import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { after, before, describe, it } from "node:test";
import { createStyle } from "../../../extension/cli/terminal/style";
import { displayWidth } from "../../../extension/cli/terminal/display";
import { untrainedText } from "../../../extension/cli/untrained/text";
import type { TrainingConfig } from "../../../extension/core/training/trainingConfig";
import { judgeModel } from "../../../extension/node/weights/judgeModel";
import { verdictsOf } from "../../../extension/node/weights/modelVerdicts";
import { temporaryFolder } from "../../support/cleanup";
import { type CliResult, runCli } from "../../support/cli";
import { HubServer } from "../../support/hub/hubServer";
import { EDGE_INPUT, EDGE_OUTPUT } from "../../support/weights/edgeRows";
import { modelFolder } from "../../support/weights/modelFolder";

const EMBEDDED = "extension/assets/model";
const RESERVED = Array.from({ length: 10 }, (_, i) => 2038 + i);

const home = temporaryFolder("cli-untrained");
let server: HubServer;
before(async () => {
  process.env["TUNESMITH_CACHE"] = path.join(home, "cache");
  server = await HubServer.start();
  const files = ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"].map((file) => [file, readFileSync(path.join(EMBEDDED, file))] as const);
  server.push("org/tiny", Object.fromEntries(files));
  process.env["HF_ENDPOINT"] = server.endpoint;
  process.env["HF_HOME"] = path.join(home, "hub");
});
after(() => server.close());

const untrained = (...args: readonly string[]): Promise<CliResult> => runCli(["untrained", ...args]);

/** A model of every kind of row, with a tokenizer that has an odd token. */
function oddModel(): string {
  const folder = path.join(home, "odd");
  const tokens = ["a", "Ġ", "ÐŁÑĢÐ¸", "âĤ", ...Array.from({ length: 36 }, (_, i) => `<|t${i + 4}|>`), "bad\u001b[31m\nname"];
  const model = modelFolder({ input: { rows: 45, columns: 64, special: EDGE_INPUT }, output: { rows: 45, columns: 64, seed: 2, special: EDGE_OUTPUT } });
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of model.files) writeFileSync(path.join(folder, name), bytes);
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  writeFileSync(path.join(folder, "tokenizer.json"), JSON.stringify({ model: { type: "BPE", vocab, merges: [] }, pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, use_regex: true }, decoder: { type: "ByteLevel" }, added_tokens: [] }));
  return folder;
}

/** A configuration with a name that is long, and could do harm. */
const config: TrainingConfig = { trainer: "axolotl", model: undefined, input: { kind: "frozen" }, output: { kind: "all" }, fixesUntrained: false, span: { start: 0, end: 0 } };
const start = { line: 1, column: 1 };
const training = [{ file: "/x", name: `configs/${"long-".repeat(20)}\u001b[31m.yaml`, config, range: { start, end: start } }];

describe("tunesmith untrained", () => {
  it("tells of the training configurations of the project", async () => {
    const project = path.join(home, "project");
    mkdirSync(path.join(project, "configs"), { recursive: true });
    writeFileSync(path.join(project, "configs", "lora.yaml"), "base_model: x/y\nadapter: lora\n");
    const { stdout } = await runCli(["untrained", path.resolve(EMBEDDED)], { cwd: project });
    assert.match(stdout, /\nHere\n {2}- configs\/lora\.yaml does not train embed_tokens and lm_head \(Axolotl\)\.\n/);
  });

  it("reports as JSON what cli.md says, and nothing else", async () => {
    const { code, stdout, stderr } = await untrained(EMBEDDED, "--format", "json");
    assert.deepEqual([code, stderr, stdout.endsWith("}\n"), stdout.split("\n").length], [0, "", true, 2]);
    const report = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(Object.keys(report), ["version", "rows", "columns", "dtype", "tied", "input", "output", "zeroInput", "zeroOutput", "unsloth", "exempt", "suspect", "threshold", "indicator", "noToken", "seconds"]);
    const { suspect, threshold, seconds, ...rest } = report;
    assert.deepEqual(rest, {
      version: 1, rows: 2048, columns: 128, dtype: "BF16", tied: false,
      input: { file: "model.safetensors", tensor: "model.embed_tokens.weight" },
      output: { file: "model.safetensors", tensor: "lm_head.weight" },
      zeroInput: [2034, ...RESERVED], zeroOutput: RESERVED, unsloth: RESERVED, exempt: [], indicator: "l2", noToken: [],
    });
    assert.deepEqual((suspect as unknown[])[0], { id: 2034, token: "<|pad|>", indicator: 0, category: "OK_SPECIAL" });
    assert.ok(typeof threshold === "number" && threshold > 0.15 && threshold < 0.16 && typeof seconds === "number");
  });

  it("gives the same for a model of the hub, and again without it", async () => {
    const local = JSON.parse((await untrained(EMBEDDED, "--format=json")).stdout) as Record<string, unknown>;
    const remote = await untrained("org/tiny", "--format", "json");
    assert.equal(remote.code, 0, remote.stderr);
    assert.deepEqual({ ...(JSON.parse(remote.stdout) as object), seconds: 0 }, { ...local, seconds: 0 });
    server.reset();
    const again = await untrained("--model", "org/tiny", "--format", "json");
    assert.deepEqual({ ...(JSON.parse(again.stdout) as object), seconds: 0 }, { ...local, seconds: 0 });
    assert.equal(server.sent("storage"), 0, "what was measured is kept");
  });

  it("says in one line what cannot be done, and exits with 2", async () => {
    const broken = path.join(home, "broken.safetensors");
    writeFileSync(broken, new Uint8Array(100).fill(0x7b));
    for (const [args, message] of [
      [[], /No model given/],
      [[EMBEDDED, "b"], /one model at a time; leave out b/],
      [[EMBEDDED, "--format", "jsn"], /--format does not know "jsn". Did you mean json/],
      [["./nothing"], /There is no model \.\/nothing/],
      [["org/nothing"], /org\/nothing/],
      [[broken], /broken\.safetensors is broken at byte 0/],
    ] as const) {
      const { code, stdout, stderr } = await untrained(...args);
      assert.deepEqual([code, stdout, stderr.trimEnd().split("\n").length], [2, "", 1], stderr);
      assert.match(stderr, message);
    }
  });

  it("explains to people, within 80 columns", async () => {
    const { code, stdout } = await untrained(EMBEDDED);
    assert.equal(code, 0);
    for (const words of [/^Tunesmith Tiny {2}2,048 rows of 128 values, BF16\n/, /10 tokens untrained/, /2038–2047 {2}<\|reserved_0\|> … <\|reserved_9\|>/, /padding token <\|pad\|> \(2034\)/, /29 tokens possibly under-trained/, /silent on\s+text/]) assert.match(stdout, words);
    for (const line of stdout.split("\n")) assert.ok(displayWidth(line) <= 80, line);
  });

  it("shows every kind of row, and no token as something that a terminal obeys", async () => {
    const model = verdictsOf(await judgeModel({ model: oddModel(), cache: path.join(home, "cache") }, {}));
    for (const columns of [40, 80, 120]) {
      const text = untrainedText(model, { columns, seconds: 1, training, style: createStyle(false) });
      for (const line of text.split("\n")) assert.ok(displayWidth(line) <= columns, `${columns}: ${line}`);
      assert.ok(!text.includes("\u001b"));
    }
    const text = untrainedText(model, { columns: 80, seconds: 1, training, style: createStyle(false) });
    for (const words of [/tokens? untrained/, /with infinite values or NaN/, /1 token never trained as output/, /rows without a token \(41–44\)/, /2\s+При/, /3\s+bytes E2 82/]) assert.match(text, words);
  });
});
