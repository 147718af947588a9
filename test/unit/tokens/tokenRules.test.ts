import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { before, describe, it } from "node:test";
import { type CheckReport, checkReport } from "../../support/cli";
import { temporaryFolder } from "../../support/cleanup";
import { root } from "../../support/paths";

/** The model that comes with the product: its tokens `<|reserved_0|>` (2038) and on were never trained. */
const EMBEDDED = path.join(root, "extension", "assets", "model");
const RESERVED = "<|reserved_2|>";
const home = temporaryFolder("token-rules");

before(() => {
  process.env["TUNESMITH_CACHE"] = path.join(home, "cache");
});

type Finding = CheckReport["files"][number]["findings"][number];

async function check(rows: readonly (object | string)[], ...args: readonly string[]): Promise<readonly Finding[]> {
  const file = path.join(home, "data.jsonl");
  writeFileSync(file, `${rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n")}\n`);
  const model = args.includes("--model") ? [] : ["--model", EMBEDDED];
  const { report } = await checkReport([...(args.includes("--jobs") ? [] : ["--jobs", "1"]), ...model, ...args, file]);
  return report.files[0]!.findings.filter(({ rule }) => rule.startsWith("tokens/"));
}

const chat = (user: string, assistant = "Hi"): object => ({ messages: [{ role: "user", content: user }, { role: "assistant", content: assistant }] });

/** A model folder like the embedded one with another template. */
function modelWith(name: string, template: string, config: object = {}): string {
  const folder = path.join(home, name);
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(EMBEDDED).filter((each) => /^(?:config|tokenizer|tokenizer_config)\.json$|safetensors$/.test(each))) copyFileSync(path.join(EMBEDDED, file), path.join(folder, file));
  writeFileSync(path.join(folder, "chat_template.jinja"), template);
  const before = JSON.parse(readFileSync(path.join(folder, "config.json"), "utf8")) as object;
  writeFileSync(path.join(folder, "config.json"), JSON.stringify({ ...before, ...config }));
  return folder;
}

describe("tokens/untrained", () => {
  it("says whether the token is trained on, and what the trainers asked for do", async () => {
    const rows = [chat(RESERVED), chat("Hello", RESERVED)];
    const usual = await check(rows);
    assert.deepEqual(usual.map(({ rule, severity, profiles, data }) => [rule, severity, profiles, data["trained"], data["role"], data["id"]]), [
      ["tokens/untrained", "error", ["axolotl"], "no", "user", 2040],
      ["tokens/untrained", "error", ["axolotl"], "yes", "assistant", 2040],
    ]);
    assert.match(usual[0]!.message, /never trained on `<\|reserved_2\|>` \(token 2040\).*read, but not trained on\. Unsloth of 2024-05-29 to 2025-02-20 stops at it/);
    const [trl] = await check(rows, "--profile", "trl");
    assert.deepEqual(trl?.profiles, []);
    assert.match(trl.message, /TRL says nothing\./);
    assert.doesNotMatch(trl.message, /Unsloth/);
  });

  it("is lowered or silenced as the user wishes", async () => {
    assert.deepEqual((await check([chat(RESERVED)], "--severity", "tokens/untrained=hint")).map(({ severity }) => severity), ["hint"]);
    assert.deepEqual(await check([chat(RESERVED)], "--severity", "tokens/untrained=off"), []);
  });

  it("leads to tools, calls and reasoning, through the template's own escapes", async () => {
    const template = "{% for m in messages %}{{ m.role }}: {{ m.reasoning_content }}{{ m.content }}{% for call in m.tool_calls %}{{ call.function | tojson }}{% endfor %}\n{% endfor %}{{ tools | tojson }}";
    const tool = { type: "function", function: { name: "f", description: `An "${RESERVED}" tool`, parameters: { type: "object", properties: {} } } };
    const row = {
      messages: [
        { role: "user", content: "Hello" },
        { role: "assistant", content: "", reasoning_content: `Hm ${RESERVED}`, tool_calls: [{ type: "function", function: { name: "f", arguments: { a: `${RESERVED} ${RESERVED}` } } }] },
      ],
      tools: [tool],
    };
    const line = JSON.stringify(row);
    const findings = await check([line], "--model", modelWith("tools", template));
    const marked = findings.map(({ pointer, range, data }) => [pointer, line.slice(range.start.column - 1, range.end.column - 1), data["role"]]);
    assert.deepEqual(marked, [
      ["/messages/1/reasoning_content", RESERVED, "assistant"],
      ["/messages/1/tool_calls/0/function/arguments/a", RESERVED, "assistant"],
      ["/messages/1/tool_calls/0/function/arguments/a", RESERVED, "assistant"],
      ["/tools/0/function/description", RESERVED, "tools"],
    ]);
    assert.equal(new Set(findings.map(({ range }) => range.start.column)).size, 4, "four places");
  });

  it("is told once a file where the template writes the token, with the places in it", async () => {
    const template = `{% for m in messages %}<|reserved_1|>{{ m.role }}\n{{ m.content }}{{ '<|reserved_3|>' }}{% endfor %}`;
    const model = modelWith("template", template);
    const findings = await check([chat("Hello"), chat(`Hello ${RESERVED}`), chat("<|reserved_1|>")], "--model", model);
    assert.deepEqual(findings.map(({ row, data }) => [row, data["id"], data["origin"], data["templatePlaces"]]), [
      [1, 2039, "template", ["1:24"]],
      [1, 2041, "template", ["2:20"]],
      [2, 2040, "content", undefined],
      [3, 2039, "content", undefined],
    ]);
  });

  it("does not depend on how a file is sliced, or on the number of threads", async () => {
    const long = "Some text that is not short. ".repeat(700);
    const rows = Array.from({ length: 60 }, (_, i) => chat(i % 20 === 19 ? `${long}${RESERVED}` : long));
    const model = modelWith("sliced", "{% for m in messages %}<|reserved_1|>{{ m.content }}{% endfor %}");
    const inShort = (findings: readonly Finding[]): unknown[] => findings.map(({ row, range, data, severity }) => [row, range, data["id"], severity]);
    const off = ["--severity", "tokens/under-trained=off"];
    const one = await check(rows, "--model", model, ...off);
    assert.deepEqual(one.map(({ row, data }) => [row, data["id"]]), [[1, 2039], [20, 2040], [40, 2040], [60, 2040]]);
    assert.deepEqual(inShort(await check(rows, "--model", model, ...off, "--jobs", "3")), inShort(one));
  });

  it("needs weights, and says so without them", async () => {
    const folder = path.join(home, "no-weights");
    mkdirSync(folder);
    for (const file of ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja"]) copyFileSync(path.join(EMBEDDED, file), path.join(folder, file));
    const file = path.join(home, "data.jsonl");
    writeFileSync(file, JSON.stringify(chat(RESERVED)));
    const { report, result } = await checkReport(["--model", folder, file]);
    assert.deepEqual(report.files[0]!.findings, []);
    assert.match(result.stderr, /Tokens are not checked for untrained rows\. .*no-weights/);
  });
});
